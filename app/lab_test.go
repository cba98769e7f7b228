package app_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

// lab is an App in a bubble of time, with a wall clock that can be set and no target but what feed says.
type lab struct {
	t      *testing.T
	dir    string
	s      *store.Store
	a      *app.App
	by     model.Actor
	page   model.Page
	offset atomic.Int64 // from the bubble's clock to the wall clock
	config app.Config   // of the next process
}

const slug = "acme"

// bubble runs f with a started App that has one page, at a whole second.
func bubble(t *testing.T, f func(t *testing.T, l *lab)) {
	dir := storetest.Folder(t)
	synctest.Test(t, func(t *testing.T) {
		l := &lab{t: t, dir: dir}
		l.offset.Store(int64(26 * 365 * 24 * time.Hour))
		l.s = storetest.Open(t, dir)
		w := model.Workspace{ID: model.NewWorkspaceID(), Name: slug}
		storetest.Write(t, l.s, func(tx *store.Tx) error { return tx.AddWorkspace(bg, w) })
		l.by = model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true}
		l.begin()
		var err error
		l.page, err = l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = slug, slug; return nil })
		l.must(err)
		defer func() {
			if t.Failed() { // what went wrong is said already; nothing may be left running
				_ = l.a.Stop(bg)
				_ = l.s.Close()
			}
		}()
		f(t, l)
		l.stop()
	})
}

func (l *lab) wall() time.Time { return time.Now().Add(time.Duration(l.offset.Load())) }

func (l *lab) now() status.Instant { return status.At(l.wall()) }

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// begin starts a process on the folder, whose probes tell nothing.
func (l *lab) begin() {
	l.t.Helper()
	l.beginWith(func(context.Context, probe.Target) (probe.Result, error) {
		return probe.Result{}, errors.New("cut off")
	})
}

// beginWith starts a process with probes of its own.
func (l *lab) beginWith(look func(context.Context, probe.Target) (probe.Result, error)) {
	l.t.Helper()
	var err error
	c := l.config
	c.Store, c.Now = l.s, l.wall
	l.a, err = app.New(bg, c)
	l.must(err)
	l.a.LookWith(look)
	l.must(l.a.Start(bg))
	synctest.Wait() // what it does first is done
}

func (l *lab) stop() {
	l.must(l.a.Stop(bg))
	l.must(l.s.Close())
}

// crash ends the process without letting it write anything more.
func (l *lab) crash() {
	l.must(l.s.Close())
	l.must(l.a.Stop(bg))
}

func (l *lab) reopen() {
	l.s = storetest.Open(l.t, l.dir)
	l.begin()
}

// beat makes a commit now, which reads the clock.
func (l *lab) beat() {
	l.t.Helper()
	if err := l.a.Ready(bg); err != nil && !strings.HasPrefix(err.Error(), "nothing was heard") {
		l.t.Fatal(err)
	}
}

// pass lets time pass, and what is due be done.
func (l *lab) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// jump sets the wall clock.
func (l *lab) jump(d time.Duration) { l.offset.Add(int64(d)) }

func (l *lab) component(name string) model.Component {
	l.t.Helper()
	c, err := l.a.CreateComponent(bg, l.by, l.page.ID, func(c *model.Component) error { c.Name = name; return nil })
	l.must(err)
	return c
}

func (l *lab) check(c model.Component) model.Check {
	l.t.Helper()
	k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error { k.Name, k.URL = "k", "http://127.0.0.1:1/"; return nil })
	l.must(err)
	return k
}

// feed lets a look that began some time ago end now, and be committed if it changes anything.
func (l *lab) feed(k model.Check, o probe.Outcome, ago time.Duration) {
	r := probe.Result{At: time.Now().Add(-ago), Outcome: o, Latency: 20 * time.Millisecond, StatusCode: 200}
	if o == probe.Down {
		r.StatusCode, r.Reason = 503, probe.Reason{Code: "status", Args: []string{"503"}}
	}
	l.a.Feed(k, r)
	synctest.Wait()
}

// results are those of a check, newest first.
func (l *lab) results(k model.CheckID) ([]model.Result, error) {
	out, err := l.a.Results(bg, l.by, k, model.Wanted{Window: model.Window{Limit: 100}})
	return out.Items, err
}

// spans are what App says of a component since an instant.
func (l *lab) spans(c model.ComponentID, from status.Instant) []status.Span {
	l.t.Helper()
	out, err := l.a.Spans(bg, l.by, c, status.Interval{From: from, To: max(l.now(), from) + 1})
	l.must(err)
	return out.Spans
}

// whole compares what memory and database hold.
func (l *lab) whole() {
	l.t.Helper()
	storetest.Read(l.t, l.s, func(v store.View) error {
		remembered := l.a.Remembered(l.pages(v)...)
		open, err := v.OpenSpans(bg)
		if len(open) != len(remembered) {
			l.t.Fatalf("%d spans are open, memory knows of %d", len(open), len(remembered))
		}
		for _, s := range open {
			if remembered[s.Component] != s.Span {
				l.t.Fatalf("component %s: the database has %v, memory %v", s.Component, s.Span, remembered[s.Component])
			}
		}
		return err
	})
}

// pages are those that there are, and the lab's own even when it is gone.
func (l *lab) pages(v store.View) []model.PageID {
	l.t.Helper()
	all, err := v.PublicPages(bg)
	l.must(err)
	ids := []model.PageID{l.page.ID}
	for _, p := range all {
		if p.ID != l.page.ID {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// span is one in seconds since an instant.
func span(since status.Instant, from, to int, s status.Status) status.Span {
	return status.Span{Interval: status.Interval{From: since + status.Instant(from)*1000, To: since + status.Instant(to)*1000}, Status: s}
}

// same reports a difference.
func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want -, got +\n%s", d)
	}
}
