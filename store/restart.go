package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"

	"statusd/app/model"
	"statusd/app/rescue"
)

// restartColumns are in the order of scanRestartTarget.
const restartColumns = `id, workspace_id, name, type, timeout_ms, config, secrets, host_key, seen_key, seen_at, created_at, updated_at`

// restartConfig is what the column config holds: the fields of the target's type alone.
type restartConfig struct {
	URL               string `json:"url,omitempty"` // of a Coolify target: its base
	Method            string `json:"method,omitempty"`
	AuthHeaderName    string `json:"authHeaderName,omitempty"`
	ExpectedStatusMin int    `json:"expectedStatusMin,omitempty"`
	ExpectedStatusMax int    `json:"expectedStatusMax,omitempty"`
	Host              string `json:"host,omitempty"`
	Port              int    `json:"port,omitempty"`
	User              string `json:"user,omitempty"`
	Command           string `json:"command,omitempty"`
	ResourceUUID      string `json:"resourceUuid,omitempty"`
	Force             bool   `json:"force,omitempty"`
}

func configOf(r model.RestartTarget) restartConfig {
	switch h, s, c := r.HTTP, r.SSH, r.Coolify; r.Type {
	case model.RestartHTTP:
		return restartConfig{URL: h.URL, Method: h.Method, AuthHeaderName: h.AuthHeaderName, ExpectedStatusMin: h.ExpectedStatusMin, ExpectedStatusMax: h.ExpectedStatusMax}
	case model.RestartSSH:
		return restartConfig{Host: s.Host, Port: s.Port, User: s.User, Command: s.Command}
	case model.RestartCoolify:
		return restartConfig{URL: c.BaseURL, ResourceUUID: c.ResourceUUID, Force: c.Force}
	}
	return restartConfig{}
}

func (c restartConfig) fill(r *model.RestartTarget) {
	switch r.Type {
	case model.RestartHTTP:
		r.HTTP = model.HTTPTarget{URL: c.URL, Method: c.Method, AuthHeaderName: c.AuthHeaderName, ExpectedStatusMin: c.ExpectedStatusMin, ExpectedStatusMax: c.ExpectedStatusMax}
	case model.RestartSSH:
		r.SSH = model.SSHTarget{Host: c.Host, Port: c.Port, User: c.User, Command: c.Command}
	case model.RestartCoolify:
		r.Coolify = model.CoolifyTarget{BaseURL: c.URL, ResourceUUID: c.ResourceUUID, Force: c.Force}
	}
}

// restartSecrets are what the column secrets holds, by name: in clear, for the sealer alone.
func restartSecrets(r *model.RestartTarget) map[string]*model.Secret {
	switch r.Type {
	case model.RestartHTTP:
		return map[string]*model.Secret{"authHeaderValue": &r.HTTP.AuthHeaderValue, "body": &r.HTTP.Body}
	case model.RestartSSH:
		return map[string]*model.Secret{"privateKey": &r.SSH.PrivateKey, "passphrase": &r.SSH.Passphrase}
	case model.RestartCoolify:
		return map[string]*model.Secret{"apiToken": &r.Coolify.APIToken}
	}
	return nil
}

// sealRestart seals the secrets of a target as one value; NULL when it has none.
func (v View) sealRestart(r model.RestartTarget) []byte {
	clear := map[string][]byte{} // whatever bytes they are
	for name, secret := range restartSecrets(&r) {
		if *secret != "" {
			clear[name] = []byte(secret.Reveal())
		}
	}
	if len(clear) == 0 {
		return nil
	}
	return v.conceal(restartTargetSecrets, int64(r.ID), model.Secret(asJSON(clear)))
}

func (v View) unsealRestart(r *model.RestartTarget, sealed []byte) error {
	text, err := v.reveal(restartTargetSecrets, int64(r.ID), sealed)
	if err != nil {
		return fmt.Errorf("restart target %s: %w", r.ID, err)
	}
	if text == "" {
		return nil
	}
	var clear map[string][]byte
	if err := json.Unmarshal([]byte(text.Reveal()), &clear); err != nil {
		return fmt.Errorf("restart target %s: its secrets cannot be read", r.ID) // what JSON says of them may quote them
	}
	for name, secret := range restartSecrets(r) {
		*secret = model.Secret(clear[name])
	}
	return nil
}

func scanRestartTarget(v View, row scanner) (r model.RestartTarget, err error) {
	var config, hostKey, seenKey string
	var sealed []byte
	var timeout, seen, created, updated int64
	if err := row.Scan(&r.ID, &r.Workspace, &r.Name, &r.Type, &timeout, &config, &sealed, &hostKey, &seenKey, &seen, &created, &updated); err != nil {
		return r, err
	}
	c, err := fromJSON[restartConfig](config)
	if err != nil {
		return r, err
	}
	c.fill(&r)
	r.Timeout, r.Created, r.Updated = fromMillis(timeout), millis(created), millis(updated)
	r.SSH.HostKey, r.SSH.Seen, r.SSH.SeenAt = hostKey, seenKey, millis(seen)
	return r, v.unsealRestart(&r, sealed)
}

// RestartTargets lists the workspace's restart targets by creation, at most limit of them.
func (o Owned) RestartTargets(ctx context.Context, after After, limit int) ([]model.RestartTarget, error) {
	return query(ctx, o.View, scanRestartTarget, `
		SELECT `+restartColumns+`
		FROM restart_targets
		WHERE workspace_id = $1 AND (created_at > $2 OR created_at = $2 AND id > $3)
		ORDER BY created_at, id
		LIMIT $4`, o.workspace, after.Position, after.ID, limit)
}

// RestartTarget finds a restart target of the workspace.
func (o Owned) RestartTarget(ctx context.Context, id model.RestartTargetID) (model.RestartTarget, error) {
	return one(ctx, o.View, scanRestartTarget, `
		SELECT `+restartColumns+`
		FROM restart_targets
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// AnyRestartTarget finds a restart target of whichever workspace, for the one who fires it.
func (v View) AnyRestartTarget(ctx context.Context, id model.RestartTargetID) (model.RestartTarget, error) {
	return one(ctx, v, scanRestartTarget, `
		SELECT `+restartColumns+`
		FROM restart_targets
		WHERE id = $1`, id)
}

func (o Owned) hasRestartTarget(ctx context.Context, id model.RestartTargetID) error {
	_, err := one(ctx, o.View, scanID, `
		SELECT id
		FROM restart_targets
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
	return err
}

func scanID(_ View, row scanner) (id int64, err error) {
	err = row.Scan(&id)
	return id, err
}

// BoundChecks lists the checks that are bound to a target, by page and name.
func (o Owned) BoundChecks(ctx context.Context, id model.RestartTargetID) ([]model.BoundCheck, error) {
	return query(ctx, o.View, func(_ View, row scanner) (c model.BoundCheck, err error) {
		err = row.Scan(&c.ID, &c.Name, &c.Page, &c.PageName)
		return c, err
	}, `
		SELECT checks.id, checks.name, pages.id, pages.name
		FROM checks
		JOIN pages ON pages.id = checks.page_id
		WHERE checks.workspace_id = $1 AND restart_target_id = $2
		ORDER BY pages.name, checks.name, checks.id`, o.workspace, id)
}

// CountBound says how many checks are bound to each of the workspace's targets; one to which none is, is not there.
func (o Owned) CountBound(ctx context.Context) (map[model.RestartTargetID]int, error) {
	type count struct {
		target model.RestartTargetID
		checks int
	}
	rows, err := query(ctx, o.View, func(_ View, row scanner) (c count, err error) {
		err = row.Scan(&c.target, &c.checks)
		return c, err
	}, `
		SELECT restart_target_id, count(*)
		FROM checks
		WHERE workspace_id = $1 AND restart_target_id IS NOT NULL
		GROUP BY restart_target_id`, o.workspace)
	out := map[model.RestartTargetID]int{}
	for _, c := range rows {
		out[c.target] = c.checks
	}
	return out, err
}

// AddRestartTarget writes a new target.
func (o OwnedTx) AddRestartTarget(ctx context.Context, r model.RestartTarget) error {
	return o.tx.exec(ctx, `
		INSERT INTO restart_targets (`+restartColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		r.ID, o.workspace, r.Name, r.Type, r.Timeout.Milliseconds(), asJSON(configOf(r)), o.sealRestart(r),
		r.SSH.HostKey, r.SSH.Seen, toMillis(r.SSH.SeenAt), toMillis(r.Created), toMillis(r.Updated))
}

// SetRestartTarget writes a target's fields. Its type stays what it was.
func (o OwnedTx) SetRestartTarget(ctx context.Context, r model.RestartTarget) error {
	return o.tx.execOne(ctx, `
		UPDATE restart_targets
		SET name = $1, timeout_ms = $2, config = $3, secrets = $4, host_key = $5, seen_key = $6, seen_at = $7, updated_at = $8
		WHERE workspace_id = $9 AND id = $10 AND type = $11`,
		r.Name, r.Timeout.Milliseconds(), asJSON(configOf(r)), o.sealRestart(r),
		r.SSH.HostKey, r.SSH.Seen, toMillis(r.SSH.SeenAt), toMillis(r.Updated), o.workspace, r.ID, r.Type)
}

// DeleteRestartTarget removes a target with its firings; ErrHeld while a check is bound to it.
func (o OwnedTx) DeleteRestartTarget(ctx context.Context, id model.RestartTargetID) error {
	err := o.tx.execOne(ctx, `DELETE FROM restart_targets WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
	var sq *sqlite.Error
	if errors.As(err, &sq) && sq.Code() == sqliteForeignKey {
		return fmt.Errorf("%w: %w", ErrHeld, err)
	}
	return err
}

// SawHostKey writes the key that the host of a target showed, of which none was known when it was called. It says false, and changes
// nothing, when one is known by now or somebody has changed the target meanwhile: it may be another host.
func (tx *Tx) SawHostKey(ctx context.Context, called model.RestartTarget, key string, at time.Time) (bool, error) {
	err := tx.execOne(ctx, `
		UPDATE restart_targets
		SET seen_key = $1, seen_at = $2
		WHERE id = $3 AND host_key = '' AND seen_key = '' AND updated_at = $4`, key, toMillis(at), called.ID, toMillis(called.Updated))
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// Rescued is what is remembered of a check that is bound to a restart target.
type Rescued struct {
	Check model.CheckID
	State rescue.State
}

// EveryRescued lists what is remembered of all checks.
func (v View) EveryRescued(ctx context.Context) ([]Rescued, error) {
	return query(ctx, v, func(_ View, row scanner) (r Rescued, err error) {
		var text string
		if err := row.Scan(&r.Check, &text); err != nil {
			return r, err
		}
		r.State, err = fromJSON[rescue.State](text)
		return r, err
	}, `
		SELECT check_id, state
		FROM check_restarts`)
}

// RememberRescued writes what is to be remembered of a check; nothing is kept of one of which there is nothing to say.
func (tx *Tx) RememberRescued(ctx context.Context, r Rescued) error {
	if r.State.IsZero() {
		return tx.exec(ctx, `DELETE FROM check_restarts WHERE check_id = $1`, r.Check)
	}
	return tx.exec(ctx, `
		INSERT INTO check_restarts (check_id, state)
		VALUES ($1, $2)
		ON CONFLICT (check_id) DO UPDATE SET state = excluded.state`, r.Check, asJSON(r.State))
}
