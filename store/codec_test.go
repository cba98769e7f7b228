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
		{}, {at: base}, {at: base + 29_999, status: status.Operational, code: 200, latency: 83 * time.Millisecond},
		{at: base - 400_000, status: status.Down, reason: 1 << 40}, {at: 1 << 45, status: status.Degraded, code: 599, latency: time.Hour, manual: true},
		{at: -5, status: status.NoData, manual: true, reason: 3},
	} {
		var got []entry
		data := appendEntry(nil, hourStart(hourOf(base)), e)
		if err := eachInPack(hourOf(base), data, func(e entry) { got = append(got, e) }); err != nil || !slices.Equal(got, []entry{e}) {
			t.Errorf("%+v reads %+v (%v)", e, got, err)
		}
		for n := range len(data) {
			if n > 0 && eachInPack(hourOf(base), data[:n], func(entry) {}) == nil {
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
		if eachInPack(7, data, func(e entry) {
			again = appendEntry(again, base, e)
			base = e.at
			first = append(first, e)
		}) != nil {
			return
		}
		if err := eachInPack(7, again, func(e entry) { second = append(second, e) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first, second) {
			t.Fatalf("%v\n%v", first, second)
		}
		_ = eachInSegment(1, data, func(model.CheckID, entry) {})
	})
}
