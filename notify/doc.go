// Package notify knows how to deliver a message and when to try again: a [Dispatcher] holds what waits, asks the [Outbox] for each
// [Letter] when its turn comes, has it sent, and hands back what is to be recorded.
// It never knows what a message is about or to whom it goes, and stores nothing: what is in flight is memory, so whatever a kill
// leaves unrecorded is sent again, under the same id, by the next start.
// Start with outbox.go (the border), outcome.go and backoff.go (what an attempt means), then dispatch.go. It implements SPEC.md section 6.
//
// # Order, and who waits for whom
//
// Deliveries of one [Lane] (one subscriber, one subject) go in the order of their ids, one at a time, and the lane stays closed until
// the outcome is recorded. A lane whose first delivery is due is ready, and starts when four gates are open:
//
//	channel     not broken
//	receiver    it has fewer than Limits.Receiver attempts going on; one that fails or hangs, none
//	host        Limits.Pace has passed since the last start there, and fewer than Limits.Host of its class go on
//	places      the channel has a place free for a receiver of its class
//
// What came of its last attempt makes the class of a receiver:
//
//	fresh       it answered, or is new
//	failing     it failed; so does one whose delivery comes back from the database with attempts behind it
//	hanging     it took longer than a few seconds, whatever came of it
//
// Each class has places of its own, so those who hang never hold up those who answer, and an earlier class goes first where two wait for
// one host, so retries never hold up what is new.
//
// A host is protected by a pace, not by a small cap: a cap is filled up by those who hang, and then delays their neighbours, while
// a pace does not care how long an answer takes. Limits.Host and Limits.Fresh only bound the worst case, in which more receivers than
// that begin to hang at the same moment; it costs the others one time-out, once, since from then on those are known to hang.
//
// # Time
//
// When a delivery is due is an instant of the wall clock, since it is stored. The clock is read again at least every few seconds. When
// it is set back, what waits in memory is moved with it and so waits no longer than it had to; when it is set forward, or the machine
// slept, what has become due goes at once. A due instant further away than the schedule allows, as a start under a wrong clock leaves
// behind, counts as due after the longest wait that the schedule knows for it. Everything that is measured runs on the monotonic clock.
//
// # Broken channels
//
// An outcome [Broken] says that the channel does not work, whoever it is for: no mail server, no network. Its deliveries then
// wait, without an attempt counted and without a record; one is tried every minute, a different one each time, and when that one's
// outcome is anything else, all go on.
//
// # Recording
//
// Outcomes are recorded in groups. When that fails it is tried again until it succeeds. Other lanes go on meanwhile, since news must get out
// even when the disk is full; none that has been sent is sent again.
package notify
