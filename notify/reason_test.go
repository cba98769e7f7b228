package notify_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"statusd/notify"
)

// constants are the codes that reason.go declares.
func constants(t *testing.T) (out []notify.Code) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Code" {
			text, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			out = append(out, notify.Code(text))
		}
		return true
	})
	return out
}

func TestEveryCodeHasItsWordsOnce(t *testing.T) {
	if got, want := notify.Codes(), constants(t); !slices.Equal(got, want) {
		t.Errorf("words are there for %v, codes are %v", got, want)
	}
	seen := map[notify.Code]bool{}
	for _, c := range notify.Codes() {
		if seen[c] || c.English() == "" || strings.Contains(string(c), "|") {
			t.Errorf("%q", c)
		}
		seen[c] = true
	}
}

func TestAReasonSurvivesStorage(t *testing.T) {
	for _, c := range notify.Codes() {
		var args []string
		for i := range strings.Count(c.English(), "{") {
			args = append(args, fmt.Sprint(500+i))
		}
		r := notify.Because(c, args...)
		if got := notify.DecodeReason(r.Encode()); !reflect.DeepEqual(got, r) || !got.Known() || strings.ContainsAny(got.String(), "{}") {
			t.Errorf("%v became %v, %q", r, got, got)
		}
	}
	if r := notify.DecodeReason(""); !reflect.DeepEqual(r, notify.Reason{}) || r.String() != "" {
		t.Errorf("nothing became %v", r)
	}
	if got := notify.Because(notify.NoAnswer, "10 s").String(); got != "no answer in 10 s" {
		t.Error(got)
	}
	if got := notify.DecodeReason("of_a_newer_version|7").String(); got != "of_a_newer_version 7" {
		t.Error(got)
	}
}

func FuzzDecodeReason(f *testing.F) {
	f.Add("status|503")
	f.Add("|||{0}")
	f.Fuzz(func(t *testing.T, text string) {
		r := notify.DecodeReason(text)
		if got := r.Encode(); got != text {
			t.Errorf("%q became %q", text, got)
		}
		_ = r.String()
	})
}

func TestEveryStateHasAName(t *testing.T) {
	var names []string
	for _, s := range []fmt.Stringer{notify.Email, notify.Telegram, notify.Webhook, notify.Waiting, notify.Delivered, notify.Failed,
		notify.Interrupted, notify.Success, notify.Temporary, notify.Permanent, notify.Gone, notify.Broken} {
		names = append(names, s.String())
	}
	want := "email telegram webhook waiting delivered failed interrupted success temporary permanent gone broken"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s", got)
	}
}
