package cli

import (
	"errors"
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/pflag"

	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/outbound"
)

// ServeOptions are the settings of a server, read and checked.
type ServeOptions struct {
	Listen         string          // host:port; an empty host is every address
	BaseURL        *url.URL        // the public URL, without a slash at its end; nil: the one confirmed at setup
	TrustedProxies []netip.Prefix  // whose forwarded headers are believed; none: nobody's
	ProbeAllow     []netip.Prefix  // metadata addresses that probes may reach
	ProbeProxy     *url.URL        // nil: none
	MinInterval    time.Duration   // the shortest interval that a check may have
	Retention      time.Duration   // of raw results
	Mail           *email.Settings // nil: those of the dashboard
	TelegramAPI    string          // where the Bot API is; "": Telegram's own
	WebhookAllow   []netip.Prefix  // private networks that webhooks may reach all the same
	StartupGrace   time.Duration   // after a start, in which failures open nothing
	AutoResolve    time.Duration   // of good operation, an automatic incident is over
	Reminder       time.Duration   // before a maintenance window starts, people are reminded
	Metrics        bool            // whether /metrics answers
	Demo           bool            // a throw-away example

	AdminEmail    string // with AdminPassword: the account that an empty instance gets at its first start
	AdminPassword model.Secret
}

// serveFlags are the flags of serve; parse makes ServeOptions of them.
type serveFlags struct {
	config         *config
	listen         *parsed[string]
	baseURL        *parsed[*url.URL]
	trustedProxies *parsed[[]netip.Prefix]
	probe          probeFlags
	minInterval    *parsed[time.Duration]
	retention      *parsed[time.Duration]
	smtpURL        *parsed[*email.Settings]
	telegramAPI    *parsed[string]
	webhookAllow   *parsed[[]netip.Prefix]
	startupGrace   *parsed[time.Duration]
	autoResolve    *parsed[time.Duration]
	reminder       *parsed[time.Duration]
	metrics        bool
	demo           bool
}

// Bounds of the durations.
const (
	day            = 24 * time.Hour
	leastInterval  = time.Second
	mostInterval   = time.Hour
	leastRetention = time.Hour
	mostRetention  = 400 * day
	mostGrace      = time.Hour
	leastResolve   = time.Second
	mostResolve    = day
	mostReminder   = 14 * day
)

// newServeFlags defines the flags of serve on a command's.
func newServeFlags(c *config, flags *pflag.FlagSet) *serveFlags {
	f := &serveFlags{
		config:         c,
		listen:         listenFlag(flags),
		baseURL:        baseURLFlag(flags),
		trustedProxies: flagOf("", "networks", parsePrefixes),
		probe:          newProbeFlags(flags),
		minInterval:    flagOf("30s", "duration", spanning(leastInterval, mostInterval)),
		retention:      flagOf("7d", "duration", spanning(leastRetention, mostRetention)),
		smtpURL:        flagOf("", "URL", parseSMTP),
		telegramAPI:    flagOf("", "URL", parseTelegram),
		webhookAllow:   flagOf("", "networks", outbound.ParseAllow),
		startupGrace:   flagOf("60s", "duration", spanning(0, mostGrace)),
		autoResolve:    flagOf("30m", "duration", spanning(leastResolve, mostResolve)),
		reminder:       flagOf("1h", "duration", spanning(0, mostReminder)),
	}
	flags.Var(f.trustedProxies, "trusted-proxies", "networks of the proxies in front, whose forwarded headers are believed")
	flags.Var(f.minInterval, "min-interval", "the shortest interval that a check may have")
	flags.Var(f.retention, "retention", "how long single results are kept; hours and days are kept longer")
	flags.Var(f.smtpURL, "smtp-url", "the mail server: smtp://user:password@host:587?from=status@example.com; overrides the dashboard's setting")
	_ = flags.SetAnnotation("smtp-url", secretFlag, []string{"true"}) // it exists: defined above
	flags.Var(f.telegramAPI, "telegram-api-url", "where the Telegram Bot API is, if not at Telegram")
	flags.Var(f.webhookAllow, "webhook-allow", "private networks that webhooks may reach all the same")
	flags.Var(f.startupGrace, "startup-grace", "after a start, how long failures open no incident; 0 for none")
	flags.Var(f.autoResolve, "auto-resolve-after", "of good operation, an automatic incident is resolved")
	flags.Var(f.reminder, "maintenance-reminder", "before a maintenance window starts, people are reminded; 0 for never")
	flags.BoolVar(&f.metrics, "metrics", false, "answer Prometheus on /metrics")
	flags.BoolVar(&f.demo, "demo", false, "show a throw-away example, in a folder of its own that goes with it")
	return f
}

func listenFlag(flags *pflag.FlagSet) *parsed[string] {
	p := flagOf(":8080", "address", parseListen)
	flags.Var(p, "listen", "where the server listens")
	return p
}

func baseURLFlag(flags *pflag.FlagSet) *parsed[*url.URL] {
	p := flagOf("", "URL", parseBaseURL)
	flags.Var(p, "base-url", "the public URL, as mails and links have it; default: the one confirmed at setup")
	return p
}

// probeFlags are the flags of everything that probes.
type probeFlags struct {
	allow *parsed[[]netip.Prefix]
	proxy *parsed[*url.URL]
}

func newProbeFlags(flags *pflag.FlagSet) probeFlags {
	f := probeFlags{flagOf("", "networks", parsePrefixes), flagOf("", "URL", parseProxy)}
	flags.Var(f.allow, "probe-allow", "cloud-metadata addresses that probes may reach all the same")
	flags.Var(f.proxy, "probe-proxy", "the proxy that probes go through")
	_ = flags.SetAnnotation("probe-proxy", secretFlag, []string{"true"}) // it exists: defined above
	return f
}

// parse checks what no flag can check alone.
func (f *serveFlags) parse() (ServeOptions, error) {
	o := ServeOptions{
		Listen: f.listen.value, BaseURL: f.baseURL.value, TrustedProxies: f.trustedProxies.value,
		ProbeAllow: f.probe.allow.value, ProbeProxy: f.probe.proxy.value,
		MinInterval: f.minInterval.value, Retention: f.retention.value, Metrics: f.metrics, Demo: f.demo,
		Mail: f.smtpURL.value, TelegramAPI: f.telegramAPI.value, WebhookAllow: f.webhookAllow.value, StartupGrace: f.startupGrace.value, AutoResolve: f.autoResolve.value, Reminder: f.reminder.value,
	}
	if f.demo {
		return f.config.demoOptions(o)
	}
	email, err1 := f.config.secret("STATUSD_ADMIN_EMAIL")
	password, err2 := f.config.secret("STATUSD_ADMIN_PASSWORD")
	if err := errors.Join(err1, err2); err != nil {
		return o, err
	}
	if (email == "") != (password == "") {
		return o, misused("STATUSD_ADMIN_EMAIL and STATUSD_ADMIN_PASSWORD (or ..._FILE) belong together: set both or none")
	}
	o.AdminEmail, o.AdminPassword = email, model.Secret(password)
	return o, nil
}
