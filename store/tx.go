package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"modernc.org/sqlite"

	"statusd/store/seal"
)

// Durability says what a commit must survive.
type Durability uint8

const (
	// Relaxed survives a crash of the process; a power loss may take the last of it. For results that changed nothing.
	Relaxed Durability = iota
	// Synced survives a power loss: on disk before Write returns. For what a person did, an event, a firing, a change of status.
	Synced
)

// Errors that a use case turns into words.
var (
	// ErrTaken: a unique value is in use.
	ErrTaken = errors.New("taken")
	// ErrNone: there is no such row.
	ErrNone = errors.New("no such row")
	// ErrHeld: other rows belong to it.
	ErrHeld = errors.New("other rows belong to it")
)

type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// View reads one consistent state. It cannot write.
type View struct {
	q      querier
	sealer *seal.Sealer
}

// Tx is the one transaction that writes. It reads what it has written.
type Tx struct {
	View
	durability Durability
	after      []func()
	log        *slog.Logger
}

// Synced says that the transaction will be on disk before Write returns.
func (tx *Tx) Synced() bool { return tx.durability == Synced }

// AfterCommit runs f once the transaction is committed, in the order of commits, before the next transaction begins. It must be
// quick and must not use the store.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Read lets f see one consistent state.
func (s *Store) Read(ctx context.Context, f func(View) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to lose: it only read
	return f(View{readingTx{tx, s.prepared}, s.sealer})
}

// Write runs f in the writing transaction and commits it. When f or the commit fails nothing has happened. A client that goes
// away while it waits for its turn is not served any more; one that goes away in the middle does not undo it.
func (s *Store) Write(ctx context.Context, d Durability, f func(*Tx) error) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	ctx = context.WithoutCancel(ctx)
	if err := s.setSync(ctx, d == Synced); err != nil {
		return s.noticed(err)
	}
	began, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return s.noticed(fmt.Errorf("begin: %w", err))
	}
	tx := &Tx{View: View{began, s.sealer}, durability: d, log: s.opts.Log}
	ended := false
	defer func() {
		if !ended { // f failed or panicked: the next transaction must find none open
			_ = s.noticed(began.Rollback()) // SQLite may have rolled back already; f's error says why
		}
	}()
	if err := s.sameKey(ctx, began); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return s.noticed(err)
	}
	ended = true
	if err := began.Commit(); err != nil {
		// For database/sql the transaction is over now, for SQLite it may not be; of the two errors the commit's is the one to tell.
		_, _ = s.conn.ExecContext(ctx, `ROLLBACK`)
		return s.noticed(fmt.Errorf("commit: %w", err))
	}
	for _, done := range tx.after {
		done()
	}
	return nil
}

// take waits for the turn to use conn, as long as ctx lasts; what it returns gives it back.
func (s *Store) take(ctx context.Context) (giveBack func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// setSync changes how much the next commit waits for; SQLite allows it between transactions only.
func (s *Store) setSync(ctx context.Context, full bool) error {
	if s.synced == full {
		return nil
	}
	mode := "NORMAL"
	if full {
		mode = "FULL"
	}
	if _, err := s.conn.ExecContext(ctx, `PRAGMA synchronous = `+mode); err != nil {
		return fmt.Errorf("set synchronous: %w", err)
	}
	s.synced = full
	return nil
}

// noticed reports a failed sync once: the kernel may have dropped the pages, so the process must end and recover.
func (s *Store) noticed(err error) error {
	var sq *sqlite.Error
	if errors.As(err, &sq) && (sq.Code() == sqliteIOErrFsync || sq.Code() == sqliteIOErrDirFsync) {
		select {
		case s.failed <- err:
		default:
		}
	}
	return err
}

// IsFull says that the disk has no room.
func IsFull(err error) bool {
	var sq *sqlite.Error
	return errors.As(err, &sq) && sq.Code()&0xff == sqliteFull
}

// IsDamaged says that a sealed value in the database does not open: the disk has changed it, or somebody.
func IsDamaged(err error) bool { return errors.Is(err, seal.ErrDamaged) }

func (tx *Tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.q.ExecContext(ctx, query, args...)
	var sq *sqlite.Error
	if errors.As(err, &sq) && (sq.Code() == sqliteUnique || sq.Code() == sqlitePrimaryKey) {
		return fmt.Errorf("%w: %w", ErrTaken, err)
	}
	return err
}

// execOne is exec for exactly one row: ErrNone when there was none.
func (tx *Tx) execOne(ctx context.Context, query string, args ...any) error {
	res, err := tx.q.ExecContext(ctx, query, args...)
	var sq *sqlite.Error
	if errors.As(err, &sq) && (sq.Code() == sqliteUnique || sq.Code() == sqlitePrimaryKey) {
		return fmt.Errorf("%w: %w", ErrTaken, err)
	}
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return ErrNone
	}
	return err
}

type scanner interface{ Scan(dest ...any) error }

// query collects the rows that scan reads.
func query[T any](ctx context.Context, v View, scan func(View, scanner) (T, error), sqlText string, args ...any) ([]T, error) {
	rows, err := v.q.QueryContext(ctx, sqlText, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		item, err := scan(v, rows)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, rows.Err()
}

// one reads a single row; ErrNone when there is none.
func one[T any](ctx context.Context, v View, scan func(View, scanner) (T, error), sqlText string, args ...any) (T, error) {
	item, err := scan(v, v.q.QueryRowContext(ctx, sqlText, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, ErrNone
	}
	return item, err
}
