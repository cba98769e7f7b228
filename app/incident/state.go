package incident

import (
	"maps"
	"slices"
	"time"

	"statusd/app/status"
)

// State is what is remembered of one component between two inputs; it is kept in the database as JSON. The zero State is that
// all is well. A State that Next returned shares nothing with the one it came from.
type State struct {
	Status   Status        `json:"status,omitempty"`  // of the open incident; 0: none is open
	Muted    bool          `json:"muted,omitempty"`   // a person ended one while a check failed
	Held     bool          `json:"held,omitempty"`    // a person put it back while all was good: it stays there until it is good for long
	Covered  bool          `json:"covered,omitempty"` // by maintenance
	Relapses int           `json:"relapses,omitempty"`
	Checks   map[Key]Check `json:"checks,omitempty"` // those that fail, and those that the open incident has named

	// How long all has been good: Good, and since Since on top. Since is 0 while something fails or is unseen, or nothing is open.
	Good   time.Duration  `json:"good,omitempty"`
	Since  status.Instant `json:"since,omitempty"`
	Probes int            `json:"probes,omitempty"` // good ones in that time
}

// Check is what is remembered of one check.
type Check struct {
	Failures  int            `json:"failures,omitempty"` // in a row, as far as they count
	First     status.Instant `json:"first,omitempty"`    // when the first of them was
	Threshold int            `json:"threshold,omitempty"`
	Suspect   bool           `json:"suspect,omitempty"` // it failed before counting began anew, and has not been good since
	Named     bool           `json:"named,omitempty"`   // the open incident names it
}

// failing says that the check has not been good since it failed.
func (c Check) failing() bool { return c.Failures > 0 || c.Suspect }

func (c Check) reached() bool { return c.Threshold > 0 && c.Failures >= c.Threshold }

// most bounds the count of failures: nothing asks for more, and a target that is down for a year writes no new number.
const most = 100

// IsZero says that there is nothing to remember.
func (s State) IsZero() bool {
	return s.Status == 0 && !s.Muted && !s.Covered && len(s.Checks) == 0
}

// Failing says that some check has not been good since it failed.
func (s State) Failing() bool {
	for _, c := range s.Checks {
		if c.failing() {
			return true
		}
	}
	return false
}

// Next says what an input means: the state after it, and what is to be done, in order. It is pure: the caller keeps the state
// and carries out the acts, in one transaction.
func (s State) Next(env Env, in Input) (State, []Act) {
	s.Checks = maps.Clone(s.Checks)
	var acts []Act
	switch in := in.(type) {
	case Seen:
		acts = s.seen(env, in)
	case Lost:
		s.stop(in.At)
	case Left:
		delete(s.Checks, in.Check)
	case Paused:
		s.paused(in.Interval)
	case SetBack:
		s.setBack(in.To)
	case Covered:
		s.Covered = true
		s.unsettle()
	case Uncovered:
		s.Covered = false
		s.countAnew()
	case Moved:
		s.moved(env, in.To)
	case Ended:
		s.ended()
	}
	return s, append(acts, s.settle(env)...)
}

// seen takes an outcome in.
func (s *State) seen(env Env, in Seen) []Act {
	if s.Covered {
		return nil
	}
	c := s.Checks[in.Check]
	if in.Good {
		c = Check{Named: c.Named}
		s.put(in.Check, c)
		if !s.Failing() {
			s.Probes = min(s.Probes+1, goodProbes)
		}
		return nil
	}
	if c.Failures == 0 {
		c.First = in.At
	}
	c.Failures, c.Threshold, c.Suspect = min(c.Failures+1, most), in.Threshold, false
	s.unsettle()
	s.Held = false
	s.put(in.Check, c)
	if env.Grace || s.Muted || !c.reached() {
		return nil
	}
	return s.struck(in.Check)
}

// struck is what it means that a check has failed often enough.
func (s *State) struck(k Key) []Act {
	switch {
	case s.Status == 0:
		return s.open()
	case s.Status == Monitoring:
		s.Status = Investigating
		s.Relapses++
		s.forgetNames()
		s.name(k)
		return []Act{Relapse{k}}
	case !s.Checks[k].Named:
		s.name(k)
		return []Act{Join{k}}
	}
	return nil
}

func (s *State) open() []Act {
	open := Open{}
	for _, k := range slices.Sorted(maps.Keys(s.Checks)) {
		c := s.Checks[k]
		if !c.reached() {
			continue
		}
		s.name(k)
		open.Checks = append(open.Checks, k)
		if open.Since == 0 || c.First < open.Since {
			open.Since = c.First
		}
	}
	s.Status = Investigating
	return []Act{open}
}

// settle sees what has become of the state without anybody failing: the mute ends, the good time begins, goes on and is over.
func (s *State) settle(env Env) []Act {
	if s.Covered || s.Failing() {
		return nil
	}
	s.Muted = false
	if s.Status == 0 {
		s.close()
		return nil
	}
	var acts []Act
	good := s.goodBy(env)
	if s.recovers() && good >= env.calm(s.Relapses) {
		s.Status = Monitoring
		acts = append(acts, Recover{})
	}
	if s.resolves(env) && good >= env.ResolveAfter {
		s.close()
		acts = append(acts, Resolve{})
	}
	return acts
}

func (s *State) recovers() bool { return s.Status < Monitoring && !s.Held }

// resolves says that only time is lacking.
func (s *State) resolves(env Env) bool { return s.Probes >= goodProbes || env.Blind }

const goodProbes = 2 // at least, before an incident is resolved: one may be luck

// Due is when Passed will do something, if nothing else happens before; false when it never will.
func (s State) Due(env Env) (status.Instant, bool) {
	if s.Covered || s.Status == 0 || s.Since == 0 {
		return 0, false
	}
	switch {
	case s.recovers():
		return s.Since.Add(env.calm(s.Relapses) - s.Good), true
	case s.resolves(env):
		return s.Since.Add(env.ResolveAfter - s.Good), true
	}
	return 0, false
}

// moved is a person's act: it restarts what counts towards the next step of ours.
func (s *State) moved(env Env, to Status) {
	if to == s.Status {
		return // a comment
	}
	if to == Resolved {
		s.ended()
		return
	}
	reopened := s.Status == 0
	s.Status, s.Muted = to, false
	s.countAnew()
	s.Held = to < Monitoring && !s.Failing()
	if reopened {
		s.Relapses = 0
		for k, c := range s.Checks {
			c.Named = true // whoever reopens it knows what fails
			s.Checks[k] = c
		}
	}
}

// ended is that a person has had enough of the incident: nothing new opens for what still fails.
func (s *State) ended() {
	s.Muted = s.Failing()
	s.close()
}

// close forgets the incident, but not what fails.
func (s *State) close() {
	s.Status, s.Held, s.Relapses = 0, false, 0
	s.unsettle()
	s.forgetNames()
}

// countAnew lets what fails show it once more: counts and the good time begin again.
func (s *State) countAnew() {
	for k, c := range s.Checks {
		c.Suspect = c.failing()
		c.Failures, c.First = 0, 0
		s.put(k, c)
	}
	s.unsettle()
}

func (s *State) unsettle() { s.Good, s.Since, s.Probes = 0, 0, 0 }

// goodBy lets the good time go on, or stand still, and says how much it comes to.
func (s *State) goodBy(env Env) time.Duration {
	switch {
	case env.Unseen:
		s.stop(env.Now)
		return s.Good
	case s.Since == 0:
		s.Since = env.Now
	}
	return s.Good + env.Now.Sub(s.Since)
}

// stop lets the good time stand still from an instant on.
func (s *State) stop(at status.Instant) {
	if s.Since != 0 {
		s.Good += max(0, at.Sub(s.Since))
		s.Since = 0
	}
}

// paused stops the good time for an interval.
func (s *State) paused(v status.Interval) {
	if s.Since == 0 || v.Empty() {
		return
	}
	s.Good += max(0, v.From.Sub(s.Since))
	s.Since = max(s.Since, v.To)
}

func (s *State) setBack(to status.Instant) {
	s.Since = min(s.Since, to)
	for k, c := range s.Checks {
		c.First = min(c.First, to)
		s.Checks[k] = c
	}
}

func (s *State) forgetNames() {
	for k, c := range s.Checks {
		c.Named = false
		s.put(k, c)
	}
}

func (s *State) name(k Key) {
	c := s.Checks[k]
	c.Named = true
	s.Checks[k] = c
}

// put keeps a check for as long as there is something to remember of it.
func (s *State) put(k Key, c Check) {
	if !c.failing() && !c.Named {
		delete(s.Checks, k)
		return
	}
	if s.Checks == nil {
		s.Checks = map[Key]Check{}
	}
	s.Checks[k] = c
}

// Equal says that two states remember the same.
func (s State) Equal(o State) bool {
	return maps.Equal(s.Checks, o.Checks) &&
		s.Status == o.Status && s.Muted == o.Muted && s.Held == o.Held && s.Covered == o.Covered && s.Relapses == o.Relapses &&
		s.Good == o.Good && s.Since == o.Since && s.Probes == o.Probes
}
