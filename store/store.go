// Package store is the memory: one SQLite file with one writer and many readers, and the SQL of every noun beside it.
// It has no rules of its own; what may be written is decided by the use cases, inside the transaction that it hands them.
// Start with Open, then Tx and View (tx.go), then Owned (scope.go), the only way to rows that have an owner.
//
// It stores instance, workspaces, users, memberships, tokens, sessions, invites, pages, components, checks, spans, component_days,
// life, segments, packs, reasons, check_hours, check_days and answers: migrations/ says what each holds.
//
// Implements SPEC §10 and the data folder of §9.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver; LIBRARIES: its libc must stay in step, see go.mod

	"statusd/store/seal"
)

// The files of a data folder.
const (
	DatabaseFile = "statusd.db"
	KeyFile      = "statusd.key"
	lockFile     = "statusd.lock"
	backupFolder = "backups"
)

// Options say how to open a data folder.
type Options struct {
	Dir   string
	Serve bool   // take the folder for this process alone; commands leave it out and work beside a server
	Key   string // overrides the key file: 32 bytes in base64
	Now   func() time.Time
	Log   *slog.Logger
}

// Store is an open data folder. Safe for concurrent use.
type Store struct {
	opts    Options
	lock    *lock // nil for commands
	sealer  *seal.Sealer
	key     seal.Key
	writer  *sql.DB
	conn    *sql.Conn // the one connection that writes
	readers *sql.DB

	prepared prepared // for the readers

	turn   chan struct{} // full while somebody uses conn
	synced bool          // conn's PRAGMA synchronous is FULL
	failed chan error
}

// Open opens a data folder, making it on first use. It changes nothing when the folder is in use by another server, the key is
// wrong, or the schema is newer than this program; each is told in a sentence.
func Open(ctx context.Context, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	s := &Store{opts: opts, turn: make(chan struct{}, 1), failed: make(chan error, 1)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	held, err := takeLock(s.file(lockFile))
	if err != nil {
		return err
	}
	if held == nil && s.opts.Serve {
		return fmt.Errorf("%s is in use by another statusd%s: stop it first, or give this one a folder of its own with --data",
			s.opts.Dir, lockOwner(s.file(lockFile)))
	}
	s.lock = held
	if err := interrupted(s.opts.Dir); err != nil {
		return err
	}
	if err := s.settleKey(ctx); err != nil {
		return err
	}
	if err := s.openKey(); err != nil {
		return err
	}
	if err := s.openWriter(ctx); err != nil {
		return err
	}
	if err := s.checkKey(ctx); err != nil {
		return err
	}
	if err := s.migrate(ctx, held != nil); err != nil {
		return err
	}
	if err := s.stampKey(ctx); err != nil {
		return err
	}
	if !s.opts.Serve {
		s.releaseLock() // it was needed for making or migrating only
	}
	return s.openReaders(ctx)
}

// openKey reads the master key, or makes one for a folder that holds no database yet.
func (s *Store) openKey() error {
	file := s.file(KeyFile)
	key, err := readKey(s.opts.Key, file)
	if errors.Is(err, fs.ErrNotExist) {
		if s.exists() {
			return fmt.Errorf("%s is missing, but %s is there: put the key file back (it is in every export), or set STATUSD_KEY", file, DatabaseFile)
		}
		key = seal.NewKey()
		err = seal.WriteKey(file, key)
		if errors.Is(err, fs.ErrExist) { // another process was first
			key, err = seal.ReadKey(file)
		}
	}
	if err != nil {
		return err
	}
	s.key = key
	s.sealer, err = seal.New(key)
	return err
}

func readKey(override, file string) (seal.Key, error) {
	if override == "" {
		return seal.ReadKey(file)
	}
	key, err := seal.ParseKey(override)
	if err != nil {
		return key, fmt.Errorf("STATUSD_KEY: %w", err)
	}
	return key, nil
}

func (s *Store) exists() bool {
	info, err := os.Stat(s.path())
	return err == nil && info.Size() > 0
}

func (s *Store) path() string { return s.file(DatabaseFile) }

func (s *Store) file(name string) string { return filepath.Join(s.opts.Dir, name) }

// Dir is the data folder.
func (s *Store) Dir() string { return s.opts.Dir }

// Failed receives the error after which the process must end: a sync to disk that did not succeed. What was acknowledged
// before is safe; the next start recovers.
func (s *Store) Failed() <-chan error { return s.failed }

// dsn names the database for the driver. The path is escaped: a raw # or ? in it would open another file.
func (s *Store) dsn(params url.Values) string {
	params.Set("_busy_timeout", "10000")
	params.Set("_foreign_keys", "on")
	params.Set("_dqs", "0")
	params.Set("_defensive", "1")
	params.Add("_pragma", "trusted_schema(0)")
	params.Add("_pragma", "temp_store(MEMORY)") // a scratch container has no /tmp
	path, err := filepath.Abs(s.path())
	if err != nil {
		path = s.path()
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: params.Encode()}).String()
}

func (s *Store) openWriter(ctx context.Context) error {
	if err := s.touch(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", s.dsn(url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_txlock": {"immediate"}, "_pragma": {"cache_size(-8000)"},
	}))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	s.writer = db
	if s.conn, err = db.Conn(ctx); err != nil {
		return explain(s.path(), err)
	}
	s.synced = true
	return nil
}

// touch makes the file before SQLite does, which would make it readable to everybody.
func (s *Store) touch() error {
	f, err := os.OpenFile(s.path(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return f.Close()
}

// reading are connections that cannot write.
func (s *Store) reading() (*sql.DB, error) {
	return sql.Open("sqlite", s.dsn(url.Values{"mode": {"ro"}, "_query_only": {"1"}, "_pragma": {"cache_size(-4000)"}}))
}

func (s *Store) openReaders(ctx context.Context) error {
	db, err := s.reading()
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	s.readers = db
	s.prepared, err = prepare(ctx, db, addressed)
	return err
}

// Close ends the connections and gives the folder back. The log is folded into the database first.
func (s *Store) Close() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	s.releaseLock()
	return errors.Join(errs...)
}

func (s *Store) releaseLock() {
	if s.lock != nil {
		s.lock.release()
		s.lock = nil
	}
}
