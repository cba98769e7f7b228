package store_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// looks are results as a thousand checks bring them: every 30 s each, an answer in 20 to 300 ms, one of 500 down.
func looks(r *rand.Rand, checks []model.Check, now status.Instant) (out []store.Seen) {
	for _, c := range checks {
		result := model.Result{At: at(now - status.Instant(r.IntN(1000))), Status: status.Operational, Latency: time.Duration(20+r.IntN(280)) * time.Millisecond, StatusCode: 200}
		if r.IntN(500) == 0 {
			result.Status, result.StatusCode, result.Reason = status.Down, 503, "status 503"
		}
		out = append(out, store.Seen{Check: c.ID, Result: result})
	}
	return out
}

func TestBytesPerResult(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api:"+strings.Repeat(" c", 1000))
	r := rand.New(rand.NewPCG(1, 1))
	if err := s.Optimise(bg); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(s.Dir(), store.DatabaseFile+"-wal")
	before, _ := os.Stat(log)
	now := 500_000 * hour
	const commits = 300 // few enough that the log is not begun anew
	for i := range commits {
		batch := looks(r, w.Checks[i%30*33:i%30*33+33], now+status.Instant(i)*1000)
		storetest.Write(t, s, func(tx *store.Tx) error { return tx.AddResults(bg, now+status.Instant(i)*1000, batch) })
	}
	after, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	perResult := float64(after.Size()-before.Size()) / (commits * 33)
	t.Logf("log: %.0f bytes a result (must 500, aim 100)", perResult)
	if perResult > 500 {
		t.Errorf("%.0f bytes of log a result", perResult)
	}
	now += 2 * hour
	size := func() int64 {
		file := filepath.Join(t.TempDir(), "copy.db")
		if err := s.Copy(bg, file); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	fold := func() {
		for more := true; more; {
			storetest.Write(t, s, func(tx *store.Tx) (err error) { more, err = tx.FoldHour(bg, now); return err })
		}
	}
	fold()
	hours := storetest.Some(4, 1)
	empty := size()
	for range hours * 120 { // whole hours, so that packs are as full as they get
		now += 30_000
		storetest.Write(t, s, func(tx *store.Tx) error { return tx.AddResults(bg, now, looks(r, w.Checks[:250], now)) })
	}
	now += hour
	fold()
	storetest.Exec(t, s.Dir(), `DELETE FROM check_hours`)
	packed := float64(size()-empty) / float64(hours*120*250)
	t.Logf("disk: %.2f bytes a packed result (must 32, aim 8)", packed)
	if packed > 8 {
		t.Errorf("%.2f bytes a packed result", packed)
	}
}

// BenchmarkFoldHour folds an hour of a thousand checks.
func BenchmarkFoldHour(b *testing.B) {
	s := storetest.New(b)
	w := storetest.Fill(b, s, "acme", "api:"+strings.Repeat(" c", 1000))
	r := rand.New(rand.NewPCG(1, 1))
	now := 500_000 * hour
	for b.Loop() {
		b.StopTimer()
		storetest.Write(b, s, func(tx *store.Tx) error {
			for i := range status.Instant(120) {
				if err := tx.AddResults(bg, now+i*30_000, looks(r, w.Checks, now+i*30_000)); err != nil {
					return err
				}
			}
			return nil
		})
		now += hour
		b.StartTimer()
		storetest.Write(b, s, func(tx *store.Tx) error { _, err := tx.FoldHour(bg, now); return err })
	}
}

// BenchmarkInsert writes a second of a thousand checks a commit, beside a bare loop that inserts one compact row a result
// (PERFORMANCE section 5), on a file and settings of its own.
func BenchmarkInsert(b *testing.B) {
	s := storetest.New(b)
	w := storetest.Fill(b, s, "acme", "api:"+strings.Repeat(" c", 1000))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`create table r(at integer, check_id integer, outcome integer, latency_ms integer, status_code integer, error_id integer, primary key(at, check_id)) without rowid`); err != nil {
		b.Fatal(err)
	}
	row, err := db.Prepare(`insert into r values(?,?,?,?,?,?)`)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	now := 500_000 * hour
	var ours, bare time.Duration
	n := 0
	for b.Loop() {
		batch := looks(r, w.Checks[n%30*33:n%30*33+33], now)
		now += 1000
		n++
		began := time.Now()
		storetest.Write(b, s, func(tx *store.Tx) error { return tx.AddResults(bg, now, batch) })
		ours += time.Since(began)
		began = time.Now()
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		for _, x := range batch {
			if _, err := tx.Stmt(row).Exec(int64(now), int64(x.Check), 1, x.Latency.Milliseconds(), x.StatusCode, nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
		bare += time.Since(began)
	}
	b.ReportMetric(float64(ours)/float64(bare), "x-bare")
	b.ReportMetric(float64(ours.Microseconds())/float64(n*33), "us/result")
}
