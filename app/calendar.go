package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"statusd/app/status"
	"statusd/store"
)

// What time alone brings. Never one entry a check: that is the scheduler's work.
const (
	foldHours = "1 * * * *"  // a minute past the hour: results of the last hour become packs and roll-ups
	forget    = "23 * * * *" // once a day: what has been kept long enough goes
	expire    = "37 * * * *" // sessions and invitations that are over go, and subscriptions that nobody has confirmed
	optimise  = "41 4 * * 0" // on Sundays: SQLite looks at its statistics
)

const (
	keepRollups = 400 * 24 * time.Hour
	keepSpans   = 400 * 24 * time.Hour
	keepAnswers = 24 * time.Hour
	keepEvents  = 400 * 24 * time.Hour // with their deliveries
	keepFirings = 400 * 24 * time.Hour
	keepAudit   = 400 * 24 * time.Hour
)

func (a *App) startCalendar(ctx context.Context) error {
	a.cron = cron.New(cron.WithLocation(time.UTC), cron.WithChain(
		cron.Recover(cronLog{a.Log}), cron.SkipIfStillRunning(cronLog{a.Log})))
	for _, job := range []struct {
		when string
		do   func(context.Context) error
	}{{foldHours, a.foldHours}, {forget, a.forget}, {expire, a.expire}, {optimise, a.optimise}} {
		if _, err := a.cron.AddFunc(job.when, func() { a.report(job.when, job.do(ctx)) }); err != nil {
			return err
		}
	}
	a.running.Go(func() { a.report("start", a.foldHours(ctx)) }) // what was left while the process was off
	a.cron.Start()
	return nil
}

func (a *App) report(job string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) { // which is a stop
		a.Log.Error("calendar job failed; it is tried again at its next time", "job", job, "err", err)
	}
}

// foldHours folds every closed hour, one transaction each.
func (a *App) foldHours(ctx context.Context) error {
	for more := true; more; {
		err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) (err error) {
			more, err = tx.FoldHour(ctx, a.watch.Now())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forget removes, once a day, what has been kept long enough (SPEC §10) and turns old spans into days. It waits until the clock
// has been believed for an hour: one that stands in 2038 by mistake must not cost a history.
func (a *App) forget(ctx context.Context) error {
	now := a.watch.Now()
	if a.forgot == status.DayOf(now) || !a.watch.Settled() {
		return nil
	}
	if err := a.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		return tx.FoldSpans(ctx, status.DayOf(now.Add(-keepSpans)))
	}); err != nil {
		return err
	}
	if err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error {
		return tx.Forget(ctx, now.Add(-a.Retention), now.Add(-keepRollups), now.Add(-keepAnswers))
	}); err != nil {
		return err
	}
	if err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error {
		return errors.Join(tx.ForgetEvents(ctx, now.Add(-keepEvents)), tx.ForgetFirings(ctx, now.Add(-keepFirings)))
	}); err != nil {
		return err
	}
	if err := a.forgetAudit(ctx, now); err != nil {
		return err
	}
	a.forgot = status.DayOf(now)
	return nil
}

func (a *App) optimise(ctx context.Context) error { return a.Store.Optimise(ctx) }

// cronLog lets cron speak through slog.
type cronLog struct{ log *slog.Logger }

// Info is for debugging: cron tells every step.
func (l cronLog) Info(msg string, args ...any) { l.log.Debug("cron: "+msg, args...) }

// Error is what went wrong in a job.
func (l cronLog) Error(err error, msg string, args ...any) {
	l.log.Error("cron: "+msg, append(args, "err", err)...)
}
