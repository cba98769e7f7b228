package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"statusd/app/model"
	"statusd/app/status"
)

// kept are fields that nobody changes by hand: what the row is, and what statusd itself notes in it.
var kept = []string{"ID", "Workspace", "Page", "Component", "Version", "JudgedFrom", "Created", "Updated"}

func TestEveryFieldOfANounIsInItsTrail(t *testing.T) {
	covers(t, pageTrail, model.Page{})
	covers(t, componentTrail, model.Component{})
	covers(t, checkTrail, model.NewCheck())
	covers(t, incidentTrail, model.Incident{}, "Status", "Source", "Started", "Resolved") // its updates tell of its status
	covers(t, updateTrail, model.Update{}, "Incident", "Auto", "Edited")
	covers(t, restartTrail, model.RestartTarget{}, "SeenAt")
	covers(t, maintenanceTrail, model.Maintenance{}, "Began", "Ended", "Announced", "Reminded", "Sequence")
}

// covers changes one field after the other and looks whether the trail shows it. Of the others nobody changes any by hand either.
func covers[T any](t *testing.T, tr trail[T], from T, others ...string) {
	t.Helper()
	if e := tr.entry(&from, &from); e.Action != "" {
		t.Errorf("%T: nothing changed, and yet %v", from, e)
	}
	shown := map[string]bool{}
	for _, at := range leaves(reflect.TypeFor[T](), slices.Concat(kept, others)) {
		to := from
		name := change(t, reflect.ValueOf(&to).Elem(), at)
		e := tr.entry(&from, &to)
		if len(e.Changes) != 1 || e.Action != tr.changed {
			t.Errorf("%T.%s is changed: the trail shows %v", from, name, e.Changes)
			continue
		}
		if field := e.Changes[0].Field; shown[field] {
			t.Errorf("%T.%s is shown as %s, which is another field", from, name, field)
		} else {
			shown[field] = true
		}
	}
}

// leaves are the places of all fields that people change, in structs as deep as they go.
func leaves(typ reflect.Type, kept []string) (out [][]int) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		switch {
		case slices.Contains(kept, f.Name):
		case f.Type.Kind() == reflect.Struct:
			for _, inner := range leaves(f.Type, kept) {
				out = append(out, append([]int{i}, inner...))
			}
		default:
			out = append(out, []int{i})
		}
	}
	return out
}

// change gives a field a value that it did not have.
func change(t *testing.T, row reflect.Value, at []int) (name string) {
	t.Helper()
	f := row.FieldByIndex(at)
	name = row.Type().FieldByIndex(at).Name
	switch f.Interface().(type) {
	case status.Status:
		f.Set(reflect.ValueOf(status.Down))
		return name
	case map[string]model.Secret:
		f.Set(reflect.ValueOf(map[string]model.Secret{"X-Key": "v"}))
		return name
	case model.Text:
		f.Set(reflect.ValueOf(model.Text{"en": "x"}))
		return name
	case []model.Affected:
		f.Set(reflect.ValueOf([]model.Affected{{ID: 1, Name: "API"}}))
		return name
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(f.String() + "x")
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Uint8: // one of a few words
		f.SetUint(f.Uint() + 1)
	case reflect.Int, reflect.Int64:
		if f.Type() == reflect.TypeFor[int]() {
			f.SetInt(f.Int() + 1)
		} else {
			f.SetInt(f.Int() + 1e9) // a duration: a second
		}
	default:
		t.Fatalf("%s is a %s, which this test cannot change yet", name, f.Type())
	}
	return name
}

func TestSecretsAreToldWithoutTheirValue(t *testing.T) {
	secrets := func(pairs ...string) map[string]model.Secret {
		out := map[string]model.Secret{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = model.Secret(pairs[i+1])
		}
		return out
	}
	for _, tt := range []struct {
		from, to model.Check
		want     string
	}{
		{model.Check{Headers: secrets("A", "c4n", "B", "c4n")}, model.Check{Headers: secrets("B", "c4n", "A", "c4n")}, "[]"},
		{model.Check{}, model.Check{Headers: secrets("A", "c4n", "E", "")}, "[{headers.A <nil> set} {headers.E <nil> set}]"},
		{model.Check{Headers: secrets("A", "c4n")}, model.Check{Headers: secrets("A", "c4n2")}, "[{headers.A set changed}]"},
		{model.Check{Headers: secrets("A", "")}, model.Check{Headers: secrets("A", "c4n")}, "[{headers.A set changed}]"},
		{model.Check{Headers: secrets("A", "c4n")}, model.Check{Headers: secrets("a", "c4n")}, "[{headers.A set <nil>} {headers.a <nil> set}]"},
		{model.Check{Body: "c4n"}, model.Check{}, "[{body set <nil>}]"},
		{model.Check{Body: "c4n"}, model.Check{Body: "c4n2"}, "[{body set changed}]"},
		{model.Check{}, model.Check{Body: "c4n"}, "[{body <nil> set}]"},
	} {
		got := checkTrail.secrets(tt.from, tt.to)
		if s := fmt.Sprint(got); s != tt.want {
			t.Errorf("got %s, want %s", s, tt.want)
		}
	}
	long := checkTrail.secrets(model.Check{}, model.Check{Headers: secrets(strings.Repeat("x", 1<<20), "v")})
	if len(long) != 1 || len(long[0].Field) > 200 {
		t.Errorf("a name of a mebibyte takes %d bytes of the trail", len(long[0].Field))
	}
}

func TestNamesOfDuplicates(t *testing.T) {
	e79, e80 := strings.Repeat("é", 79), strings.Repeat("é", 80)
	for _, tt := range []struct {
		name  string
		taken []string
		want  string
	}{
		{"API", []string{"API"}, "API (2)"},
		{"API", []string{"API", "API (2)", "API (4)"}, "API (3)"},
		{"API (2)", []string{"API", "API (2)"}, "API (3)"},
		{"API (beta)", []string{"API (beta)"}, "API (beta) (2)"},
		{e80, []string{e80}, strings.Repeat("é", 76) + " (2)"},
		{e79[:75*2] + " xyz", nil, strings.Repeat("é", 75) + " (2)"},
		{" (2)", []string{" (2)"}, " (3)"},
	} {
		if got := nextName(tt.name, tt.taken); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
