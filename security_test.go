package main

import (
	"go/ast"
	"os"
	"regexp"
	"testing"
)

// TestTheSecurityDocumentNamesTestsThatExist keeps docs/security.md from claiming what nothing shows.
func TestTheSecurityDocumentNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, files := sources(t)
	known := map[string]bool{}
	for _, f := range files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test {
				known[fn.Name.Name] = true
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 50 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !known[name[1]] {
			t.Errorf("docs/security.md names %s, which is no test", name[1])
		}
	}
}
