package status_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/status"
)

const minute = status.Instant(60_000)

func during(from, to status.Instant, s status.Status) status.Span {
	return status.Span{Interval: status.Interval{From: from * minute, To: to * minute}, Status: s}
}

func TestChangesLeaveOutWhatOnlyARestartInterrupted(t *testing.T) {
	const up, slow, down, none = status.Operational, status.Degraded, status.Down, status.NoData
	for name, c := range map[string]struct {
		spans []status.Span
		until status.Instant
		want  []status.Change
	}{
		"nothing":        {nil, 100, nil},
		"one that lasts": {[]status.Span{during(10, 100, up)}, 100, []status.Change{{At: 10 * minute, To: up}}},
		"down and up again": {[]status.Span{during(10, 20, up), during(20, 29, down), during(29, 100, up)}, 100, []status.Change{
			{At: 10 * minute, To: up}, {At: 20 * minute, From: up, To: down, Lasted: 10 * time.Minute}, {At: 29 * minute, From: down, To: up, Lasted: 9 * time.Minute}}},
		"a restart": {[]status.Span{during(10, 20, up), during(22, 100, up)}, 100, []status.Change{{At: 10 * minute, To: up}}},
		"a restart into another status": {[]status.Span{during(10, 20, up), during(22, 100, slow)}, 100, []status.Change{
			{At: 10 * minute, To: up}, {At: 22 * minute, From: up, To: slow, Lasted: 12 * time.Minute}}},
		"a long gap": {[]status.Span{during(10, 20, down), during(30, 100, down)}, 100, []status.Change{
			{At: 10 * minute, To: down}, {At: 20 * minute, From: down, To: none, Lasted: 10 * time.Minute}, {At: 30 * minute, From: none, To: down, Lasted: 10 * time.Minute}}},
		"unknown by now":       {[]status.Span{during(10, 20, up)}, 26, []status.Change{{At: 10 * minute, To: up}, {At: 20 * minute, From: up, Lasted: 10 * time.Minute}}},
		"unknown for a moment": {[]status.Span{during(10, 20, up)}, 25, []status.Change{{At: 10 * minute, To: up}}},
	} {
		if diff := cmp.Diff(c.want, status.Changes(c.spans, c.until*minute)); diff != "" {
			t.Errorf("%s: want -, got +\n%s", name, diff)
		}
	}
}

// Whatever the spans, changes hang together: each begins where the one before it led, and none leads to where it began.
func TestChangesHangTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var spans []status.Span
		at := status.Instant(1)
		for range r.IntN(12) {
			at += status.Instant(r.IntN(9)) * status.Instant(r.IntN(2))
			to := at + 1 + status.Instant(r.IntN(5))
			spans = append(spans, during(at, to, []status.Status{status.Operational, status.Degraded, status.Down}[r.IntN(3)]))
			at = to
		}
		before := status.Change{}
		for i, c := range status.Changes(spans, at*minute) {
			if c.From == c.To || c.From != before.To || c.At <= before.At || i > 0 && c.Lasted != c.At.Sub(before.At) {
				t.Fatalf("%v after %v of %v", c, before, spans)
			}
			before = c
		}
	}
}
