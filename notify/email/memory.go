package email

import (
	"hash/maphash"

	"statusd/notify"
)

// memory is what one attempt cannot tell; the package comment says what it is for. It holds no addresses, only what they hash to.
type memory struct {
	seed       maphash.Seed
	unreached  int             // failures to reach the server in a row
	refused    map[uint64]bool // whom its rules refused since it last took a mail
	refusals   int             // how often since then
	themselves map[uint64]bool // who were refused while others were not
}

const (
	inARow   = 3     // failures that make a fault everybody's
	together = 2     // recipients at least that a rule must hit to be about us
	most     = 10000 // recipients remembered; beyond that it begins anew
)

func newMemory() memory {
	return memory{seed: maphash.MakeSeed(), refused: map[uint64]bool{}, themselves: map[uint64]bool{}}
}

// weigh turns a verdict into an outcome.
func (m *memory) weigh(v verdict, to string) notify.Outcome {
	switch v.doubt {
	case server:
		m.unreached++
		if m.unreached >= inARow {
			v.Kind = notify.Broken
		}
	case rules:
		key := maphash.String(m.seed, to)
		if m.themselves[key] {
			break
		}
		m.refused[key] = true
		m.refusals++
		if m.refusals >= inARow && len(m.refused) >= together {
			v.Kind = notify.Broken
		}
	}
	return v.Outcome
}

// reached notes that a session came about.
func (m *memory) reached() { m.unreached = 0 }

// took notes that the server took a mail: whom it refused meanwhile it refuses for themselves.
func (m *memory) took(to string) {
	if len(m.themselves)+len(m.refused) > most {
		clear(m.themselves)
	}
	for key := range m.refused {
		m.themselves[key] = true
	}
	delete(m.themselves, maphash.String(m.seed, to))
	clear(m.refused)
	m.refusals = 0
}
