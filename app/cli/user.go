package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/model"
)

func userCommand(c *config) *cobra.Command {
	return group("user", "The accounts of people", userAdd(c), userPasswd(c), userList(c))
}

// roleFlag defines --role.
func roleFlag(cmd *cobra.Command, fallback model.Role) *parsed[model.Role] {
	p := flagOf(fallback.String(), "viewer|editor|owner", parseRole)
	cmd.Flags().Var(p, "role", "what may be done in the workspace")
	return p
}

func parseRole(text string) (model.Role, error) {
	role, ok := model.ParseRole(text)
	if !ok {
		return role, fmt.Errorf("%q is no role: write viewer, editor or owner", text)
	}
	return role, nil
}

func userAdd(c *config) *cobra.Command {
	var n app.NewUser
	var admin, stdin bool
	cmd := &cobra.Command{
		Use: "add EMAIL", Short: "Make an account", Args: exactly("EMAIL"),
		Example: example("statusd user add ada@example.org", "statusd user add bob@example.org --role viewer --password-stdin < password"),
	}
	role := roleFlag(cmd, model.Owner)
	cmd.Flags().StringVar(&n.Workspace, "workspace", "", "`name` of the workspace; needed when there are several")
	cmd.Flags().BoolVar(&admin, "admin", false, "may change the instance; the first account may by itself")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input instead of asking")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		n.Email, n.Role = args[0], role.value
		if cmd.Flags().Changed("admin") {
			n.Admin = &admin
		}
		if n.Password, err = c.newPassword(cmd.Context(), stdin); err != nil {
			return err
		}
		return c.withApp(cmd.Context(), makeIt, func(a *app.App) error {
			u, err := a.AddUser(cmd.Context(), n)
			if err == nil {
				c.tell("user %s made", u.Email)
			}
			return err
		})
	}
	return cmd
}

func userPasswd(c *config) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use: "passwd EMAIL", Short: "Change a password; the user's sessions end", Args: exactly("EMAIL"),
		Example: example("statusd user passwd ada@example.org"),
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input instead of asking")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		password, err := c.newPassword(cmd.Context(), stdin)
		if err != nil {
			return err
		}
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			err := a.SetPassword(cmd.Context(), args[0], password)
			if errors.Is(err, model.ErrNotFound) {
				return fmt.Errorf("there is no user %s: statusd user list shows them", args[0])
			}
			if err == nil {
				c.tell("password of %s changed", args[0])
			}
			return err
		})
	}
	return cmd
}

type userRow struct {
	ID      model.UserID          `json:"id"`
	Email   string                `json:"email"`
	Admin   bool                  `json:"admin"`
	Roles   map[string]model.Role `json:"roles"` // by name of the workspace
	Created time.Time             `json:"created"`
}

func (u userRow) cells() []string {
	var roles []string
	for _, name := range slices.Sorted(maps.Keys(u.Roles)) {
		roles = append(roles, name+": "+u.Roles[name].String())
	}
	return []string{u.ID.String(), u.Email, yesNo(u.Admin), strings.Join(roles, ", "), moment(u.Created)}
}

func userList(c *config) *cobra.Command {
	var l listing
	cmd := &cobra.Command{Use: "list", Short: "List the accounts", Args: exactly(), Example: example("statusd user list")}
	l.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			names, err := workspaceNames(cmd.Context(), a)
			if err != nil {
				return err
			}
			all, err := a.Users(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]userRow, len(all))
			for i, u := range all {
				rows[i] = userRow{u.ID, u.Email, u.Admin, map[string]model.Role{}, u.Created}
				for w, role := range u.Roles {
					rows[i].Roles[names[w]] = role
				}
			}
			return print(c.out, l, []string{"ID", "EMAIL", "ADMIN", "ROLES", "CREATED"}, rows, userRow.cells)
		})
	}
	return cmd
}

func workspaceNames(ctx context.Context, a *app.App) (map[model.WorkspaceID]string, error) {
	all, err := a.Workspaces(ctx)
	names := make(map[model.WorkspaceID]string, len(all))
	for _, w := range all {
		names[w.ID] = w.Name
	}
	return names, err
}
