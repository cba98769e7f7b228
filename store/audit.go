package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"

	"statusd/app/model"
	"statusd/app/status"
)

const auditColumns = `seq, page_id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, subject_name, changes`

// Newest first, each a range of one index.
const (
	auditOfPage = `
		SELECT ` + auditColumns + `
		FROM audit
		WHERE workspace_id = $1 AND page_id = $2 AND seq < $3
		ORDER BY seq DESC
		LIMIT $4`
	auditOfAll = `
		SELECT ` + auditColumns + `
		FROM audit
		WHERE workspace_id = $1 AND seq < $2
		ORDER BY seq DESC
		LIMIT $3`
)

func scanAudit(_ View, row scanner) (model.Audit, error) {
	var e model.Audit
	var at int64
	var changes []byte
	err := row.Scan(&e.Seq, &e.Page, &at, &e.By.Kind, &e.By.ID, &e.By.Name, &e.Action, &e.Subject.Kind, &e.Subject.ID, &e.Subject.Name, &changes)
	if err != nil {
		return e, err
	}
	e.At = millis(at)
	if e.Changes, err = readChanges(changes); err != nil {
		return e, fmt.Errorf("audit entry %d: %w", e.Seq, err)
	}
	return e, nil
}

// change is a model.Change as it is stored.
type change struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

func writeChanges(changes []model.Change) ([]byte, error) {
	rows := make([]change, len(changes))
	for i, c := range changes {
		rows[i] = change(c)
	}
	return json.Marshal(rows)
}

func readChanges(text []byte) ([]model.Change, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var rows []change
	if err := d.Decode(&rows); err != nil {
		return nil, fmt.Errorf("changes: %w", err)
	}
	var out []model.Change
	for _, r := range rows {
		from, err := changeValue(r.From)
		if err != nil {
			return nil, err
		}
		to, err := changeValue(r.To)
		if err != nil {
			return nil, err
		}
		out = append(out, model.Change{Field: r.Field, From: from, To: to})
	}
	return out, nil
}

// changeValue turns what JSON knows into what model.Change holds.
func changeValue(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool:
		return v, nil
	case json.Number:
		return v.Int64()
	case []any:
		list := make([]string, len(v))
		for i, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("changes: a list holds %T", one)
			}
			list[i] = text
		}
		return list, nil
	}
	return nil, fmt.Errorf("changes: a value is %T", v)
}

// AddAudit writes an entry behind all others of the workspace.
func (o OwnedTx) AddAudit(ctx context.Context, e model.Audit) error {
	changes, err := writeChanges(e.Changes)
	if err != nil {
		return err
	}
	return o.tx.exec(ctx, `
		INSERT INTO audit (workspace_id, `+auditColumns+`)
		SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
		FROM audit
		WHERE workspace_id = $1`,
		o.workspace, e.Page, toMillis(e.At), string(e.By.Kind), e.By.ID, e.By.Name, string(e.Action),
		string(e.Subject.Kind), e.Subject.ID, e.Subject.Name, string(changes))
}

// Audit lists the trail of a page, or of the whole workspace when the page is 0: newest first, behind After.ID.
func (o Owned) Audit(ctx context.Context, page model.PageID, after After, limit int) ([]model.Audit, error) {
	before := after.ID
	if before == 0 {
		before = math.MaxInt64
	}
	if page == 0 {
		return query(ctx, o.View, scanAudit, auditOfAll, o.workspace, before, limit)
	}
	return query(ctx, o.View, scanAudit, auditOfPage, o.workspace, page, before, limit)
}

// ForgetAudit removes the entries of all workspaces from before an instant.
func (tx *Tx) ForgetAudit(ctx context.Context, before status.Instant) error {
	return tx.exec(ctx, `DELETE FROM audit WHERE at < $1`, before)
}
