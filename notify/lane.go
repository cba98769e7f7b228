package notify

import (
	"cmp"
	"slices"
	"time"
)

// lane is the deliveries of one Lane that wait, and the one that is being made.
type lane struct {
	key     Lane
	entries []Entry   // by id
	flight  *flight   // the attempt going on, until it is recorded; its entry is not in entries
	ready   bool      // in a queue of its channel
	to      *receiver // while it is
	index   int       // among the sleeping; -1: not there
}

func (l *lane) due() time.Time { return l.entries[0].Due }

// insert puts an entry to where its id belongs. It is never due later than the schedule knows: its instant may come from a clock that
// was ahead.
func (l *lane) insert(e Entry, now time.Time) {
	if latest := now.Add(longest(e.Attempts)); e.Due.After(latest) {
		e.Due = latest
	}
	at, _ := slices.BinarySearchFunc(l.entries, e, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	l.entries = slices.Insert(l.entries, at, e)
}

// takeFirst takes out the entry whose turn it is.
func (l *lane) takeFirst() Entry {
	e := l.entries[0]
	l.entries = slices.Delete(l.entries, 0, 1)
	return e
}

// remove takes out the entries that are gone, and returns them.
func (l *lane) remove(gone func(Entry) bool) (out []Entry) {
	l.entries = slices.DeleteFunc(l.entries, func(e Entry) bool {
		if gone(e) {
			out = append(out, e)
			return true
		}
		return false
	})
	return out
}

// hasten makes what waits due.
func (l *lane) hasten(now time.Time) {
	for i, e := range l.entries {
		if e.Due.After(now) {
			l.entries[i].Due = now
		}
	}
}

func (l *lane) move(by time.Duration) {
	for i := range l.entries {
		l.entries[i].Due = l.entries[i].Due.Add(by)
	}
}

// byDue is a heap of lanes, the one whose first entry is due first in front.
type byDue []*lane

// Len is for heap.
func (q byDue) Len() int { return len(q) }

// Less is for heap.
func (q byDue) Less(i, j int) bool { return q[i].due().Before(q[j].due()) }

// Swap is for heap.
func (q byDue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is for heap.
func (q *byDue) Push(x any) {
	l := x.(*lane)
	l.index = len(*q)
	*q = append(*q, l)
}

// Pop is for heap.
func (q *byDue) Pop() any {
	old := *q
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	l.index = -1
	return l
}
