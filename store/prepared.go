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
