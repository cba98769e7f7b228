package demo_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/demo"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// started is a demo that runs, by a clock that stood still while it was filled: the race detector makes that half a minute.
func started(t *testing.T, s *store.Store) *app.App {
	t.Helper()
	ctx := context.Background()
	target, err := demo.Open()
	if err != nil {
		t.Fatal(err)
	}
	prober := probe.New(probe.Options{})
	conf := app.Config{Store: s, Prober: prober, MinInterval: demo.MinInterval, Languages: []string{"en", "tr"}}
	began := time.Now()
	if _, err := demo.Fill(ctx, conf, target.URL(), began); err != nil {
		t.Fatal(err)
	}
	filled := time.Now()
	conf.Now = func() time.Time { return began.Add(time.Since(filled)) }
	a, err := app.New(ctx, conf)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
		prober.Close()
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func facts(t *testing.T, a *app.App, slug string) snapshot.Facts {
	t.Helper()
	snap, err := a.Snapshot(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return snap.Facts
}

// One demo for both: to fill it takes long under the race detector.
func TestTheDemo(t *testing.T) {
	s := storetest.New(t)
	a := started(t, s)
	t.Run("shows everything there is", func(t *testing.T) { showsEverything(t, a) })
	t.Run("can be recomputed", func(t *testing.T) { canBeRecomputed(t, s, a) })
}

func showsEverything(t *testing.T, a *app.App) {
	for slug, count := range map[string]int{demo.Slug: 8, demo.TurkishSlug: 4} {
		f := facts(t, a, slug)
		if len(f.Components) != count {
			t.Errorf("%s has %d components, want %d", slug, len(f.Components), count)
		}
		var shapes, groups []string
		for _, c := range f.Components {
			groups = append(groups, c.Group)
			if c.Status == status.NoData || !c.Uptime24h.Known || c.Uptime30d.Hundredths < 9500 {
				t.Errorf("%s: %v, 24 hours %v, 30 days %v", c.Name, c.Status, c.Uptime24h, c.Uptime30d)
			}
			for _, d := range c.Days {
				shapes = append(shapes, d.Worst().String())
			}
			for _, k := range c.Checks {
				if len(k.Recent) != 24 || slices.Contains(k.Recent, 0) || k.Latency == 0 {
					t.Errorf("%s, %s: latency %v, of the last hours %v", c.Name, k.Name, k.Latency, k.Recent)
				}
			}
		}
		for _, want := range status.All() {
			if !slices.Contains(shapes, want.String()) && (want != status.Maintenance || slug == demo.Slug) {
				t.Errorf("%s has no day that is %v", slug, want)
			}
		}
		if len(f.Past)+len(f.Active) == 0 || len(f.Upcoming) != 1 {
			t.Errorf("%s tells of %d incidents that are over, %d that are not, %d windows to come", slug, len(f.Past), len(f.Active), len(f.Upcoming))
		}
		slices.Sort(groups)
		if n := len(slices.Compact(groups)); slug == demo.Slug && n != 3 {
			t.Errorf("%d groups and what is in none, want 2 and that: %q", n-1, groups)
		}
	}
}

func canBeRecomputed(t *testing.T, s *store.Store, a *app.App) {
	users, err := a.Users(t.Context())
	if err != nil || len(users) != 1 || users[0].Email != demo.Email || !users[0].Admin {
		t.Fatalf("accounts: %+v, %v", users, err)
	}
	var by model.Actor
	for w, role := range users[0].Roles {
		by = model.Actor{Workspace: w, Role: role}
	}
	shown := facts(t, a, demo.Slug)
	at := status.At(shown.At)
	for _, c := range shown.Components {
		spans, err := a.Spans(t.Context(), by, c.ID, status.Interval{From: at.Add(-30 * 24 * time.Hour), To: at})
		if err != nil {
			t.Fatal(err)
		}
		if up, ok := spans.Totals.Uptime(); !ok || up != c.Uptime30d.Hundredths {
			t.Errorf("%s: %d from the spans, %d on the page", c.Name, up, c.Uptime30d.Hundredths)
		}
		for _, k := range c.Checks {
			results, err := a.Results(t.Context(), by, k.ID, model.Wanted{Window: model.Window{Limit: app.MaxResults}})
			if err != nil || len(results.Items) != app.MaxResults {
				t.Errorf("%s, %s: %d results, %v", c.Name, k.Name, len(results.Items), err)
			}
		}
	}
	targets, err := a.RestartTargets(t.Context(), by, model.Window{})
	if err != nil || len(targets.Items) != 1 {
		t.Fatalf("%+v, %v", targets, err)
	}
	log, err := a.Firings(t.Context(), by, targets.Items[0].ID, model.Window{})
	if err != nil || len(log.Items) == 0 || log.Items[0].Recovered.IsZero() {
		t.Errorf("the log of the restart target: %+v, %v", log, err)
	}
	storetest.Read(t, s, func(v store.View) error {
		for _, slug := range []string{demo.Slug, demo.TurkishSlug} {
			page, err := v.PageBySlug(t.Context(), slug)
			if err != nil {
				return err
			}
			hours, err := v.PageHours(t.Context(), page.ID, 0)
			if err != nil {
				return err
			}
			for id, known := range hours {
				if len(known) < 51*24 {
					t.Errorf("check %s has %d hours", id, len(known))
				}
			}
		}
		return nil
	})
}

// What somebody has made is nothing to make a demo of: it fails as a whole.
func TestAnInstanceThatIsInUseIsLeftAlone(t *testing.T) {
	s := storetest.New(t)
	storetest.Fill(t, s, "acme", "api: health")
	if _, err := demo.Fill(t.Context(), app.Config{Store: s, MinInterval: demo.MinInterval, Languages: []string{"en", "tr"}}, "http://127.0.0.1:1", time.Now()); err == nil {
		t.Error("it was filled")
	}
	a, err := app.New(t.Context(), app.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	users, err1 := a.Users(t.Context())
	only, err2 := a.OnlyPage(t.Context())
	if len(users) != 0 || only == "" || err1 != nil || err2 != nil {
		t.Errorf("%d users, only page %q, %v %v", len(users), only, err1, err2)
	}
}

func TestTheTargetAnswersAndEnds(t *testing.T) {
	target, err := demo.Open()
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{"/api/health": 200, "/kargo/takip": 200, "/integrations/webhooks": 200, "/elsewhere": 404} {
		res, err := client.Get(target.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != want {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	if _, err := client.Get(target.URL() + "/api/health"); err == nil {
		t.Error("it answers after its end")
	}
}

// BenchmarkFill is most of what a demo takes to start.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := storetest.New(b)
		b.StartTimer()
		if _, err := demo.Fill(b.Context(), app.Config{Store: s, MinInterval: demo.MinInterval, Languages: []string{"en", "tr"}}, "http://127.0.0.1:1", time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
