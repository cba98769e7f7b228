-- +goose Up

-- What mail and Telegram need of a subscriber.
ALTER TABLE subscribers ADD COLUMN token BLOB; -- sealed: the management token, where messages have to hold it; NULL: it is the secret
ALTER TABLE subscribers ADD COLUMN asked INTEGER NOT NULL DEFAULT 0; -- mails to confirm that were sent, or that it is subscribed already
ALTER TABLE subscribers ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0; -- the newest of them
ALTER TABLE subscribers ADD COLUMN consent TEXT NOT NULL DEFAULT ''; -- from where it came: a client's address, or the note of an import
ALTER TABLE subscribers ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0; -- times in a row that there was no such mailbox
ALTER TABLE subscribers ADD COLUMN storm_at INTEGER NOT NULL DEFAULT 0; -- when it was last told of automatic incidents

CREATE INDEX subscribers_pending ON subscribers (created_at) WHERE state = 1;
CREATE INDEX deliveries_waiting_for ON deliveries (subscriber_id, subject_id) WHERE state = 1;

-- +goose Down
DROP INDEX deliveries_waiting_for;
DROP INDEX subscribers_pending;
ALTER TABLE subscribers DROP COLUMN storm_at;
ALTER TABLE subscribers DROP COLUMN bounced;
ALTER TABLE subscribers DROP COLUMN consent;
ALTER TABLE subscribers DROP COLUMN asked_at;
ALTER TABLE subscribers DROP COLUMN asked;
ALTER TABLE subscribers DROP COLUMN token;
