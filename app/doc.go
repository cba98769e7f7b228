// Package app is the product: its use cases, and the calendar. What it knows of the present and all that looks and judges by itself is
// in app/watch, which it starts, tells of every change and asks. It never speaks HTTP and never writes a word that people read: edges
// do both.
//
// Read first: App (app.go), whose Start is the table of contents of what runs. Then the two journeys:
//
//   - A probe result. probe.Scheduler -> watch.look (watch/observer.go) -> probe.Prober.Look -> observer -> watch.observe
//     (watch/observe.go): one store.Tx writes the result and the spans that it turns -> Stage.apply (watch/stage.go): after the
//     commit, memory follows -> App.changed (follow.go) drops the page's snapshot and lets open screens know.
//   - A request. An edge authenticates (token.go) -> one use case (page.go, component.go, check.go): authorise, read in the
//     transaction, change, validate, write, tell the stage of watch.Edit -> the edge renders. Public reads take App.Snapshot
//     (shelf.go).
//
// Implements SPEC §2, §8 and §10.
package app
