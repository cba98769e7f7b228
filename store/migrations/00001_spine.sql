-- +goose Up

-- What the instance knows about itself: key_check (proves the master key), base_url ...
CREATE TABLE instance (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL -- every ..._at is unix milliseconds
) STRICT;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY,
    email      TEXT    NOT NULL,
    email_key  TEXT    NOT NULL UNIQUE, -- lower case
    password   TEXT    NOT NULL,        -- argon2id, PHC form
    admin      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    role         INTEGER NOT NULL, -- 1 viewer, 2 editor, 3 owner
    PRIMARY KEY (user_id, workspace_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE, -- SHA-256 of the token
    role         INTEGER NOT NULL,
    admin        INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL -- 0: never
) STRICT;

CREATE INDEX tokens_workspace ON tokens (workspace_id);

CREATE TABLE pages (
    id                  INTEGER PRIMARY KEY,
    workspace_id        INTEGER NOT NULL REFERENCES workspaces (id),
    name                TEXT    NOT NULL,
    slug                TEXT    NOT NULL UNIQUE,
    display_name        TEXT    NOT NULL,
    primary_color       TEXT    NOT NULL,
    logo_url            TEXT    NOT NULL,
    logo_link_url       TEXT    NOT NULL,
    tagline             TEXT    NOT NULL,
    custom_domain       TEXT    UNIQUE,
    time_zone           TEXT    NOT NULL,
    no_index            INTEGER NOT NULL,
    subscribers_enabled INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL
) STRICT;

CREATE INDEX pages_workspace ON pages (workspace_id);

CREATE TABLE components (
    id            INTEGER PRIMARY KEY,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    page_id       INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    group_name    TEXT    NOT NULL,
    position      INTEGER NOT NULL,
    manual_status INTEGER NOT NULL, -- 0: not set
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX components_page ON components (page_id, position, id);

CREATE TABLE checks (
    id                     INTEGER PRIMARY KEY,
    workspace_id           INTEGER NOT NULL REFERENCES workspaces (id),
    page_id                INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    component_id           INTEGER NOT NULL REFERENCES components (id) ON DELETE CASCADE,
    version                INTEGER NOT NULL,
    name                   TEXT    NOT NULL,
    url                    TEXT    NOT NULL,
    method                 TEXT    NOT NULL,
    interval_ms            INTEGER NOT NULL,
    expected_status_min    INTEGER NOT NULL,
    expected_status_max    INTEGER NOT NULL,
    expected_body_contains TEXT    NOT NULL,
    timeout_ms             INTEGER NOT NULL,
    degraded_latency_ms    INTEGER NOT NULL, -- 0: never degraded
    insecure_skip_verify   INTEGER NOT NULL,
    retries                INTEGER NOT NULL,
    headers                BLOB,             -- sealed JSON object
    body                   BLOB,             -- sealed
    follow_redirects       INTEGER NOT NULL,
    enabled                INTEGER NOT NULL,
    incident_threshold     INTEGER NOT NULL, -- 0: opens no incident
    judged_from            INTEGER NOT NULL, -- what was seen before belongs to another target
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL
) STRICT;

CREATE INDEX checks_component ON checks (component_id, id);

-- Observed spans. to_at is NULL while a span is open; what no span covers is no-data.
CREATE TABLE spans (
    component_id INTEGER NOT NULL REFERENCES components (id) ON DELETE CASCADE,
    from_at      INTEGER NOT NULL,
    to_at        INTEGER,
    status       INTEGER NOT NULL, -- 1 operational, 3 degraded, 4 down
    PRIMARY KEY (component_id, from_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX spans_open ON spans (component_id) WHERE to_at IS NULL;

-- Spans older than 400 days, as what they come to in each UTC day.
CREATE TABLE component_days (
    component_id   INTEGER NOT NULL REFERENCES components (id) ON DELETE CASCADE,
    day_at         INTEGER NOT NULL,
    operational_ms INTEGER NOT NULL,
    degraded_ms    INTEGER NOT NULL,
    down_ms        INTEGER NOT NULL,
    PRIMARY KEY (component_id, day_at)
) STRICT, WITHOUT ROWID;

-- The newest sign of life that no segment shows.
CREATE TABLE life (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at INTEGER NOT NULL
) STRICT;

-- Probe results as they come: one row is what one commit brought, of all checks together (result.go has the format).
-- At the end of an hour its segments are folded into packs and roll-ups, and deleted.
CREATE TABLE segments (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    data BLOB    NOT NULL
) STRICT;

-- The results of one check in one hour. By hour first: a retention is then one range.
CREATE TABLE packs (
    hour     INTEGER NOT NULL, -- hours since 1970
    check_id INTEGER NOT NULL,
    data     BLOB    NOT NULL,
    PRIMARY KEY (hour, check_id)
) STRICT, WITHOUT ROWID;

-- Why probes were down, once each.
CREATE TABLE reasons (
    id       INTEGER PRIMARY KEY,
    reason   TEXT    NOT NULL UNIQUE,
    used_day INTEGER NOT NULL -- the newest day (since 1970) of a result that has it; goes when raw results of that day do
) STRICT;

CREATE TABLE check_hours (
    check_id    INTEGER NOT NULL,
    hour        INTEGER NOT NULL,
    operational INTEGER NOT NULL,
    degraded    INTEGER NOT NULL,
    down        INTEGER NOT NULL,
    latency_ms  INTEGER NOT NULL, -- sum over what answered
    slowest_ms  INTEGER NOT NULL,
    PRIMARY KEY (check_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_days (
    check_id    INTEGER NOT NULL,
    day         INTEGER NOT NULL, -- days since 1970
    operational INTEGER NOT NULL,
    degraded    INTEGER NOT NULL,
    down        INTEGER NOT NULL,
    latency_ms  INTEGER NOT NULL,
    slowest_ms  INTEGER NOT NULL,
    PRIMARY KEY (check_id, day)
) STRICT, WITHOUT ROWID;

-- Answers to POSTs that carried an Idempotency-Key.
CREATE TABLE answers (
    token_id    INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL, -- SHA-256 of method, path and body
    status      INTEGER NOT NULL,
    location    TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (token_id, key)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'the first schema has nothing before it';
