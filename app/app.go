package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/robfig/cron/v3"

	"statusd/app/announce"
	"statusd/app/deliver"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/watch"
	"statusd/notify/email"
	"statusd/notify/outbound"
	"statusd/notify/telegram"
	"statusd/notify/webhook"
	"statusd/probe"
	"statusd/probe/restart"
	"statusd/store"
)

// Config is what an App needs. The zero value of a duration means its default.
type Config struct {
	Store       *store.Store
	Prober      *probe.Prober
	Log         *slog.Logger
	Now         func() time.Time // the wall clock; nil: time.Now
	MinInterval time.Duration    // the shortest interval that a check may have; 30 s
	Retention   time.Duration    // of raw results; 7 days
	BaseURL     string           // the public URL, in place of the one that is stored, which nobody can change then; "": the stored one
	Languages   []string         // that a user may choose; nil: "en" alone
	Words       *locale.Bundle   // of what statusd writes on timelines; nil: names alone

	Assets      fs.FS           // templates of letters; nil: nobody is written to
	Mail        *email.Settings // in place of the stored ones, which nobody can change then; nil: the stored ones
	TelegramAPI string          // where the Bot API is; "": Telegram's own

	Guard outbound.Guard // of the addresses that strangers may have us reach

	RestartKeys RestartKeys                                             // what SSH targets are given is judged by them
	CallTarget  func(context.Context, model.RestartTarget) model.Called // calls a restart target; nil: for real

	AutoResolveAfter    time.Duration // of good operation, an automatic incident is over; 30 min
	StartupGrace        time.Duration // in which failures open nothing; 60 s; less than 0: none
	MaintenanceReminder time.Duration // before the start; 1 h; less than 0: at the start, which is none

	OnBaseURL    func() // after the public URL has changed; App.BaseURL is the new one
	OnSetupToken func() // after the set-up link's day was over and App.SetupToken became another

	CommonPasswords map[string]bool // lower case; refused
	PasswordCost    PasswordCost    // of new hashes; the zero value: OWASP's first choice, which nothing but a test should go below
}

// App is the product: every use case is a method of it. Safe for concurrent use.
type App struct {
	Config
	began     time.Time // origin of the monotonic clock
	metrics   *metrics.Set
	watch     *watch.Watch
	herald    *announce.Herald
	courier   *deliver.Courier
	mails     *email.Sender
	chats     *telegram.Sender
	firer     *restart.Firer
	shelf     *shelf
	followers followers
	domains   domains
	cron      *cron.Cron
	used      tokenUse
	hasher    *hasher
	guesses   guesses
	strangers strangers
	repeats   repeats
	setup     setup
	baseURL   atomic.Pointer[string] // the stored one
	drawing   sync.Mutex             // one logo at a time

	forgot   status.Instant  // the day for which the calendar has forgotten
	ready    atomic.Bool     // between Start and Stop
	work     context.Context // of what runs by itself; nil before Start
	stopping context.CancelFunc
	running  sync.WaitGroup
}

// New makes an App that is at rest: use cases work, nothing runs by itself until Start.
func New(ctx context.Context, c Config) (*App, error) {
	c = c.withDefaults()
	a := &App{Config: c, began: time.Now(), metrics: metrics.NewSet(), shelf: &shelf{}, hasher: newHasher(c.PasswordCost), firer: restart.New(c.Prober)}
	if err := a.prepareNews(); err != nil {
		return nil, err
	}
	a.watch = a.newWatch(c.Prober.Look)
	if err := errors.Join(a.loadDomains(ctx), a.loadBaseURL(ctx), a.loadMail(ctx)); err != nil {
		return nil, err
	}
	return a, nil
}

// prepareNews makes what words events and what brings them to subscribers.
func (a *App) prepareNews() (err error) {
	a.herald = announce.New(a.Languages, a.Words)
	if a.Assets != nil {
		if err := a.herald.Load(a.Assets); err != nil {
			return err
		}
	}
	a.mails = email.New(email.Options{Now: a.Now})
	if a.chats, err = telegram.New(telegram.Options{API: a.TelegramAPI, Now: a.Now}); err != nil {
		return err
	}
	a.courier = deliver.New(deliver.Config{
		Store: a.Store, Webhooks: webhook.New(webhook.Options{Guard: a.Guard, Now: a.Now}), Mails: a.mails, Chats: a.chats,
		Herald: a.herald, BaseURL: a.BaseURL, Log: a.Log, Now: a.Now, OnChange: a.followers.tell,
	})
	return nil
}

func (a *App) newWatch(look func(context.Context, probe.Target) (probe.Result, error)) *watch.Watch {
	return watch.New(watch.Config{
		Store: a.Store, LookAt: look, Call: a.call, Log: a.Log, Now: a.Now, Metrics: a.metrics, OnChange: a.changed, OnEvent: a.courier.Wake,
		OnFiring: a.followers.tellAll,
		SawHostKey: func(ctx context.Context, tx *store.Tx, r model.RestartTarget, key string) error {
			return a.sawHostKey(ctx, tx, model.Actor{Workspace: r.Workspace}, r, key) // nobody but statusd itself was there
		},
		Herald: a.herald, ResolveAfter: a.AutoResolveAfter, Grace: a.StartupGrace, Lead: a.MaintenanceReminder,
	})
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Languages == nil {
		c.Languages = []string{"en"}
	}
	if c.OnBaseURL == nil {
		c.OnBaseURL = func() {}
	}
	if c.OnSetupToken == nil {
		c.OnSetupToken = func() {}
	}
	if c.MinInterval == 0 {
		c.MinInterval = 30 * time.Second
	}
	if c.Retention == 0 {
		c.Retention = 7 * 24 * time.Hour
	}
	return c.withDelays()
}

func (c Config) withDelays() Config {
	if c.AutoResolveAfter == 0 {
		c.AutoResolveAfter = 30 * time.Minute
	}
	if c.StartupGrace == 0 {
		c.StartupGrace = time.Minute
	}
	if c.MaintenanceReminder == 0 {
		c.MaintenanceReminder = time.Hour
	}
	return c
}

// Start sets going what runs by itself, and returns when all of it does:
//
//	courier   delivers what waits, and what events bring
//	watch     knows the state in which the last run left everything, probes, records results and signs of life, opens and resolves
//	          incidents, starts and completes windows
//	calendar  folds hours and forgets
func (a *App) Start(ctx context.Context) error {
	if err := a.courier.Start(ctx); err != nil {
		return repairable(err)
	}
	if err := a.watch.Start(ctx); err != nil {
		return repairable(errors.Join(err, a.courier.Stop(ctx)))
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.work, a.stopping = running, cancel
	if err := a.startCalendar(running); err != nil {
		return err
	}
	a.ready.Store(true)
	return nil
}

// repairable says what to do about a database that is damaged.
func repairable(err error) error {
	if store.IsDamaged(err) {
		return fmt.Errorf("the database is damaged (%w): set the data folder aside and use statusd restore with your last export", err)
	}
	return err
}

// Stop ends what runs by itself: probes are cut off without being recorded, what has come in is written, deliveries that are on
// their way may end. The store stays open.
func (a *App) Stop(ctx context.Context) error {
	a.EndFollowing()
	if a.stopping == nil {
		return nil
	}
	a.ready.Store(false)
	calendarDone := a.cron.Stop()
	a.stopping()
	stopped := errors.Join(a.watch.Stop(ctx), a.courier.Stop(ctx))
	a.mails.Close()
	a.chats.Close()
	done := make(chan struct{})
	go func() { a.running.Wait(); <-calendarDone.Done(); close(done) }()
	select {
	case <-done:
		return stopped
	case <-ctx.Done():
		return errors.New("not everything stopped in time")
	}
}

// mono is the monotonic clock: time since New.
func (a *App) mono() time.Duration { return time.Since(a.began) }
