package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// envName is the environment variable of a flag: --base-url has STATUSD_BASE_URL.
func envName(flag string) string {
	return "STATUSD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// secretFlag is the annotation of flags whose value may hold a password, and may therefore stand in a file: STATUSD_..._FILE.
const secretFlag = "secret"

// overlay gives every flag that was not typed the value of its environment variable. An empty one counts as not set.
func (c *config) overlay(flags *pflag.FlagSet) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" {
			return
		}
		name := envName(f.Name)
		value, err := c.env(name, f.Annotations[secretFlag] != nil)
		if err == nil && value != "" {
			err = flags.Set(f.Name, value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, cause(err)))
		}
	})
	return errors.Join(errs...)
}

// discreet takes the value off what pflag says of a flag that may hold a password: it would stand in a log at every start.
func discreet(err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Annotations[secretFlag] != nil {
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return err
}

// cause takes pflag's words off a flag's own.
func cause(err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return invalid.Unwrap()
	}
	return err
}

func (c *config) env(name string, secret bool) (string, error) {
	if secret {
		return c.secret(name)
	}
	value, _ := c.lookup(name)
	return value, nil
}

// maxSecret bounds a file that holds a secret.
const maxSecret = 64 << 10

// secret reads a secret from the environment, or from the file that its _FILE variable names.
func (c *config) secret(name string) (string, error) {
	value, _ := c.lookup(name)
	file, _ := c.lookup(name + "_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", misused("%s and %s_FILE are both set: leave one out", name, name)
	}
	value, err := readSecret(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return value, nil
}

// readSecret is the text of a file without the end of its line.
func readSecret(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxSecret {
		return "", fmt.Errorf("%s is too large for a secret", file)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return secret, nil
}
