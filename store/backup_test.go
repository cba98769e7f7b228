package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"statusd/store/seal"
)

func openAt(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it before
	return s
}

func statement(t *testing.T, dir, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func TestASecondServerIsRefusedAndCommandsAreNot(t *testing.T) {
	dir := t.TempDir()
	openAt(t, dir)
	if _, err := Open(t.Context(), Options{Dir: dir, Serve: true}); err == nil || !strings.Contains(err.Error(), "is in use by another statusd (process ") {
		t.Fatalf("err = %v", err)
	}
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// untouched checks that opening fails, with the words, and that the database and key keep every byte.
func untouched(t *testing.T, dir, words string, options Options) {
	t.Helper()
	before := contents(t, dir)
	options.Dir, options.Serve = dir, true
	_, err := Open(t.Context(), options)
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Fatalf("err = %v", err)
	}
	if after := contents(t, dir); !bytes.Equal(before, after) {
		t.Fatal("the files were changed")
	}
}

func contents(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{DatabaseFile, KeyFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

func TestAWrongKeyLeavesEveryByte(t *testing.T) {
	dir := t.TempDir()
	if err := openAt(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	untouched(t, dir, "is not the one that this database was written with", Options{Key: seal.NewKey().Text()})
}

func TestANewerSchemaIsRefusedAndLeavesEveryByte(t *testing.T) {
	dir := t.TempDir()
	if err := openAt(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	statement(t, dir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, 1)`)
	untouched(t, dir, "it was written by a newer release", Options{})
}

func TestADatabaseIsSetAsideBeforeItIsMigrated(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	if err := s.setAside(t.Context(), SchemaVersion()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, backupFolder, "schema-*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	inside, err := Inspect(t.Context(), files[0])
	if err != nil || inside.Schema != SchemaVersion() {
		t.Fatalf("%+v, %v", inside, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
}

func TestEveryOlderSchemaIsSetAsideAndMigrated(t *testing.T) {
	for _, version := range olderSchemas(t) {
		dir := t.TempDir()
		makeAt(t, dir, version)
		openAt(t, dir)
		files, err := filepath.Glob(filepath.Join(dir, backupFolder, "schema-*.db"))
		if err != nil || len(files) != 1 {
			t.Fatalf("schema %d: %v, %v", version, files, err)
		}
		if inside, err := Inspect(t.Context(), files[0]); err != nil || inside.Schema != version {
			t.Fatalf("schema %d: %+v, %v", version, inside, err)
		}
	}
}

// olderSchemas are the versions of all migrations but the newest. Numbers may be left out.
func olderSchemas(t *testing.T) (versions []int64) {
	t.Helper()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files[:len(files)-1] {
		version, err := goose.NumericComponent(filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, version)
	}
	return versions
}

// makeAt makes a data folder as the release with that schema left it.
func makeAt(t *testing.T, dir string, version int64) {
	t.Helper()
	if err := seal.WriteKey(filepath.Join(dir, KeyFile), seal.NewKey()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// killed ends a restore in the middle of the database, as a power loss does.
type killed struct{ left int }

func (k *killed) Read(p []byte) (int, error) {
	if k.left--; k.left < 0 {
		panic("killed")
	}
	return len(p), nil
}

func TestARestoreThatIsKilledSaysSoAndCanBeDoneAgain(t *testing.T) {
	from, dir := t.TempDir(), t.TempDir()
	s := openAt(t, from)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Copy(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	folder, err := BeginRestore(dir)
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }() // the kill
		_ = folder.Put(&killed{3}, s.KeyText())
	}()
	folder.Close()
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "was cut off before its end") {
		t.Fatalf("err = %v", err)
	}
	if folder, err = BeginRestore(dir); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := folder.Put(f, s.KeyText()); err != nil {
		t.Fatal(err)
	}
	folder.Close()
	openAt(t, dir)
	entries, err := filepath.Glob(filepath.Join(dir, ".statusd*"))
	if err != nil || len(entries) > 0 {
		t.Fatalf("left %v, %v", entries, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestARestoreThatFailsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	folder, err := BeginRestore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Put(broken{}, seal.NewKey().Text()); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Fatalf("err = %v", err)
	}
	folder.Close()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != lockFile {
		t.Fatalf("left %v, %v", entries, err)
	}
	if err := Vacant(dir); err != nil {
		t.Fatal(err)
	}
}

func TestAStageIsInsideTheFolderWhereNothingElseCanBeWritten(t *testing.T) {
	if os.Getuid() == 0 {
		// Root may write anywhere but into a folder that is not there.
		stage, err := Stage(filepath.Join(t.TempDir(), "missing", "data"))
		if err != nil || filepath.Base(filepath.Dir(stage)) != "data" {
			t.Fatalf("%s, %v", stage, err)
		}
		return
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "data")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(parent, 0o500)); err != nil {
		t.Fatal(err)
	}
	stage, err := Stage(dir)
	if err != nil || filepath.Dir(stage) != dir {
		t.Fatalf("%s, %v", stage, err)
	}
	if err := empty(dir); err != nil {
		t.Fatal(err)
	}
}

func TestTheEngineTellsItsVersion(t *testing.T) {
	if version, err := EngineVersion(context.Background()); err != nil || !strings.HasPrefix(version, "3.") {
		t.Fatalf("%q, %v", version, err)
	}
}
