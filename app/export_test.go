package app

import (
	"context"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
)

// LookWith replaces the prober, before Start.
func (a *App) LookWith(f func(context.Context, probe.Target) (probe.Result, error)) {
	a.watch = a.newWatch(f)
}

// Feed hands in a result as a probe of the check does.
func (a *App) Feed(c model.Check, r probe.Result) { a.watch.Take(context.Background(), c, r) }

// Remembered is what memory says is open on pages: the status of each component and since when.
func (a *App) Remembered(pages ...model.PageID) map[model.ComponentID]status.Span {
	out := map[model.ComponentID]status.Span{}
	for _, page := range pages {
		for _, c := range a.watch.Recorded(page) {
			if c.Status != status.NoData {
				out[c.ID] = status.Span{Interval: status.Interval{From: status.At(c.Since)}, Status: c.Status}
			}
		}
	}
	return out
}

// FoldHours and Forget are what the calendar does at its times.
func (a *App) FoldHours(ctx context.Context) error { return a.foldHours(ctx) }

// Forget is what the calendar does every hour.
func (a *App) Forget(ctx context.Context) error { return a.forget(ctx) }

// Gather reads a page's facts, cold.
func (a *App) Gather(ctx context.Context, slug string) (snapshot.Facts, error) {
	return a.gather(ctx, slug)
}

// CheapPasswords lets hashes cost next to nothing, for tests that need many.
func (a *App) CheapPasswords() { a.hasher.cost = PasswordCost{64, 1, 1} }

// HoldPasswords takes the one turn of comparing passwords until the returned function gives it back.
func (a *App) HoldPasswords() (release func()) {
	a.hasher.turn <- struct{}{}
	return func() { <-a.hasher.turn }
}

// HashPassword makes the stored form of a password at the usual cost.
func HashPassword(password string) string {
	text, _ := newHasher(PasswordCost{}).hash(context.Background(), password)
	return text
}

// PasswordMatches compares a password with a stored form.
func PasswordMatches(text, password string) bool {
	ok, _ := newHasher(PasswordCost{}).matches(context.Background(), text, password)
	return ok
}

// ParsePHC says whether a text is a stored form, and writes what was read.
func ParsePHC(text string) (string, bool) {
	p, ok := parsePHC(text)
	return p.String(), ok
}

// Outdated says whether a stored form is renewed at the next sign-in.
func (a *App) Outdated(text string) bool { return a.hasher.outdated(text) }

// Expire is what the calendar does every hour.
func (a *App) Expire(ctx context.Context) error { return a.expire(ctx) }

// GuessPairs is how many pairs of account and client the limit remembers, and how many it does at most.
func (a *App) GuessPairs() (now, most int) {
	a.guesses.mu.Lock()
	defer a.guesses.mu.Unlock()
	return len(a.guesses.failed), mostGuessPairs
}

// Late counts a probe that began late, as the scheduler does.
func (a *App) Late(by time.Duration) {
	a.metrics.GetOrCreateHistogram("statusd_schedule_lag_seconds").Update(by.Seconds())
}

// ReadList reads the lines of an import.
var ReadList = readList
