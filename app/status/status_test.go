package status

import (
	"encoding/json"
	"slices"
	"testing"
)

// each calls f with every list of up to n statuses.
func each(n int, f func([]Status)) {
	var grow func(list []Status)
	grow = func(list []Status) {
		f(list)
		if len(list) == n {
			return
		}
		for _, s := range All() {
			grow(append(slices.Clone(list), s))
		}
	}
	grow(nil)
}

func TestComponentFollowsTheRulesInTheirOrder(t *testing.T) {
	rules := func(checks []Status, manual Status, maintained bool) Status { // SPEC §2, word for word
		switch {
		case maintained:
			return Maintenance
		case len(checks) == 0 && manual != NoData:
			return manual
		case slices.Contains(checks, Down):
			return Down
		case slices.Contains(checks, Degraded):
			return Degraded
		case !slices.ContainsFunc(checks, func(s Status) bool { return s != NoData }):
			return NoData
		}
		return Operational
	}
	each(4, func(checks []Status) {
		if slices.Contains(checks, Maintenance) {
			return // no check is ever in maintenance
		}
		for _, manual := range []Status{NoData, Operational, Degraded, Down} {
			for _, maintained := range []bool{false, true} {
				got, want := Component(checks, manual, maintained), rules(checks, manual, maintained)
				if got != want {
					t.Fatalf("Component(%v, %v, %v) = %v, want %v", checks, manual, maintained, got, want)
				}
			}
		}
	})
}

func TestOverallIsTheWorstInTheOrderOfTheSpec(t *testing.T) {
	each(4, func(components []Status) {
		want := NoData
		for _, s := range []Status{Down, Degraded, Maintenance, Operational} {
			if slices.Contains(components, s) {
				want = s
				break
			}
		}
		if got := Overall(components); got != want {
			t.Fatalf("Overall(%v) = %v, want %v", components, got, want)
		}
	})
}

func TestStatusesReadAndWriteTheirWords(t *testing.T) {
	words := map[Status]string{NoData: "no-data", Operational: "operational", Maintenance: "maintenance", Degraded: "degraded", Down: "down"}
	if len(All()) != len(words) || !slices.IsSorted(All()) {
		t.Fatalf("All() = %v", All())
	}
	for s, word := range words {
		text, err := json.Marshal(s)
		if err != nil || string(text) != `"`+word+`"` || s.String() != word {
			t.Errorf("%v writes %s (%v), want %q", uint8(s), text, err, word)
		}
		var back Status
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%s reads as %v (%v)", text, back, err)
		}
	}
	for _, word := range []string{"", "up", "Down", "no data", "Status(9)"} {
		var s Status
		if err := s.UnmarshalText([]byte(word)); err == nil {
			t.Errorf("%q reads as %v", word, s)
		}
	}
	if got := Status(9).String(); got != "Status(9)" {
		t.Errorf("unknown status prints %q", got)
	}
}
