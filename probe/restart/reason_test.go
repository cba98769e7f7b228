package restart

import (
	"reflect"
	"strings"
	"testing"

	"statusd/probe"
)

func TestEveryCodeHasASentenceOfItsOwn(t *testing.T) {
	seen := map[string]Code{}
	for _, code := range Codes() {
		sentence := code.English()
		if sentence == "" || seen[sentence] != "" {
			t.Errorf("%s: %q is also that of %q", code, sentence, seen[sentence])
		}
		seen[sentence] = code
		if probe.English(string(code)) != "" {
			t.Errorf("%s is a code of probe's too", code)
		}
		r := Because(code)
		for i := range strings.Count(sentence, "{") {
			r.Args = append(r.Args, []string{"{1}", "b|c>d\\"}[i%2])
		}
		if !r.Known() || !reflect.DeepEqual(DecodeReason(r.Encode()), r) || !strings.Contains(r.String(), strings.Join(r.Args[:min(1, len(r.Args))], "")) {
			t.Errorf("%+v is read back as %+v", r, DecodeReason(r.Encode()))
		}
		if _, theirs := r.Connection(); theirs {
			t.Errorf("%s passes for one of probe's", code)
		}
	}
}

func TestAReasonOfTheConnectionIsProbes(t *testing.T) {
	for _, code := range probe.Codes() {
		if code == probe.Redirected {
			continue
		}
		theirs := probe.Reason{Code: code}
		for range strings.Count(probe.English(code), "{") {
			theirs.Args = append(theirs.Args, "10 s")
		}
		r := DecodeReason(connection(theirs).Encode())
		back, ok := r.Connection()
		if !ok || !r.Known() || r.String() != theirs.String() || back.Encode() != theirs.Encode() || r.Measured() != theirs.Measured() {
			t.Errorf("%v became %v", theirs, r)
		}
	}
	if none := (Reason{}); none.String() != "" || none.Known() || none.Encode() != "" {
		t.Error("no reason says something")
	}
	if odd := DecodeReason("of a newer version|a"); odd.Known() || odd.String() != "of a newer version a" {
		t.Errorf("%q", odd)
	}
}

func TestOutcomesAreNamedAsTheContractHasThem(t *testing.T) {
	for o, want := range map[Outcome]string{Success: "success", Failed: "failed", Interrupted: "interrupted", 0: "Outcome(0)"} {
		if o.String() != want {
			t.Errorf("%q, want %q", o, want)
		}
	}
}
