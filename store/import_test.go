package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

func TestImportedSpansReadAsObservedOnes(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api:; web:")
	api := w.Component("api").ID
	var spans []status.Span
	for i := range status.Instant(1234) { // more than one statement takes
		spans = append(spans, status.Span{Interval: status.Interval{From: day + 3*i, To: day + 3*i + 2}, Status: status.Down})
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).ImportSpans(bg, api, spans) })
	if diff := cmp.Diff(spans, spansOf(t, s, w, api, status.Interval{To: 2 * day})); diff != "" {
		t.Error(diff)
	}
	if got := spansOf(t, s, w, w.Component("web").ID, status.Interval{To: 2 * day}); got != nil {
		t.Errorf("another component has %v", got)
	}
	open := get(t, s, func(v store.View) ([]store.OpenSpan, error) { return v.OpenSpans(bg) })
	if len(open) != 0 {
		t.Errorf("open: %v", open)
	}
}

func TestImportedHoursAddUpToDays(t *testing.T) {
	s, w, dir := opened(t)
	id := w.Check("health").ID
	var hours []store.Hour
	for i := range status.Instant(50) {
		hours = append(hours, store.Hour{From: 10*day + i*hour, Rollup: store.Rollup{
			Operational: 2, Degraded: 1, Down: int(i), Latency: time.Second, Slowest: time.Duration(i) * time.Millisecond,
		}})
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).ImportHours(bg, id, hours) })
	got := get(t, s, func(v store.View) (map[model.CheckID]map[int64]store.Rollup, error) {
		return v.PageHours(bg, w.Page.ID, 0)
	})
	want := map[int64]store.Rollup{}
	for _, h := range hours {
		want[store.HourOf(h.From)] = h.Rollup
	}
	if diff := cmp.Diff(map[model.CheckID]map[int64]store.Rollup{id: want}, got); diff != "" {
		t.Error(diff)
	}
	for query, want := range map[string]int64{
		`SELECT count(*) FROM check_days`:                      3,
		`SELECT down FROM check_days WHERE day = 10`:           23 * 24 / 2,
		`SELECT operational FROM check_days WHERE day = 12`:    4,
		`SELECT sum(latency_ms) FROM check_days`:               50_000,
		`SELECT slowest_ms FROM check_days WHERE day = 11`:     47,
		`SELECT degraded FROM check_days WHERE day = 12`:       2,
		`SELECT count(*) FROM check_days WHERE check_id < -10`: 0,
	} {
		if got := storetest.Number(t, dir, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func opened(t *testing.T) (*store.Store, storetest.World, string) {
	t.Helper()
	dir := storetest.Folder(t)
	s := storetest.Open(t, dir)
	return s, storetest.Fill(t, s, "acme", "api: health"), dir
}

func TestNothingIsImportedTwiceOrForSomebodyElse(t *testing.T) {
	s, w, dir := opened(t)
	other := storetest.Fill(t, s, "other", "api: health")
	spans := []status.Span{{Interval: status.Interval{From: day, To: 2 * day}, Status: status.Operational}}
	hours := []store.Hour{{From: day, Rollup: store.Rollup{Operational: 1}}}
	twice := func(tx *store.Tx) error {
		own := tx.In(w.Workspace.ID)
		return errors.Join(own.ImportSpans(bg, w.Component("api").ID, spans), own.ImportHours(bg, w.Check("health").ID, hours))
	}
	foreign := func(tx *store.Tx) error {
		return tx.In(other.Workspace.ID).ImportSpans(bg, w.Component("api").ID, spans)
	}
	foreignCheck := func(tx *store.Tx) error {
		return tx.In(other.Workspace.ID).ImportHours(bg, w.Check("health").ID, hours)
	}
	if err := s.Write(bg, store.Relaxed, foreign); !errors.Is(err, store.ErrNone) {
		t.Errorf("spans of another workspace's component: %v", err)
	}
	if err := s.Write(bg, store.Relaxed, foreignCheck); !errors.Is(err, store.ErrNone) {
		t.Errorf("hours of another workspace's check: %v", err)
	}
	storetest.Write(t, s, twice)
	if err := s.Write(bg, store.Relaxed, twice); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second time: %v", err)
	}
	if n := storetest.Number(t, dir, `SELECT (SELECT count(*) FROM spans) + (SELECT count(*) FROM check_hours) + (SELECT count(*) FROM check_days)`); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}
