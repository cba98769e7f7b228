package app_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
)

func (l *lab) snapshot(slug string) *snapshot.Snapshot {
	l.t.Helper()
	s, err := l.a.Snapshot(bg, slug)
	l.must(err)
	return s
}

func TestASnapshotServesForHalfAMinuteUnlessSomethingChanges(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.feed(k, probe.Operational, 0)
		first := l.snapshot(slug)
		l.pass(29 * time.Second)
		l.feed(k, probe.Operational, 0) // the same as before
		if l.snapshot(slug) != first {
			t.Error("built anew though nothing changed")
		}
		l.pass(time.Second)
		second := l.snapshot(slug)
		if second == first {
			t.Error("older than half a minute")
		}
		l.feed(k, probe.Down, 0)
		third := l.snapshot(slug)
		if third == second || third.Facts.Overall != status.Down || third.Facts.Components[0].Status != status.Down || third.Facts.Components[0].Checks[0].Status != status.Down {
			t.Errorf("a change of status is not shown: %+v", third.Facts)
		}
		for name, edit := range map[string]func() error{
			"component": func() error {
				_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Group = "g"; return nil })
				return err
			},
			"check": func() error {
				_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Name = "n"; return nil })
				return err
			},
			"page": func() error {
				_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Name = "n"; return nil })
				return err
			},
			"new component": func() error { l.component("web"); return nil },
			"new check":     func() error { l.check(c); return nil },
			"gap":           func() error { l.jump(time.Minute); l.beat(); return nil },
		} {
			before := l.snapshot(slug)
			l.must(edit())
			if l.snapshot(slug) == before {
				t.Errorf("%s: the snapshot of before", name)
			}
		}
		before := l.snapshot(slug)
		l.pass(6 * time.Second)
		if l.snapshot(slug) != before {
			t.Error("a sign of life dropped it")
		}
		// After an edit of the page its place must still hear of changes.
		k, _ = l.a.Check(bg, l.by, k.ID)
		l.feed(k, probe.Operational, 0)
		if l.snapshot(slug).Facts.Components[0].Status != status.Operational {
			t.Error("the page no longer follows")
		}
	})
}

func TestOneBuildsWhileTheOthersWait(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.component("api")
		for range 20 {
			var wg sync.WaitGroup
			found := make([]*snapshot.Snapshot, 16)
			for i := range found {
				wg.Go(func() { found[i], _ = l.a.Snapshot(bg, slug) })
			}
			wg.Wait()
			for _, s := range found {
				if s == nil || s != found[0] {
					t.Fatal("several were built")
				}
			}
			l.component("another")
		}
	})
}

func TestASlugBelongsToWhoHasItNow(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.snapshot(slug)
		_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Slug = "moved"; return nil })
		l.must(err)
		if _, err := l.a.Snapshot(bg, slug); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("the old slug: %v", err)
		}
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", slug; return nil })
		l.must(err)
		if got := l.snapshot(slug).Facts.Page.ID; got != other.ID {
			t.Errorf("the old slug shows %v", got)
		}
		if got := l.snapshot("moved").Facts.Page.ID; got != l.page.ID {
			t.Errorf("the new slug shows %v", got)
		}
		l.must(l.a.DeletePage(bg, l.by, l.page.ID))
		if _, err := l.a.Snapshot(bg, "moved"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a deleted page: %v", err)
		}
	})
}

func TestASparklineShowsClosedHours(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		k := l.check(l.component("api"))
		l.feed(k, probe.Operational, 0)
		l.pass(2 * time.Second)
		l.jump(time.Hour)
		l.beat()
		l.must(l.a.FoldHours(bg))
		l.jump(30 * time.Second)
		l.beat()
		recent := l.snapshot(slug).Facts.Components[0].Checks[0].Recent
		if len(recent) != 24 || recent[23] != 20*time.Millisecond || recent[22] != 0 {
			t.Errorf("%v", recent)
		}
	})
}
