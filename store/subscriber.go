package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"statusd/app/model"
)

const subscriberColumns = `id, workspace_id, page_id, channel, state, topic, components, locale, address, secret, host, since_event, ` +
	`created_at, active_at, succeeded_at, failed, updated_at, token, asked, asked_at, consent, bounced`

func scanSubscriber(v View, row scanner) (s model.Subscriber, err error) {
	into, read := subscriberInto(&s)
	if err := row.Scan(into...); err != nil {
		return s, err
	}
	return s, read(v)
}

// subscriberInto is where the columns go, and what is to be done when they are there.
func subscriberInto(s *model.Subscriber) (into []any, read func(View) error) {
	var components string
	var address, secret, token []byte
	var created, active, succeeded, updated, asked int64
	return []any{
			&s.ID, &s.Workspace, &s.Page, &s.Channel, &s.State, &s.Topic, &components, &s.Locale, &address, &secret, &s.Host, &s.Since,
			&created, &active, &succeeded, &s.Failed, &updated, &token, &s.Asked, &asked, &s.Consent, &s.Bounced,
		}, func(v View) (err error) {
			s.Created, s.Active, s.Succeeded, s.Updated, s.AskedAt = millis(created), millis(active), millis(succeeded), millis(updated), millis(asked)
			if s.Components, err = readIDs(components); err != nil {
				return err
			}
			if s.Address, err = v.reveal(subscriberAddress, int64(s.ID), address); err != nil {
				return err
			}
			if s.Key, err = v.reveal(subscriberSecret, int64(s.ID), secret); err != nil {
				return err
			}
			if s.Token, err = v.reveal(subscriberToken, int64(s.ID), token); s.Token == "" {
				s.Token = s.Key
			}
			return err
		}
}

// Subscriber finds a subscriber of the workspace.
func (o Owned) Subscriber(ctx context.Context, id model.SubscriberID) (model.Subscriber, error) {
	return one(ctx, o.View, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// AnySubscriber finds a subscriber of whichever workspace.
func (v View) AnySubscriber(ctx context.Context, id model.SubscriberID) (model.Subscriber, error) {
	return one(ctx, v, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE id = $1`, id)
}

// SubscriberByToken finds the subscriber of a page whose management token has a SHA-256: the token is the right to it.
func (v View) SubscriberByToken(ctx context.Context, page model.PageID, hash []byte) (model.Subscriber, error) {
	return one(ctx, v, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE page_id = $1 AND token_hash = $2`, page, hash)
}

// Subscribers lists a page's subscribers by id.
func (o Owned) Subscribers(ctx context.Context, page model.PageID, after After, limit int) ([]model.Subscriber, error) {
	return query(ctx, o.View, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE workspace_id = $1 AND page_id = $2 AND id > $3
		ORDER BY id
		LIMIT $4`, o.workspace, page, after.ID, limit)
}

// SubscribersAfter lists subscribers of a page by id, for the one who expands an event.
func (v View) SubscribersAfter(ctx context.Context, page model.PageID, id model.SubscriberID, limit int) ([]model.Subscriber, error) {
	return query(ctx, v, scanListener, `
		SELECT id, channel, state, topic, components, since_event, host
		FROM subscribers
		WHERE page_id = $1 AND id > $2
		ORDER BY id
		LIMIT $3`, page, id, limit)
}

// scanListener reads what decides on whom an event reaches, and unseals nothing.
func scanListener(_ View, row scanner) (s model.Subscriber, err error) {
	var components string
	if err := row.Scan(&s.ID, &s.Channel, &s.State, &s.Topic, &components, &s.Since, &s.Host); err != nil {
		return s, err
	}
	s.Components, err = readIDs(components)
	return s, err
}

// SubscriberByAddress finds a subscriber of a page by where it is reached; ErrNone when there is none.
func (v View) SubscriberByAddress(ctx context.Context, page model.PageID, channel model.Channel, address model.Secret) (model.Subscriber, error) {
	return one(ctx, v, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE page_id = $1 AND address_mac = $2
		LIMIT 1`, page, v.addressMAC(channel, address))
}

// SubscribersAt finds the subscribers of the workspace that are reached at an address, by whichever channel.
func (o Owned) SubscribersAt(ctx context.Context, address model.Secret) ([]model.Subscriber, error) {
	return query(ctx, o.View, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE workspace_id = $1 AND address_mac IN ($2, $3, $4)
		ORDER BY id`, o.workspace, o.addressMAC(model.Email, address), o.addressMAC(model.Telegram, address), o.addressMAC(model.Webhook, address))
}

// CountAddress says how many subscriptions of a page have an address.
func (v View) CountAddress(ctx context.Context, page model.PageID, channel model.Channel, address model.Secret) (n int, err error) {
	err = v.q.QueryRowContext(ctx, `
		SELECT count(*)
		FROM subscribers
		WHERE page_id = $1 AND address_mac = $2`, page, v.addressMAC(channel, address)).Scan(&n)
	return n, err
}

// AddSubscriber writes a new subscriber under the hash of its management token.
func (o OwnedTx) AddSubscriber(ctx context.Context, s model.Subscriber, tokenHash []byte) error {
	tx := o.tx
	token := s.Token
	if token == s.Key { // kept once
		token = ""
	}
	return tx.exec(ctx, `
		INSERT INTO subscribers (`+subscriberColumns+`, address_mac, token_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		s.ID, o.workspace, s.Page, s.Channel, s.State, s.Topic, idList(s.Components), s.Locale,
		tx.conceal(subscriberAddress, int64(s.ID), s.Address), tx.conceal(subscriberSecret, int64(s.ID), s.Key), s.Host, s.Since,
		toMillis(s.Created), toMillis(s.Active), toMillis(s.Succeeded), s.Failed, toMillis(s.Updated),
		tx.conceal(subscriberToken, int64(s.ID), token), s.Asked, toMillis(s.AskedAt), s.Consent, s.Bounced,
		tx.addressMAC(s.Channel, s.Address), tokenHash)
}

// SetSubscriber writes what may change of a subscriber: its wishes and its state.
func (tx *Tx) SetSubscriber(ctx context.Context, s model.Subscriber) error {
	return tx.execOne(ctx, `
		UPDATE subscribers
		SET state = $1, topic = $2, components = $3, locale = $4, since_event = $5, active_at = $6, succeeded_at = $7, failed = $8, updated_at = $9,
			asked = $10, asked_at = $11, consent = $12
		WHERE id = $13`,
		s.State, s.Topic, idList(s.Components), s.Locale, s.Since, toMillis(s.Active), toMillis(s.Succeeded), s.Failed, toMillis(s.Updated),
		s.Asked, toMillis(s.AskedAt), s.Consent, s.ID)
}

// DeleteSubscriber removes a subscriber and its address. What was on its way to it is given up for the reason.
func (tx *Tx) DeleteSubscriber(ctx context.Context, id model.SubscriberID, reason string, now time.Time) error {
	if err := tx.exec(ctx, `
		UPDATE deliveries
		SET state = 3, reason = $1, done_at = $2
		WHERE subscriber_id = $3 AND state = 1`, reason, toMillis(now), id); err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM subscribers WHERE id = $1`, id)
}

// Reached writes that something arrived at subscribers.
func (tx *Tx) Reached(ctx context.Context, ids []model.SubscriberID, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE subscribers
		SET succeeded_at = $1, failed = 0, bounced = 0
		WHERE id IN (
			SELECT value
			FROM json_each($2))`, toMillis(at), asJSON(numbersOf(ids)))
}

// Missed writes that a delivery to a subscriber was given up, and pauses a webhook that has not taken anything since a time and has
// missed at least most. It says whether it did.
func (tx *Tx) Missed(ctx context.Context, id model.SubscriberID, since time.Time, most int) (paused bool, err error) {
	if err := tx.exec(ctx, `UPDATE subscribers SET failed = failed + 1 WHERE id = $1`, id); err != nil {
		return false, err
	}
	err = tx.execOne(ctx, `
		UPDATE subscribers
		SET state = 3
		WHERE id = $1 AND channel = 3 AND state = 2 AND failed >= $2 AND max(succeeded_at, active_at) <= $3`, id, most, toMillis(since))
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// CountSubscribers counts a page's subscribers of each channel and state.
func (o Owned) CountSubscribers(ctx context.Context, page model.PageID) (map[model.Channel]map[model.SubscriberState]int, error) {
	type count struct {
		channel model.Channel
		state   model.SubscriberState
		n       int
	}
	rows, err := query(ctx, o.View, func(_ View, row scanner) (c count, err error) {
		err = row.Scan(&c.channel, &c.state, &c.n)
		return c, err
	}, `
		SELECT channel, state, count(*)
		FROM subscribers
		WHERE workspace_id = $1 AND page_id = $2
		GROUP BY channel, state`, o.workspace, page)
	out := map[model.Channel]map[model.SubscriberState]int{}
	for _, c := range rows {
		if out[c.channel] == nil {
			out[c.channel] = map[model.SubscriberState]int{}
		}
		out[c.channel][c.state] = c.n
	}
	return out, err
}

// Bounced writes that there was no such mailbox, and says how many times in a row.
func (tx *Tx) Bounced(ctx context.Context, id model.SubscriberID) (n int, err error) {
	if err := tx.exec(ctx, `UPDATE subscribers SET bounced = bounced + 1 WHERE id = $1`, id); err != nil {
		return 0, err
	}
	err = tx.q.QueryRowContext(ctx, `SELECT bounced FROM subscribers WHERE id = $1`, id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Stormed is when a subscriber was last told of automatic incidents; zero: never.
func (v View) Stormed(ctx context.Context, id model.SubscriberID) (time.Time, error) {
	at, err := one(ctx, v, scanInstant, `SELECT storm_at FROM subscribers WHERE id = $1`, id)
	return millis(int64(at)), err
}

// SetStormed writes it.
func (tx *Tx) SetStormed(ctx context.Context, id model.SubscriberID, at time.Time) error {
	return tx.exec(ctx, `UPDATE subscribers SET storm_at = $1 WHERE id = $2`, toMillis(at), id)
}

// UnconfirmedSince lists who asked last before a time to be told and has never confirmed it.
func (v View) UnconfirmedSince(ctx context.Context, before time.Time) ([]model.Subscriber, error) {
	return query(ctx, v, scanSubscriber, `
		SELECT `+subscriberColumns+`
		FROM subscribers
		WHERE state = 1 AND created_at < $1 AND asked_at < $1`, toMillis(before))
}

// MoveSubscriber writes that a subscriber is reached elsewhere now: a Telegram chat that has become another.
func (tx *Tx) MoveSubscriber(ctx context.Context, s model.Subscriber) error {
	return tx.execOne(ctx, `UPDATE subscribers SET address = $1, address_mac = $2 WHERE id = $3`,
		tx.conceal(subscriberAddress, int64(s.ID), s.Address), tx.addressMAC(s.Channel, s.Address), s.ID)
}
