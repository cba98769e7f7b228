package app

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// MaxResults is how many results are listed at once: a day at the shortest interval.
const MaxResults = 2880

// Results lists a check's recorded results, newest first.
func (a *App) Results(ctx context.Context, by model.Actor, id model.CheckID, wanted model.Wanted) (out model.List[model.Result], err error) {
	var wrong model.Invalid
	w, limit := a.resultWindow(wanted.Within), wanted.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	between(&wrong, "limit", int64(limit), 1, MaxResults)
	if w.Empty() {
		wrong.Add("to", "after_from")
	}
	at, ok := readBookmark(wanted.Cursor)
	if !ok {
		wrong.Add("cursor", "cursor")
	}
	err = a.read(ctx, func(view store.View) error {
		own := view.In(by.Workspace)
		if _, err := own.Check(ctx, id); err != nil {
			return known(err)
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		list := own.Results
		if wanted.Failed {
			list = own.Failures
		}
		rows, err := list(ctx, id, at.rest(w), at.fetch(limit))
		out = at.list(rows, limit)
		return err
	})
	return out, err
}

// resultWindow fills in the ends that were left open: everything that is kept.
func (a *App) resultWindow(w status.Interval) status.Interval {
	now := a.watch.Now()
	if w.To == 0 {
		w.To = now + 1
	}
	if w.From == 0 {
		w.From = min(w.To-1, now.Add(-a.Retention))
	}
	return w
}

// bookmark is how far a list of results was read, newest first: to a millisecond, and how many of its results were shown.
type bookmark struct {
	at    status.Instant
	shown int
}

// readBookmark reads a cursor; "" is the beginning.
func readBookmark(cursor string) (bookmark, bool) {
	if cursor == "" {
		return bookmark{}, true
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	at, shown, _ := strings.Cut(string(text), ".")
	n, errAt := strconv.ParseInt(at, 10, 48)
	m, errShown := strconv.ParseUint(shown, 10, 10)
	if err != nil || errAt != nil || errShown != nil || n < 1 {
		return bookmark{}, false
	}
	return bookmark{status.Instant(n), int(m)}, true
}

// rest is the part of a window that was not read yet. It may be empty.
func (p bookmark) rest(w status.Interval) status.Interval {
	if p.at != 0 {
		w.To = min(w.To, p.at+1)
	}
	return w
}

// fetch is how many rows to read for a page of the list.
func (p bookmark) fetch(limit int) int { return min(limit+p.shown, MaxResults) }

// list leaves out what was shown already and says how to go on.
func (p bookmark) list(rows []model.Result, limit int) model.List[model.Result] {
	l := model.List[model.Result]{Items: rows[min(p.shown, len(rows)):]}
	if len(rows) == 0 || len(rows) < p.fetch(limit) {
		return l
	}
	last, shown := rows[len(rows)-1].At.UnixMilli(), int64(0)
	for _, r := range rows {
		if r.At.UnixMilli() == last {
			shown++
		}
	}
	next := strconv.FormatInt(last, 10) + "." + strconv.FormatInt(shown, 10)
	l.Next = base64.RawURLEncoding.EncodeToString([]byte(next))
	return l
}
