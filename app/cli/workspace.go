package cli

import (
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/model"
)

func workspaceCommand(c *config) *cobra.Command {
	return group("workspace", "The workspaces, which own pages and tokens", workspaceAdd(c), workspaceList(c))
}

func workspaceAdd(c *config) *cobra.Command {
	return &cobra.Command{
		Use: "add NAME", Short: "Make a workspace", Args: exactly("NAME"), Example: example("statusd workspace add Acme"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd.Context(), makeIt, func(a *app.App) error {
				w, err := a.AddWorkspace(cmd.Context(), args[0])
				if err == nil {
					c.tell("workspace %s (%s) made", w.Name, w.ID)
				}
				return err
			})
		},
	}
}

type workspaceRow struct {
	ID      model.WorkspaceID `json:"id"`
	Name    string            `json:"name"`
	Created time.Time         `json:"created"`
}

func workspaceList(c *config) *cobra.Command {
	var l listing
	cmd := &cobra.Command{Use: "list", Short: "List the workspaces", Args: exactly(), Example: example("statusd workspace list --json")}
	l.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			all, err := a.Workspaces(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]workspaceRow, len(all))
			for i, w := range all {
				rows[i] = workspaceRow{w.ID, w.Name, w.Created}
			}
			return print(c.out, l, []string{"ID", "NAME", "CREATED"}, rows, func(w workspaceRow) []string {
				return []string{w.ID.String(), w.Name, moment(w.Created)}
			})
		})
	}
	return cmd
}
