package store

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainBlobs are the columns that hold no secret under the master key.
var plainBlobs = []string{
	"answers.body", "answers.fingerprint", "events.payload", "firings.request", "invites.hash", "logos.bytes", "packs.data", "segments.data", "sessions.hash",
	"subscribers.token_hash", "tokens.hash",
}

// blobs are the columns of the newest schema that could be sealed.
func blobs(t *testing.T) (out []string) {
	t.Helper()
	s := openAt(t, t.TempDir())
	rows, err := s.conn.QueryContext(t.Context(), `
		SELECT m.name || '.' || c.name
		FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.type = 'BLOB'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

func TestAChangeOfTheKeyKnowsEveryColumnThatCouldBeSealed(t *testing.T) {
	known := slices.Clone(plainBlobs)
	for p, c := range sealedColumns {
		if c.purpose == "" || c.table == "" || c.column == "" || c.row == "" || c.only == "" {
			t.Errorf("place %d is not described: %+v", p, c)
		}
		known = append(known, c.table+"."+c.column)
	}
	for _, c := range derivedColumns {
		known = append(known, c.table+"."+c.column)
	}
	have := blobs(t)
	for _, name := range have {
		if !slices.Contains(known, name) {
			t.Errorf("is %s sealed? Then sealedColumns must know it, or a change of the key loses it; else it belongs to plainBlobs", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(have, name) {
			t.Errorf("there is no column %s", name)
		}
	}
}

func TestEveryPlaceHasAPurposeOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range sealedColumns {
		if seen[c.purpose] {
			t.Errorf("%s is a purpose twice", c.purpose)
		}
		seen[c.purpose] = true
	}
}

// sealing is a use of the master key.
var sealing = regexp.MustCompile(`\b(\w*[sS]ealer|to)\.(Seal|Open|MAC)\(`)

func TestNothingIsSealedOutsideOfAPlace(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "sealed.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range sealing.FindAllString(string(text), -1) {
			t.Errorf("%s uses the key itself (%s): a place in sealed.go does, which a change of the key knows", file, use)
		}
	}
}
