package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"statusd/app"
	"statusd/app/demo"
)

// demoOptions are the options of a demo: it has a folder of its own, and looks at itself alone.
func (c *config) demoOptions(o ServeOptions) (ServeOptions, error) {
	if c.dataTyped {
		return o, misused("--demo makes a folder of its own and removes it at the end: leave --data out")
	}
	o.MinInterval = min(o.MinInterval, demo.MinInterval)
	o.ProbeProxy = nil // it would not lead back to this machine
	return o, nil
}

// demonstration is an example, and what it looks at.
type demonstration struct {
	target   *demo.Target
	password string
}

// demonstrate serves an example from a folder that is there only as long as it lasts. A data folder of the environment (an image
// sets one) is not touched.
func demonstrate(ctx context.Context, c *config, opts ServeOptions) (err error) {
	if c.data, err = os.MkdirTemp("", "statusd-demo-"); err != nil {
		return fmt.Errorf("a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.data)) }()
	target, err := demo.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	return serve(ctx, c, opts, &demonstration{target: target})
}

// fill makes the example, before anything runs.
func (d *demonstration) fill(ctx context.Context, conf app.Config) (err error) {
	d.password, err = demo.Fill(ctx, conf, d.target.URL(), time.Now())
	return err
}

// words tell the person at the terminal where to look.
func (d *demonstration) words(address, folder string) string {
	return fmt.Sprintf(`
  A demo of two companies that do not exist. Something changes about every minute.

    Public page   %[1]s/p/%[2]s
    in Turkish    %[1]s/p/%[3]s?lang=tr
    Dashboard     %[1]s/d
                  e-mail %[4]s, password %[5]s

  All of it is in %[6]s, which is removed when the demo ends (Ctrl+C).
`, address, demo.Slug, demo.TurkishSlug, demo.Email, d.password, folder)
}
