package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

func serveCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Run everything", Args: exactly()}
	flags := newServeFlags(c, cmd.Flags())
	cmd.RunE = func(*cobra.Command, []string) error {
		if _, err := flags.parse(); err != nil {
			return err
		}
		return errors.New("the server is not part of this build yet")
	}
	return cmd
}
