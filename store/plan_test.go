package store_test

import (
	"strings"
	"testing"

	"statusd/store"
	"statusd/store/storetest"
)

// TestQueriesOfEveryChangeSeekTheirRow: what happens at each change of status must not take longer the more has been observed.
func TestQueriesOfEveryChangeSeekTheirRow(t *testing.T) {
	s := storetest.New(t)
	for _, text := range store.HotQueries {
		for _, step := range storetest.Plan(t, s.Dir(), strings.NewReplacer("$1", "1", "$2", "2", "$3", "3").Replace(text)) {
			seeks := strings.Contains(step, "from_at") || !strings.Contains(step, "spans") && !strings.Contains(step, "newest") && !strings.Contains(step, "earlier")
			if strings.Contains(step, "newest") {
				seeks = strings.Contains(step, "component_id=?") // max() reads the last entry only
			}
			if !seeks || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n%s", text, step)
			}
		}
	}
}

// TestTheNewestSpansAreReadFromTheEnd: what a dashboard shows of a long life must not cost all of it.
func TestTheNewestSpansAreReadFromTheEnd(t *testing.T) {
	s := storetest.New(t)
	for _, step := range storetest.Plan(t, s.Dir(), strings.NewReplacer("$1", "1", "$2", "2").Replace(store.Newest)) {
		if strings.Contains(step, "spans") && !strings.Contains(step, "component_id=?") || strings.Contains(step, "TEMP B-TREE") {
			t.Error(step)
		}
	}
}

// TestAPackIsFoundByItsHourAndCheck: packs of other checks must not be read.
func TestAPackIsFoundByItsHourAndCheck(t *testing.T) {
	s := storetest.New(t)
	for _, step := range storetest.Plan(t, s.Dir(), `SELECT data FROM packs WHERE hour = 1 AND check_id = 2`) {
		if !strings.Contains(step, "hour=? AND check_id=?") {
			t.Error(step)
		}
	}
}
