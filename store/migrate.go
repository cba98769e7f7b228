package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"statusd/store/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Newer is a database that a later release has written.
type Newer struct{ Have, Know int64 }

// Error says what to do about it.
func (n Newer) Error() string {
	return fmt.Sprintf("the database has schema %d, this statusd knows up to %d: it was written by a newer release; run that one, or restore a backup made before the upgrade", n.Have, n.Know)
}

// SchemaVersion is the newest schema that this program knows.
func SchemaVersion() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0
	}
	version, _ := goose.NumericComponent(filepath.Base(files[len(files)-1])) // names are ours
	return version
}

// migrate brings the schema up to date, each step in a transaction of its own, after a copy was set aside. Without the lock on
// the folder it only looks: a server that is running has the say.
func (s *Store) migrate(ctx context.Context, alone bool) error {
	have, err := schemaOf(ctx, s.conn)
	if err != nil {
		return explain(s.path(), err)
	}
	switch know := SchemaVersion(); {
	case have > know:
		return Newer{have, know}
	case have == know:
		return nil
	case !alone:
		return fmt.Errorf("the running server has schema %d, this program %d: use the program that is running, or restart the server with this one", have, know)
	}
	if have > 0 {
		if err := s.setAside(ctx, have); err != nil {
			return fmt.Errorf("before migrating: %w", err)
		}
	}
	return s.migrateUp(ctx)
}

func (s *Store) migrateUp(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// goose wants a pool of its own; ours has one connection, so it is lent for the time.
	if err := s.conn.Close(); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.writer, folder)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	s.conn, err = s.writer.Conn(ctx)
	return err
}

// schemaOf is the version of the newest migration applied; 0 for an empty database.
func schemaOf(ctx context.Context, q querier) (int64, error) {
	var tables int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	var version sql.NullInt64
	err = q.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version.Int64, err
}

// setAside copies the database into backups/ before a migration touches it.
func (s *Store) setAside(ctx context.Context, version int64) error {
	dir := filepath.Join(s.opts.Dir, backupFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := fmt.Sprintf("schema-%d-%s.db", version, s.opts.Now().UTC().Format("20060102T150405Z"))
	target := filepath.Join(dir, name)
	if err := copyInto(ctx, s.conn, target); err != nil {
		return err
	}
	s.opts.Log.Info("database set aside before migrating", "file", target, "schema", version)
	return nil
}

// checkKey refuses a database of another key before anything is written to it.
func (s *Store) checkKey(ctx context.Context) error {
	var tables int
	err := s.conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'instance'`).Scan(&tables)
	if err != nil {
		return explain(s.path(), err)
	}
	if tables == 0 {
		return nil
	}
	sealed, err := instanceValue(ctx, s.conn, "key_check")
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := proven(s.sealer, sealed); err != nil {
		if errors.Is(err, seal.ErrWrongKey) {
			return fmt.Errorf("the key (%s) is not the one that this database was written with: put the right %s back; nothing was changed", s.key.ID(), KeyFile)
		}
		return fmt.Errorf("the proof of the key is damaged (%w): restore a backup with statusd restore; nothing was changed", err)
	}
	return nil
}

// stampKey leaves the proof in a new database.
func (s *Store) stampKey(ctx context.Context) error {
	_, err := instanceValue(ctx, s.conn, "key_check")
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return s.Write(ctx, Synced, func(tx *Tx) error {
		return tx.exec(ctx, `
			INSERT INTO instance (name, value)
			VALUES ('key_check', $1)
			ON CONFLICT (name) DO NOTHING`, newProof(s.sealer))
	})
}

func instanceValue(ctx context.Context, q querier, name string) ([]byte, error) {
	var value []byte
	err := q.QueryRowContext(ctx, `SELECT value FROM instance WHERE name = $1`, name).Scan(&value)
	return value, err
}

// explain turns the driver's words about a file that is no database, or a damaged one, into what to do.
func explain(path string, err error) error {
	var sq *sqlite.Error
	if errors.As(err, &sq) && (sq.Code()&0xff == sqliteNotADB || sq.Code()&0xff == sqliteCorrupt) {
		return fmt.Errorf("%s is damaged (%w): nothing was changed; set it aside and use statusd restore with your last export", path, err)
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// Result codes of SQLite (sqlite.org/rescode.html).
const (
	sqliteCorrupt       = 11
	sqliteFull          = 13
	sqliteConstraint    = 19
	sqliteNotADB        = 26
	sqliteIOErrFsync    = 1034
	sqliteIOErrDirFsync = 1290
	sqliteUnique        = 2067
	sqliteForeignKey    = 787
	sqlitePrimaryKey    = 1555
)

// copyInto writes a compact, consistent copy of a database to a file that must not exist yet, readable to its owner only.
func copyInto(ctx context.Context, q querier, target string) error {
	f, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // VACUUM INTO keeps the mode of an empty file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if _, err := q.ExecContext(ctx, `VACUUM INTO '`+strings.ReplaceAll(target, "'", "''")+`'`); err != nil {
		return errors.Join(fmt.Errorf("copy the database: %w", err), os.Remove(target))
	}
	return nil
}

// millis reads a unix millisecond column; 0 is the zero time.
func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// toMillis writes one.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
