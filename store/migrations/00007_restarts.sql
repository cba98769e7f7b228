-- +goose Up

CREATE TABLE restart_targets (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    name         TEXT    NOT NULL,
    type         INTEGER NOT NULL, -- 1 http, 2 ssh, 3 coolify
    timeout_ms   INTEGER NOT NULL, -- 0: not the target's to say
    config       TEXT    NOT NULL, -- JSON: the fields of its type, without any secret
    secrets      BLOB,             -- sealed JSON object
    host_key     TEXT    NOT NULL, -- as it was given; '': none was
    seen_key     TEXT    NOT NULL, -- that the host showed first; '': not called yet
    seen_at      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX restart_targets_workspace ON restart_targets (workspace_id, created_at, id);

ALTER TABLE checks ADD COLUMN restart_target_id INTEGER REFERENCES restart_targets (id); -- NULL: bound to none
ALTER TABLE checks ADD COLUMN restart_threshold INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checks ADD COLUMN restart_cooldown_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checks ADD COLUMN restart_max INTEGER NOT NULL DEFAULT 0;

CREATE INDEX checks_restart_target ON checks (restart_target_id) WHERE restart_target_id IS NOT NULL;

-- What the machine that fires a check's restart target remembers of the check (app/rescue.State).
CREATE TABLE check_restarts (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    state    TEXT    NOT NULL -- JSON
) STRICT;

-- Calls of restart targets, each written before it is made. Check, page and incident may be gone.
CREATE TABLE firings (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    target_id    INTEGER NOT NULL REFERENCES restart_targets (id) ON DELETE CASCADE,
    check_id     INTEGER NOT NULL, -- 0: by hand
    check_name   TEXT    NOT NULL, -- as it was then
    page_id      INTEGER NOT NULL,
    incident_id  INTEGER NOT NULL, -- 0: none was open
    trigger_kind INTEGER NOT NULL, -- 1 schedule, 2 test
    started_at   INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    outcome      INTEGER NOT NULL, -- 1 running, 2 success, 3 failed, 4 interrupted
    status_code  INTEGER NOT NULL, -- 0: no answer
    exit_code    INTEGER,          -- NULL: none
    output       TEXT    NOT NULL,
    reason       TEXT    NOT NULL, -- why it failed, in code
    recovered_at INTEGER NOT NULL, -- when the check was good again; 0: it was not
    gave_up_at   INTEGER NOT NULL, -- 0: not after this one
    request      BLOB              -- hash of who asked for it with which Idempotency-Key; NULL: it cannot be repeated
) STRICT;

CREATE INDEX firings_target ON firings (target_id, started_at, id);
CREATE INDEX firings_check ON firings (check_id, started_at, id) WHERE check_id <> 0;
CREATE INDEX firings_incident ON firings (incident_id, started_at, id) WHERE incident_id <> 0;
CREATE INDEX firings_request ON firings (request) WHERE request IS NOT NULL;
CREATE INDEX firings_running ON firings (id) WHERE outcome = 1;

-- +goose Down
DROP TABLE firings;
DROP TABLE check_restarts;
DROP INDEX checks_restart_target;
ALTER TABLE checks DROP COLUMN restart_max;
ALTER TABLE checks DROP COLUMN restart_cooldown_ms;
ALTER TABLE checks DROP COLUMN restart_threshold;
ALTER TABLE checks DROP COLUMN restart_target_id;
DROP TABLE restart_targets;
