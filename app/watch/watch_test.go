package watch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"go.uber.org/goleak"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// What a watch makes of outcomes, edits and clocks is tested through App (observe_test.go, history_test.go there). Here is what
// nobody sees from outside.

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

// loaded is a Watch that knows what is in a store and looks at nothing.
func loaded(t testing.TB, s *store.Store, onChange func(model.PageID, bool)) *Watch {
	t.Helper()
	w := New(Config{
		Store: s, LookAt: func(context.Context, probe.Target) (probe.Result, error) {
			return probe.Result{}, errors.New("cut off")
		},
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Metrics: metrics.NewSet(), OnChange: onChange, OnEvent: func() {},
		Herald: announce.New([]string{"en"}, nil), ResolveAfter: 30 * time.Minute, Grace: time.Minute, Lead: time.Hour,
	})
	if err := w.load(bg); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAChangeIsToldApartFromMereResultsAndAfterTheCommitOnly(t *testing.T) {
	s := storetest.New(t)
	world := storetest.Fill(t, s, "acme", "api: k")
	var told []bool
	w := loaded(t, s, func(page model.PageID, different bool) {
		if page != world.Page.ID {
			t.Errorf("page %s is none of ours", page)
		}
		told = append(told, different)
	})
	k := world.Checks[0]
	failed := errors.New("failed")
	for i, end := range []error{failed, nil, nil, failed} {
		err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error {
			in := []observed{{check: k.ID, version: k.Version, Result: probe.Result{At: time.Now(), Outcome: probe.Down}}}
			return errors.Join(w.observe(bg, tx, in), end)
		})
		if !errors.Is(err, end) {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	if !slices.Equal(told, []bool{true, false}) {
		t.Errorf("told %v", told)
	}
}
