package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestIDsReadWhatTheyWrite(t *testing.T) {
	for range 10_000 {
		id := NewPageID()
		text := id.String()
		if back, ok := ParseID[page](text); !ok || back != id || id == 0 || len(text) != 8 {
			t.Fatalf("%d writes %q, which reads %d %v", int64(id), text, int64(back), ok)
		}
	}
	for _, text := range []string{"", "0", "00000000", "0000000", "000000001", "ABCDEFGH", "abcdefg!", "iiiiiiii", "../../..", "12345678\x00"} {
		if id, ok := ParseID[page](text); ok {
			t.Errorf("%q reads %d", text, int64(id))
		}
		var id PageID
		if id.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("abcdefgh")
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := ParseID[check](text); ok && id.String() != text {
			t.Errorf("%q reads as %q", text, id.String())
		}
	})
}

func TestSecretsDoNotPrint(t *testing.T) {
	check := Check{Body: "hunter2", Headers: map[string]Secret{"Authorization": "hunter2"}}
	text, err := json.Marshal(check)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(text), fmt.Sprint(check), fmt.Sprintf("%+v %#v %s %q", check, check, check.Body, check.Body)} {
		if strings.Contains(out, "hunter2") {
			t.Errorf("leaks: %s", out)
		}
	}
	if Secret("").String() != "" || Secret("x").String() != "set" || Secret("x").Reveal() != "x" {
		t.Error("a secret prints whether it is set")
	}
}

func TestRolesInOrder(t *testing.T) {
	for i, word := range []string{"viewer", "editor", "owner"} {
		role, ok := ParseRole(word)
		if !ok || int(role) != i+1 || role.String() != word {
			t.Errorf("%q reads %v %v", word, role, ok)
		}
		for need := Viewer; need <= Owner; need++ {
			if got := (Actor{Role: role}).May(need); got != (role >= need) {
				t.Errorf("%v may what needs %v: %v", role, need, got)
			}
		}
	}
	for _, word := range []string{"", "none", "admin", "Owner"} {
		if role, ok := ParseRole(word); ok {
			t.Errorf("%q reads %v", word, role)
		}
	}
	if (Actor{}).May(Viewer) {
		t.Error("nobody may read")
	}
}

func TestInvalidGathersProblems(t *testing.T) {
	var v Invalid
	if v.Err() != nil {
		t.Error("nothing is wrong yet")
	}
	v.Add("name", "too_long", "max", 80)
	err := fmt.Errorf("wrapped: %w", v.Err())
	if got, ok := AsInvalid(err); !ok || got[0].Args["max"] != 80 || !got.Has("name") || got.Has("slug") {
		t.Errorf("%v", got)
	}
	if _, ok := AsInvalid(errors.New("other")); ok {
		t.Error("another error is taken for Invalid")
	}
}

func TestTimesOfACheck(t *testing.T) {
	c := NewCheck()
	if c.StaleAfter() != 70*time.Second || c.RetryPause() != 2*time.Second {
		t.Errorf("stale after %v, pause %v", c.StaleAfter(), c.RetryPause())
	}
	for _, row := range []struct {
		interval, timeout time.Duration
		retries           int
		want              time.Duration
	}{
		{30, 10, 0, 70}, {30, 29, 0, 89},
		{30, 14, 1, 74},           // exactly an interval
		{30, 10, 2, 60 + 34 + 10}, // every other turn is passed over
		{30, 20, 3, 90 + 86 + 20},
	} {
		slow := c
		slow.Interval, slow.Timeout, slow.Retries = row.interval*time.Second, row.timeout*time.Second, row.retries
		if got := slow.StaleAfter(); got != row.want*time.Second {
			t.Errorf("%+v: stale after %v", row, got)
		}
	}
	c.Interval = 4 * time.Second
	if c.RetryPause() != time.Second {
		t.Errorf("pause %v", c.RetryPause())
	}
}

// TestEveryActorHasAKind fails when an actor can be somebody that the audit trail takes for statusd itself.
func TestEveryActorHasAKind(t *testing.T) {
	if got := (Actor{Name: "calendar"}).Who(); got != (Who{Kind: BySystem, Name: "calendar"}) {
		t.Errorf("got %v", got)
	}
	if got := (Actor{CLI: true, Name: "root"}).Who(); got != (Who{Kind: ByCLI, Name: "root"}) {
		t.Errorf("got %v", got)
	}
	token := Token{ID: NewTokenID(), Workspace: NewWorkspaceID(), Name: "token of mine", Role: Editor}
	if got := token.Actor().Who(); got != (Who{ByToken, token.ID.String(), "token of mine"}) {
		t.Errorf("got %v", got)
	}
	typ := reflect.TypeFor[Actor]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Type.Kind() != reflect.Int64 || f.Type == reflect.TypeFor[WorkspaceID]() {
			continue
		}
		var a Actor
		reflect.ValueOf(&a).Elem().Field(i).SetInt(7)
		if got := a.Who(); got.Kind == BySystem || got.ID == "" {
			t.Errorf("an actor with a %s is taken for %v", f.Name, got)
		}
	}
}
