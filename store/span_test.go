package store_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

const day = 24 * hour

// write records spans as the watch does: opened, then closed; the last one stays open when it has no end.
func write(t *testing.T, s *store.Store, c model.ComponentID, spans []status.Span) {
	t.Helper()
	storetest.Write(t, s, func(tx *store.Tx) error {
		for _, span := range spans {
			if err := tx.SpanOpened(bg, c, span.From, span.Status); err != nil {
				return err
			}
			if span.To != 0 {
				if err := tx.SpanClosed(bg, c, span.To); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func spansOf(t *testing.T, s *store.Store, w storetest.World, c model.ComponentID, v status.Interval) []status.Span {
	t.Helper()
	return get(t, s, func(view store.View) ([]status.Span, error) { return view.In(w.Workspace.ID).SpansOf(bg, c, v) })
}

func random(r *rand.Rand, from status.Instant, n int) (spans []status.Span) {
	for range n {
		from += status.Instant(r.IntN(3)) * status.Instant(r.IntN(int(day)))
		to := from + 1 + status.Instant(r.IntN(int(day)))
		spans = append(spans, status.Span{Interval: status.Interval{From: from, To: to}, Status: []status.Status{status.Operational, status.Degraded, status.Down}[r.IntN(3)]})
		from = to
	}
	return spans
}

func TestSpansAreClippedToTheWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range storetest.Some(10, 1) {
		s := storetest.New(t)
		w := storetest.Fill(t, s, "acme", "api:; web:")
		api, web := w.Component("api").ID, w.Component("web").ID
		want := map[model.ComponentID][]status.Span{api: random(r, 100*day, 40), web: random(r, 90*day, 60)}
		for id := range want {
			want[id][len(want[id])-1].To = 0 // open
			write(t, s, id, want[id])
		}
		for range 100 {
			from := 85*day + status.Instant(r.IntN(int(60*day)))
			v := status.Interval{From: from, To: from + status.Instant(r.IntN(int(30*day)))}
			page := get(t, s, func(view store.View) (map[model.ComponentID][]status.Span, error) {
				return view.PageSpans(bg, w.Page.ID, v)
			})
			for id, spans := range want {
				var clipped []status.Span
				for _, span := range spans {
					if span.To == 0 {
						span.To = v.To
					}
					if span.Interval = span.Clip(v); !span.Empty() {
						clipped = append(clipped, span)
					}
				}
				if got := spansOf(t, s, w, id, v); !slices.Equal(got, clipped) || !slices.Equal(page[id], clipped) {
					t.Fatalf("window %v\n got %v\npage %v\nwant %v", v, got, page[id], clipped)
				}
			}
		}
	}
}

func TestASpanWithoutLengthLeavesNothing(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api:")
	id := w.Component("api").ID
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.SpanOpened(bg, id, 1000, status.Down), tx.SpanClosed(bg, id, 1000), // nothing
			tx.SpanOpened(bg, id, 1000, status.Operational), tx.SpanClosed(bg, id, 2000),
			tx.SpanOpened(bg, id, 2000, status.Degraded))
	})
	same(t, spansOf(t, s, w, id, status.Interval{From: 0, To: 2500}), []status.Span{
		{Interval: status.Interval{From: 1000, To: 2000}, Status: status.Operational}, {Interval: status.Interval{From: 2000, To: 2500}, Status: status.Degraded}})
	same(t, get(t, s, func(v store.View) ([]store.OpenSpan, error) { return v.OpenSpans(bg) }), []store.OpenSpan{
		{Component: id, Span: status.Span{Interval: status.Interval{From: 2000}, Status: status.Degraded}}})
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.SpansCutBack(bg, 1500) })
	same(t, spansOf(t, s, w, id, status.Interval{From: 0, To: 2500}), []status.Span{{Interval: status.Interval{From: 1000, To: 1500}, Status: status.Operational}})
	if open := get(t, s, func(v store.View) ([]store.OpenSpan, error) { return v.OpenSpans(bg) }); len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.SpansCutBack(bg, 1000) })
	same(t, spansOf(t, s, w, id, status.Interval{From: 0, To: 2500}), []status.Span(nil))
}

// TestFoldingSpansKeepsEveryDay folds random histories at several midnights and adds up what is left.
func TestFoldingSpansKeepsEveryDay(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for seed := range storetest.Some(20, 3) {
		s := storetest.New(t)
		w := storetest.Fill(t, s, "acme", "api:")
		id := w.Component("api").ID
		spans := random(r, 100*day+status.Instant(r.IntN(int(day))), 30)
		spans[len(spans)-1].To = 0
		write(t, s, id, spans)
		end := spans[len(spans)-1].From + 3*day + 1234
		spans[len(spans)-1].To = end
		first := status.DayOf(spans[0].From)
		n := int((status.DayOf(end)-first)/day) + 1
		want := status.Days(spans, nil, n, end)
		for fold := range 4 {
			before := first + status.Instant(r.IntN(n))*day
			storetest.Write(t, s, func(tx *store.Tx) error { return tx.FoldSpans(bg, before) })
			left := status.Days(spansOf(t, s, w, id, status.Interval{From: 0, To: end}), nil, n, end)
			for _, d := range get(t, s, func(v store.View) ([]store.ComponentDay, error) { return v.In(w.Workspace.ID).FoldedDays(bg, id) }) {
				i := (d.From - first) / day
				left[i].Operational, left[i].Degraded, left[i].Down = left[i].Operational+d.Operational, left[i].Degraded+d.Degraded, left[i].Down+d.Down
			}
			for i := range want {
				left[i].NoData, want[i].NoData = 0, 0 // what is folded is not in the spans
				if left[i] != want[i] {
					t.Fatalf("history %d, fold %d, day %v\n got %+v\nwant %+v", seed, fold, want[i].From.Time(), left[i], want[i])
				}
			}
		}
	}
}

func TestFoldingGoesBackToAnyClock(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api:")
	id := w.Component("api").ID
	write(t, s, id, []status.Span{{Interval: status.Interval{From: 5, To: 6}, Status: status.Down}, {Interval: status.Interval{From: 20_000 * day}, Status: status.Operational}})
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FoldSpans(bg, 19_999*day) })
	same(t, get(t, s, func(v store.View) ([]store.ComponentDay, error) { return v.In(w.Workspace.ID).FoldedDays(bg, id) }),
		[]store.ComponentDay{{From: 0, Down: time.Millisecond}})
}
