package store

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

const firingColumns = `firings.id, firings.workspace_id, target_id, check_id, coalesce(checks.name, check_name), firings.page_id, incident_id, trigger_kind,
	started_at, duration_ms, outcome, status_code, exit_code, output, reason, recovered_at, gave_up_at,
	` + firedAgain

// firedAgain says that another firing followed before the check was good: this one was not what brought it back.
const firedAgain = `EXISTS (
		SELECT 1
		FROM firings AS later
		WHERE later.check_id = firings.check_id AND later.check_id <> 0 AND later.trigger_kind = 1
			AND later.started_at > firings.started_at AND later.started_at < firings.recovered_at)`

const fromFirings = `
	FROM firings
	LEFT JOIN checks ON checks.id = check_id`

func scanFiring(_ View, row scanner) (f model.Firing, err error) {
	var started, duration, recovered, gaveUp int64
	err = row.Scan(&f.ID, &f.Workspace, &f.Target, &f.Check, &f.CheckName, &f.Page, &f.Incident, &f.Trigger,
		&started, &duration, &f.Outcome, &f.StatusCode, &f.ExitCode, &f.Output, &f.Reason, &recovered, &gaveUp, &f.Again)
	f.Started, f.Duration, f.Recovered, f.GaveUp = millis(started), fromMillis(duration), millis(recovered), millis(gaveUp)
	return f, err
}

// The logs of firings, newest first.
const (
	firingsOfTarget = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE target_id = $1 AND firings.workspace_id = $2 AND ($3 = 0 OR started_at < $3 OR started_at = $3 AND firings.id < $4)
		ORDER BY started_at DESC, firings.id DESC
		LIMIT $5`
	firingsOfCheck = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE check_id = $1 AND check_id <> 0 AND firings.workspace_id = $2 AND ($3 = 0 OR started_at < $3 OR started_at = $3 AND firings.id < $4)
		ORDER BY started_at DESC, firings.id DESC
		LIMIT $5`
	firingsOfIncident = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE incident_id = $1 AND incident_id <> 0 AND firings.workspace_id = $2
		ORDER BY started_at DESC, firings.id DESC`
	newestOfPage = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE firings.id IN (
			SELECT (
				SELECT newest.id
				FROM firings AS newest
				WHERE newest.check_id = bound.id AND newest.check_id <> 0
				ORDER BY newest.started_at DESC, newest.id DESC
				LIMIT 1)
			FROM checks AS bound
			WHERE bound.page_id = $1 AND bound.workspace_id = $2 AND bound.restart_target_id IS NOT NULL)`
	newestOfTargets = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE firings.id IN (
			SELECT (
				SELECT newest.id
				FROM firings AS newest
				WHERE newest.target_id = restart_targets.id
				ORDER BY newest.started_at DESC, newest.id DESC
				LIMIT 1)
			FROM restart_targets
			WHERE restart_targets.workspace_id = $1)`
	lastFirings = `
		SELECT id, (
			SELECT max(started_at)
			FROM firings
			WHERE target_id = restart_targets.id AND trigger_kind = 1)
		FROM restart_targets`
	firingFor = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE request = $1 AND request IS NOT NULL AND firings.workspace_id = $2 AND started_at >= $3`
	running = `
		SELECT ` + firingColumns + fromFirings + `
		WHERE outcome = 1
		ORDER BY firings.id`
)

// FiringsOfTarget lists the firings of a target, newest first.
func (o Owned) FiringsOfTarget(ctx context.Context, id model.RestartTargetID, after After, limit int) ([]model.Firing, error) {
	return query(ctx, o.View, scanFiring, firingsOfTarget, id, o.workspace, after.Position, after.ID, limit)
}

// FiringsOfCheck lists the firings for a check, newest first.
func (o Owned) FiringsOfCheck(ctx context.Context, id model.CheckID, after After, limit int) ([]model.Firing, error) {
	return query(ctx, o.View, scanFiring, firingsOfCheck, id, o.workspace, after.Position, after.ID, limit)
}

// FiringsOfIncident lists the firings on an incident's timeline, newest first.
func (o Owned) FiringsOfIncident(ctx context.Context, id model.IncidentID) ([]model.Firing, error) {
	return query(ctx, o.View, scanFiring, firingsOfIncident, id, o.workspace)
}

// NewestFirings lists the newest firing for each check of a page that is bound to a target, as far as there is one.
func (o Owned) NewestFirings(ctx context.Context, page model.PageID) ([]model.Firing, error) {
	return query(ctx, o.View, scanFiring, newestOfPage, page, o.workspace)
}

// NewestOfTargets lists the newest firing of each of the workspace's targets, as far as there is one.
func (o Owned) NewestOfTargets(ctx context.Context) ([]model.Firing, error) {
	return query(ctx, o.View, scanFiring, newestOfTargets, o.workspace)
}

// Firing finds a firing of the workspace.
func (o Owned) Firing(ctx context.Context, id model.FiringID) (model.Firing, error) {
	return one(ctx, o.View, scanFiring, `
		SELECT `+firingColumns+fromFirings+`
		WHERE firings.workspace_id = $1 AND firings.id = $2`, o.workspace, id)
}

// RunningFirings lists the firings of all workspaces that have not ended: at a start, those that a kill has cut off.
func (v View) RunningFirings(ctx context.Context) ([]model.Firing, error) {
	return query(ctx, v, scanFiring, running)
}

// LastFirings says when each target last fired on schedule; one that never did is not there.
func (v View) LastFirings(ctx context.Context) (map[model.RestartTargetID]status.Instant, error) {
	type last struct {
		target model.RestartTargetID
		at     *status.Instant
	}
	rows, err := query(ctx, v, func(_ View, row scanner) (l last, err error) {
		err = row.Scan(&l.target, &l.at)
		return l, err
	}, lastFirings)
	out := map[model.RestartTargetID]status.Instant{}
	for _, l := range rows {
		if l.at != nil {
			out[l.target] = *l.at
		}
	}
	return out, err
}

// FiringTallies says what the firings of each of the workspace's targets on schedule have come to.
func (o Owned) FiringTallies(ctx context.Context) (map[model.RestartTargetID]model.FiringTally, error) {
	type tally struct {
		target model.RestartTargetID
		model.FiringTally
	}
	rows, err := query(ctx, o.View, func(_ View, row scanner) (t tally, err error) {
		var last int64
		err = row.Scan(&t.target, &t.Firings, &t.Succeeded, &t.Recovered, &last)
		t.Last = millis(last)
		return t, err
	}, `
		SELECT target_id, sum(outcome IN (2, 3)), sum(outcome = 2), sum(outcome IN (2, 3) AND recovered_at > 0 AND gave_up_at = 0 AND NOT `+firedAgain+`), max(started_at)
		FROM firings
		WHERE workspace_id = $1 AND trigger_kind = 1
		GROUP BY target_id`, o.workspace)
	out := map[model.RestartTargetID]model.FiringTally{}
	for _, t := range rows {
		out[t.target] = t.FiringTally
	}
	return out, err
}

// AddFiring writes a firing before its call is made; ErrNone when the workspace has no such target.
func (o OwnedTx) AddFiring(ctx context.Context, f model.Firing) error {
	if err := o.hasRestartTarget(ctx, f.Target); err != nil {
		return err
	}
	return o.tx.exec(ctx, `
		INSERT INTO firings (id, workspace_id, target_id, check_id, check_name, page_id, incident_id, trigger_kind, started_at, duration_ms, outcome,
			status_code, exit_code, output, reason, recovered_at, gave_up_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		f.ID, o.workspace, f.Target, f.Check, f.CheckName, f.Page, f.Incident, f.Trigger, toMillis(f.Started), f.Duration.Milliseconds(), f.Outcome,
		f.StatusCode, f.ExitCode, f.Output, f.Reason, toMillis(f.Recovered), toMillis(f.GaveUp))
}

// AskedBy says which request a firing is for, by a hash.
func (tx *Tx) AskedBy(ctx context.Context, id model.FiringID, request []byte) error {
	return tx.execOne(ctx, `UPDATE firings SET request = $1 WHERE id = $2`, request, id)
}

// FiringFor finds the firing that a request has already led to since an instant; ErrNone when it has not.
func (o Owned) FiringFor(ctx context.Context, request []byte, since status.Instant) (model.Firing, error) {
	return one(ctx, o.View, scanFiring, firingFor, request, o.workspace, since)
}

// FinishFiring writes what came of the call of a firing that runs; ErrNone when it does not, or is gone with its target. What became of
// the check in the meantime stays.
func (tx *Tx) FinishFiring(ctx context.Context, f model.Firing) error {
	return tx.execOne(ctx, `
		UPDATE firings
		SET duration_ms = $1, outcome = $2, status_code = $3, exit_code = $4, output = $5, reason = $6
		WHERE id = $7 AND outcome = 1`, f.Duration.Milliseconds(), f.Outcome, f.StatusCode, f.ExitCode, f.Output, f.Reason, f.ID)
}

// InterruptFirings ends all firings that run as interrupted, for a reason: nobody knows what came of them.
func (tx *Tx) InterruptFirings(ctx context.Context, reason string) error {
	return tx.exec(ctx, `UPDATE firings SET outcome = 4, reason = $1 WHERE outcome = 1`, reason)
}

// FiringsRecovered writes that a check is good again after its newest firings on schedule, so many.
func (tx *Tx) FiringsRecovered(ctx context.Context, check model.CheckID, n int, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE firings
		SET recovered_at = $1
		WHERE recovered_at = 0 AND id IN (
			SELECT id
			FROM firings
			WHERE check_id = $2 AND check_id <> 0 AND trigger_kind = 1
			ORDER BY started_at DESC, id DESC
			LIMIT $3)`, toMillis(at), check, n)
}

// FiringsGaveUp writes that the newest firing for a check was the last of its outage, and in vain.
func (tx *Tx) FiringsGaveUp(ctx context.Context, check model.CheckID, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE firings
		SET gave_up_at = $1
		WHERE id = (
			SELECT id
			FROM firings
			WHERE check_id = $2 AND check_id <> 0 AND trigger_kind = 1
			ORDER BY started_at DESC, id DESC
			LIMIT 1)`, toMillis(at), check)
}

// AttachFirings puts onto the timeline of a new automatic incident what was fired for its component since it began, before it was opened.
func (tx *Tx) AttachFirings(ctx context.Context, i model.Incident) error {
	if i.Component == 0 {
		return errors.New("firings belong to automatic incidents alone")
	}
	return tx.exec(ctx, `
		UPDATE firings
		SET incident_id = $1
		WHERE incident_id = 0 AND trigger_kind = 1 AND started_at >= $2 AND check_id <> 0 AND check_id IN (
			SELECT id
			FROM checks
			WHERE component_id = $3)`, i.ID, toMillis(i.Started), i.Component)
}

// FiringsCutBack lets nothing of a firing have been later than an instant, after a clock that was ahead has been set back. What was later
// moves as one, so that it keeps its order and its spans.
func (tx *Tx) FiringsCutBack(ctx context.Context, to status.Instant) error {
	return tx.exec(ctx, `
		UPDATE firings
		SET started_at = started_at - iif(started_at > $1, ahead, 0),
			recovered_at = recovered_at - iif(recovered_at > $1, ahead, 0),
			gave_up_at = gave_up_at - iif(gave_up_at > $1, ahead, 0)
		FROM (SELECT max(max(started_at, recovered_at, gave_up_at)) - $1 AS ahead FROM firings)
		WHERE started_at > $1 OR recovered_at > $1 OR gave_up_at > $1`, to)
}

// ForgetFirings removes the firings of all workspaces from before an instant, except those that run.
func (tx *Tx) ForgetFirings(ctx context.Context, before status.Instant) error {
	return tx.exec(ctx, `DELETE FROM firings WHERE started_at < $1 AND outcome <> 1`, before)
}
