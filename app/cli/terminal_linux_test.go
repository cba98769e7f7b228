package cli

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestATerminalShowsNothingWhileAPasswordIsTyped(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if !isTerminal(terminal) {
		t.Fatal("a terminal is not recognised")
	}
	restore, err := hideInput(terminal)
	if err != nil {
		t.Fatal(err)
	}
	if echoes(t, terminal) {
		t.Error("what is typed would be seen")
	}
	restore()
	if !echoes(t, terminal) {
		t.Error("the terminal stays silent")
	}
}

func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
