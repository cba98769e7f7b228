package rescue

// State is what is remembered of one bound check between two inputs; it is kept in the database as JSON. The zero State is that all
// is well.
type State struct {
	Failures int  `json:"failures,omitempty"` // in a row, as far as they count
	Fired    int  `json:"fired,omitempty"`    // times in this outage
	GaveUp   bool `json:"gaveUp,omitempty"`   // which has been said
}

// most bounds the count of failures: nothing asks for more, and a target that is down for a year writes no new number.
const most = 100

// IsZero says that there is nothing to remember.
func (s State) IsZero() bool { return s == State{} }

// Next says what an input means: the state after it, and what is to be done; nil for nothing. It is pure: the caller keeps the state and
// records the act in one transaction, and calls the target after its commit.
func (s State) Next(env Env, in Input) (State, Act) {
	switch in := in.(type) {
	case Seen:
		if in.Good {
			return s.good()
		}
		if !env.Maintenance {
			return s.bad(env)
		}
	case Uncovered:
		s.Failures = 0
	case Rebound:
		s.Fired, s.GaveUp = 0, false
	case Left:
		s = State{}
	}
	return s, nil
}

// good ends the outage, also in maintenance: it is as good a proof there.
func (s State) good() (State, Act) {
	if s.Fired > 0 {
		return State{}, Recover{s.Fired}
	}
	return State{}, nil
}

// bad takes one more failure in.
func (s State) bad(env Env) (State, Act) {
	s.Failures = min(s.Failures+1, most)
	if env.Grace || s.Failures < env.Threshold || !env.Target.over(env.Cooldown) {
		return s, nil
	}
	switch {
	case s.Fired < env.MaxFirings:
		s.Fired++
		s.GaveUp = false // somebody has allowed more
		return s, Fire{s.Fired}
	case !s.GaveUp:
		s.GaveUp = true
		return s, GiveUp{s.Fired}
	}
	return s, nil
}
