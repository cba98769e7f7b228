// Package rescue decides when a check that keeps failing fires its restart target, and when that is given up. It knows no clock, no
// database and no way to restart anything: outcomes and times are given to it, and what it wants done it returns as an Act.
// Start with State and its Next, then Input (input.go), what it hears of, and Past (past.go), how long a target has rested.
//
//	              failures < threshold            failures >= threshold, the target has rested
//	quiet ------> failing ----------------------------------------------------> fired 1 .. maxFirings times
//	^   a failure  |                                                              |  ^  |
//	|              |                              one more failure, rested again  |  +--+
//	|              |                                                              |
//	|              |                  maxFirings fired, one more failure, rested  v
//	+-- a good outcome ends the outage, whichever it had come to <------------- given up, said once
//
// A target has rested when its cooldown is over since it last fired, for whatever check, and that firing has ended; one that was fired
// by hand is no firing here. In maintenance failures are not heard, and at its end they count anew, while the firings of the outage
// stay: only a good outcome is proof; likewise after a time in which nobody looked, so that what was seen before has grown too old. In the first minute of a process failures count, but nothing is fired. A check that is disabled,
// deleted or unbound, or looks at something else, is forgotten; one bound to another target has an outage of its own there.
//
// Implements SPEC §5, the trigger.
package rescue
