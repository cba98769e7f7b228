package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func rootCommand(c *config) *cobra.Command {
	root := group("statusd", "A self-hosted status page: it probes, remembers and tells")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Long = root.Short + ".\n\nEvery flag has an environment variable: --base-url is STATUSD_BASE_URL. A typed flag wins."
	root.Example = "  statusd serve --data /var/lib/statusd --base-url https://status.example.org"
	root.PersistentPreRunE = c.begin
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{discreet(err)} })
	c.persistent(root)
	root.AddCommand(
		serveCommand(c),
		workspaceCommand(c), userCommand(c), tokenCommand(c),
		checkCommand(c), healthcheckCommand(c),
		exportCommand(c), restoreCommand(c), rotateCommand(c), dkimCommand(c),
		versionCommand(c),
	)
	return root
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 1,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknown(cmd, args[0])
		},
	}
	g.AddCommand(commands...)
	return g
}

// unknown names what a group has, or the one that was probably meant.
func unknown(cmd *cobra.Command, word string) error {
	names := cmd.SuggestionsFor(word)
	if len(names) > 0 {
		return misused("%s has no command %q: did you mean %s?", cmd.CommandPath(), word, strings.Join(names, " or "))
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return misused("%s has no command %q: it has %s", cmd.CommandPath(), word, strings.Join(names, ", "))
}

// example formats what help shows.
func example(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// tell says something to whoever typed the command, on standard error.
func (c *config) tell(format string, args ...any) { fmt.Fprintf(c.err, format+"\n", args...) }
