package store

import (
	"context"

	"statusd/app/model"
	"statusd/app/status"
)

const eventColumns = `seq, workspace_id, page_id, type, subject_id, auto, components, at, payload`

func scanEvent(_ View, row scanner) (e model.Event, err error) {
	var components string
	var at int64
	if err := row.Scan(&e.Seq, &e.Workspace, &e.Page, &e.Type, &e.Subject, &e.Auto, &components, &at, &e.Payload); err != nil {
		return e, err
	}
	e.At = millis(at)
	e.Components, err = readIDs(components)
	return e, err
}

// AddEvent writes an event, whose Seq is the next; it is expanded to deliveries later.
func (tx *Tx) AddEvent(ctx context.Context, e model.Event) (model.Event, error) {
	seq, err := tx.LastEvent(ctx)
	if err != nil {
		return e, err
	}
	e.Seq = seq + 1
	return e, tx.exec(ctx, `
		INSERT INTO events (`+eventColumns+`, expanded_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		e.Seq, e.Workspace, e.Page, e.Type, e.Subject, e.Auto, idList(e.Components), toMillis(e.At), e.Payload)
}

// LastEvent is the newest event's Seq; 0 when there has been none.
func (v View) LastEvent(ctx context.Context) (seq int64, err error) {
	err = v.q.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM events`).Scan(&seq)
	return seq, err
}

// Event finds an event.
func (v View) Event(ctx context.Context, seq int64) (model.Event, error) {
	return one(ctx, v, scanEvent, `
		SELECT `+eventColumns+`
		FROM events
		WHERE seq = $1`, seq)
}

// Events lists the events of a page, newest first.
func (o Owned) Events(ctx context.Context, page model.PageID, limit int) ([]model.Event, error) {
	return query(ctx, o.View, scanEvent, `
		SELECT `+eventColumns+`
		FROM events
		WHERE workspace_id = $1 AND page_id = $2
		ORDER BY seq DESC
		LIMIT $3`, o.workspace, page, limit)
}

// Unexpanded is an event whose deliveries have not all been written, and how far they have.
type Unexpanded struct {
	model.Event
	To model.SubscriberID // the last one that was looked at
}

func scanUnexpanded(v View, row scanner) (u Unexpanded, err error) {
	var components string
	var at int64
	if err := row.Scan(&u.Seq, &u.Workspace, &u.Page, &u.Type, &u.Subject, &u.Auto, &components, &at, &u.Payload, &u.To); err != nil {
		return u, err
	}
	u.At = millis(at)
	u.Components, err = readIDs(components)
	return u, err
}

// OldestUnexpanded finds the event that is to be expanded next; ErrNone when all are.
func (v View) OldestUnexpanded(ctx context.Context) (Unexpanded, error) {
	return one(ctx, v, scanUnexpanded, `
		SELECT `+eventColumns+`, expanded_to
		FROM events
		WHERE expanded_to IS NOT NULL
		ORDER BY seq
		LIMIT 1`)
}

// ExpandedTo writes how far an event is expanded.
func (tx *Tx) ExpandedTo(ctx context.Context, seq int64, to model.SubscriberID) error {
	return tx.execOne(ctx, `UPDATE events SET expanded_to = $1 WHERE seq = $2`, to, seq)
}

// Expanded writes that all deliveries of an event are written.
func (tx *Tx) Expanded(ctx context.Context, seq int64) error {
	return tx.execOne(ctx, `UPDATE events SET expanded_to = NULL WHERE seq = $1`, seq)
}

// ForgetEvents removes events from before a time with their deliveries, except the newest, whose number must not be given again,
// and those that somebody has not been told of yet.
func (tx *Tx) ForgetEvents(ctx context.Context, before status.Instant) error {
	return tx.exec(ctx, `
		DELETE FROM events
		WHERE at < $1 AND expanded_to IS NULL AND seq < (SELECT max(newest.seq) FROM events AS newest)
			AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event_seq = events.seq AND state = 1)`, before)
}
