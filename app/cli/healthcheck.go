package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthPatience is how long a healthy server may take: less than the time-out of the image's health check.
const healthPatience = 4 * time.Second

func healthcheckCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use: "healthcheck", Short: "Ask a server whether it is healthy; exit 0 when it is", Args: exactly(),
		Example: example("statusd healthcheck", "statusd healthcheck --url http://127.0.0.1:9000"),
	}
	base := flagOf("", "URL", parseBaseURL)
	cmd.Flags().Var(base, "url", "the server; default: the one that listens on --listen of this machine")
	listen, public := listenFlag(cmd.Flags()), baseURLFlag(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		server := base.value
		if server == nil {
			server = localServer(listen.value, public.value)
		}
		return healthy(cmd.Context(), server.JoinPath("healthz"))
	}
	return cmd
}

// localServer is the server of this machine, below the path of its public URL.
func localServer(listen string, public *url.URL) *url.URL {
	host, port, _ := net.SplitHostPort(listen) // checked when the flag was read
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1" // a name would need a resolver, which an empty image lacks
	}
	server := &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	if public != nil {
		server.Path = public.Path
	}
	return server
}

func healthy(ctx context.Context, at *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no answer from %s: %w", at, bare(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	why, _ := io.ReadAll(io.LimitReader(answer.Body, 200)) // it only adds to the message
	return fmt.Errorf("%s answers %s: %s", at, answer.Status, cell(strings.TrimSpace(string(why))))
}

// bare takes the method and the URL off a client's error.
func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
