package cli

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"statusd/store/seal"
)

// parcel is an export taken apart by somebody who means ill: everything can be changed and put together again with good checksums.
type parcel struct {
	manifest map[string]any
	entries  []entry
}

type entry struct {
	header tar.Header
	text   []byte
}

// forge HOW IN OUT writes a bad export made of a good one.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	good := []byte(ts.ReadFile(args[1]))
	var bad []byte
	if change, ok := byteForgeries[args[0]]; ok {
		bad = change(bytes.Clone(good))
	} else {
		change, ok := forgeries[args[0]]
		if !ok {
			ts.Fatalf("nobody knows how to forge %s", args[0])
		}
		p := open(ts, good)
		change(ts, p)
		bad = p.bytes(ts)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), bad, 0o600))
}

// byteForgeries change the file as it lies there.
var byteForgeries = map[string]func([]byte) []byte{
	"cut-in-half": func(b []byte) []byte { return b[:len(b)/2] },
	"cut-at-end":  func(b []byte) []byte { return b[:len(b)-512] },
	"appended":    func(b []byte) []byte { return append(b, make([]byte, 512)...) },
	"flip-middle": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
	"flip-tail":   func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
	"empty":       func([]byte) []byte { return nil },
	"a-zip-bomb":  func([]byte) []byte { return []byte("PK\x03\x04" + strings.Repeat("\x00", 4096)) },
}

var forgeries = map[string]func(*testscript.TestScript, *parcel){
	"traversal":   func(_ *testscript.TestScript, p *parcel) { p.entries[1].header.Name = "../statusd.db" },
	"absolute":    func(_ *testscript.TestScript, p *parcel) { p.entries[1].header.Name = "/tmp/statusd.db" },
	"symlink":     func(_ *testscript.TestScript, p *parcel) { p.entries[1] = link(p.entries[1], tar.TypeSymlink) },
	"hard-link":   func(_ *testscript.TestScript, p *parcel) { p.entries[2] = link(p.entries[2], tar.TypeLink) },
	"device":      func(_ *testscript.TestScript, p *parcel) { p.entries[1] = link(p.entries[1], tar.TypeChar) },
	"folder":      func(_ *testscript.TestScript, p *parcel) { p.entries[0] = link(p.entries[0], tar.TypeDir) },
	"sparse":      func(_ *testscript.TestScript, p *parcel) { p.sparse() },
	"executable":  func(_ *testscript.TestScript, p *parcel) { p.entries[1].header.Mode = 0o4755 },
	"duplicate":   func(_ *testscript.TestScript, p *parcel) { p.entries = append(p.entries, p.entries[2]) },
	"extra-file":  func(_ *testscript.TestScript, p *parcel) { p.add("authorized_keys", "ssh-ed25519 AAAA") },
	"no-key":      func(_ *testscript.TestScript, p *parcel) { p.entries = p.entries[:2] },
	"key-first":   func(_ *testscript.TestScript, p *parcel) { p.entries[1], p.entries[2] = p.entries[2], p.entries[1] },
	"other-key":   func(_ *testscript.TestScript, p *parcel) { p.entries[2].text = []byte(seal.NewKey().Text()) },
	"no-key-text": func(_ *testscript.TestScript, p *parcel) { p.entries[2].text = []byte("0123\n") },
	"rows":        func(_ *testscript.TestScript, p *parcel) { p.manifest["rows"].(map[string]any)["tokens"] = 7 },
	"newer":       func(_ *testscript.TestScript, p *parcel) { p.manifest["schema"] = 4711 },
	"newer-format": func(_ *testscript.TestScript, p *parcel) {
		p.manifest["format"] = 2
	},
	"newer-database": statement(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, 1)`),
	"trigger":        statement(`CREATE TRIGGER t AFTER INSERT ON tokens BEGIN DELETE FROM users; END`),
	"view":           statement(`CREATE VIEW v AS SELECT * FROM tokens`),
	"view-of-versions": statement(`ALTER TABLE goose_db_version RENAME TO old;
		CREATE VIEW goose_db_version AS SELECT * FROM old`),
	"table":         statement(`CREATE TABLE extra (x)`),
	"index":         statement(`CREATE INDEX extra ON tokens (name)`),
	"column":        statement(`ALTER TABLE tokens ADD COLUMN extra TEXT`),
	"missing-index": statement(`DROP INDEX tokens_workspace`),
	"orphan":        statement(`PRAGMA foreign_keys = off; INSERT INTO memberships VALUES (1, 2, 3)`),
	"page-size":     statement(`PRAGMA page_size = 8192; VACUUM`),
	"sqlite-name": statement(`PRAGMA writable_schema = on;
		INSERT INTO sqlite_master VALUES ('table', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE TABLE sqlite_stat1(a AS (1))')`),
	"no-proof": func(ts *testscript.TestScript, p *parcel) {
		statement(`DELETE FROM instance`)(ts, p)
		p.manifest["rows"].(map[string]any)["instance"] = 0
	},
	"not-a-database": func(_ *testscript.TestScript, p *parcel) {
		p.entries[1].text = bytes.Repeat([]byte("no database "), 4096)
	},
	"torn-page": func(_ *testscript.TestScript, p *parcel) {
		copy(p.entries[1].text[5*4096:6*4096], bytes.Repeat([]byte{0xa5}, 4096))
	},
}

func open(ts *testscript.TestScript, good []byte) *parcel {
	p := &parcel{}
	for tr := tar.NewReader(bytes.NewReader(good)); ; {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		ts.Check(err)
		text, err := io.ReadAll(tr)
		ts.Check(err)
		p.entries = append(p.entries, entry{tar.Header{Typeflag: tar.TypeReg, Name: h.Name, Mode: 0o600, ModTime: h.ModTime}, text})
	}
	ts.Check(json.Unmarshal(p.entries[0].text, &p.manifest))
	return p
}

func (p *parcel) add(name, text string) {
	p.entries = append(p.entries, entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, ModTime: p.entries[0].header.ModTime}, []byte(text)})
}

func link(e entry, kind byte) entry {
	e.header.Typeflag, e.text = kind, nil
	if kind == tar.TypeSymlink || kind == tar.TypeLink {
		e.header.Linkname = "/etc/passwd"
	}
	return e
}

// sparse declares a database of 10 GiB that is one hole (PAX 1.0).
func (p *parcel) sparse() {
	e := &p.entries[1]
	e.text = append([]byte("1\n10737418240\n0\n"), make([]byte, 496)...)
	e.header.PAXRecords = map[string]string{"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "statusd.db", "GNU.sparse.realsize": "10737418240"}
}

// statement changes the database.
func statement(text string) func(*testscript.TestScript, *parcel) {
	return func(ts *testscript.TestScript, p *parcel) {
		dir, err := os.MkdirTemp("", "forge-*")
		ts.Check(err)
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "x.db")
		ts.Check(os.WriteFile(file, p.entries[1].text, 0o600))
		db, err := sql.Open("sqlite", file)
		ts.Check(err)
		db.SetMaxOpenConns(1)
		_, err = db.Exec(text)
		ts.Check(err)
		ts.Check(db.Close())
		p.entries[1].text, err = os.ReadFile(file)
		ts.Check(err)
	}
}

// bytes puts the parcel together, with the checksums that its parts have now.
func (p *parcel) bytes(ts *testscript.TestScript) []byte {
	var parts []map[string]any
	for _, name := range []string{"statusd.db", "statusd.key"} {
		part := map[string]any{"name": name, "size": 0, "sha256": ""}
		for _, e := range p.entries {
			if e.header.Name == name {
				part["size"], part["sha256"] = len(e.text), sum(e.text)
			}
		}
		parts = append(parts, part)
	}
	p.manifest["parts"] = parts
	if p.entries[0].header.Typeflag == tar.TypeReg {
		p.entries[0].text = signed(ts, p.manifest)
	}
	var out bytes.Buffer
	tw := tar.NewWriter(&out)
	for _, e := range p.entries {
		e.header.Size = int64(len(e.text))
		if e.header.ModTime.IsZero() {
			e.header.ModTime = time.Unix(0, 0)
		}
		if e.header.PAXRecords != nil {
			// The writer of the standard library writes no GNU.sparse records: say them under a name of the same length, and swap.
			e.header.PAXRecords = map[string]string{}
			e.header.PAXRecords["XXX.sparse.major"], e.header.PAXRecords["XXX.sparse.minor"] = "1", "0"
			e.header.PAXRecords["XXX.sparse.name"], e.header.PAXRecords["XXX.sparse.realsize"] = "statusd.db", "10737418240"
		}
		ts.Check(tw.WriteHeader(&e.header))
		_, err := tw.Write(e.text)
		ts.Check(err)
	}
	ts.Check(tw.Close())
	return bytes.ReplaceAll(out.Bytes(), []byte("XXX.sparse"), []byte("GNU.sparse"))
}

func signed(ts *testscript.TestScript, manifest map[string]any) []byte {
	zeros := strings.Repeat("0", 64)
	manifest["digest"] = zeros
	text, err := json.Marshal(manifest)
	ts.Check(err)
	return bytes.Replace(text, []byte(zeros), []byte(sum(text)), 1)
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}
