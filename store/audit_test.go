package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

func entryAt(page model.PageID, at time.Time, changes ...model.Change) model.Audit {
	return model.Audit{
		Page: page, At: at, By: model.Who{Kind: model.ByToken, ID: "t", Name: "ci"}, Action: model.CheckChanged,
		Subject: model.Subject{Kind: model.SubjectCheck, ID: "c", Name: "Ünï \"x\" '; --"}, Changes: changes,
	}
}

func TestTheAuditTrailRoundTrips(t *testing.T) {
	s := storetest.New(t)
	w, other := storetest.Fill(t, s, "acme", "api: health"), storetest.Fill(t, s, "other", "web:")
	own := w.Workspace.ID
	first := entryAt(w.Page.ID, storetest.Began.Add(time.Hour),
		model.Change{Field: "name", From: nil, To: "n\x00é\u2028"}, model.Change{Field: "timeoutMs", From: int64(1<<53 + 1), To: int64(-1)},
		model.Change{Field: "enabled", From: true, To: false}, model.Change{Field: "order", From: []string{"a", ""}, To: []string{}})
	second := entryAt(0, storetest.Began) // the clock has gone back, the order has not
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.In(own).AddAudit(bg, first), tx.In(other.Workspace.ID).AddAudit(bg, first), tx.In(own).AddAudit(bg, second))
	})
	first.Seq, second.Seq = 1, 2
	audit := func(page model.PageID, after store.After, limit int) []model.Audit {
		return get(t, s, func(v store.View) ([]model.Audit, error) { return v.In(own).Audit(bg, page, after, limit) })
	}
	same(t, audit(0, store.After{}, 9), []model.Audit{second, first})
	same(t, audit(w.Page.ID, store.After{}, 9), []model.Audit{first})
	same(t, audit(0, store.After{}, 1), []model.Audit{second})
	same(t, audit(0, store.After{ID: 2}, 9), []model.Audit{first})
	if got := audit(other.Page.ID, store.After{}, 9); got != nil {
		t.Errorf("a page of another workspace: %v", got)
	}
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.In(own).DeletePage(bg, w.Page.ID), tx.ForgetAudit(bg, status.At(storetest.Began.Add(time.Minute))))
	})
	same(t, audit(0, store.After{}, 9), []model.Audit{first})
}

func TestTheAuditTrailIsReadAsARange(t *testing.T) {
	s := storetest.New(t)
	for _, text := range store.AuditQueries {
		steps := storetest.Plan(t, s.Dir(), strings.NewReplacer("$1", "1", "$2", "2", "$3", "3", "$4", "4").Replace(text))
		if len(steps) != 1 || !strings.HasPrefix(steps[0], "SEARCH audit USING") || !strings.Contains(steps[0], "seq<?)") {
			t.Errorf("%s\n%q", text, steps)
		}
	}
}

func FuzzReadChanges(f *testing.F) {
	for _, text := range []string{`[]`, `null`, `[{"field":"f","from":null,"to":"x"}]`, `[{"field":"f","from":[],"to":["a"]}]`, `[{"from":1e3}]`, `[{"to":[1]}]`, `[{"to":{}}]`, `[{"to":9223372036854775808}]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		changes, err := store.ReadChanges(text)
		if err != nil {
			return
		}
		again, err := store.WriteChanges(changes)
		if err != nil {
			t.Fatal(err)
		}
		back, err := store.ReadChanges(again)
		if err != nil {
			t.Fatal(err)
		}
		same(t, back, changes)
	})
}
