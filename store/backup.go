package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
)

// Copy writes a compact, consistent copy of the database to a file that must not exist yet. It works beside a writer, on a
// connection of its own.
func (s *Store) Copy(ctx context.Context, target string) error {
	db, err := sql.Open("sqlite", s.dsn(url.Values{"mode": {"ro"}})) // query_only would refuse VACUUM INTO
	if err != nil {
		return err
	}
	defer db.Close()
	return copyInto(ctx, db, target)
}

// KeyText is the key file's text, for a backup.
func (s *Store) KeyText() string { return s.key.Text() }

// Optimise lets SQLite look at its statistics and returns the log's space.
func (s *Store) Optimise(ctx context.Context) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := s.conn.ExecContext(ctx, `PRAGMA optimize`); err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return s.noticed(err)
}

// Size is how many bytes the database takes on disk, its log included.
func (s *Store) Size() (int64, error) {
	var size int64
	for _, file := range []string{s.path(), s.path() + "-wal"} {
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}

// EngineVersion is the version of SQLite inside, "3.54.1".
func EngineVersion(ctx context.Context) (version string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
	return version, err
}
