package probe

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestReasonsSurviveStorage(t *testing.T) {
	for _, r := range []Reason{{}, reason("reset"), reason("status", "503", "200-299"), {Code: "refused", Args: []string{"80"}, After: "a.example"},
		reason("body_lacks", `|>\ {0} a>b|`), reason("x", "", ""), {Code: `a>b`, After: `>|\`}} {
		if got := DecodeReason(r.Encode()); !reflect.DeepEqual(got, r) {
			t.Errorf("%#v became %#v by way of %q", r, got, r.Encode())
		}
	}
}

func FuzzReason(f *testing.F) {
	f.Add("refused", "a.example", "80", "")
	f.Add(`\`, `>`, `|`, `{0}`)
	f.Fuzz(func(t *testing.T, code, after, one, two string) {
		r := Reason{Code: code, After: after, Args: []string{one, two}}
		if got := DecodeReason(r.Encode()); !reflect.DeepEqual(got, r) {
			t.Errorf("%#v became %#v by way of %q", r, got, r.Encode())
		}
		again := DecodeReason(one)
		if third := DecodeReason(again.Encode()); !reflect.DeepEqual(third, again) {
			t.Errorf("%q is %#v, and then %#v", one, again, third)
		}
		_ = again.String()
	})
}

func TestArgumentsAreFilledInOnce(t *testing.T) {
	if got := reason("body_lacks", "{0}").String(); got != `body lacks "{0}"` {
		t.Error(got)
	}
	if got := (Reason{Code: "refused", Args: []string{"80"}, After: "{1}"}).String(); got != "after a redirect to {1}: connection refused (nothing listens on port 80)" {
		t.Error(got)
	}
	if got := reason("gone_code", "a", "b").String(); got != "gone_code a b" {
		t.Error(got)
	}
}

func TestATextThatIsNoReasonIsShownAsItIs(t *testing.T) {
	for stored, want := range map[string]string{
		"":                          "",
		"refused|80":                "connection refused (nothing listens on port 80)",
		"refused>a.example|80":      "after a redirect to a.example: connection refused (nothing listens on port 80)",
		"connection refused":        "connection refused",
		`a|b>c\\d`:                  `a|b>c\\d`,
		"code_of_a_later_version|7": "code_of_a_later_version|7",
		"refused":                   "refused",           // too few arguments
		"reset|1":                   "reset|1",           // too many
		Redirected + "|a|b":         Redirected + "|a|b", // a wrapper, no reason
	} {
		if got := Sentence(stored); got != want {
			t.Errorf("%q reads %q, want %q", stored, got, want)
		}
	}
}

func TestMeasuredCodesAreCodes(t *testing.T) {
	for code := range measured {
		if !strings.Contains(English(code), "{0}") {
			t.Errorf("%s takes no quantity", code)
		}
	}
}

// TestSentencesTakeWhatTheCodePasses reads the calls of reason in the source.
func TestSentencesTakeWhatTheCodePasses(t *testing.T) {
	passed := map[string][]int{}
	for _, e := range entries(t) {
		file, err := parser.ParseFile(token.NewFileSet(), e, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "reason" {
				if code, ok := call.Args[0].(*ast.BasicLit); ok {
					text, _ := strconv.Unquote(code.Value)
					passed[text] = append(passed[text], len(call.Args)-1)
				}
			}
			return true
		})
	}
	for _, a := range alerts {
		passed[a.code] = append(passed[a.code], map[bool]int{true: 1}[a.named])
	}
	for _, e := range append(slices.Clone(errnos), unasked...) {
		passed[e.code] = append(passed[e.code], 0)
	}
	passed[Redirected] = []int{2}
	for code, counts := range passed {
		for _, n := range counts {
			if got := strings.Count(English(code), "{"); got != n || English(code) == "" {
				t.Errorf("%s is passed %d and takes %d", code, n, got)
			}
		}
	}
	seen := map[string]bool{}
	for _, code := range Codes() {
		if seen[code] {
			t.Errorf("%s is there twice", code)
		}
		if seen[code] = true; passed[code] == nil {
			t.Errorf("%s is never a reason", code)
		}
	}
}

func entries(t *testing.T) (names []string) {
	all, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			names = append(names, e.Name())
		}
	}
	return names
}
