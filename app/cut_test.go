package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

// A process that is killed at any write leaves a database with a log that ends there. Here is one life, and every such end of it.

// TestEveryWriteLeavesAWholeState cuts the log of a life behind each of its writes, as a kill does, and begins a process on what is
// left: each state is the one before a step or the one after it, and the story that was told until then is the beginning of the whole.
func TestEveryWriteLeavesAWholeState(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		_, k := l.checks("API", "a", "b")
		l.must(l.s.Optimise(bg)) // folds the log into the database: what is cut is the life alone
		l.live(k)
		whole := l.story()
		files := map[string][]byte{}
		for _, name := range []string{store.DatabaseFile, store.KeyFile, store.DatabaseFile + "-wal"} {
			text, err := os.ReadFile(filepath.Join(l.dir, name))
			l.must(err)
			files[name] = text
		}
		log := files[store.DatabaseFile+"-wal"]
		frames := (len(log) - walHeader) / walFrame
		if frames < 200 {
			t.Fatalf("the log has %d frames only", frames)
		}
		last := 0
		for n := 0; n <= frames; n += storetest.Some(7, 60) {
			files[store.DatabaseFile+"-wal"] = log[:walHeader+n*walFrame]
			told := l.after(files)
			if len(told) > len(whole) || !slices.Equal(told, whole[:len(told)]) || len(told) < last {
				t.Fatalf("after %d writes of %d it has told %q, with less of them %d; in the end %q", n, frames, told, last, whole)
			}
			last = len(told)
		}
		if last < len(whole)-2 {
			t.Errorf("the last cut had told %d of %d", last, len(whole))
		}
	})
}

// The sizes of SQLite's log (sqlite.org/fileformat2.html §4).
const (
	walHeader = 32
	walFrame  = 24 + 4096
)

// live is a life with one of everything: an automatic incident with all that can become of it, one by hand, a window.
func (l *lab) live(k []model.Check) {
	l.t.Helper()
	m := l.plan(time.Hour+10*time.Minute, 2*time.Hour, model.Component{ID: k[0].Component})
	l.bad(k[0], 3)
	l.bad(k[1], 3)
	l.good(k[0], 1)
	l.good(k[1], 2)
	l.bad(k[1], 3)
	l.must(l.post(l.one().ID, incident.Identified))
	l.good(k[1], 62)
	hand, err := l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Body = model.Text{"en": "by hand"}, model.Text{"en": "by a person"}
		return nil
	})
	l.must(err)
	l.must(l.post(hand.ID, incident.Resolved))
	for l.wall().Before(m.End.Time().Add(time.Minute)) {
		l.bad(k[0], 1)
	}
	l.bad(k[0], 4)
}

// after begins a process on files, in the next minute, and says what has been told when it began.
func (l *lab) after(files map[string][]byte) []string {
	l.t.Helper()
	left := &lab{t: l.t, dir: storetest.Folder(l.t), config: l.config, by: l.by, page: l.page}
	left.offset.Store(l.offset.Load())
	for name, text := range files {
		l.must(os.WriteFile(filepath.Join(left.dir, name), text, 0o600))
	}
	left.s = storetest.Open(l.t, left.dir)
	told := left.story()
	left.consistent()
	if n := storetest.Number(l.t, left.dir, untold); n != 0 {
		l.t.Errorf("%d incidents have updates without their events, or the other way round", n)
	}
	left.begin()
	left.whole()
	left.consistent()
	left.stop()
	return told
}

// untold counts incidents that have another number of events than of updates that were to be told.
const untold = `
	SELECT count(*)
	FROM incidents
	WHERE (SELECT count(*) FROM incident_updates AS u WHERE u.incident_id = incidents.id AND notify = 1) <>
		(SELECT count(*) FROM events WHERE subject_id = incidents.id)`
