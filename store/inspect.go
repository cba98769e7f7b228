package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/pressly/goose/v3"

	"statusd/store/seal"
)

// Inspection is what a database file holds.
type Inspection struct {
	Schema int64
	Counts map[string]int64 // rows of each table
}

// Inspect reads a database file that nobody uses, which may come from anywhere, and refuses one that is damaged or not ours: a
// schema that our migrations do not make (a trigger, a view, one column more), SQLite's own integrity and foreign key checks.
// A schema that is newer than this program is a Newer.
func Inspect(ctx context.Context, file string) (Inspection, error) {
	if err := checkHeader(file); err != nil {
		return Inspection{}, err
	}
	db, err := openFile(file)
	if err != nil {
		return Inspection{}, err
	}
	defer db.Close()
	schema, err := ownSchema(ctx, db) // first: what follows would run whatever a foreign schema says
	if err != nil {
		return Inspection{}, err
	}
	if err := sound(ctx, db); err != nil {
		return Inspection{}, err
	}
	counts, err := countRows(ctx, db)
	return Inspection{schema, counts}, err
}

// ProveKey checks that a database file was written with the key whose text is given.
func ProveKey(ctx context.Context, file, keyText string) error {
	key, err := seal.ParseKey(keyText)
	if err != nil {
		return err
	}
	sealer, err := seal.New(key)
	if err != nil {
		return err
	}
	db, err := openFile(file)
	if err != nil {
		return err
	}
	defer db.Close()
	proof, err := instanceValue(ctx, db, "key_check")
	if err != nil {
		return fmt.Errorf("the database does not tell which key it was written with: %w", err)
	}
	if err := proven(sealer, proof); err != nil {
		return fmt.Errorf("the key (%s) is not the one that the database was written with: %w", key, err)
	}
	return nil
}

// The beginning of a database file (sqlite.org/fileformat2.html §1.3).
const (
	magic      = "SQLite format 3\x00"
	headerSize = 100
	pageSize   = 4096 // SQLite's default, which we leave alone
)

// checkHeader refuses what is no database of ours before SQLite sees it.
func checkHeader(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte(magic)) {
		return errors.New("the database is damaged: it does not begin as an SQLite file does")
	}
	if size := binary.BigEndian.Uint16(head[16:]); size != pageSize {
		return fmt.Errorf("the database is not one of statusd's: its page size is %d, not %d", size, pageSize)
	}
	if pages := int64(binary.BigEndian.Uint32(head[28:])); pages*pageSize != info.Size() {
		return fmt.Errorf("the database is damaged: it should be %d bytes long and is %d", pages*pageSize, info.Size())
	}
	return nil
}

// openFile opens a file for reading only, promising SQLite that nobody changes it, and trusting nothing in it.
func openFile(file string) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	q := url.Values{
		"mode": {"ro"}, "immutable": {"1"}, "_query_only": {"1"}, "_defensive": {"1"}, "_dqs": {"0"},
		"_pragma": {"trusted_schema(0)", "temp_store(MEMORY)", "cell_size_check(1)"},
	}
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
}

// object is one row of sqlite_master.
type object struct{ kind, name, table, text string }

// statistics are the tables that ANALYZE makes, as SQLite writes them.
var statistics = []object{
	{"table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"},
	{"table", "sqlite_stat4", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"},
}

// maxObjects bounds what is read of a foreign schema; ours has a few dozen.
const maxObjects = 1000

func objectsOf(ctx context.Context, db *sql.DB) ([]object, error) {
	all, err := query(ctx, View{q: db}, scanObject, `
		SELECT type, name, tbl_name, coalesce(sql, '')
		FROM sqlite_master
		ORDER BY type, name
		LIMIT $1`, maxObjects)
	return slices.DeleteFunc(all, func(o object) bool { return slices.Contains(statistics, o) }), err
}

func scanObject(_ View, row scanner) (o object, err error) {
	err = row.Scan(&o.kind, &o.name, &o.table, &o.text)
	return o, err
}

// ownSchema is the schema version of a database whose tables and indexes are exactly those that our migrations make.
func ownSchema(ctx context.Context, db *sql.DB) (int64, error) {
	have, err := objectsOf(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("the database is damaged: %w", err)
	}
	newest, err := objectsAt(ctx, SchemaVersion())
	if err != nil {
		return 0, err
	}
	// The table of versions never changes; as long as it is not the real one, nothing may be read from it.
	isVersions := func(o object) bool { return o.name == "goose_db_version" }
	at, ours := slices.IndexFunc(have, isVersions), slices.IndexFunc(newest, isVersions)
	if at < 0 || have[at] != newest[ours] {
		return 0, errors.New("the database is not one of statusd's: it has no schema version")
	}
	version, err := schemaOf(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("the database is damaged: %w", err)
	}
	switch know := SchemaVersion(); {
	case version > know:
		return 0, Newer{version, know}
	case version == know:
		return version, sameObjects(have, newest)
	}
	older, err := objectsAt(ctx, version)
	if err != nil {
		return 0, err
	}
	return version, sameObjects(have, older)
}

func sameObjects(have, want []object) error {
	for _, o := range have {
		if !slices.Contains(want, o) {
			return fmt.Errorf("the database is not one of statusd's: its %s %q is not in our schema", o.kind, o.name)
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("the database is damaged: its schema has %d parts instead of %d", len(have), len(want))
	}
	return nil
}

// objectsAt is what our migrations make, up to a version.
func objectsAt(ctx context.Context, version int64) ([]object, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // every connection would have a memory of its own
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return nil, err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return nil, fmt.Errorf("the database says that it has schema %d, which no statusd ever had: %w", version, err)
	}
	return objectsOf(ctx, db)
}

func sound(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	rows, err := db.QueryContext(ctx, `PRAGMA foreign_key_check`)
	if err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return errors.New("the database is damaged: rows refer to rows that are not there")
	}
	return rows.Err()
}

// countRows counts every table. The schema was compared before: the names are ours.
func countRows(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	objects, err := objectsOf(ctx, db)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, o := range objects {
		if o.kind != "table" || o.name == "sqlite_sequence" {
			continue
		}
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+o.name+`"`).Scan(&n); err != nil {
			return nil, fmt.Errorf("the database is damaged: count %s: %w", o.name, err)
		}
		counts[o.name] = n
	}
	return counts, nil
}
