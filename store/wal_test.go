package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// TestALogThatIsCutOrDamagedGivesAPrefix: whatever a power loss leaves of the log, the store opens and holds the first n
// transactions whole, and none of the others in part.
func TestALogThatIsCutOrDamagedGivesAPrefix(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	if err := s.Optimise(bg); err != nil {
		t.Fatal(err)
	}
	const acked = 12
	for n := 1; n <= acked; n++ {
		storetest.Write(t, s, func(tx *store.Tx) error {
			seen := store.Seen{Check: w.Checks[0].ID, Result: model.Result{At: at(status.Instant(n) * 1000), Status: status.Down, Reason: fmt.Sprint("reason ", n)}}
			return errors.Join(tx.SetInstanceValue(bg, "n", strconv.Itoa(n)), tx.AddResults(bg, status.Instant(n)*1000, []store.Seen{seen}))
		})
	}
	files := map[string][]byte{}
	for _, name := range []string{store.DatabaseFile, store.KeyFile, store.DatabaseFile + "-wal"} {
		data, err := os.ReadFile(filepath.Join(s.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	log := files[store.DatabaseFile+"-wal"]
	opened := func(what string, log []byte) int {
		dir := t.TempDir()
		for name, data := range files {
			if name == store.DatabaseFile+"-wal" {
				data = log
			}
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := store.Open(bg, store.Options{Dir: dir, Serve: true})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		defer s.Close()
		n, _ := strconv.Atoi(value(t, s))
		results := get(t, s, func(v store.View) ([]model.Result, error) {
			return v.In(w.Workspace.ID).Results(bg, w.Checks[0].ID, status.Interval{From: 0, To: hour}, 100)
		})
		if len(results) != n || n > 0 && (results[0].Reason != fmt.Sprint("reason ", n) || results[n-1].Reason != "reason 1") {
			t.Fatalf("%s: %d transactions, but results %v", what, n, results)
		}
		return n
	}
	step := storetest.Some(512, 8192)
	last := 0
	for size := 0; size <= len(log); size += step {
		n := opened(fmt.Sprint("cut to ", size), log[:size])
		if n < last {
			t.Fatalf("cut to %d: %d transactions, with less of the log there were %d", size, n, last)
		}
		last = n
	}
	if n := opened("whole", log); n != acked {
		t.Fatalf("whole: %d transactions", n)
	}
	r := rand.New(rand.NewPCG(4, 4))
	for i := range storetest.Some(60, 8) {
		spoilt := append([]byte(nil), log...)
		sector := r.IntN(len(log)/512) * 512
		if i%2 == 0 {
			clear(spoilt[sector : sector+512])
		} else {
			spoilt[sector+r.IntN(512)] ^= byte(1 + r.IntN(255))
		}
		opened(fmt.Sprint("spoilt at ", sector), spoilt)
	}
}
