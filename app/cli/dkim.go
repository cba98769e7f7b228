package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/notify/email"
)

func dkimCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use: "dkim [DOMAIN]", Short: "Make the key that mails are signed with, and print its DNS record", Args: cobra.MaximumNArgs(1),
		Example: example("statusd dkim", "statusd dkim example.com", "statusd dkim --fresh"),
	}
	cmd.Long = cmd.Short + `.

The domain is that of the address that mails come from; left out, it is read from the settings of the mail server. The key is made
once; after that the command prints the record again. A running server signs from its next start on.`
	fresh := cmd.Flags().Bool("fresh", false, "make another key: mails verify once its record is in DNS")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withApp(cmd.Context(), refuseIt, func(a *app.App) error {
			return c.printDKIM(cmd.Context(), a, strings.Join(args, ""), *fresh)
		})
	}
	return cmd
}

func (c *config) printDKIM(ctx context.Context, a *app.App, domain string, fresh bool) error {
	if domain == "" {
		var err error
		if domain, err = a.MailDomain(ctx); err != nil {
			return err
		}
	}
	if domain == "" {
		return misused("there is no mail server yet, so say which domain mails come from: statusd dkim example.com")
	}
	key, made, err := a.DKIM(ctx, fresh)
	if err != nil {
		return err
	}
	name, text, err := key.Record(domain)
	if err != nil {
		return err
	}
	if made {
		c.tell("a new key was made. A running server signs with it after a restart; let this record be in DNS before:")
	} else {
		c.tell("the key exists; its record is:")
	}
	_, err = fmt.Fprintln(c.out, email.ZoneLine(name, text))
	return err
}
