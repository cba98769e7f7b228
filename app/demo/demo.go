package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
)

// Email is the account that a demo has.
const Email = "demo@example.com"

// Slugs of the pages, in English and in Turkish.
const (
	Slug        = "demo"
	TurkishSlug = "demo-tr"
)

// MinInterval is the shortest interval that a demo needs to be allowed, so that its life is visible.
const MinInterval = 5 * time.Second

const (
	day  = 24 * time.Hour
	days = status.HistoryDays // of history, today included
)

// Fill makes the example on an empty instance whose App has not been started, with a history that ends now, and returns the
// password of the account. The target is where its checks look. The same moment gives the same history.
func Fill(ctx context.Context, conf app.Config, target string, now time.Time) (password string, err error) {
	f := &filling{target: target, now: status.At(now), page: map[string]model.PageID{}}
	f.clock = f.began(days).Time()
	conf.Now = func() time.Time { return f.clock }
	if f.app, err = app.New(ctx, conf); err != nil {
		return "", err
	}
	if err := f.empty(ctx); err != nil {
		return "", err
	}
	password = newPassword()
	err = f.app.Together(ctx, func(ctx context.Context) error {
		// One step a kind of content. What is there in its own time comes before the history, what the history explains after it.
		if err := f.account(ctx, password); err != nil {
			return err
		}
		if err := f.restartTarget(ctx); err != nil {
			return err
		}
		if err := f.pages(ctx); err != nil {
			return err
		}
		return f.history(ctx)
	})
	if err != nil {
		return "", err
	}
	return password, f.news(ctx) // a transaction each: what happens in one happens at one time
}

// empty refuses an instance that somebody has made something of.
func (f *filling) empty(ctx context.Context) error {
	users, err := f.app.Users(ctx)
	if err != nil {
		return err
	}
	workspaces, err := f.app.Workspaces(ctx)
	if err == nil && len(users)+len(workspaces) > 0 {
		err = errors.New("a demo needs an instance of its own: this one is in use")
	}
	return err
}

// newPassword is easy to read off a terminal, and 80 bits.
func newPassword() string {
	text := strings.ToLower(rand.Text()[:16])
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// filling is a demo in the making. Everything is made as it would have been made back then, by a clock that stands where it
// has to.
type filling struct {
	app    *app.App
	clock  time.Time
	now    status.Instant
	target string
	actor  model.Actor

	made    []made
	restart model.RestartTargetID
	page    map[string]model.PageID // by slug
}

// made is a component with its checks, which wait for their history.
type made struct {
	service
	page      string // its slug
	number    uint64 // of the component on the instance
	component model.ComponentID
	checks    []model.CheckID
}

// began is the midnight with which a history of so many days begins, today included.
func (f *filling) began(days int) status.Instant {
	return status.DayOf(f.now).Add(-time.Duration(days-1) * day)
}

// account makes the account, and with it the workspace that everything is in.
func (f *filling) account(ctx context.Context, password string) error {
	user, err := f.app.AddUser(ctx, app.NewUser{Email: Email, Password: password, Role: model.Owner})
	if err != nil {
		return fmt.Errorf("account of the demo: %w", err)
	}
	for workspace, role := range user.Roles {
		f.actor = model.Actor{Workspace: workspace, Role: role, Admin: user.Admin, Name: user.Email}
	}
	return nil
}

// restartTarget makes what is called when the service that can be restarted keeps failing.
func (f *filling) restartTarget(ctx context.Context) error {
	r, err := f.app.CreateRestartTarget(ctx, f.actor, model.RestartHTTP, func(r *model.RestartTarget) error {
		r.Name, r.HTTP.URL = "Webhook dispatcher", f.target+restartPath
		return nil
	})
	if err != nil {
		return fmt.Errorf("restart target of the demo: %w", err)
	}
	f.restart = r.ID
	return nil
}

// pages makes the pages with all that is on them.
func (f *filling) pages(ctx context.Context) error {
	for _, c := range companies {
		page, err := f.app.CreatePage(ctx, f.actor, func(p *model.Page) error {
			p.Name, p.Slug, p.TimeZone, p.NoIndex = c.name, c.slug, c.zone, true
			p.Branding = model.Branding{Tagline: c.tagline, PrimaryColor: c.color}
			return nil
		})
		if err != nil {
			return fmt.Errorf("page %s of the demo: %w", c.slug, err)
		}
		f.page[c.slug] = page.ID
		for _, s := range c.services {
			if err := f.component(ctx, page, s); err != nil {
				return fmt.Errorf("component %s of the demo: %w", s.name, err)
			}
		}
	}
	return nil
}

func (f *filling) component(ctx context.Context, page model.Page, s service) error {
	f.clock = f.began(s.days).Time()
	c, err := f.app.CreateComponent(ctx, f.actor, page.ID, func(c *model.Component) error {
		c.Name, c.Description, c.Group = s.name, s.note, s.group
		return nil
	})
	if err != nil {
		return err
	}
	m := made{service: s, page: page.Slug, number: uint64(len(f.made)), component: c.ID}
	for _, l := range s.checks {
		f.clock = f.clock.Add(time.Minute) // checks are listed by creation
		check, err := f.app.CreateCheck(ctx, f.actor, c.ID, func(c *model.Check) error {
			c.Name, c.URL = l.name, f.target+l.path
			c.Interval, c.Timeout, c.DegradedLatency = interval, timeout, slowAfter
			if l.restarts {
				c.Restart = model.NewBinding(f.restart)
				c.Restart.Cooldown = cooldown
			}
			return nil
		})
		if err != nil {
			return err
		}
		m.checks = append(m.checks, check.ID)
	}
	f.made = append(f.made, m)
	return nil
}

// history gives every component its past.
func (f *filling) history(ctx context.Context) error {
	f.clock = f.now.Time()
	histories := make([]app.History, len(f.made))
	for i, m := range f.made {
		past := newPast(m.service, m.number, f.now)
		histories[i] = app.History{Component: m.component, Spans: past.spans}
		for k, id := range m.checks {
			histories[i].Checks = append(histories[i].Checks, app.CheckHistory{Check: id, Hours: past.hours(k), Results: past.results(k), Firings: past.firings(k)})
		}
	}
	return f.app.ImportHistory(ctx, f.actor, histories)
}
