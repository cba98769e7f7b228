package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/api"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web"
	"statusd/app/web/public"
	"statusd/probe"
	"statusd/store"
)

func serveCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run everything: the pages, the probes, the API",
		Example: example("statusd serve --listen :8080 --base-url https://status.example.org --trusted-proxies 127.0.0.1/32"),
		Args:    exactly(),
	}
	flags := newServeFlags(c, cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		opts, err := flags.parse()
		if err != nil {
			return err
		}
		return serve(cmd.Context(), c, opts)
	}
	return cmd
}

const (
	stopWithin     = 10 * time.Second // SPEC §9
	answerWithin   = 500 * time.Millisecond
	softMemory     = 128 << 20 // bytes; GOMEMLIMIT overrides
	collectAt      = 200       // percent of the heap in use; GOGC overrides. A few MB that save a twentieth of what a request costs
	probeUserAgent = "statusd (status page; +https://en.wikipedia.org/wiki/Status_page)"
)

// serve listens at once, starts the product behind it, and stops it in the opposite order when the context ends.
func serve(ctx context.Context, c *config, opts ServeOptions) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	log := c.logger()
	// net/http tells the standard logger of every odd frame that a target sends: that is for debugging.
	slog.SetLogLoggerLevel(slog.LevelDebug)
	slog.SetDefault(log)
	server, err := web.Listen(opts.Listen, log)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", opts.Listen, err)
	}
	s := &serving{config: c, opts: opts, log: log, server: server}
	if err := s.start(ctx); err != nil {
		return errors.Join(err, s.stop())
	}
	s.greet(ctx)
	return errors.Join(s.wait(ctx), s.stop())
}

// serving is a server that runs, as far as it has come.
type serving struct {
	*config
	opts   ServeOptions
	log    *slog.Logger
	server *web.Server
	store  *store.Store
	prober *probe.Prober
	app    *app.App
}

func (s *serving) start(ctx context.Context) (err error) {
	key, err := s.key()
	if err != nil {
		return err
	}
	if s.store, err = store.Open(ctx, store.Options{Dir: s.data, Serve: true, Key: key, Log: s.log}); err != nil {
		return err
	}
	s.prober = probe.New(probe.Options{Allow: s.opts.ProbeAllow, Proxy: s.opts.ProbeProxy, UserAgent: probeUserAgent})
	conf, err := s.appConfig()
	if err != nil {
		return err
	}
	if s.app, err = app.New(ctx, conf); err != nil {
		return err
	}
	if err := s.firstAdmin(ctx); err != nil {
		return err
	}
	site, err := s.site()
	if err != nil {
		return err
	}
	if err := s.app.Start(ctx); err != nil {
		return err
	}
	s.server.Serve(site)
	return nil
}

func (s *serving) appConfig() (app.Config, error) {
	common, err := commonPasswords(s.assets)
	conf := app.Config{
		Store: s.store, Prober: s.prober, Log: s.log, MinInterval: s.opts.MinInterval, Retention: s.opts.Retention,
		CommonPasswords: common,
	}
	if s.opts.BaseURL != nil {
		conf.BaseHost = strings.ToLower(s.opts.BaseURL.Hostname())
	}
	return conf, err
}

// site puts the parts of the web together.
func (s *serving) site() (*web.Site, error) {
	locales, err := locale.Load(s.assets)
	if err != nil {
		return nil, err
	}
	conf := web.Config{
		App: s.app, BaseURL: s.opts.BaseURL, Trusted: s.opts.TrustedProxies, Metrics: s.opts.Metrics,
		Counter: web.NewCounter(nil), Log: s.log, Welcome: firstSteps,
	}
	pages, err := public.New(public.Config{Pages: s.app, Locales: locales, Assets: s.assets, Place: conf.Place(), Log: s.log})
	if err != nil {
		return nil, err
	}
	management := api.New(api.Config{App: s.app, Words: inEnglish(locales), Match: locales.Match, Log: s.log, Version: programVersion()})
	conf.Routes = []web.Routes{pages.Register, management.Register}
	return web.New(conf), nil
}

// firstAdmin makes the account that the environment names, on an instance that has none.
func (s *serving) firstAdmin(ctx context.Context) error {
	if s.opts.AdminEmail == "" {
		return nil
	}
	users, err := s.app.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	_, err = s.app.AddUser(ctx, app.NewUser{Email: s.opts.AdminEmail, Password: s.opts.AdminPassword.Reveal(), Role: model.Owner})
	if err != nil {
		return fmt.Errorf("STATUSD_ADMIN_EMAIL, STATUSD_ADMIN_PASSWORD: %w", err)
	}
	s.log.Info("first account made", "email", s.opts.AdminEmail)
	return nil
}

// firstSteps is what an instance without a page says, at its start and at its root.
const firstSteps = `statusd is running and has no page yet. The first one, in another terminal:

  TOKEN=$(statusd token create --name first --admin)
  curl -H "Authorization: Bearer $TOKEN" -d '{"name":"My App","slug":"my-app"}' -H 'Content-Type: application/json' ADDRESS/api/v1/pages

then components and checks the same way: ADDRESS/api/openapi.json, or the README.
`

// greet tells the person at the terminal where to look.
func (s *serving) greet(ctx context.Context) {
	address := s.address()
	s.log.Info("listening", "address", address, "data", s.data, "version", programVersion())
	slug, err := s.app.OnlyPage(ctx)
	switch {
	case err != nil:
	case slug != "":
		s.tell("\n  Your page: %s/p/%s\n", address, slug)
	default:
		if pages, err := s.app.CountPages(ctx); err == nil && pages == 0 {
			s.tell("\n%s", strings.ReplaceAll(firstSteps, "ADDRESS", address))
		}
	}
	if err := notifySystemd("READY=1"); err != nil {
		s.log.Warn("systemd could not be told", "err", err)
	}
}

// address is the public URL, or what works on this machine.
func (s *serving) address() string {
	if s.opts.BaseURL != nil {
		return s.opts.BaseURL.String()
	}
	host, port, err := net.SplitHostPort(s.server.Address().String())
	if err != nil {
		return s.server.Address().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// wait returns when it is time to stop: nil for a signal, an error for what makes going on wrong.
func (s *serving) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
		return nil
	case err := <-s.server.Failed():
		return fmt.Errorf("the listener failed: %w", err)
	case err := <-s.store.Failed():
		return fmt.Errorf("the disk did not take what was written (%w): ending, the next start recovers", err)
	}
}

// stop ends everything within ten seconds: first nothing new comes in, then probes are cut off and what they brought is written.
func (s *serving) stop() error {
	began := time.Now()
	_ = notifySystemd("STOPPING=1") // told or not, it stops
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	answers, enough := context.WithTimeout(ctx, answerWithin)
	defer enough()
	if s.app != nil {
		s.app.EndFollowing() // or the server would wait for streams that do not end by themselves
	}
	var errs []error
	if err := s.server.Stop(answers); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		errs = append(errs, err)
	}
	if s.app != nil {
		errs = append(errs, s.app.Stop(ctx))
	}
	if s.prober != nil {
		s.prober.Close()
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	s.log.Info("stopped", "took", time.Since(began).Round(time.Millisecond).String())
	return errors.Join(errs...)
}
