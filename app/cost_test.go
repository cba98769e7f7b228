package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// standing is an App on a filled store, whose probes tell nothing, outside of a bubble.
func standing(b testing.TB, s *store.Store) *app.App {
	b.Helper()
	a, err := app.New(bg, app.Config{Store: s})
	if err != nil {
		b.Fatal(err)
	}
	a.LookWith(func(context.Context, probe.Target) (probe.Result, error) {
		return probe.Result{}, errors.New("cut off")
	})
	if err := a.Start(bg); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Stop(bg) })
	return a
}

// lived writes spans and hours of the last 90 days.
func lived(b testing.TB, s *store.Store, w storetest.World, spansADay int) {
	now := status.At(time.Now())
	step := 24 * time.Hour / time.Duration(spansADay)
	storetest.Write(b, s, func(tx *store.Tx) error {
		for _, c := range w.Components {
			for from := now.Add(-91 * 24 * time.Hour); from < now.Add(-step); from = from.Add(step) {
				down := status.Status(status.Operational)
				if rand.IntN(20) == 0 {
					down = status.Down
				}
				if err := errors.Join(tx.SpanOpened(bg, c.ID, from, down), tx.SpanClosed(bg, c.ID, from.Add(step-time.Second))); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for h := range 24 {
		at := now.Add(time.Duration(h-24) * time.Hour)
		storetest.Write(b, s, func(tx *store.Tx) error {
			var seen []store.Seen
			for _, c := range w.Checks {
				seen = append(seen, store.Seen{Check: c.ID, Result: model.Result{At: at.Time(), Status: status.Operational, Latency: 50 * time.Millisecond}})
			}
			if err := tx.AddResults(bg, at, seen); err != nil {
				return err
			}
			_, err := tx.FoldHour(bg, at.Add(time.Hour))
			return err
		})
	}
}

func words(components, checks int) string {
	return strings.TrimSuffix(strings.Repeat("c:"+strings.Repeat(" k", checks)+";", components), ";")
}

// BenchmarkSnapshot gathers a page of 50 components and 90 days (PERFORMANCE goal 7: 20 ms, aim 5).
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{1, 5, 24} {
		b.Run(fmt.Sprint(n, " spans a day"), func(b *testing.B) {
			s := storetest.New(b)
			w := storetest.Fill(b, s, slug, words(50, 1))
			lived(b, s, w, n)
			a := standing(b, s)
			b.ReportAllocs()
			began := cpu()
			for b.Loop() {
				facts, err := a.Gather(bg, slug)
				if err != nil || len(facts.Components) != 50 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu()-began).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpu is what the process has used; on a busy machine it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAYear fills a year of 100 checks every 30 s through the fold, then starts an App on it (PERFORMANCE goals 9 and 10).
// It takes a minute or two: STATUSD_YEAR=1 go test -run TestAYear -v ./app
func TestAYear(t *testing.T) {
	days := 365
	if os.Getenv("STATUSD_YEAR") == "" {
		days = storetest.Some(3, 1)
	}
	dir := storetest.Folder(t)
	s := storetest.Open(t, dir)
	w := storetest.Fill(t, s, slug, words(50, 2))
	r := rand.New(rand.NewPCG(9, 9))
	end := status.DayOf(status.At(time.Now())).Add(-time.Hour)
	now := end.Add(-time.Duration(days) * 24 * time.Hour)
	began := time.Now()
	open := map[model.ComponentID]status.Status{}
	for ; now < end; now = now.Add(time.Hour) {
		storetest.Write(t, s, func(tx *store.Tx) error {
			seen := make([]store.Seen, 0, 12_000)
			for i := range 120 {
				for _, c := range w.Checks {
					at := now.Add(time.Duration(i)*30*time.Second + time.Duration(r.IntN(300))*time.Millisecond)
					result := model.Result{At: at.Time(), Status: status.Operational, Latency: time.Duration(20+r.IntN(280)) * time.Millisecond, StatusCode: 200}
					if r.IntN(1000) == 0 {
						result.Status, result.StatusCode, result.Reason = status.Down, 503, "status 503"
					}
					seen = append(seen, store.Seen{Check: c.ID, Result: result})
				}
			}
			for i := range 10 { // as commits would label them: none more than a few minutes late
				if err := tx.AddResults(bg, now.Add(time.Duration(i+1)*6*time.Minute-time.Second), seen[i*1200:(i+1)*1200]); err != nil {
					return err
				}
			}
			for _, c := range w.Components {
				to := status.Operational
				if r.IntN(40) == 0 {
					to = status.Down
				}
				if open[c.ID] != to {
					open[c.ID] = to
					if err := errors.Join(tx.SpanClosed(bg, c.ID, now), tx.SpanOpened(bg, c.ID, now, to)); err != nil {
						return err
					}
				}
			}
			_, err := tx.FoldHour(bg, now.Add(time.Hour))
			return err
		})
		if now == status.DayOf(now) {
			storetest.Write(t, s, func(tx *store.Tx) error {
				return tx.Forget(bg, now.Add(-7*24*time.Hour), now.Add(-400*24*time.Hour), now.Add(-24*time.Hour))
			})
		}
	}
	filled := time.Since(began)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	s = storetest.Open(t, dir)
	opened := time.Since(began)
	a := standing(t, s)
	started := time.Since(began)
	facts, err := a.Gather(bg, slug)
	if err != nil || len(facts.Components) != 50 {
		t.Fatal(err)
	}
	shown := time.Since(began)
	forgetting := time.Now()
	storetest.Write(t, s, func(tx *store.Tx) error {
		return tx.Forget(bg, end.Add(-7*24*time.Hour), end.Add(-400*24*time.Hour), end)
	})
	forgot := time.Since(forgetting)
	forgetting = time.Now()
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FoldSpans(bg, status.DayOf(end.Add(-300*24*time.Hour))) })
	t.Logf("%d days: %.1f MB; store open %v, App started %v, first page gathered %v; forget %v, fold 65 days of spans %v; filling took %v",
		days, float64(info.Size())/1e6, opened, started, shown, forgot, time.Since(forgetting), filled)
	if info.Size() > 100_000_000 {
		t.Errorf("%d bytes", info.Size())
	}
}
