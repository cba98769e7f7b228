package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/model"
)

type exportFlags struct {
	output, passphraseFile string
	force                  bool
}

func exportCommand(c *config) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use: "export", Short: "Back the instance up to one file, running or not", Args: exactly(),
		Example: example("statusd export -o backup.tar", "statusd export --passphrase-file secret -o - | ssh other 'cat > backup.tar.age'"),
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`file` to write, - for standard output; default: statusd-<date>.tar in this folder")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace the file if there is one")
	passphraseFlag(cmd, &f.passphraseFile, "encrypt with the passphrase in this `file` (age)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		passphrase, err := c.passphrase(cmd.Context(), f.passphraseFile)
		if err != nil {
			return err
		}
		if f.output == "" {
			f.output = c.exportName(passphrase)
		}
		if f.output == "-" && isTerminal(c.out) {
			return misused("standard output is a terminal: redirect it, or name a file with -o")
		}
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			return c.export(cmd.Context(), a, f, passphrase)
		})
	}
	return cmd
}

func (c *config) exportName(passphrase model.Secret) string {
	name := "statusd-" + c.now().UTC().Format("2006-01-02") + ".tar"
	if passphrase != "" {
		name += ".age"
	}
	return name
}

func (c *config) export(ctx context.Context, a *app.App, f exportFlags, passphrase model.Secret) error {
	var m app.Manifest
	write := func(w io.Writer) (err error) {
		m, err = a.Export(ctx, w, app.ExportOptions{Passphrase: passphrase, Version: programVersion()})
		return err
	}
	var err error
	if f.output == "-" {
		err = write(c.out)
	} else {
		err = writeFile(f.output, f.force, write)
	}
	if err != nil {
		return err
	}
	if f.output != "-" {
		c.tell("%s written: schema %d, %d rows", f.output, m.Schema, m.Total())
	}
	if passphrase == "" {
		c.tell("warning: it holds the key in clear, so whoever has it can read every secret; --passphrase-file encrypts it")
	}
	return nil
}

// writeFile writes a private file that is whole or not there, also after a power loss.
func writeFile(file string, force bool, write func(io.Writer) error) error {
	if _, err := os.Lstat(file); err == nil && !force {
		return fmt.Errorf("%s is there already: choose another name, or replace it with --force", file)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone after a rename
	if err := errors.Join(write(tmp), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := place(tmp.Name(), file, force); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// place gives a file its name. Without force a file that came in the meantime is left alone.
func place(tmp, file string, force bool) error {
	if force {
		return os.Rename(tmp, file)
	}
	err := os.Link(tmp, file)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(tmp, file) // file systems without hard links
}

func passphraseFlag(cmd *cobra.Command, file *string, help string) {
	cmd.Flags().StringVar(file, "passphrase-file", "", help+", - for standard input")
}

// passphrase reads the file of a passphrase; "" when none is named.
func (c *config) passphrase(ctx context.Context, file string) (model.Secret, error) {
	switch file {
	case "":
		return "", nil
	case "-":
		text, err := c.line(ctx)
		if err == nil && text == "" {
			err = errors.New("the passphrase is empty")
		}
		return model.Secret(text), err
	}
	text, err := readSecret(file)
	if err != nil {
		return "", fmt.Errorf("passphrase: %w", err)
	}
	return model.Secret(text), nil
}
