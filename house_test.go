package main

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "statusd"

// file is one parsed source file of ours.
type file struct {
	path, pkg string // pkg is relative to the module, "main" for the root
	test      bool
	syntax    *ast.File
}

// sources parses every Go file of the repository.
func sources(t *testing.T) (*token.FileSet, []file) {
	t.Helper()
	fset := token.NewFileSet()
	var files []file
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			pkg = "main"
		}
		files = append(files, file{path, pkg, strings.HasSuffix(path, "_test.go"), syntax})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fset, files
}

var row = regexp.MustCompile("^\\| `([^`]+)` \\| (`[^|]+`) \\|$")

// arrows reads the table of ARCHITECTURE.md.
func arrows(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := map[string][]string{}
	in := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		in = in && !strings.HasPrefix(lines.Text(), "## ") || lines.Text() == "## Arrows"
		if m := row.FindStringSubmatch(lines.Text()); in && m != nil {
			for to := range strings.SplitSeq(m[2], ", ") {
				table[m[1]] = append(table[m[1]], strings.Trim(to, "`"))
			}
		}
	}
	if len(table) < 5 {
		t.Fatalf("the table of arrows has %d rows: it cannot be read any more", len(table))
	}
	return table
}

func TestImportsFollowTheArrowsOfTheDocument(t *testing.T) {
	allowed := arrows(t)
	used := map[string]map[string]bool{}
	_, files := sources(t)
	for _, f := range files {
		if f.test || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, to := range imports(f, module+"/") {
			if used[f.pkg] == nil {
				used[f.pkg] = map[string]bool{}
			}
			used[f.pkg][to] = true
			if !slices.Contains(allowed[f.pkg], to) {
				t.Errorf("%s imports %s: no arrow of ARCHITECTURE.md leads there", f.path, to)
			}
		}
	}
	for from, list := range allowed {
		for _, to := range list {
			if !used[from][to] {
				t.Errorf("ARCHITECTURE.md has an arrow from %s to %s that no import needs", from, to)
			}
		}
	}
}

// imports lists what a file imports under a prefix, without it.
func imports(f file, prefix string) (out []string) {
	for _, spec := range f.syntax.Imports {
		if to, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), prefix); ok {
			out = append(out, to)
		}
	}
	return out
}

func TestEveryPackageHasASentenceAndAComment(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, files := sources(t)
	commented := map[string]bool{}
	for _, f := range files {
		if !f.test {
			commented[f.pkg] = commented[f.pkg] || f.syntax.Doc != nil
		}
	}
	for pkg, has := range commented {
		if !has {
			t.Errorf("package %s has no comment", pkg)
		}
		if pkg != "main" && !strings.Contains(string(text), "| `"+pkg+"` | ") {
			t.Errorf("package %s has no row in ARCHITECTURE.md", pkg)
		}
	}
}

// homes says where a third party may be imported.
var homes = map[string][]string{
	"modernc.org/sqlite":            {"store"},
	"github.com/pressly/goose/v3":   {"store"},
	"github.com/labstack/echo/v4":   {"app/web", "app/web/public", "app/web/dashboard", "app/api"},
	"github.com/spf13/cobra":        {"app/cli"},
	"github.com/robfig/cron/v3":     {"app"},
	"github.com/nicksnyder/go-i18n": {"app/locale"},
	"golang.org/x/image":            {"app/logo"},
	"golang.org/x/crypto/ssh":       {"probe/restart"},
	"github.com/emersion":           {"notify/email", "notify/notifytest"},
	"github.com/arran4/golang-ical": {"app/web/public"},
}

func TestThirdPartiesStayInTheirHomes(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		for library, at := range homes {
			if !f.test && len(imports(f, library)) > 0 && !slices.Contains(at, f.pkg) {
				t.Errorf("%s imports %s, which belongs into %v", f.path, library, at)
			}
		}
	}
}

// The house's measures: what is longer has two ideas in it.
const maxFunction, maxFile = 60, 450

func TestFunctionsAndFilesStayShort(t *testing.T) {
	fset, files := sources(t)
	for _, f := range files {
		if f.test {
			continue
		}
		if n := fset.File(f.syntax.Pos()).LineCount(); n > maxFile {
			t.Errorf("%s has %d lines", f.path, n)
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > maxFunction {
				t.Errorf("%s: %s has %d lines", f.path, fn.Name.Name, n)
			}
		}
	}
}

func TestWhatIsExportedIsDocumented(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", f.path, d.Name.Name)
				}
			case *ast.GenDecl:
				undocumented(t, f.path, d)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch inner := typ.(type) {
		case *ast.StarExpr:
			typ = inner.X
		case *ast.IndexExpr:
			typ = inner.X
		case *ast.Ident:
			return inner.IsExported()
		default:
			return false
		}
	}
}

func undocumented(t *testing.T, path string, d *ast.GenDecl) {
	for _, s := range d.Specs {
		var names []*ast.Ident
		var doc, comment *ast.CommentGroup
		switch s := s.(type) {
		case *ast.TypeSpec:
			names, doc, comment = []*ast.Ident{s.Name}, s.Doc, s.Comment
		case *ast.ValueSpec:
			names, doc, comment = s.Names, s.Doc, s.Comment
		}
		for _, name := range names {
			if name.IsExported() && d.Doc == nil && doc == nil && comment == nil {
				t.Errorf("%s: %s has no comment", path, name.Name)
			}
		}
	}
}

func TestTestsDoNotSleepAndAreNotSkippedForGood(t *testing.T) {
	fset, files := sources(t)
	bubbles := map[string]bool{} // packages whose tests run in fake time, where a sleep costs nothing
	for _, f := range files {
		bubbles[f.pkg] = bubbles[f.pkg] || len(imports(f, "testing/synctest")) > 0
	}
	for _, f := range files {
		if !f.test && !strings.HasSuffix(f.pkg, "test") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && call.Sel.Name == "Sleep" && !bubbles[f.pkg] {
				t.Errorf("%s sleeps: a moved clock or a channel says it better", fset.Position(n.Pos()))
			}
			return true
		})
	}
}
