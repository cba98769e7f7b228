package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
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

// Inspection is what a database file holds.
type Inspection struct {
	Schema int64
	Counts map[string]int64 // rows of each table
}

// Inspect reads a database file that is not in use and refuses a damaged one: SQLite's own integrity and foreign key checks, and
// nothing in its schema but tables and indexes.
func Inspect(ctx context.Context, file string) (Inspection, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return Inspection{}, err
	}
	q := url.Values{"mode": {"ro"}, "_query_only": {"1"}, "_defensive": {"1"}, "_pragma": {"trusted_schema(0)", "temp_store(MEMORY)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return Inspection{}, err
	}
	defer db.Close()
	if err := sound(ctx, db); err != nil {
		return Inspection{}, err
	}
	schema, err := schemaOf(ctx, db)
	if err != nil {
		return Inspection{}, err
	}
	counts, err := countRows(ctx, db)
	return Inspection{schema, counts}, err
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
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return fmt.Errorf("the database is damaged: rows refer to rows that are not there")
	}
	return rows.Err()
}

func countRows(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	tables, err := query(ctx, View{q: db}, scanName, `
		SELECT name
		FROM sqlite_master
		WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		ORDER BY name`)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(tables))
	for _, name := range tables {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}

func scanName(_ View, row scanner) (name string, err error) {
	err = row.Scan(&name)
	return name, err
}

// Optimise lets SQLite look at its statistics and returns the log's space.
func (s *Store) Optimise(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.conn.ExecContext(ctx, `PRAGMA optimize`); err != nil {
		return err
	}
	_, err := s.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return s.noticed(err)
}
