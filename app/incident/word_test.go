package incident_test

import (
	"encoding/json"
	"testing"

	"statusd/app/incident"
)

// TestWords: the numbers are what the database keeps, the words what the reference says.
func TestWords(t *testing.T) {
	statuses := []string{"", "investigating", "identified", "monitoring", "resolved", "Status(5)"}
	impacts := []string{"", "minor", "major", "critical", "Impact(4)"}
	sources := []string{"", "manual", "auto", "Source(3)"}
	for n, want := range statuses {
		s := incident.Status(n)
		spelled(t, s, s.String(), want)
		if got := s.Valid(); got != (n >= 1 && n <= 4) {
			t.Errorf("%s is valid: %v", want, got)
		}
	}
	for n, want := range impacts {
		i := incident.Impact(n)
		spelled(t, i, i.String(), want)
		if got := i.Valid(); got != (n >= 1 && n <= 3) {
			t.Errorf("%s is valid: %v", want, got)
		}
	}
	for n, want := range sources {
		s := incident.Source(n)
		spelled(t, s, s.String(), want)
	}
}

func spelled(t *testing.T, v any, got, want string) {
	t.Helper()
	text, err := json.Marshal(v)
	if got != want || err != nil || string(text) != `"`+want+`"` {
		t.Errorf("want %q, got %q and %s, %v", want, got, text, err)
	}
}

func TestWordsAreReadBackAndNoOthers(t *testing.T) {
	for i, want := range incident.Statuses() {
		var s incident.Status
		if err := s.UnmarshalText([]byte(want.String())); err != nil || s != want || int(s) != i+1 {
			t.Errorf("%v became %v, %v", want, s, err)
		}
	}
	for i, want := range incident.Impacts() {
		var got incident.Impact
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want || int(got) != i+1 {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
	for _, word := range []string{"", "Resolved", "open", "none", " minor", "major\n", "Status(1)", "1"} {
		var s incident.Status
		var i incident.Impact
		if s.UnmarshalText([]byte(word)) == nil || i.UnmarshalText([]byte(word)) == nil {
			t.Errorf("%q was read as %v, %v", word, s, i)
		}
	}
}
