// Package app is the product: its use cases, and what goes on by itself. It knows store and probe together; nobody else does.
// It never speaks HTTP and never writes a word that people read: edges do both.
//
// Read first: App (app.go), whose Start is the table of contents of what runs. Then the two journeys:
//
//   - A probe result. probe.Scheduler calls App.look -> probe.Prober.Look -> observer (observe.go) -> App.observe: one
//     store.Tx writes the result and the spans that it turns -> stage.apply (stage.go): after the commit, memory follows and
//     the page's snapshot is dropped.
//   - A request. An edge authenticates (token.go) -> one use case (page.go, component.go, check.go): authorise, read in the
//     transaction, change, validate, write -> the edge renders. Public reads take App.Snapshot (shelf.go).
//
// Implements SPEC §2, §8 and §10.
package app
