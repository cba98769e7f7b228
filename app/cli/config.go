package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/store"
)

// config is what all commands share: the process's edges and the flags that every command has.
type config struct {
	assets   fs.FS
	in       io.Reader
	out, err io.Writer
	lookup   func(name string) (string, bool) // environment
	now      func() time.Time
	words    Words // nil: codes are read aloud

	data      string
	dataTyped bool // by --data, not by the environment
	logFormat *parsed[logFormat]
	logLevel  *parsed[slog.Level]

	lines *bufio.Reader // of in, once something was read from it
	began bool          // flags and arguments are good: what fails now is no wrong use
}

// persistent defines the flags of every command.
func (c *config) persistent(cmd *cobra.Command) {
	c.logFormat = flagOf("auto", "text|json", parseLogFormat)
	c.logLevel = flagOf("info", "debug|info|warn|error", parseLogLevel)
	flags := cmd.PersistentFlags()
	flags.StringVar(&c.data, "data", c.defaultData(), "`folder` of the database and the key")
	flags.Var(c.logFormat, "log-format", "how logs are written; auto is text on a terminal, else json")
	flags.Var(c.logLevel, "log-level", "the least important lines to log")
}

// defaultData is the folder that systemd gives (StateDirectory=), or ./data.
func (c *config) defaultData() string {
	state, _ := c.lookup("STATE_DIRECTORY")
	if first, _, _ := strings.Cut(state, ":"); first != "" {
		return first
	}
	return "./data"
}

// begin ends the checking of flags: it runs before every command.
func (c *config) begin(cmd *cobra.Command, _ []string) error {
	c.dataTyped = cmd.Flags().Changed("data")
	if err := c.overlay(cmd.Flags()); err != nil {
		return err
	}
	c.began = true
	return nil
}

type logFormat string

func parseLogFormat(text string) (logFormat, error) {
	switch text {
	case "auto", "text", "json":
		return logFormat(text), nil
	}
	return "", fmt.Errorf("%q is no log format: write text or json", text)
}

func parseLogLevel(text string) (level slog.Level, err error) {
	switch strings.ToLower(text) {
	case "debug", "info", "warn", "error":
		return level, level.UnmarshalText([]byte(text))
	}
	return 0, fmt.Errorf("%q is no log level: write debug, info, warn or error", text)
}

// logger writes to standard error.
func (c *config) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel.value}
	format := c.logFormat.value
	if format == "text" || format == "auto" && isTerminal(c.err) {
		return slog.New(slog.NewTextHandler(c.err, options))
	}
	return slog.New(slog.NewJSONHandler(c.err, options))
}

// key is the master key that overrides the key file; "" when there is none.
func (c *config) key() (string, error) { return c.secret("STATUSD_KEY") }

// absent says what a command does about a data folder that is not there.
type absent bool

const (
	makeIt   absent = true  // the command begins an instance
	refuseIt absent = false // it needs one, and the folder is probably mistyped
)

// withApp runs a command's work on an instance, which may be running meanwhile.
func (c *config) withApp(ctx context.Context, missing absent, work func(*app.App) error) error {
	if missing == refuseIt {
		if err := c.present(); err != nil {
			return err
		}
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	return c.onStore(ctx, store.Options{Key: key}, work)
}

// present refuses a folder that holds no instance.
func (c *config) present() error {
	if _, err := os.Stat(filepath.Join(c.data, store.DatabaseFile)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no instance in %s: say where it is with --data", c.data)
	}
	return nil
}

// onStore runs a command's work on an instance that is opened as the options say.
func (c *config) onStore(ctx context.Context, o store.Options, work func(*app.App) error) error {
	o.Dir, o.Now, o.Log = c.data, c.now, c.logger()
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	common, err := commonPasswords(c.assets)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	a, err := app.New(ctx, app.Config{Store: s, Log: c.logger(), Now: c.now, CommonPasswords: common})
	if err == nil {
		err = work(a)
	}
	return errors.Join(err, s.Close())
}

// commonPasswords reads the list of passwords that are refused; none when the assets have no list.
func commonPasswords(assets fs.FS) (map[string]bool, error) {
	text, err := fs.ReadFile(assets, "vendor/common-passwords.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	list := map[string]bool{}
	for word := range strings.FieldsSeq(string(text)) {
		list[strings.ToLower(word)] = true
	}
	return list, err
}
