// Package incident decides when a component's automatic incident opens, moves and resolves. It knows no clock, no database and
// no words: every outcome and every instant is given to it, and what it wants done it returns as a list of Acts.
// Start with State and its Next, then Input (input.go), what it hears of.
//
//	                a check reaches its threshold
//	none ------------------------------------------------> investigating <--+
//	^  ^                                                    |  join: one     | a check
//	|  |                                         no check   |  more check    | reaches its
//	|  |  30 minutes of good operation,          fails any  |                | threshold
//	|  |  and two good probes                    more       v                |
//	|  +------------------------------------------------- monitoring -------+
//	|
//	+-- a person resolves or deletes it; while a check still fails: muted, until all have been good once
//
// A person may move it wherever they want. What freezes it: maintenance (nothing is heard; afterwards failures and the half hour
// count anew), and the first minute of a process (failures count, nothing opens, joins or relapses). Time in which nobody
// looked counts neither way. An incident that goes to and fro comes back to monitoring more and more slowly (Rules.calm).
//
// Implements SPEC §3, automatic incidents.
package incident
