package app_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store/storetest"
)

// scribe is the model: it writes down, second by second, what each component was, by the rules of SPEC §2 and of status.Ruler,
// and knows nothing of spans.
type scribe struct {
	last       int       // seconds: the newest instant
	start      time.Time // origin of mono
	mono       int
	marks      [][2]int // of gaps: where they began, when they were noticed
	lookedFrom int      // when the latest gap was noticed, on mono
	components map[model.ComponentID]*page
	began      int
}

// page is the scribe's page on a component.
type page struct {
	manual status.Status
	seen   map[int]status.Status
	floor  int // nothing is changed before it
	checks map[model.CheckID]*line
}

type line struct {
	model.Check
	nth      int
	at       int
	outcome  status.Status
	stale    bool
	judged   int
	recorded []outcome
}

type outcome struct {
	at int
	s  status.Status
}

func (l *line) status(at int) status.Status {
	if l.outcome == status.NoData || l.stale || at >= l.at+l.staleAfter() {
		return status.NoData
	}
	return l.outcome
}

func (l *line) staleAfter() int { return int(l.StaleAfter() / time.Second) }

func (p *page) status(at int) status.Status {
	worst, any := status.NoData, false
	for _, l := range p.checks {
		if l.Enabled {
			any = true
			worst = max(worst, l.status(at))
		}
	}
	if !any {
		return p.manual
	}
	return worst
}

// write fills in the seconds from one up to the newest.
func (p *page) write(from, last int) {
	for at := from; at < last; at++ {
		s := p.status(at)
		if at > from || s != p.seen[at-1] {
			if s != p.seen[at-1] {
				p.floor = max(p.floor, at)
			}
		}
		if s == status.NoData {
			delete(p.seen, at)
		} else {
			p.seen[at] = s
		}
	}
	if last >= from && p.status(last) != p.seen[last-1] {
		p.floor = max(p.floor, last)
	}
	for _, l := range p.checks {
		if l.at+l.staleAfter() <= last {
			l.stale = true
		}
	}
}

// read takes a reading of the wall clock.
func (m *scribe) read(wall int) {
	m.mono = int(time.Since(m.start) / time.Second)
	switch back := m.last - wall; {
	case wall-m.last > 15:
		m.marks = append(m.marks, [2]int{m.last, m.mono})
		m.last, m.lookedFrom = wall, m.mono
		for _, p := range m.components {
			p.floor = wall
			p.write(wall, wall)
		}
	case back <= 0:
		before := m.last
		m.last = wall
		for _, p := range m.components {
			p.write(before, wall)
		}
	case back > 15 && m.undoes(wall):
		m.cut(wall)
	}
}

func (m *scribe) undoes(wall int) bool {
	return slices.ContainsFunc(m.marks, func(mark [2]int) bool { return m.mono-mark[1] <= 3600 && mark[0] <= wall })
}

func (m *scribe) cut(to int) {
	m.last = to
	for _, p := range m.components {
		maps.DeleteFunc(p.seen, func(at int, _ status.Status) bool { return at >= to })
		p.floor = to
		for _, l := range p.checks {
			l.at, l.judged = min(l.at, to), min(l.judged, to)
			l.recorded = slices.DeleteFunc(l.recorded, func(o outcome) bool { return o.at > to })
		}
		p.write(to, to)
	}
}

// restart is a process that ends now and begins at another time.
func (m *scribe) restart(wall int) {
	m.marks, m.lookedFrom = nil, 0
	m.mono = int(time.Since(m.start) / time.Second)
	if wall > m.last {
		m.marks = [][2]int{{m.last, m.mono}}
		m.last = wall
	}
	for _, p := range m.components {
		p.floor = m.last
		for _, l := range p.checks {
			*l = line{Check: l.Check, nth: l.nth, judged: l.judged, recorded: l.recorded}
			for _, o := range l.recorded {
				if o.at > l.judged && (l.outcome == status.NoData || o.at >= l.at) {
					l.at, l.outcome = min(o.at, m.last), o.s
				}
			}
		}
	}
}

// told is an outcome of a look that began some seconds ago. One that changes nothing is written down a second later, which
// matters when time stands still.
func (m *scribe) told(p *page, l *line, s status.Status, ago, wall int) {
	if m.mono-ago < m.lookedFrom {
		return
	}
	if wall < m.last && l.status(m.last) == s {
		ago++
	}
	at := m.last - ago
	from := max(at, p.floor)
	before := l.status(at)
	l.at, l.outcome, l.stale = at, s, false
	l.recorded = append(l.recorded, outcome{at, s})
	p.write(from, m.last)
	if before != s {
		p.floor = max(p.floor, at)
	}
}

// compare lays the scribe's pages over what App shows.
func (m *scribe) compare(t *testing.T, l *lab, where string, step int) {
	t.Helper()
	l.whole()
	snap, err := l.a.Snapshot(bg, slug)
	l.must(err)
	for id, p := range m.components {
		from := max(m.began, m.last-399*86400) - 90_000
		out, err := l.a.Spans(bg, l.by, id, status.Interval{From: status.Instant(from) * 1000, To: status.Instant(m.last)*1000 + 1})
		l.must(err)
		got := map[int]status.Status{}
		for i, s := range out.Spans {
			if s.Empty() || i > 0 && s.From < out.Spans[i-1].To {
				t.Fatalf("%s step %d: span %d is %v after %v", where, step, i, s, out.Spans[max(i-1, 0)])
			}
			for at := int(s.From / 1000); at < int(s.To/1000); at++ {
				got[at] = s.Status
			}
		}
		if !maps.Equal(got, p.seen) {
			for at := from; at < m.last; at++ {
				if got[at] != p.seen[at] {
					t.Fatalf("%s step %d: at %d (%d before the end) App says %v, the scribe %v\n%v", where, step, at, m.last-at, got[at], p.seen[at], out.Spans)
				}
			}
			t.Fatalf("%s step %d: App knows of %d seconds, the scribe of %d, last %d", where, step, len(got), len(p.seen), m.last)
		}
		if now := l.a.ComponentStatus(id); now != p.status(m.last) {
			t.Fatalf("%s step %d: status %v, want %v", where, step, now, p.status(m.last))
		}
		i := slices.IndexFunc(snap.Facts.Components, func(c snapshot.Component) bool { return c.ID == id })
		if snap.Facts.At.Unix() == int64(m.last) { // else it is up to 30 s old, as it may be
			m.figures(t, p, snap.Facts.Components[i], where)
		}
	}
}

// figures compares uptime and days.
func (m *scribe) figures(t *testing.T, p *page, got snapshot.Component, where string) {
	t.Helper()
	count := func(from, to int) (up, down int, worst status.Status) {
		for at, s := range p.seen {
			if at >= from && at < to {
				worst = max(worst, s)
				if s == status.Down {
					down++
				} else {
					up++
				}
			}
		}
		return up, down, worst
	}
	for window, u := range map[int]snapshot.Uptime{86400: got.Uptime24h, 30 * 86400: got.Uptime30d} {
		up, down, _ := count(m.last-window, m.last)
		want := snapshot.Uptime{Known: up+down > 0}
		if want.Known {
			want.Hundredths = up * 10000 / (up + down)
		}
		if u != want {
			t.Fatalf("%s: uptime over %d s is %v, want %v", where, window, u, want)
		}
	}
	if len(got.Days) != 90 {
		t.Fatalf("%d days", len(got.Days))
	}
	for i, d := range got.Days {
		from := m.last/86400*86400 - (89-i)*86400
		up, down, worst := count(from, min(from+86400, m.last))
		if d.From != status.Instant(from)*1000 || d.Down != time.Duration(down)*time.Second || d.Operational+d.Degraded != time.Duration(up)*time.Second || d.Worst() != worst {
			t.Fatalf("%s: day %d is %+v, want %d up, %d down", where, i, d, up, down)
		}
	}
}

// TestHistories plays random lives of an instance: outcomes quick and slow, edits, clocks that jump, processes that stop, crash
// and come back, and compares all that App shows with the scribe.
func TestHistories(t *testing.T) {
	steps := storetest.Some(250, 150)
	for seed := range uint64(storetest.Some(16, 3)) {
		bubble(t, func(t *testing.T, l *lab) { play(t, l, rand.New(rand.NewPCG(seed, 11)), steps) })
	}
}

func play(t *testing.T, l *lab, r *rand.Rand, steps int) {
	l.beat()
	m := &scribe{last: int(l.now() / 1000), start: time.Now(), components: map[model.ComponentID]*page{}}
	m.began = m.last
	var ids []model.ComponentID
	for range 3 {
		ids = append(ids, l.component("c").ID)
		m.components[ids[len(ids)-1]] = &page{seen: map[int]status.Status{}, checks: map[model.CheckID]*line{}, floor: m.last}
	}
	nth := 0
	create := func(id model.ComponentID, p *page) {
		k, err := l.a.CreateCheck(bg, l.by, id, func(k *model.Check) error { k.Name, k.URL = "k", "http://127.0.0.1:1/"; return nil })
		l.must(err)
		nth++
		p.checks[k.ID] = &line{Check: k, judged: m.last, nth: nth}
		p.write(m.last, m.last)
	}
	for step := range steps {
		id := ids[r.IntN(len(ids))]
		p := m.components[id]
		var k *line
		if n := len(p.checks); n > 0 {
			own := slices.SortedFunc(maps.Values(p.checks), func(a, b *line) int { return a.nth - b.nth })
			k = own[r.IntN(n)]
		}
		edit := func(change func(*model.Check)) {
			old := k.Check
			c, err := l.a.UpdateCheck(bg, l.by, k.ID, func(c *model.Check) error { change(c); return nil })
			l.must(err)
			k.Check = c
			if old.URL != c.URL {
				k.outcome, k.judged = status.NoData, m.last
			}
			p.write(m.last, m.last)
		}
		what := r.IntN(40)
		switch {
		case k == nil || what == 0 && len(p.checks) < 3:
			create(id, p)
		case what < 20: // a look
			s := []probe.Outcome{probe.Operational, probe.Operational, probe.Degraded, probe.Down}[r.IntN(4)]
			ago := 0
			if len(p.checks) == 1 && r.IntN(3) == 0 {
				ago = r.IntN(20)
			}
			if at := m.last - ago; !k.Enabled || at < k.judged || at < k.at || k.at+k.staleAfter() > at && k.at+k.staleAfter() <= m.last {
				ago = 0 // the instant at which another end is noticed is tested by itself
			}
			l.feed(k.Check, s, time.Duration(ago)*time.Second)
			if k.Enabled {
				m.told(p, k, map[probe.Outcome]status.Status{probe.Operational: status.Operational, probe.Degraded: status.Degraded, probe.Down: status.Down}[s], ago, int(l.now()/1000))
			} else {
				edit(func(c *model.Check) { c.URL += "x" }) // what a disabled check shows is kept and changes nothing; nor does it later
			}
			l.pass(time.Second)
		case what == 20:
			edit(func(c *model.Check) { c.URL += "y" })
		case what < 23:
			edit(func(c *model.Check) { c.Enabled = !c.Enabled })
		case what == 23:
			edit(func(c *model.Check) { c.Interval = []time.Duration{30, 60, 90}[r.IntN(3)] * time.Second })
		case what == 24:
			l.must(l.a.DeleteCheck(bg, l.by, k.ID))
			delete(p.checks, k.ID)
			p.write(m.last, m.last)
		case what < 27:
			p.manual = []status.Status{status.NoData, status.Operational, status.Degraded, status.Down}[r.IntN(4)]
			_, err := l.a.UpdateComponent(bg, l.by, id, func(c *model.Component) error { c.ManualStatus = p.manual; return nil })
			l.must(err)
			p.write(m.last, m.last)
		case what < 32: // the clock jumps, or the machine sleeps
			l.jump([]time.Duration{time.Second, -time.Second, 10 * time.Second, -10 * time.Second, time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour,
				8 * time.Hour, -20 * time.Second, 20 * time.Second}[r.IntN(11)])
			if r.IntN(4) == 0 { // it is put right
				l.offset.Store(int64(26 * 365 * 24 * time.Hour))
			}
		case what == 32:
			l.stop()
			l.pass(time.Duration(r.IntN(120)) * time.Second)
			l.reopen()
			m.restart(int(l.now() / 1000))
		case what == 33:
			l.crash()
			l.pass(time.Duration(r.IntN(30)) * time.Second)
			l.reopen()
			m.restart(int(l.now() / 1000))
		case what == 34:
			l.must(l.a.FoldHours(bg))
		default:
			for range 1 + r.IntN(12) { // the model must read the clock as often as App does: in steps that are no gap
				l.pass(time.Duration(1+r.IntN(9)) * time.Second)
				l.beat()
				m.read(int(l.now() / 1000))
			}
		}
		l.beat()
		m.read(int(l.now() / 1000))
		if step%10 == 9 || step == steps-1 {
			m.compare(t, l, t.Name(), step)
		}
	}
}
