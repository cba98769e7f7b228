package app

import (
	"encoding/base64"
	"fmt"

	"statusd/app/model"
	"statusd/store"
)

// The size of a page of a listing.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// position reads a window: how many rows to fetch (one more than asked, to know whether there are more) and behind which.
func position(w model.Window) (store.After, int, error) {
	var after store.After
	var v model.Invalid
	limit := w.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if limit < 1 || limit > MaxLimit {
		v.Add("limit", "range", "min", 1, "max", MaxLimit)
	}
	if w.Cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(w.Cursor)
		if err == nil {
			_, err = fmt.Sscanf(string(text), "%d.%d", &after.Position, &after.ID)
		}
		if err != nil {
			v.Add("cursor", "cursor")
		}
	}
	return after, limit + 1, v.Err()
}

// list cuts the fetched rows to what was asked and says how to go on.
func list[T any](rows []T, fetched int, after func(T) store.After) model.List[T] {
	l := model.List[T]{Items: rows}
	if len(rows) == fetched {
		l.Items = rows[:fetched-1]
		a := after(l.Items[len(l.Items)-1])
		l.Next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", a.Position, a.ID))
	}
	return l
}
