package cli

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"statusd/app"
)

func restoreCommand(c *config) *cobra.Command {
	var passphraseFile string
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Make a data folder of an export, after checking all of it", Args: exactly("FILE"),
		Example: example("statusd restore backup.tar --data /var/lib/statusd", "ssh other 'cat backup.tar.age' | statusd restore - --passphrase-file secret"),
	}
	passphraseFlag(cmd, &passphraseFile, "the `file` that holds the passphrase of an encrypted export")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == "-" && passphraseFile == "-" {
			return misused("the export and the passphrase cannot both come on standard input")
		}
		passphrase, err := c.passphrase(cmd.Context(), passphraseFile)
		if err != nil {
			return err
		}
		from, closeIt, err := c.opened(args[0])
		if err != nil {
			return err
		}
		defer closeIt()
		m, err := app.Restore(cmd.Context(), from, app.RestoreOptions{Dir: c.data, Passphrase: passphrase})
		if errors.Is(err, app.ErrEncrypted) {
			return misused("%s is encrypted: give its passphrase with --passphrase-file", args[0])
		}
		if err == nil {
			c.tell("%s restored: %d rows, schema %d, exported %s by statusd %s", c.data, m.Total(), m.Schema, moment(m.Created), cell(m.Statusd))
		}
		return err
	}
	return cmd
}

func (c *config) opened(file string) (io.Reader, func(), error) {
	if file == "-" {
		return c.in, func() {}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close() }, nil // it was only read
}
