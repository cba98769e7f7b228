package watch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// BenchmarkCommit is what a second of results costs, beside the bare row.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n, " checks"), func(b *testing.B) {
			s := storetest.New(b)
			w := storetest.Fill(b, s, "acme", strings.TrimSuffix(strings.Repeat("c:"+strings.Repeat(" k", 10)+";", n/10), ";"))
			watch := loaded(b, s, func(model.PageID, bool) {})
			batch := n / 30
			var bare, full time.Duration
			i := 0
			for b.Loop() {
				from := i % 30 * batch
				i++
				began := time.Now()
				seen, results := make([]store.Seen, 0, batch), make([]observed, 0, batch)
				for _, c := range w.Checks[from : from+batch] {
					seen = append(seen, store.Seen{Check: c.ID, Result: model.Result{At: time.Now(), Status: status.Operational, Latency: 20 * time.Millisecond, StatusCode: 200}})
					results = append(results, observed{check: c.ID, version: c.Version, Result: probe.Result{At: began, Outcome: probe.Operational, Latency: 20 * time.Millisecond, StatusCode: 200}})
				}
				began = time.Now()
				storetest.Write(b, s, func(tx *store.Tx) error { return tx.AddResults(bg, status.At(began), seen) })
				bare += time.Since(began)
				began = time.Now()
				if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return watch.observe(bg, tx, results) }); err != nil {
					b.Fatal(err)
				}
				full += time.Since(began)
			}
			b.ReportMetric(float64(full)/float64(bare), "x-bare")
			b.ReportMetric(float64(full.Microseconds())/float64(i), "us/commit")
		})
	}
}
