package incident

import "fmt"

// Status is how far an incident has come. The zero Status is none.
type Status uint8

// The statuses, in the order in which an incident goes through them. Steps may be skipped, and it may go back.
const (
	Investigating Status = iota + 1
	Identified
	Monitoring
	Resolved
)

// Impact is how bad an incident is for those whom it concerns. The zero Impact is none.
type Impact uint8

// The impacts, mildest first.
const (
	Minor Impact = iota + 1
	Major
	Critical
)

// Source says who opened an incident. The zero Source is none.
type Source uint8

// The sources.
const (
	Manual Source = iota + 1 // a person
	Auto                     // a check that kept failing
)

var (
	statuses = []string{"", "investigating", "identified", "monitoring", "resolved"}
	impacts  = []string{"", "minor", "major", "critical"}
	sources  = []string{"", "manual", "auto"}
)

// Statuses lists every status in order.
func Statuses() []Status { return []Status{Investigating, Identified, Monitoring, Resolved} }

// Impacts lists every impact, mildest first.
func Impacts() []Impact { return []Impact{Minor, Major, Critical} }

// String is the reference's word: "investigating", "identified", "monitoring", "resolved".
func (s Status) String() string { return word("Status", statuses, uint8(s)) }

// String is the reference's word: "minor", "major", "critical".
func (i Impact) String() string { return word("Impact", impacts, uint8(i)) }

// String is the reference's word: "manual", "auto".
func (s Source) String() string { return word("Source", sources, uint8(s)) }

// MarshalText writes the reference's word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the reference's word.
func (i Impact) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// MarshalText writes the reference's word.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the reference's word and refuses every other.
func (s *Status) UnmarshalText(text []byte) error {
	n, err := parse("status", statuses, string(text))
	*s = Status(n)
	return err
}

// UnmarshalText reads the reference's word and refuses every other.
func (i *Impact) UnmarshalText(text []byte) error {
	n, err := parse("impact", impacts, string(text))
	*i = Impact(n)
	return err
}

// Valid says whether it is one of Statuses.
func (s Status) Valid() bool { return s >= Investigating && s <= Resolved }

// Valid says whether it is one of Impacts.
func (i Impact) Valid() bool { return i >= Minor && i <= Critical }

func word(kind string, words []string, n uint8) string {
	if int(n) < len(words) {
		return words[n]
	}
	return fmt.Sprintf("%s(%d)", kind, n)
}

func parse(kind string, words []string, text string) (uint8, error) {
	for n, w := range words {
		if n > 0 && w == text {
			return uint8(n), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q", kind, text)
}
