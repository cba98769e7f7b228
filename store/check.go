package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

const checkColumns = `id, workspace_id, page_id, component_id, version, name, url, method, interval_ms,
	expected_status_min, expected_status_max, expected_body_contains, timeout_ms, degraded_latency_ms, insecure_skip_verify,
	retries, headers, body, follow_redirects, enabled, incident_threshold, judged_from, created_at, updated_at,
	restart_target_id, restart_threshold, restart_cooldown_ms, restart_max`

func scanCheck(v View, row scanner) (model.Check, error) {
	var c model.Check
	var interval, timeout, degraded, judged, created, updated, cooldown int64
	var restart *model.RestartTargetID
	var headers, body []byte
	err := row.Scan(&c.ID, &c.Workspace, &c.Page, &c.Component, &c.Version, &c.Name, &c.URL, &c.Method, &interval,
		&c.ExpectedStatusMin, &c.ExpectedStatusMax, &c.ExpectedBodyContains, &timeout, &degraded, &c.InsecureSkipVerify,
		&c.Retries, &headers, &body, &c.FollowRedirects, &c.Enabled, &c.IncidentThreshold, &judged, &created, &updated,
		&restart, &c.Restart.Threshold, &cooldown, &c.Restart.MaxFirings)
	if err != nil {
		return c, err
	}
	c.Interval, c.Timeout, c.DegradedLatency = fromMillis(interval), fromMillis(timeout), fromMillis(degraded)
	c.JudgedFrom, c.Created, c.Updated = millis(judged), millis(created), millis(updated)
	if restart != nil {
		c.Restart.Target = *restart
	}
	c.Restart.Cooldown = fromMillis(cooldown)
	return c, v.unsealCheck(&c, headers, body)
}

func fromMillis(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func (v View) unsealCheck(c *model.Check, headers, body []byte) error {
	if headers != nil {
		plain, err := checkHeaders.open(v.sealer, int64(c.ID), headers)
		if err != nil {
			return fmt.Errorf("check %s: %w", c.ID, err)
		}
		if err := json.Unmarshal(plain, &revealed{&c.Headers}); err != nil {
			return fmt.Errorf("check %s: headers: %w", c.ID, err)
		}
	}
	var err error
	if c.Body, err = v.reveal(checkBody, int64(c.ID), body); err != nil {
		return fmt.Errorf("check %s: %w", c.ID, err)
	}
	return nil
}

// revealed reads and writes secrets in clear, for the sealer alone.
type revealed struct{ headers *map[string]model.Secret }

func (r revealed) MarshalJSON() ([]byte, error) {
	clear := make(map[string]string, len(*r.headers))
	for name, value := range *r.headers {
		clear[name] = value.Reveal()
	}
	return json.Marshal(clear)
}

func (r *revealed) UnmarshalJSON(text []byte) error {
	var clear map[string]string
	if err := json.Unmarshal(text, &clear); err != nil {
		return err
	}
	*r.headers = make(map[string]model.Secret, len(clear))
	for name, value := range clear {
		(*r.headers)[name] = model.Secret(value)
	}
	return nil
}

// sealCheck returns the sealed headers and body, nil for what is not set.
func (v View) sealCheck(c model.Check) (headers, body []byte, err error) {
	if len(c.Headers) > 0 {
		plain, err := json.Marshal(revealed{&c.Headers})
		if err != nil {
			return nil, nil, err
		}
		headers = checkHeaders.seal(v.sealer, int64(c.ID), plain)
	}
	return headers, v.conceal(checkBody, int64(c.ID), c.Body), nil
}

// EveryCheck lists the checks of all workspaces, for the one who watches them.
func (v View) EveryCheck(ctx context.Context) ([]model.Check, error) {
	return query(ctx, v, scanCheck, `
		SELECT `+checkColumns+`
		FROM checks
		ORDER BY component_id, id`)
}

// Check finds a check of the workspace.
func (o Owned) Check(ctx context.Context, id model.CheckID) (model.Check, error) {
	return one(ctx, o.View, scanCheck, `
		SELECT `+checkColumns+`
		FROM checks
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// Checks lists a component's checks by creation, at most limit of them.
func (o Owned) Checks(ctx context.Context, component model.ComponentID, after After, limit int) ([]model.Check, error) {
	return query(ctx, o.View, scanCheck, `
		SELECT `+checkColumns+`
		FROM checks
		WHERE workspace_id = $1 AND component_id = $2 AND (created_at > $3 OR created_at = $3 AND id > $4)
		ORDER BY created_at, id
		LIMIT $5`, o.workspace, component, after.Position, after.ID, limit)
}

// CheckNames lists the names of a component's checks by creation.
func (o Owned) CheckNames(ctx context.Context, component model.ComponentID) ([]string, error) {
	return query(ctx, o.View, scanName, `
		SELECT name
		FROM checks
		WHERE workspace_id = $1 AND component_id = $2
		ORDER BY created_at, id`, o.workspace, component)
}

// AddCheck writes a new check; ErrNone when the workspace has no such restart target as it is bound to.
func (o OwnedTx) AddCheck(ctx context.Context, c model.Check) error {
	if err := o.mayBind(ctx, c.Restart); err != nil {
		return err
	}
	headers, body, err := o.sealCheck(c)
	if err != nil {
		return err
	}
	return o.tx.exec(ctx, `
		INSERT INTO checks (`+checkColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			nullif($25, 0), $26, $27, $28)`,
		c.ID, o.workspace, c.Page, c.Component, c.Version, c.Name, c.URL, c.Method, c.Interval.Milliseconds(),
		c.ExpectedStatusMin, c.ExpectedStatusMax, c.ExpectedBodyContains, c.Timeout.Milliseconds(), c.DegradedLatency.Milliseconds(), c.InsecureSkipVerify,
		c.Retries, headers, body, c.FollowRedirects, c.Enabled, c.IncidentThreshold, toMillis(c.JudgedFrom), toMillis(c.Created), toMillis(c.Updated),
		c.Restart.Target, c.Restart.Threshold, c.Restart.Cooldown.Milliseconds(), c.Restart.MaxFirings)
}

// SetCheck writes a check's fields.
func (o OwnedTx) SetCheck(ctx context.Context, c model.Check) error {
	if err := o.mayBind(ctx, c.Restart); err != nil {
		return err
	}
	headers, body, err := o.sealCheck(c)
	if err != nil {
		return err
	}
	return o.tx.execOne(ctx, `
		UPDATE checks
		SET version = $1, name = $2, url = $3, method = $4, interval_ms = $5, expected_status_min = $6, expected_status_max = $7,
			expected_body_contains = $8, timeout_ms = $9, degraded_latency_ms = $10, insecure_skip_verify = $11, retries = $12,
			headers = $13, body = $14, follow_redirects = $15, enabled = $16, incident_threshold = $17,
			judged_from = $18, updated_at = $19,
			restart_target_id = nullif($20, 0), restart_threshold = $21, restart_cooldown_ms = $22, restart_max = $23
		WHERE workspace_id = $24 AND id = $25`,
		c.Version, c.Name, c.URL, c.Method, c.Interval.Milliseconds(), c.ExpectedStatusMin, c.ExpectedStatusMax,
		c.ExpectedBodyContains, c.Timeout.Milliseconds(), c.DegradedLatency.Milliseconds(), c.InsecureSkipVerify, c.Retries,
		headers, body, c.FollowRedirects, c.Enabled, c.IncidentThreshold, toMillis(c.JudgedFrom), toMillis(c.Updated),
		c.Restart.Target, c.Restart.Threshold, c.Restart.Cooldown.Milliseconds(), c.Restart.MaxFirings, o.workspace, c.ID)
}

// mayBind refuses a restart target that is not the workspace's: ErrNone.
func (o OwnedTx) mayBind(ctx context.Context, b model.Binding) error {
	if !b.Bound() {
		return nil
	}
	return o.hasRestartTarget(ctx, b.Target)
}

// DeleteCheck removes a check. Its raw results go with their retention.
func (o OwnedTx) DeleteCheck(ctx context.Context, id model.CheckID) error {
	return o.tx.execOne(ctx, `
		DELETE FROM checks
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// ChecksCutBack lets no check be judged from later than an instant, after a clock that was ahead has been set back.
func (tx *Tx) ChecksCutBack(ctx context.Context, to status.Instant) error {
	return tx.exec(ctx, `UPDATE checks SET judged_from = $1 WHERE judged_from > $1`, to)
}
