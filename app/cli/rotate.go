package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/store"
)

func rotateCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rotate-key", Short: "Give a stopped instance a new master key", Args: exactly(),
		Example: example("statusd export -o before.tar && statusd rotate-key"),
	}
	cmd.Long = cmd.Short + `.

Everything that is sealed under the old key is sealed again under the new one. It may be killed at any moment: the next start finds
out which key the database needs. Exports made before keep the old key inside them.`
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		runtime.LockOSThread() // what kills it at each of its writes counts them by thread
		defer runtime.UnlockOSThread()
		if err := c.mayRotate(); err != nil {
			return err
		}
		return c.onStore(cmd.Context(), store.Options{Serve: true}, func(a *app.App) error { return c.rotateKey(cmd.Context(), a) })
	}
	return cmd
}

// mayRotate refuses with what to do instead.
func (c *config) mayRotate() error {
	if err := c.present(); err != nil {
		return err
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	file := filepath.Join(c.data, store.KeyFile)
	if key != "" {
		return misused("the key comes from STATUSD_KEY, which this command cannot change: write that key to %s (mode 0600), run statusd rotate-key without STATUSD_KEY, "+
			"and set STATUSD_KEY to what %s holds then", file, file)
	}
	busy, err := store.InUse(c.data)
	if busy {
		err = fmt.Errorf("a statusd is running on %s: stop it, run statusd rotate-key, and start it again; nothing was changed", c.data)
	}
	return err
}

func (c *config) rotateKey(ctx context.Context, a *app.App) error {
	r, err := a.RotateKey(ctx)
	if err != nil {
		return err
	}
	c.tell("%s holds a new master key (%s); secrets sealed again: %d", filepath.Join(c.data, store.KeyFile), r.New, r.Values)
	c.tell("exports made before need the old key (%s), which is inside them", r.Old)
	if err := a.Store.Rewrite(ctx); err != nil {
		c.tell("warning: unused parts of the database file may still hold values under the old key (%v); an export that is restored into a new folder has none", err)
	}
	copies, err := a.Store.SetAside()
	if len(copies) > 0 {
		c.tell("so do the copies that upgrades have set aside, and it is not beside them any more: %s", strings.Join(copies, ", "))
	}
	return err
}
