package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// newPassword asks for a password twice, without showing it, or reads one line of standard input.
func (c *config) newPassword(ctx context.Context, stdin bool) (string, error) {
	if stdin {
		return c.line(ctx)
	}
	terminal, ok := c.in.(*os.File)
	if !ok || !isTerminal(c.in) {
		return "", misused("there is no terminal to ask for the password on: give it on standard input with --password-stdin")
	}
	restore, err := hideInput(terminal)
	if err != nil {
		return "", err
	}
	defer restore()
	first, err := c.ask(ctx, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := c.ask(ctx, "Once more: ")
	if err == nil && first != second {
		err = errors.New("the passwords are not the same")
	}
	return first, err
}

func (c *config) ask(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(c.err, prompt)
	defer fmt.Fprintln(c.err)
	return c.line(ctx)
}

// line reads one line of standard input, and gives up when the process shall end.
func (c *config) line(ctx context.Context) (string, error) {
	if c.lines == nil {
		c.lines = bufio.NewReader(c.in)
	}
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // ends with the process when nobody types
		text, err := c.lines.ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		answers <- answer{strings.TrimRight(text, "\r\n"), err}
	}()
	select {
	case a := <-answers:
		if errors.Is(a.err, io.EOF) {
			return "", errors.New("standard input holds no password")
		}
		return a.text, a.err
	case <-ctx.Done():
		return "", errors.New("interrupted")
	}
}
