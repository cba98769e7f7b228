package store

import (
	"context"
	"database/sql"
	"fmt"
)

// prepared are queries that are made for each letter of thousands: to understand them costs SQLite more than to answer them.
type prepared map[string]*sql.Stmt

func prepare(ctx context.Context, db *sql.DB, texts ...string) (prepared, error) {
	p := prepared{}
	for _, text := range texts {
		s, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
		p[text] = s
	}
	return p, nil
}

// readingTx is a transaction that knows prepared queries.
type readingTx struct {
	*sql.Tx
	known prepared
}

// QueryRowContext asks for one row.
func (r readingTx) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := r.known[text]; s != nil {
		return r.StmtContext(ctx, s).QueryRowContext(ctx, args...)
	}
	return r.Tx.QueryRowContext(ctx, text, args...)
}

// peeking asks each question on its own.
type peeking struct {
	*sql.DB
	known prepared
}

// QueryRowContext asks for one row.
func (p peeking) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := p.known[text]; s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, text, args...)
}

// Peek lets f see one state after another: each query its own. It costs a third of what Read does, for those who ask little and can do
// with what does not fit together.
func (s *Store) Peek(f func(View) error) error {
	return f(View{peeking{s.readers, s.prepared}, s.sealer})
}
