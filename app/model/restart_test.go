package model

import (
	"testing"
	"time"
)

func TestTheWordsOfRestarts(t *testing.T) {
	for i, word := range []string{"http", "ssh", "coolify"} {
		kind, ok := ParseTargetType(word)
		if !ok || kind != TargetTypes()[i] || kind.String() != word {
			t.Errorf("%q reads %v %v", word, kind, ok)
		}
		if text, err := kind.MarshalText(); string(text) != word || err != nil {
			t.Errorf("%v is written %q", kind, text)
		}
	}
	for _, word := range []string{"", "HTTP", "docker"} {
		if kind, ok := ParseTargetType(word); ok {
			t.Errorf("%q reads %v", word, kind)
		}
	}
	for i, word := range []string{"running", "success", "failed", "interrupted"} {
		if got := FiringOutcomes()[i]; got.String() != word {
			t.Errorf("%v, want %s", got, word)
		}
	}
	if BySchedule.String() != "schedule" || ByTest.String() != "test" || Trigger(9).String() != "Trigger(9)" {
		t.Error("the words of triggers")
	}
}

func TestDefaultsOfABinding(t *testing.T) {
	if (Binding{}).Bound() || NewCheck().Restart.Bound() {
		t.Error("nothing is bound by itself")
	}
	if b := NewBinding(7); !b.Bound() || b.Cooldown != 10*time.Minute || b.MaxFirings != 5 {
		t.Errorf("%+v", b)
	}
}

func TestNoRateWithoutAFiring(t *testing.T) {
	if rate, ok := (FiringTally{}).SuccessRate(); ok {
		t.Errorf("%v", rate)
	}
}
