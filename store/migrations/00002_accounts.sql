-- +goose Up

ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT ''; -- '': the browser's

ALTER TABLE tokens ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0; -- 0: never

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash       BLOB    NOT NULL UNIQUE, -- SHA-256 of the token
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL, -- at most a minute behind
    agent      TEXT    NOT NULL,
    address    TEXT    NOT NULL  -- from where it was begun
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE invites (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    email        TEXT    NOT NULL,
    email_key    TEXT    NOT NULL,        -- lower case
    role         INTEGER NOT NULL,
    hash         BLOB    NOT NULL UNIQUE, -- SHA-256 of the token
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    by_user      INTEGER REFERENCES users (id) ON DELETE CASCADE, -- an invitation does not outlive the one who made it
    UNIQUE (workspace_id, email_key)
) STRICT;

CREATE INDEX invites_by_user ON invites (by_user);
CREATE INDEX memberships_workspace ON memberships (workspace_id);

-- +goose Down
DROP INDEX memberships_workspace;
DROP TABLE invites;
DROP TABLE sessions;
ALTER TABLE tokens DROP COLUMN expires_at;
ALTER TABLE users DROP COLUMN language;
