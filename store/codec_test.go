package store

import (
	"slices"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

func TestEntriesReadWhatTheyWrite(t *testing.T) {
	const base = 1_790_000_000_000
	for _, e := range []entry{
		{at: base}, {at: base + 29_999, status: status.Operational, code: 200, latency: 83 * time.Millisecond},
		{at: base - 400_000, status: status.Down, reason: 1 << 40}, {at: base + 1<<30, status: status.Degraded, code: 599, latency: time.Hour, manual: true},
		{at: base - 5, status: status.NoData, manual: true, reason: 3},
	} {
		var got []entry
		data := appendEntry(nil, hourStart(hourOf(base)), e)
		if whole := eachInPack(hourOf(base), data, func(e entry) { got = append(got, e) }); !whole || !slices.Equal(got, []entry{e}) {
			t.Errorf("%+v reads %+v (%v)", e, got, whole)
		}
		for n := range len(data) {
			if n > 0 && eachInPack(hourOf(base), data[:n], func(entry) {}) {
				t.Errorf("%+v cut to %d of %d bytes is taken", e, n, len(data))
			}
		}
	}
}

// FuzzResults: no bytes make the reader panic, and what it reads, written again, reads the same.
func FuzzResults(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendEntry([]byte{5}, 0, entry{at: 30_000, status: status.Down, code: 503, latency: time.Second, reason: 7}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second []entry
		var again []byte
		base := hourStart(7)
		eachInPack(7, data, func(e entry) {
			again = appendEntry(again, base, e)
			base = e.at
			first = append(first, e)
		})
		if !eachInPack(7, again, func(e entry) { second = append(second, e) }) {
			t.Fatal("what was read and written again is damaged")
		}
		if !slices.Equal(first, second) {
			t.Fatalf("%v\n%v", first, second)
		}
		eachInSegment(1, data, func(model.CheckID, entry) {})
	})
}
