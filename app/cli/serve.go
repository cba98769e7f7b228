package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"statusd/app"
	"statusd/app/api"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web"
	"statusd/app/web/dashboard"
	"statusd/app/web/public"
	"statusd/app/web/view"
	"statusd/notify/outbound"
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
		if opts.Demo {
			if !cmd.Flags().Changed("log-level") {
				c.logLevel.value = slog.LevelWarn // what a newcomer is to read stands alone
			}
			return demonstrate(cmd.Context(), c, opts)
		}
		return serve(cmd.Context(), c, opts, nil)
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

// serve listens at once, starts the product behind it, and stops it in the opposite order when the context ends. An example is
// nil but for a demo.
func serve(ctx context.Context, c *config, opts ServeOptions, example *demonstration) error {
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
	s := &serving{config: c, opts: opts, log: log, server: server, example: example}
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

	example *demonstration // nil: this is no demo

	store  *store.Store
	prober *probe.Prober
	app    *app.App

	locales *locale.Bundle
	view    *view.View
	counter *web.Counter
	routing sync.Mutex // one builds a site at a time, so that the last one built knows the last public URL
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
	if s.example != nil {
		if err := s.example.fill(ctx, conf); err != nil {
			return err
		}
	}
	if s.app, err = app.New(ctx, conf); err != nil {
		return err
	}
	if err := s.firstAdmin(ctx); err != nil {
		return err
	}
	s.counter = web.NewCounter(nil)
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

// reroute serves by a public URL that has just changed, from the next request on.
func (s *serving) reroute() {
	s.routing.Lock()
	defer s.routing.Unlock()
	site, err := s.site()
	if err != nil {
		s.log.Error("the new public URL counts from the next start on", "err", err)
		return
	}
	s.server.Serve(site)
	s.log.Info("public URL changed", "url", s.app.BaseURL())
}

func (s *serving) appConfig() (app.Config, error) {
	common, err1 := commonPasswords(s.assets)
	locales, err2 := locale.Load(s.assets)
	err := errors.Join(err1, err2)
	if err != nil {
		return app.Config{}, err
	}
	s.locales = locales
	if s.view, err = view.New(s.assets, locales); err != nil {
		return app.Config{}, err
	}
	conf := app.Config{
		RestartKeys: app.SSHKeys,
		Store:       s.store, Prober: s.prober, Log: s.log, MinInterval: s.opts.MinInterval, Retention: s.opts.Retention,
		Guard: outbound.Guard{Allow: s.opts.WebhookAllow}, Words: locales, Assets: s.assets, Mail: s.opts.Mail, TelegramAPI: s.opts.TelegramAPI,
		StartupGrace: orNone(s.opts.StartupGrace), AutoResolveAfter: s.opts.AutoResolve, MaintenanceReminder: orNone(s.opts.Reminder),
		CommonPasswords: common, Languages: locales.Languages(), OnBaseURL: s.reroute, OnSetupToken: s.tellSetup,
	}
	if s.opts.BaseURL != nil {
		conf.BaseURL = s.opts.BaseURL.String()
	}
	return conf, nil
}

// orNone is a duration as app.Config has it, where 0 stands for the default.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// baseURL is the public URL; nil while nobody has said it.
func (s *serving) baseURL() (*url.URL, error) { return parseBaseURL(s.app.BaseURL()) }

// site puts the parts of the web together.
func (s *serving) site() (*web.Site, error) {
	base, err := s.baseURL()
	if err != nil {
		return nil, err
	}
	conf := web.Config{
		App: s.app, BaseURL: base, Trusted: s.opts.TrustedProxies, Metrics: s.opts.Metrics,
		Counter: s.counter, Log: s.log, View: s.view,
	}
	pages := public.New(public.Config{Pages: s.app, Locales: s.locales, View: s.view, Place: conf.Place(), Log: s.log, Subscriptions: s.app})
	people := dashboard.New(dashboard.Config{
		App: s.app, View: s.view, Locales: s.locales, Public: pages, Place: conf.Place(), Secure: web.Encrypted(conf),
		Version: programVersion(), Log: s.log,
	})
	management := api.New(api.Config{App: s.app, Words: inEnglish(s.locales), Match: s.locales.Match, Log: s.log, Version: programVersion(),
		Path: func(context.Context) string { return conf.Place().BasePath }})
	conf.Routes = []web.Routes{pages.Register, people.Register, management.Register}
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

// tellSetup shows the person at the terminal the set-up link, while there is no account. It goes nowhere else: logs are kept and read
// by others.
func (s *serving) tellSetup() {
	token, err := s.app.SetupToken(context.Background())
	if err != nil {
		s.log.Error("the set-up link cannot be made", "err", err)
		return
	}
	if token != "" {
		s.tell("\n  Set up statusd, within a day: %s/setup?token=%s\n", s.address(), token)
	}
}

// greet tells the person at the terminal where to look.
func (s *serving) greet(ctx context.Context) {
	address := s.address()
	s.log.Info("listening", "address", address, "data", s.data, "version", programVersion())
	if s.example != nil {
		s.tell("%s", s.example.words(address, s.data))
		return
	}
	s.tellSetup()
	s.tell("\n  Dashboard: %s/d\n", address)
	if slug, err := s.app.OnlyPage(ctx); err == nil && slug != "" {
		s.tell("  Your page: %s/p/%s\n", address, slug)
	}
	if err := notifySystemd("READY=1"); err != nil {
		s.log.Warn("systemd could not be told", "err", err)
	}
}

// address is the public URL, or what works on this machine.
func (s *serving) address() string {
	if base := s.app.BaseURL(); base != "" {
		return base
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
