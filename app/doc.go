// Package app is the product: its use cases, and the calendar. What it knows of the present and all that looks and judges by itself is
// in app/watch, what brings news to subscribers in app/deliver: it starts both, tells them of every change and asks them. It never
// speaks HTTP and never writes a word that people read: edges do both.
//
// Read first: App (app.go), whose Start is the table of contents of what runs. Then the three journeys:
//
//   - A probe result. probe.Scheduler -> watch.look (watch/observer.go) -> probe.Prober.Look -> observer -> watch.observe
//     (watch/observe.go): one store.Tx writes the result, the spans that it turns and what it means for the component's incident
//     (watch/auto.go) -> Stage.apply (watch/stage.go): after the commit, memory follows -> App.changed (follow.go) drops the page's
//     snapshot and lets open screens know.
//   - A request. An edge authenticates (token.go) -> one use case (page.go, component.go, check.go): authorise, read in the
//     transaction, change, validate, write, tell the stage of watch.Edit -> the edge renders. Public reads take App.Snapshot
//     (shelf.go).
//   - A message. Whatever is told goes through Stage.Publish (watch/publish.go): an event in the transaction of its cause -> after the
//     commit, Courier.expand (deliver/expand.go) writes a delivery for each subscriber who wants it -> notify.Dispatcher, in its turn
//     -> Courier.Letter, the channel's sender, Courier.Record (deliver/record.go).
//
// Implements SPEC §2 to §8 and §10.
package app
