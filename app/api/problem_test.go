package api

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"statusd/app/model"
)

// TestAFullDiskIsToldAsSuch takes the error from a database that really has no room.
func TestAFullDiskIsToldAsSuch(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`PRAGMA max_page_count = 2; CREATE TABLE t (x BLOB); INSERT INTO t VALUES (zeroblob(100000))`)
	got := New(Config{}).problemOf(fmt.Errorf("commit: %w", err))
	if got.Status != 507 || got.Detail == "" {
		t.Errorf("%v became %+v", err, got)
	}
}

func TestEveryKindOfErrorHasItsStatus(t *testing.T) {
	for _, one := range []struct {
		err  error
		want int
	}{
		{refusal{415, "no"}, 415},
		{model.Invalid{{Field: "a", Code: "b"}}, 422},
		{model.Conflict{Code: "c"}, 409},
		{model.TooMany{Retry: 1}, 429},
		{model.ErrNotFound, 404},
		{model.ErrForbidden, 403},
		{model.ErrUnauthorized, 401},
		{errors.New("dial tcp 10.0.0.1: secret"), 500},
	} {
		got := New(Config{}).problemOf(errors.Join(fmt.Errorf("as wrapped: %w", one.err), nil))
		if got.Status != one.want || got.Type != "about:blank" || got.Title == "" || one.want == 500 && got.Detail != "" {
			t.Errorf("%v became %+v, want %d", one.err, got, one.want)
		}
	}
}
