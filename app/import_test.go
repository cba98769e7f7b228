package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// resting is an App that was never started, with a component that has one check, at a full hour and a half.
type resting struct {
	*app.App
	dir   string
	by    model.Actor
	w     storetest.World
	now   status.Instant
	whole app.History
}

func rest(t *testing.T) *resting {
	t.Helper()
	dir := storetest.Folder(t)
	s := storetest.Open(t, dir)
	r := &resting{dir: dir, w: storetest.Fill(t, s, slug, "api: health; web: home")}
	r.by = model.Actor{Workspace: r.w.Workspace.ID, Role: model.Owner}
	now := storetest.Began.Add(10*24*time.Hour + 30*time.Minute)
	r.now = status.At(now)
	var err error
	if r.App, err = app.New(t.Context(), app.Config{Store: s, Now: func() time.Time { return now }}); err != nil {
		t.Fatal(err)
	}
	r.whole = r.history()
	return r
}

// history is a good one: six days by the hour, then single results of an hour and a half.
func (r *resting) history() app.History {
	check := app.CheckHistory{Check: r.w.Check("health").ID}
	first := r.now.Add(-6*24*time.Hour - 90*time.Minute)
	for at := first; at < r.now.Add(-90*time.Minute); at = at.Add(time.Hour) {
		check.Hours = append(check.Hours, app.Hour{From: at, Rollup: store.Rollup{Operational: 120, Latency: 12 * time.Second, Slowest: time.Second}})
	}
	for at := r.now.Add(-90 * time.Minute); at < r.now; at = at.Add(30 * time.Second) {
		check.Results = append(check.Results, model.Result{At: at.Time(), Status: status.Operational, Latency: 200 * time.Millisecond, StatusCode: 200})
	}
	return app.History{
		Component: r.w.Component("api").ID, Checks: []app.CheckHistory{check},
		Spans: []status.Span{
			{Interval: status.Interval{From: first, To: first.Add(time.Hour)}, Status: status.Down},
			{Interval: status.Interval{From: first.Add(time.Hour), To: r.now}, Status: status.Operational},
		},
	}
}

func TestAnImportedHistoryGoesOnWhenTheAppStarts(t *testing.T) {
	r := rest(t)
	if err := r.ImportHistory(t.Context(), r.by, []app.History{r.whole}); err != nil {
		t.Fatal(err)
	}
	got, err := r.Spans(t.Context(), r.by, r.whole.Component, status.Interval{From: r.now.Add(-7 * 24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.whole.Spans, got.Spans); diff != "" {
		t.Error(diff)
	}
	results, err := r.Results(t.Context(), r.by, r.whole.Checks[0].Check, model.Wanted{Window: model.Window{Limit: app.MaxResults}})
	if err != nil || len(results.Items) != 180 {
		t.Errorf("%d results, %v", len(results.Items), err)
	}
	for query, want := range map[string]int64{
		`SELECT count(*) FROM check_hours`:         6*24 + 1, // the closed hour of results has been folded
		`SELECT sum(operational) FROM check_hours`: 6*24*120 + 120,
		`SELECT sum(operational) FROM check_days`:  6*24*120 + 120,
		`SELECT max(at) FROM segments`:             int64(r.now),
		`SELECT seen_at FROM life`:                 int64(r.now),
	} {
		if n := storetest.Number(t, r.dir, query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Stop(context.Background()) }()
	if s := r.ComponentStatus(r.whole.Component); s != status.Operational {
		t.Errorf("after the start it is %v", s)
	}
	if err := r.ImportHistory(t.Context(), r.by, nil); err == nil {
		t.Error("a history was taken in by an App that watches")
	}
}

func TestAHistoryThatIsNotRightIsNotTakenIn(t *testing.T) {
	r := rest(t)
	for name, spoil := range map[string]func(*app.History){
		"spans that overlap":             func(h *app.History) { h.Spans[1].From-- },
		"an empty span":                  func(h *app.History) { h.Spans[0].To = h.Spans[0].From },
		"a span of the future":           func(h *app.History) { h.Spans[1].To++ },
		"a span of maintenance":          func(h *app.History) { h.Spans[1].Status = status.Maintenance },
		"a span of nothing":              func(h *app.History) { h.Spans[1].Status = status.NoData },
		"results out of order":           func(h *app.History) { h.Checks[0].Results[1].At = h.Checks[0].Results[0].At.Add(-1e6) },
		"a result of the future":         func(h *app.History) { h.Checks[0].Results[179].At = r.now.Add(time.Second).Time() },
		"a result in a known hour":       func(h *app.History) { h.Checks[0].Hours[143].From = r.now.Add(-90 * time.Minute) },
		"an hour twice":                  func(h *app.History) { h.Checks[0].Hours[1].From = h.Checks[0].Hours[0].From },
		"the check of another component": func(h *app.History) { h.Checks[0].Check = r.w.Check("home").ID },
		"no such component":              func(h *app.History) { h.Component = model.NewComponentID() },
		"a firing of nothing":            func(h *app.History) { h.Checks[0].Firings = []model.Firing{fired(r.now)} },
		"no such check":                  func(h *app.History) { h.Checks[0].Check = model.NewCheckID() },
	} {
		good, bad := app.History{Component: r.w.Component("web").ID, Spans: r.whole.Spans}, r.history()
		spoil(&bad)
		if err := r.ImportHistory(t.Context(), r.by, []app.History{good, bad}); err == nil {
			t.Errorf("%s: taken in", name)
		}
		if n := storetest.Number(t, r.dir, `SELECT (SELECT count(*) FROM spans) + (SELECT count(*) FROM segments) + (SELECT count(*) FROM check_hours)`); n != 0 {
			t.Fatalf("%s: %d rows are left", name, n)
		}
	}
}

// fired is a call half an hour ago that brought a check back.
func fired(now status.Instant) model.Firing {
	at := now.Add(-30 * time.Minute).Time()
	return model.Firing{Started: at, Duration: time.Second, Outcome: model.FiringSucceeded, StatusCode: 204, Recovered: at.Add(42 * time.Second)}
}

func TestFiringsAreImportedIntoTheLogOfTheirTarget(t *testing.T) {
	r := rest(t)
	hook, err := r.CreateRestartTarget(t.Context(), r.by, model.RestartHTTP, func(t *model.RestartTarget) error {
		t.Name, t.HTTP.URL = "hook", "http://127.0.0.1:1/"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check := r.whole.Checks[0].Check
	if _, err := r.UpdateCheck(t.Context(), r.by, check, func(k *model.Check) error { k.Restart = model.NewBinding(hook.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*model.Firing){
		"of the future":      func(f *model.Firing) { f.Started = r.now.Add(time.Second).Time() },
		"good in the future": func(f *model.Firing) { f.Recovered = r.now.Add(time.Second).Time() },
		"still running":      func(f *model.Firing) { f.Outcome = model.FiringRuns },
		"without an outcome": func(f *model.Firing) { f.Outcome = 0 },
	} {
		f := fired(r.now)
		spoil(&f)
		r.whole.Checks[0].Firings = []model.Firing{fired(r.now), f}
		if err := r.ImportHistory(t.Context(), r.by, []app.History{r.whole}); err == nil {
			t.Errorf("one that is %s is taken in", name)
		}
	}
	want := fired(r.now)
	r.whole.Checks[0].Firings = []model.Firing{want}
	if err := r.ImportHistory(t.Context(), r.by, []app.History{r.whole}); err != nil {
		t.Fatal(err)
	}
	log, err := r.Firings(t.Context(), r.by, hook.ID, model.Window{})
	if err != nil || len(log.Items) != 1 {
		t.Fatalf("%+v, %v", log, err)
	}
	want.ID, want.Workspace, want.Target, want.Check, want.CheckName = log.Items[0].ID, r.by.Workspace, hook.ID, check, "health"
	want.Page, want.Trigger = r.w.Page.ID, model.BySchedule
	if diff := cmp.Diff(want, log.Items[0]); diff != "" {
		t.Error(diff)
	}
}

func TestWhoMayImportAHistory(t *testing.T) {
	r := rest(t)
	editor, stranger := r.by, r.by
	editor.Role = model.Editor
	stranger.Workspace = model.NewWorkspaceID()
	if err := r.ImportHistory(t.Context(), editor, []app.History{r.whole}); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("an editor: %v", err)
	}
	if err := r.ImportHistory(t.Context(), stranger, []app.History{r.whole}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
}

func TestTogetherIsAllOrNothing(t *testing.T) {
	r := rest(t)
	boom := errors.New("boom")
	for _, fails := range []error{boom, nil} {
		err := r.Together(t.Context(), func(ctx context.Context) error {
			for _, name := range []string{"one", "two"} {
				_, err := r.CreateComponent(ctx, r.by, r.w.Page.ID, func(c *model.Component) error { c.Name = name; return nil })
				if err != nil {
					return err
				}
			}
			return fails
		})
		list, listed := r.Components(t.Context(), r.by, r.w.Page.ID, model.Window{})
		want := 4
		if fails != nil {
			want = 2
		}
		if !errors.Is(err, fails) || listed != nil || len(list.Items) != want {
			t.Errorf("%v: %v, %d components, want %d", fails, err, len(list.Items), want)
		}
	}
}
