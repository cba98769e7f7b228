package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"statusd/app/model"
)

const deliveryColumns = `deliveries.id, deliveries.workspace_id, deliveries.page_id, event_seq, events.type, deliveries.subject_id, subscriber_id,
	deliveries.channel, deliveries.state, attempts, reason, next_at, deliveries.created_at, done_at`

func scanDelivery(v View, row scanner) (d model.Delivery, err error) {
	into, read := deliveryInto(&d)
	if err := row.Scan(into...); err != nil {
		return d, err
	}
	return d, read(v)
}

// deliveryInto is where the columns go, and what is to be done when they are there.
func deliveryInto(d *model.Delivery) (into []any, read func(View) error) {
	var next, created, done int64
	return []any{
			&d.ID, &d.Workspace, &d.Page, &d.Event, &d.Type, &d.Subject, &d.Subscriber, &d.Channel,
			&d.State, &d.Attempts, &d.Reason, &next, &created, &done,
		}, func(View) error {
			d.Next, d.Created, d.Done = millis(next), millis(created), millis(done)
			return nil
		}
}

const fromDeliveries = `
	FROM deliveries
	JOIN events ON events.seq = deliveries.event_seq`

// DeliveryFilter says which deliveries of a page are wanted; a zero field does not matter.
type DeliveryFilter struct {
	State      model.DeliveryState
	Subscriber model.SubscriberID
	Subject    int64
}

// Deliveries lists a page's deliveries, newest event first.
func (o Owned) Deliveries(ctx context.Context, page model.PageID, f DeliveryFilter, after After, limit int) ([]model.Delivery, error) {
	return query(ctx, o.View, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE deliveries.workspace_id = $1 AND deliveries.page_id = $2 AND ($3 = 0 OR state = $3) AND ($4 = 0 OR subscriber_id = $4)
			AND ($5 = 0 OR deliveries.subject_id = $5)
			AND ($6 = 0 OR event_seq < $6 OR event_seq = $6 AND deliveries.id < $7)
		ORDER BY event_seq DESC, deliveries.id DESC
		LIMIT $8`, o.workspace, page, f.State, f.Subscriber, f.Subject, after.Position, after.ID, limit)
}

// Delivery finds a delivery of the workspace.
func (o Owned) Delivery(ctx context.Context, id model.DeliveryID) (model.Delivery, error) {
	return one(ctx, o.View, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE deliveries.workspace_id = $1 AND deliveries.id = $2`, o.workspace, id)
}

// AnyDelivery finds a delivery of whichever workspace, for the one who delivers.
func (v View) AnyDelivery(ctx context.Context, id model.DeliveryID) (model.Delivery, error) {
	return one(ctx, v, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE deliveries.id = $1`, id)
}

// Addressed is a delivery with the subscriber it is to.
type Addressed struct {
	Delivery   model.Delivery
	Subscriber model.Subscriber
}

// Addressed finds a delivery of whichever workspace whose subscriber is still there, for the one who delivers.
func (v View) Addressed(ctx context.Context, id model.DeliveryID) (Addressed, error) {
	return one(ctx, v, scanAddressed, addressed, id)
}

var addressed = `
	SELECT ` + deliveryColumns + `, subscribers.` + strings.ReplaceAll(subscriberColumns, ", ", ", subscribers.") + fromDeliveries + `
	JOIN subscribers ON subscribers.id = deliveries.subscriber_id
	WHERE deliveries.id = $1`

func scanAddressed(v View, row scanner) (a Addressed, err error) {
	into, readDelivery := deliveryInto(&a.Delivery)
	more, readSubscriber := subscriberInto(&a.Subscriber)
	if err := row.Scan(append(into, more...)...); err != nil {
		return a, err
	}
	return a, errors.Join(readDelivery(v), readSubscriber(v))
}

// DeliveriesOf finds those of deliveries that are still there, for the one who delivers.
func (v View) DeliveriesOf(ctx context.Context, ids []model.DeliveryID) ([]model.Delivery, error) {
	return query(ctx, v, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE deliveries.id IN (
			SELECT value
			FROM json_each($1))`, asJSON(numbersOf(ids)))
}

// EveryWaiting lists the deliveries of all workspaces that are still to be made, in the order of their events. Those to a paused
// subscriber are not among them.
func (v View) EveryWaiting(ctx context.Context) ([]WaitingDelivery, error) {
	return query(ctx, v, scanWaiting, waiting+`
		ORDER BY event_seq, deliveries.id`)
}

// WaitingOf lists those of one subscriber.
func (v View) WaitingOf(ctx context.Context, s model.SubscriberID) ([]WaitingDelivery, error) {
	return query(ctx, v, scanWaiting, waiting+` AND deliveries.subscriber_id = $1
		ORDER BY event_seq, deliveries.id`, s)
}

const waiting = `
	SELECT deliveries.id, event_seq, deliveries.subscriber_id, deliveries.subject_id, deliveries.channel, host, attempts, next_at
	FROM deliveries
	JOIN subscribers ON subscribers.id = deliveries.subscriber_id
	JOIN events ON events.seq = deliveries.event_seq
	WHERE deliveries.state = 1 AND (subscribers.state = 2 OR subscribers.state = 1 AND events.type = 8)`

// WaitingDelivery is all that has to be in memory of a delivery that waits.
type WaitingDelivery struct {
	ID         model.DeliveryID
	Event      int64
	Subscriber model.SubscriberID
	Subject    int64
	Channel    model.Channel
	Host       string
	Attempts   int
	Next       time.Time
}

func scanWaiting(_ View, row scanner) (w WaitingDelivery, err error) {
	var next int64
	err = row.Scan(&w.ID, &w.Event, &w.Subscriber, &w.Subject, &w.Channel, &w.Host, &w.Attempts, &next)
	w.Next = millis(next)
	return w, err
}

// AddDelivery writes a new delivery; nothing happens when its event has one to its subscriber already.
func (tx *Tx) AddDelivery(ctx context.Context, d model.Delivery) error {
	return tx.exec(ctx, `
		INSERT INTO deliveries (id, workspace_id, page_id, event_seq, subscriber_id, channel, subject_id, state, attempts, reason, next_at, created_at, done_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (event_seq, subscriber_id) DO NOTHING`,
		d.ID, d.Workspace, d.Page, d.Event, d.Subscriber, d.Channel, d.Subject, d.State, d.Attempts, d.Reason,
		toMillis(d.Next), toMillis(d.Created), toMillis(d.Done))
}

// AddDeliveries writes new deliveries of one event that wait, as AddDelivery does; the first says of which.
func (tx *Tx) AddDeliveries(ctx context.Context, list []model.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([][4]int64, len(list))
	for i, d := range list {
		rows[i] = [4]int64{int64(d.ID), int64(d.Subscriber), int64(d.Channel), toMillis(d.Next)}
	}
	d := list[0]
	return tx.exec(ctx, `
		INSERT INTO deliveries (id, workspace_id, page_id, event_seq, subscriber_id, channel, subject_id, state, attempts, reason, next_at, created_at, done_at)
		SELECT value ->> 0, $1, $2, $3, value ->> 1, value ->> 2, $4, $5, 0, '', value ->> 3, $6, 0
		FROM json_each($7)
		WHERE TRUE
		ON CONFLICT (event_seq, subscriber_id) DO NOTHING`,
		d.Workspace, d.Page, d.Event, d.Subject, model.Waiting, toMillis(d.Created), asJSON(rows))
}

// Arrived writes that deliveries were made, each by one more attempt.
func (tx *Tx) Arrived(ctx context.Context, ids []model.DeliveryID, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE deliveries
		SET state = 2, attempts = attempts + 1, reason = '', next_at = 0, done_at = $1
		WHERE id IN (
			SELECT value
			FROM json_each($2))`, toMillis(at), asJSON(numbersOf(ids)))
}

// SetDelivery writes what has become of a delivery.
func (tx *Tx) SetDelivery(ctx context.Context, d model.Delivery) error {
	return tx.execOne(ctx, `
		UPDATE deliveries
		SET state = $1, attempts = $2, reason = $3, next_at = $4, done_at = $5
		WHERE id = $6`, d.State, d.Attempts, d.Reason, toMillis(d.Next), toMillis(d.Done), d.ID)
}

// GiveUp ends the deliveries of a page that are on their way, for a reason.
func (tx *Tx) GiveUp(ctx context.Context, page model.PageID, reason string, now time.Time) error {
	if err := tx.exec(ctx, `UPDATE events SET expanded_to = NULL WHERE page_id = $1 AND expanded_to IS NOT NULL`, page); err != nil {
		return err
	}
	return tx.exec(ctx, `
		UPDATE deliveries
		SET state = 3, reason = $1, done_at = $2
		WHERE page_id = $3 AND state = 1`, reason, toMillis(now), page)
}

// Tally is how many deliveries are in each state.
type Tally map[model.DeliveryState]int

// CountDeliveries counts the deliveries of each event about a subject.
func (o Owned) CountDeliveries(ctx context.Context, page model.PageID, subject int64) (map[int64]Tally, error) {
	rows, err := query(ctx, o.View, func(_ View, row scanner) (c counted, err error) {
		err = row.Scan(&c.event, &c.state, &c.n)
		return c, err
	}, `
		SELECT event_seq, state, count(*)
		FROM deliveries
		WHERE workspace_id = $1 AND page_id = $2 AND subject_id = $3
		GROUP BY event_seq, state`, o.workspace, page, subject)
	out := map[int64]Tally{}
	for _, c := range rows {
		if out[c.event] == nil {
			out[c.event] = Tally{}
		}
		out[c.event][c.state] = c.n
	}
	return out, err
}

// WhyWaiting is why deliveries of each event about a subject still wait, by channel; "" when none of them was tried.
func (o Owned) WhyWaiting(ctx context.Context, page model.PageID, subject int64) (map[int64]map[model.Channel]string, error) {
	type reason struct {
		event   int64
		channel model.Channel
		why     string
	}
	rows, err := query(ctx, o.View, func(_ View, row scanner) (r reason, err error) {
		err = row.Scan(&r.event, &r.channel, &r.why)
		return r, err
	}, `
		SELECT event_seq, channel, max(reason)
		FROM deliveries
		WHERE workspace_id = $1 AND page_id = $2 AND subject_id = $3 AND state = 1
		GROUP BY event_seq, channel`, o.workspace, page, subject)
	out := map[int64]map[model.Channel]string{}
	for _, r := range rows {
		if out[r.event] == nil {
			out[r.event] = map[model.Channel]string{}
		}
		out[r.event][r.channel] = r.why
	}
	return out, err
}

type counted struct {
	event int64
	state model.DeliveryState
	n     int
}

// NextDelivery is an id behind all deliveries: they go in the order of their ids.
func (v View) NextDelivery(ctx context.Context) (id model.DeliveryID, err error) {
	err = v.q.QueryRowContext(ctx, `SELECT coalesce(max(id) + 1, 1) FROM deliveries`).Scan(&id)
	return id, err
}

// Overtaken lists the deliveries about a subject that wait for subscribers in a range of ids, by a channel that tells the newest alone.
func (v View) Overtaken(ctx context.Context, subject int64, after, to model.SubscriberID) ([]model.Delivery, error) {
	return query(ctx, v, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE state = 1 AND deliveries.subject_id = $1 AND channel IN (1, 2) AND subscriber_id > $2 AND subscriber_id <= $3`, subject, after, to)
}

// Supersede ends deliveries whose place newer ones take.
func (tx *Tx) Supersede(ctx context.Context, ids []model.DeliveryID, now time.Time) error {
	return tx.exec(ctx, `
		UPDATE deliveries
		SET state = 4, done_at = $1
		WHERE state = 1 AND id IN (
			SELECT value
			FROM json_each($2))`, toMillis(now), asJSON(numbersOf(ids)))
}

// WaitingStorm lists the deliveries about automatic incidents that wait for a subscriber, oldest first.
func (v View) WaitingStorm(ctx context.Context, s model.SubscriberID) ([]model.Delivery, error) {
	return query(ctx, v, scanDelivery, `
		SELECT `+deliveryColumns+fromDeliveries+`
		WHERE state = 1 AND subscriber_id = $1 AND events.auto = 1
		ORDER BY event_seq`, s)
}
