package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

const hour = status.Instant(3_600_000)

// ledger is the naive memory: every result in a list, with the hour in which it counts.
type ledger struct {
	r       *rand.Rand
	s       *store.Store
	w       storetest.World
	now     status.Instant
	results []entry
}

type entry struct {
	store.Seen
	hour   int64
	folded bool
}

func at(i status.Instant) time.Time { return i.Time() }

// commit records some results of now, some late by minutes, a few late by hours.
func (l *ledger) commit() error {
	var batch []store.Seen
	for range l.r.IntN(12) {
		when := l.now - status.Instant(l.r.IntN(3000))
		switch l.r.IntN(10) {
		case 0:
			when = l.now - status.Instant(l.r.IntN(400_000))
		case 1:
			when = max(l.now-status.Instant(l.r.IntN(int(5*hour))), 1_790_000_000_000)
		}
		s := status.All()[l.r.IntN(5)]
		if s == status.Maintenance {
			s = status.Operational
		}
		seen := store.Seen{Check: l.w.Checks[l.r.IntN(len(l.w.Checks))].ID, Result: model.Result{
			At: at(when), Status: s, Latency: time.Duration(l.r.IntN(20_000)) * time.Millisecond, StatusCode: l.r.IntN(600),
			Manual: s == status.NoData || l.r.IntN(5) == 0,
		}}
		if s == status.Down {
			seen.Reason = fmt.Sprint("status ", 500+l.r.IntN(4))
		}
		batch = append(batch, seen)
	}
	if err := l.s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.AddResults(bg, l.now, batch) }); err != nil {
		return err
	}
	for _, b := range batch {
		e := entry{Seen: b, hour: store.HourOf(l.now)}
		if status.At(b.At) < l.now-7*60_000 { // written so late that it counts in its own hour
			e.hour = store.HourOf(status.At(b.At))
		}
		l.results = append(l.results, e)
	}
	return nil
}

func (l *ledger) fold(t *testing.T) {
	if l.r.IntN(3) == 0 { // a failure in the middle leaves everything as it was
		heal := storetest.Break(t, l.s.Dir(), []string{"check_hours", "check_days", "packs", "segments"}[l.r.IntN(4)])
		var more bool
		err := l.s.Write(bg, store.Relaxed, func(tx *store.Tx) (err error) { more, err = tx.FoldHour(bg, l.now); return err })
		if err == nil && more {
			t.Fatal("a fold went through a broken table")
		}
		heal()
		l.compare(t)
	}
	for more := true; more; {
		storetest.Write(t, l.s, func(tx *store.Tx) (err error) { more, err = tx.FoldHour(bg, l.now); return err })
	}
	for i := range l.results {
		l.results[i].folded = l.results[i].folded || l.results[i].hour < store.HourOf(l.now)
	}
}

// cut sets the clock back.
func (l *ledger) cut(t *testing.T) {
	to := l.now - status.Instant(l.r.IntN(int(4*hour)))
	storetest.Write(t, l.s, func(tx *store.Tx) error { return tx.ResultsCutBack(bg, to) })
	l.results = slices.DeleteFunc(l.results, func(e entry) bool { return status.At(e.At) > to })
	for i := range l.results {
		l.results[i].hour = min(l.results[i].hour, store.HourOf(to))
	}
	l.now = to
}

func (l *ledger) compare(t *testing.T) {
	t.Helper()
	storetest.Read(t, l.s, func(v store.View) error {
		hours, err := v.PageHours(bg, l.w.Page.ID, 0)
		if err != nil {
			return err
		}
		since := l.now - status.Instant(l.r.IntN(int(3*hour)))
		latest, err := v.LatestResults(bg, since)
		if err != nil {
			return err
		}
		for _, c := range l.w.Checks {
			l.compareCheck(t, v, c.ID, hours[c.ID])
			l.compareLatest(t, c.ID, since, latest)
		}
		for _, c := range l.w.Components {
			l.compareSums(t, v, c.ID)
		}
		l.comparePageFailures(t, v)
		return nil
	})
	for _, c := range l.w.Checks {
		var days [3]int64
		for _, e := range l.results {
			if e.Check == c.ID && e.folded && !e.Manual {
				switch e.Status {
				case status.Operational:
					days[0]++
				case status.Degraded:
					days[1]++
				case status.Down:
					days[2]++
				}
			}
		}
		for i, column := range []string{"operational", "degraded", "down"} {
			if got := storetest.Number(t, l.s.Dir(), fmt.Sprintf(`SELECT coalesce(sum(%s), 0) FROM check_days WHERE check_id = %d`, column, int64(c.ID))); got != days[i] {
				t.Fatalf("check %s: %d %s in all days, want %d", c.Name, got, column, days[i])
			}
		}
	}
}

func order(a, b model.Result) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Latency, b.Latency), cmp.Compare(a.StatusCode, b.StatusCode))
}

func (l *ledger) compareCheck(t *testing.T, v store.View, id model.CheckID, hours map[int64]store.Rollup) {
	t.Helper()
	want := map[int64]store.Rollup{}
	var all []model.Result
	for _, e := range l.results {
		if e.Check != id {
			continue
		}
		all = append(all, e.Result)
		if e.folded {
			r := want[e.hour]
			if !e.Manual {
				count(&r, e.Result)
			}
			want[e.hour] = r
		}
	}
	if !maps.Equal(hours, want) {
		t.Fatalf("roll-ups %v\nwant %v", hours, want)
	}
	slices.SortFunc(all, order)
	got, err := v.In(l.w.Workspace.ID).Results(bg, id, status.Interval{From: 0, To: l.now + 10*hour}, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, order)
	if len(got) != len(all) || len(got) > 0 && !slices.Equal(got, all) {
		t.Fatalf("%d results, want %d\n%v\n%v", len(got), len(all), got, all)
	}
	l.compareWindow(t, v, id, all)
}

// compareWindow asks for a part, newest first.
func (l *ledger) compareWindow(t *testing.T, v store.View, id model.CheckID, all []model.Result) {
	t.Helper()
	from := l.now - status.Instant(l.r.IntN(int(8*hour)))
	w := status.Interval{From: from, To: from + 1 + status.Instant(l.r.IntN(int(8*hour)))}
	limit := 1 + l.r.IntN(30)
	var want []time.Time
	for _, r := range all {
		if i := status.At(r.At); w.From <= i && i < w.To && len(want) < limit {
			want = append(want, r.At)
		}
	}
	got, err := v.In(l.w.Workspace.ID).Results(bg, id, w, limit)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, want, func(r model.Result, at time.Time) bool { return r.At.Equal(at) }) {
		t.Fatalf("window %v, limit %d: %v, want %v", w, limit, got, want)
	}
	l.compareFailures(t, v, id, w, limit, all)
}

func (l *ledger) compareLatest(t *testing.T, id model.CheckID, since status.Instant, latest map[model.CheckID]model.Latest) {
	t.Helper()
	var newest time.Time
	for _, e := range l.results {
		if e.Check == id && !e.Manual && e.At.After(newest) {
			newest = e.At
		}
	}
	if status.At(newest) >= since && !latest[id].At.Equal(newest) {
		t.Fatalf("latest since %v is %v, want %v", since.Time(), latest[id].At, newest)
	}
	if found := latest[id].At; !found.IsZero() && found.After(newest) {
		t.Fatalf("latest %v is newer than any, %v", found, newest)
	}
}

// compareSums adds up by steps of every kind.
func (l *ledger) compareSums(t *testing.T, v store.View, c model.ComponentID) {
	t.Helper()
	for _, step := range []time.Duration{5 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour} {
		length := status.Instant(step.Milliseconds())
		w := status.Interval{From: l.now/length*length - 3*length, To: l.now + 1}
		got, err := v.In(l.w.Workspace.ID).Sums(bg, c, w, step)
		if err != nil {
			t.Fatal(err)
		}
		want := map[model.CheckID][]store.Rollup{}
		for _, k := range l.w.Checks {
			if k.Component == c {
				want[k.ID] = make([]store.Rollup, 4)
			}
		}
		for _, e := range l.results {
			at := status.At(e.At)
			if e.folded && step >= time.Hour { // a roll-up knows no finer time
				at = status.Instant(e.hour) * hour
			}
			if list := want[e.Check]; list != nil && !e.Manual && w.From <= at && at < w.To {
				count(&list[(at-w.From)/length], e.Result)
			}
		}
		for id := range want {
			if !slices.Equal(got[id], want[id]) {
				t.Fatalf("steps of %v from %v: %v, want %v", step, w.From.Time(), got[id], want[id])
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d checks, want %d", len(got), len(want))
		}
	}
}

// compareFailures asks for what was down alone.
func (l *ledger) compareFailures(t *testing.T, v store.View, id model.CheckID, w status.Interval, limit int, all []model.Result) {
	t.Helper()
	var want []time.Time
	for _, r := range all {
		if i := status.At(r.At); w.From <= i && i < w.To && r.Status == status.Down && len(want) < limit {
			want = append(want, r.At)
		}
	}
	got, err := v.In(l.w.Workspace.ID).Failures(bg, id, w, limit)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, want, func(r model.Result, at time.Time) bool { return r.Status == status.Down && r.At.Equal(at) }) {
		t.Fatalf("window %v, limit %d: failures %v, want %v", w, limit, got, want)
	}
}

func count(r *store.Rollup, result model.Result) {
	switch result.Status {
	case status.Operational:
		r.Operational++
	case status.Degraded:
		r.Degraded++
	case status.Down:
		r.Down++
	}
	if result.Status != status.Down {
		r.Latency += result.Latency
		r.Slowest = max(r.Slowest, result.Latency)
	}
}

// TestResultsSurviveFolding: whatever is recorded, folded, cut and failed in whichever order, a list would say the same.
func TestResultsSurviveFolding(t *testing.T) {
	const steps = 120
	for seed := range uint64(storetest.Some(6, 1)) {
		s := storetest.New(t)
		l := &ledger{r: rand.New(rand.NewPCG(seed, 3)), s: s, w: storetest.Fill(t, s, "acme", "api: a b; web: c"), now: 1_790_000_000_000 + 6*hour}
		for step := range steps {
			switch n := l.r.IntN(30); {
			case n < 20:
				if err := l.commit(); err != nil {
					t.Fatal(err)
				}
				l.now += status.Instant(l.r.IntN(600_000))
			case n < 24:
				l.now += status.Instant(l.r.IntN(int(3 * hour)))
			case n < 27:
				l.fold(t)
			case n < 28 && step > 30:
				l.cut(t)
			default:
				l.compare(t)
			}
		}
		l.fold(t)
		l.compare(t)
	}
}

// TestADamagedResultCostsNeitherAStartNorTheOthers: a disk loses bits of one commit, and then of the pack that it became part of.
func TestADamagedResultCostsNeitherAStartNorTheOthers(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: a b")
	const began = 1_790_000_000_000 / hour * hour
	record := func(minutes ...status.Instant) {
		t.Helper()
		for _, m := range minutes {
			var batch []store.Seen
			for _, k := range w.Checks {
				batch = append(batch, store.Seen{Check: k.ID, Result: model.Result{At: at(began + m*60_000), Status: status.Operational, StatusCode: 200}})
			}
			storetest.Write(t, s, func(tx *store.Tx) error { return tx.AddResults(bg, began+m*60_000, batch) })
		}
	}
	counts := func(want string) {
		t.Helper()
		storetest.Read(t, s, func(v store.View) error {
			latest, err := v.LatestResults(bg, began)
			if err != nil {
				return err
			}
			got := fmt.Sprint(len(latest))
			for _, k := range w.Checks {
				list, err := v.In(w.Workspace.ID).Results(bg, k.ID, status.Interval{From: began, To: began + 9*hour}, 100)
				if err != nil {
					return err
				}
				got += fmt.Sprint(" ", len(list))
			}
			if got != want {
				t.Errorf("checks with a state, and results of each: %s, want %s", got, want)
			}
			return nil
		})
	}
	fold := func(now status.Instant) {
		t.Helper()
		for more := true; more; {
			storetest.Write(t, s, func(tx *store.Tx) (err error) { more, err = tx.FoldHour(bg, now); return err })
		}
	}
	record(1, 2, 3, 61)
	counts("2 4 4")
	storetest.Exec(t, s.Dir(), `UPDATE segments SET data = CAST(substr(data, 1, length(data) - 1) || x'ff' AS BLOB) WHERE id = 2`)
	counts("2 4 3")
	fold(began + 2*hour)
	counts("2 4 3")
	storetest.Exec(t, s.Dir(), fmt.Sprintf(`UPDATE packs SET data = substr(data, 1, length(data) - 1) WHERE hour = %d AND check_id = %d`, store.HourOf(began), w.Checks[0].ID))
	counts("2 3 3")
	record(4) // the clock was set back
	fold(began + 3*hour)
	counts("2 4 4")
	if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM segments`); n != 0 {
		t.Errorf("%d commits are not folded", n)
	}
}

func TestAnEmptyStoreHasNothingToFold(t *testing.T) {
	s := storetest.New(t)
	storetest.Write(t, s, func(tx *store.Tx) error {
		more, err := tx.FoldHour(bg, 100*hour)
		if more {
			t.Error("it folded something")
		}
		return err
	})
	storetest.Read(t, s, func(v store.View) error {
		last, err := v.LastAlive(bg)
		if last != 0 {
			t.Errorf("alive at %d", last)
		}
		return err
	})
}

func TestASignOfLifeIsEitherASegmentOrANote(t *testing.T) {
	s := storetest.New(t)
	alive := func(want status.Instant) {
		t.Helper()
		if got := get(t, s, func(v store.View) (status.Instant, error) { return v.LastAlive(bg) }); got != want {
			t.Errorf("alive at %d, want %d", got, want)
		}
	}
	seen := store.Seen{Check: 5, Result: model.Result{At: at(1000), Status: status.Down}}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.SeenAlive(bg, 5000) })
	alive(5000)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.AddResults(bg, 10*hour, []store.Seen{seen}) }) // all of it late
	alive(10 * hour)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.SeenAlive(bg, 11*hour) })
	alive(11 * hour)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.ResultsCutBack(bg, 7*hour) })
	alive(7 * hour)
}

func TestForgetting(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: a b")
	a, b := w.Check("a").ID, w.Check("b").ID
	window := status.Interval{From: 0, To: 1000 * 24 * hour}
	storetest.Write(t, s, func(tx *store.Tx) error {
		for h := range status.Instant(72) {
			down := model.Result{At: at(h*hour + 1), Status: status.Down, Reason: fmt.Sprint("on day ", h/24)}
			if err := tx.AddResults(bg, h*hour+2, []store.Seen{{Check: a, Result: down}, {Check: b, Result: down}}); err != nil {
				return err
			}
			if _, err := tx.FoldHour(bg, (h+1)*hour); err != nil {
				return err
			}
		}
		return errors.Join(tx.In(w.Workspace.ID).DeleteCheck(bg, b), tx.Forget(bg, 60*hour, 30*hour, 0))
	})
	storetest.Read(t, s, func(v store.View) error {
		results, err := v.In(w.Workspace.ID).Results(bg, a, window, 1000)
		if len(results) != 12 || results[0].Reason != "on day 2" {
			t.Errorf("%d results, the newest %v", len(results), results[0])
		}
		hours, err2 := v.PageHours(bg, w.Page.ID, 0)
		if len(hours[a]) != 42 {
			t.Errorf("%d hours", len(hours[a]))
		}
		return errors.Join(err, err2)
	})
	for text, want := range map[string]int64{
		`SELECT count(*) FROM check_hours`: 42, `SELECT count(*) FROM check_days`: 3, `SELECT count(*) FROM packs`: 24,
		`SELECT count(*) FROM reasons`: 2, `SELECT count(*) FROM reasons WHERE reason = 'on day 0'`: 0,
	} {
		if got := storetest.Number(t, s.Dir(), text); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// comparePageFailures asks for the newest failures of all checks.
func (l *ledger) comparePageFailures(t *testing.T, v store.View) {
	t.Helper()
	from, most := l.now-status.Instant(l.r.IntN(int(8*hour))), 1+l.r.IntN(60)
	var all []store.Seen
	for _, e := range l.results {
		if e.Status == status.Down && !e.Manual && status.At(e.At) >= from {
			all = append(all, e.Seen)
		}
	}
	slices.SortStableFunc(all, func(a, b store.Seen) int { return b.At.Compare(a.At) })
	got, err := v.PageFailures(bg, l.w.Page.ID, status.Interval{From: from, To: l.now + 10*hour}, most)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != min(most, len(all)) {
		t.Fatalf("%d failures of at most %d, want %d", len(got), most, len(all))
	}
	for i, f := range got {
		if !f.At.Equal(all[i].At) {
			t.Fatalf("failure %d is of %v, want %v", i, f.At, all[i].At)
		}
		if !slices.ContainsFunc(all, func(s store.Seen) bool { return s.Check == f.Check && s.Result == f.Result }) {
			t.Fatalf("nobody recorded %+v", f)
		}
		if c := l.w.Checks[slices.IndexFunc(l.w.Checks, func(c model.Check) bool { return c.ID == f.Check })]; c.Component != f.Component || c.Name != f.Name {
			t.Fatalf("%+v is of %+v", f, c)
		}
	}
}
