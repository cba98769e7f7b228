package cli

import (
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/model"
)

func tokenCommand(c *config) *cobra.Command {
	return group("token", "The tokens of the management API", tokenCreate(c), tokenList(c), tokenRevoke(c))
}

func tokenCreate(c *config) *cobra.Command {
	var n app.NewToken
	cmd := &cobra.Command{
		Use: "create --name NAME", Short: "Make a token and print it, once", Args: exactly(),
		Example: example("TOKEN=$(statusd token create --name ci --role editor)", "statusd token create --name visitor --role viewer --expires 90d"),
	}
	role := roleFlag(cmd, model.Editor)
	cmd.Flags().StringVar(&n.Name, "name", "", "what the token is for")
	cmd.Flags().StringVar(&n.Workspace, "workspace", "", "`name` of the workspace; needed when there are several")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "may change the instance")
	lasts := flagOf("", "duration", optional(spanning(leastTokenLife, mostTokenLife)))
	cmd.Flags().Var(lasts, "expires", "how long it works, like 90d; left out, until it is revoked")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if n.Name == "" {
			return misused("a token needs a name that says what it is for: --name NAME")
		}
		n.Role = role.value
		if lasts.value > 0 {
			n.Expires = c.now().Add(lasts.value)
		}
		return c.withApp(cmd.Context(), makeIt, func(a *app.App) error {
			text, t, err := a.CreateToken(cmd.Context(), n)
			if err != nil {
				return err
			}
			c.tell("token %s (%s, %s) made; it is shown this once:", t.Name, t.ID, t.Role)
			_, err = c.out.Write([]byte(text + "\n"))
			return err
		})
	}
	return cmd
}

// Bounds of a token's life.
const (
	leastTokenLife = time.Minute
	mostTokenLife  = 3650 * day
)

type tokenRow struct {
	ID        model.TokenID `json:"id"`
	Name      string        `json:"name"`
	Workspace string        `json:"workspace"`
	Role      model.Role    `json:"role"`
	Admin     bool          `json:"admin"`
	Created   time.Time     `json:"created"`
	LastUsed  *time.Time    `json:"lastUsed"`
	Expires   *time.Time    `json:"expires"`
}

func (t tokenRow) cells() []string {
	return []string{t.ID.String(), t.Name, t.Workspace, t.Role.String(), yesNo(t.Admin), moment(t.Created), orNever(t.LastUsed), orNever(t.Expires)}
}

// orNil is how JSON shows a time that may not be.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// orNever is how a table shows one.
func orNever(t *time.Time) string {
	if t == nil {
		return moment(time.Time{})
	}
	return moment(*t)
}

func tokenList(c *config) *cobra.Command {
	var l listing
	cmd := &cobra.Command{Use: "list", Short: "List the tokens", Args: exactly(), Example: example("statusd token list")}
	l.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			names, err := workspaceNames(cmd.Context(), a)
			if err != nil {
				return err
			}
			all, err := a.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]tokenRow, len(all))
			for i, t := range all {
				rows[i] = tokenRow{t.ID, t.Name, names[t.Workspace], t.Role, t.Admin, t.Created, orNil(t.LastUsed), orNil(t.Expires)}
			}
			return print(c.out, l, []string{"ID", "NAME", "WORKSPACE", "ROLE", "ADMIN", "CREATED", "LAST USED", "EXPIRES"}, rows, tokenRow.cells)
		})
	}
	return cmd
}

func tokenRevoke(c *config) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME|ID", Short: "End a token; a running server notices at once", Args: exactly("NAME|ID"),
		Example: example("statusd token revoke ci"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
				t, err := a.RevokeToken(cmd.Context(), args[0])
				if err == nil {
					c.tell("token %s (%s) revoked", t.Name, t.ID)
				}
				return err
			})
		},
	}
}
