// Package cli is the command line: one file a command, flags with an environment variable each, errors of one sentence.
// It has no rules of its own: a command reads its flags, calls one use case and prints what came of it. What it prints on
// standard output is for programs, what it says on standard error is for people.
// Start with Main, then root.go (the commands), config.go (what all of them share) and options.go (the flags of serve).
//
// Exit codes: 0 done, 1 failed (also: the probe is down, the server is not healthy), 2 used wrongly.
//
// Implements SPEC §9.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

// Main runs the command line of the process and returns its exit code. The assets are what the server shows.
func Main(assets fs.FS) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	c := &config{assets: assets, in: os.Stdin, out: os.Stdout, err: os.Stderr, lookup: os.LookupEnv, now: time.Now}
	return c.run(ctx, os.Args[1:])
}

// run is Main for given arguments.
func (c *config) run(ctx context.Context, args []string) int {
	root := rootCommand(c)
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	command, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSilent):
		return exitFailed
	}
	fmt.Fprintln(c.err, "statusd: "+c.sentence(err))
	var misuse usage
	if c.began && !errors.As(err, &misuse) {
		return exitFailed
	}
	fmt.Fprintf(c.err, "%s --help tells more.\n", command.CommandPath())
	return exitUsage
}

// errSilent fails a command that has said everything already.
var errSilent = errors.New("failed")

// usage is an error of whoever typed the command.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func misused(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

// exactly is cobra.ExactArgs with words that say what is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(names) == 0 {
			return fmt.Errorf("%s takes no arguments: %q is one too many", cmd.CommandPath(), args[0])
		}
		return fmt.Errorf("%s takes %s, nothing less and nothing more", cmd.CommandPath(), strings.Join(names, " "))
	}
}
