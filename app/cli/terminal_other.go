//go:build !linux

package cli

import (
	"errors"
	"os"
)

// isTerminal says whether somebody sits at the other end, as far as it can be told without asking the terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func hideInput(*os.File) (restore func(), err error) {
	return nil, errors.New("passwords cannot be asked for on this system: use --password-stdin")
}
