package locale_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/status"
)

const root = "../.."

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// messages reads a locale file as it is: each key with the placeholders in any of its forms.
func messages(t *testing.T, lang string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "assets/locales", lang+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	for key, message := range raw {
		var names []string
		for _, m := range placeholder.FindAllStringSubmatch(string(message), -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		keys[key] = slices.Compact(names)
	}
	return keys
}

func TestEveryLanguageHasTheSameKeysAndPlaceholders(t *testing.T) {
	en := messages(t, "en")
	for _, lang := range load(t).Languages() {
		got := messages(t, lang)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("keys of en and %s:\n%s", lang, diff)
		}
		for key := range en {
			// N is the number itself; a language may leave it out of a form that says it in a word.
			if diff := cmp.Diff(without(en[key], "N"), without(got[key], "N")); diff != "" {
				t.Errorf("placeholders of %q in en and %s:\n%s", key, lang, diff)
			}
		}
	}
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

// walk hands every file of the product with that ending to do; tests are not the product.
func walk(t *testing.T, folder, ext string, do func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ext) || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			do(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var literal = regexp.MustCompile(`"([a-z][A-Za-z0-9_.\-]+)"`)

// literals are the strings in code and templates that look like keys, or like the beginning of some: "verdict.down.".
func literals(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	collect := func(_ string, text []byte) {
		for _, m := range literal.FindAllSubmatch(text, -1) {
			found[string(m[1])] = true
		}
	}
	walk(t, "app", ".go", collect)
	walk(t, "assets", ".html", collect)
	walk(t, "assets/mail", ".txt", collect)
	return found
}

// coded are the families whose last part is a code out of the use cases.
var coded = []string{"invalid.", "conflict."}

func isCoded(key string) bool {
	return slices.ContainsFunc(coded, func(family string) bool { return strings.HasPrefix(key, family) })
}

func TestEveryKeyIsUsed(t *testing.T) {
	used := literals(t)
	for key := range messages(t, "en") {
		family := key[:strings.LastIndexByte(key, '.')+1]
		if !isCoded(key) && !isOfTrail(key) && !strings.HasPrefix(key, reasonFamily) && !strings.HasPrefix(key, deliveryFamily) && !used[key] && !used[family] {
			t.Errorf("nothing uses %q", key)
		}
	}
}

// asked finds the keys in calls: words.T("key"), {{n "key"}}.
var asked = regexp.MustCompile(`(?:\.(?:T|N|Around)\(|\b(?:t|n|around) )"([a-z][A-Za-z0-9_.\-]+)"`)

func TestEveryKeyThatIsAskedForExists(t *testing.T) {
	keys := messages(t, "en")
	check := func(path string, text []byte) {
		for _, m := range asked.FindAllSubmatch(text, -1) {
			key := string(m[1])
			if _, ok := keys[key]; !ok && !strings.HasSuffix(key, ".") {
				t.Errorf("%s asks for %q, which does not exist", path, key)
			}
		}
	}
	walk(t, "app", ".go", check)
	walk(t, "assets", ".html", check)
	walk(t, "assets/mail", ".txt", check)
	for family, codes := range families() {
		for _, code := range codes {
			if _, ok := keys[family+code]; !ok {
				t.Errorf("there is no %q", family+code)
			}
		}
	}
}

// families are the keys that end in a state of something.
func families() map[string][]string {
	return map[string][]string{
		"status.": codes(status.All()), "badge.": codes(status.All()),
		"incident.status.": codes(incident.Statuses()), "incident.impact.": codes(incident.Impacts()),
		"maintenance.state.": codes(maintenance.States()),
	}
}

func codes[S fmt.Stringer](list []S) (out []string) {
	for _, s := range list {
		out = append(out, s.String())
	}
	return out
}

// refusal is a code with the arguments that are given with it.
type refusal struct {
	key, path string
	args      []string
}

// refusals finds every code that the use cases and the API answer with.
func refusals(t *testing.T) []refusal {
	t.Helper()
	var found []refusal
	collect := func(path string, text []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if r, ok := refusalOfCall(n); ok {
					r.path = path
					found = append(found, r)
				}
			case *ast.CompositeLit:
				for _, r := range refusalsOfLiteral(n) {
					r.path = path
					found = append(found, r)
				}
			}
			return true
		})
	}
	walk(t, "app", ".go", collect)
	if len(found) < 20 {
		t.Fatalf("only %d codes found: the scan does not read the code any more", len(found))
	}
	return found
}

// refusalOfCall reads v.Add(field, "code", "name", value ...), g.refuse("code", "name", value ...) and inState("code", window).
func refusalOfCall(call *ast.CallExpr) (refusal, bool) {
	if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "inState" {
		code, ok := text(call.Args[0])
		return refusal{key: "conflict." + code, args: []string{"State"}}, ok
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return refusal{}, false
	}
	args := call.Args
	switch {
	case method.Sel.Name == "Add" && len(args) >= 2:
		args = args[1:]
	case method.Sel.Name == "refuse" && len(args) >= 1:
	default:
		return refusal{}, false
	}
	code, ok := text(args[0])
	r := refusal{key: "invalid." + code}
	for i := 1; i < len(args); i += 2 {
		name, _ := text(args[i])
		r.args = append(r.args, name)
	}
	return r, ok
}

// refusalsOfLiteral reads model.Conflict{Code: "code"}, model.Problem{Code: "code"}, the codes that steps of a window are refused with,
// and those for refusals of a webhook's URL and of a mail server's settings.
func refusalsOfLiteral(lit *ast.CompositeLit) (found []refusal) {
	switch typ := lit.Type.(type) {
	case *ast.SelectorExpr:
		family := map[string]string{"Conflict": "conflict.", "Problem": "invalid."}[typ.Sel.Name]
		fields := fieldsOf(lit)
		if code, ok := text(fields["Code"]); ok && family != "" {
			found = append(found, refusal{key: family + code, args: keysOf(fields["Args"])})
		}
	case *ast.MapType:
		var key string
		switch typ := typ.Key.(type) {
		case *ast.SelectorExpr:
			key = typ.Sel.Name
		case *ast.Ident:
			key = typ.Name
		}
		for _, e := range lit.Elts {
			switch code, ok := text(e.(*ast.KeyValueExpr).Value); {
			case ok && key == "Step":
				found = append(found, refusal{key: "conflict." + code, args: []string{"State"}})
			case ok && (key == "Refusal" || key == "mailProblem"):
				found = append(found, refusal{key: "invalid." + code})
			}
		}
	}
	return found
}

// fieldsOf are the values in a literal of a struct, by name.
func fieldsOf(lit *ast.CompositeLit) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for _, e := range lit.Elts {
		if field, ok := e.(*ast.KeyValueExpr); ok {
			if name, ok := field.Key.(*ast.Ident); ok {
				out[name.Name] = field.Value
			}
		}
	}
	return out
}

// keysOf are the keys in a literal of a map of strings.
func keysOf(e ast.Expr) (keys []string) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	for _, e := range lit.Elts {
		key, _ := text(e.(*ast.KeyValueExpr).Key)
		keys = append(keys, key)
	}
	return keys
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestEveryRefusalHasWordsAndEveryWordARefusal(t *testing.T) {
	keys := messages(t, "en")
	used := map[string]bool{}
	for _, r := range refusals(t) {
		used[r.key] = true
		needs, ok := keys[r.key]
		if !ok {
			t.Errorf("%s: %q has no words", r.path, r.key)
		}
		for _, name := range needs {
			if !slices.Contains(r.args, name) {
				t.Errorf("%s: %q needs %s, which is given %v", r.path, r.key, name, r.args)
			}
		}
	}
	for key := range keys {
		if isCoded(key) && !used[key] {
			t.Errorf("nothing answers with %q", key)
		}
	}
}

// isOfTrail says whether a key words an action ("audit.page.created") or a field ("changed.branding.tagline") of the audit trail.
func isOfTrail(key string) bool {
	return strings.HasPrefix(key, "audit.") && strings.Count(key, ".") == 2 || strings.HasPrefix(key, "changed.")
}

var (
	action = regexp.MustCompile(`Action = "([a-z._]+)"`)
	traced = regexp.MustCompile(`(?m)^\t\t\{"([A-Za-z.]+)", func\(`)
)

func TestTheAuditTrailHasWords(t *testing.T) {
	// What the trail says beside the fields of a row: headers and bodies are secrets, a logo is bytes, an update is known by its words,
	// the rest is what went along.
	want := map[string]bool{"changed.header": true, "changed.body": true, "changed.title": true, "changed.update": true, "changed.components": true, "changed.checks": true,
		"changed.branding.logo": true, "changed.password": true, "changed.invites": true, "changed.baseUrl": true, "changed.encrypted": true, "changed.key": true,
		"changed.authHeaderValue": true, "changed.privateKey": true, "changed.passphrase": true, "changed.apiToken": true,
		"changed.mail.host": true, "changed.mail.port": true, "changed.mail.tls": true, "changed.mail.user": true, "changed.mail.from": true,
		"changed.mail.password": true, "changed.mail.dkim": true, "changed.subscribers": true}
	walk(t, "app", ".go", func(_ string, text []byte) {
		for _, m := range action.FindAllSubmatch(text, -1) {
			want["audit."+string(m[1])] = true
		}
		for _, m := range traced.FindAllSubmatch(text, -1) {
			want["changed."+string(m[1])] = true
		}
	})
	if len(want) < 30 {
		t.Fatalf("only %d actions and fields found: the scan does not read the code any more", len(want))
	}
	keys := messages(t, "en")
	for key := range want {
		if _, ok := keys[key]; !ok {
			t.Errorf("%q has no words", key)
		}
	}
	for key := range keys {
		if isOfTrail(key) && !want[key] {
			t.Errorf("nothing is recorded as %q", key)
		}
	}
}
