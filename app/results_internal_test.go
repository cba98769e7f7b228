package app

import (
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// FuzzBookmark reads what strangers send as a cursor.
func FuzzBookmark(f *testing.F) {
	f.Add("MTc0NzU3MjQ5Njc4OS4y")
	f.Add("")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, ok := readBookmark(cursor)
		if !ok {
			return
		}
		if p.at < 0 || p.shown < 0 || p.fetch(MaxResults) > MaxResults {
			t.Fatalf("got %v", p)
		}
		rows := []model.Result{{At: time.UnixMilli(int64(max(p.at, 1)))}}
		if l := p.list(rows, 1); l.Next != "" {
			if again, ok := readBookmark(l.Next); !ok || again.at != status.At(rows[0].At) {
				t.Fatalf("%q became %v", l.Next, again)
			}
		}
	})
}
