-- +goose Up

CREATE TABLE incidents (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    page_id      INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    title        TEXT    NOT NULL, -- JSON: language to words
    impact       INTEGER NOT NULL,
    status       INTEGER NOT NULL, -- of the newest update
    source       INTEGER NOT NULL,
    component_id INTEGER NOT NULL, -- of which it is the automatic incident; 0: of none. The component may be gone
    started_at   INTEGER NOT NULL,
    resolved_at  INTEGER NOT NULL, -- 0: open
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX incidents_page ON incidents (page_id, started_at, id);
CREATE UNIQUE INDEX incidents_auto ON incidents (component_id) WHERE component_id <> 0 AND resolved_at = 0; -- never a twin

-- What an incident is about. A component that is gone stays here under its last name.
CREATE TABLE incident_components (
    incident_id  INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    component_id INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    PRIMARY KEY (incident_id, component_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_components_component ON incident_components (component_id);

CREATE TABLE incident_updates (
    id          INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL, -- order within the incident, whatever the clock does
    status      INTEGER NOT NULL,
    body        TEXT    NOT NULL, -- JSON: language to Markdown
    notify      INTEGER NOT NULL,
    auto        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    edited_at   INTEGER NOT NULL, -- 0: never
    UNIQUE (incident_id, seq)
) STRICT;

-- What the machine that opens and resolves automatic incidents remembers of a component (app/incident.State).
CREATE TABLE component_states (
    component_id INTEGER PRIMARY KEY REFERENCES components (id) ON DELETE CASCADE,
    incident_id  INTEGER NOT NULL, -- 0: none is open
    state        TEXT    NOT NULL  -- JSON
) STRICT;

CREATE TABLE maintenances (
    id            INTEGER PRIMARY KEY,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    page_id       INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    title         TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    state         INTEGER NOT NULL, -- 1 scheduled, 2 in progress, 3 completed, 4 cancelled
    auto_complete INTEGER NOT NULL,
    start_at      INTEGER NOT NULL, -- as announced
    end_at        INTEGER NOT NULL,
    began_at      INTEGER NOT NULL, -- as it was; 0: not yet
    ended_at      INTEGER NOT NULL,
    announced_at  INTEGER NOT NULL,
    reminded      INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX maintenances_page ON maintenances (page_id, start_at, id);
CREATE INDEX maintenances_live ON maintenances (id) WHERE state <= 2;

CREATE TABLE maintenance_components (
    maintenance_id INTEGER NOT NULL REFERENCES maintenances (id) ON DELETE CASCADE,
    component_id   INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    PRIMARY KEY (maintenance_id, component_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX maintenance_components_component ON maintenance_components (component_id);

-- What subscribers are told, written with what caused it. The newest row is never deleted, so that no number is given twice.
CREATE TABLE events (
    seq          INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    page_id      INTEGER NOT NULL, -- the page may be gone
    type         INTEGER NOT NULL,
    subject_id   INTEGER NOT NULL,
    auto         INTEGER NOT NULL,
    components   TEXT    NOT NULL, -- JSON: ids; none: it concerns everybody
    at           INTEGER NOT NULL,
    payload      BLOB    NOT NULL, -- as webhooks carry it
    expanded_to  INTEGER           -- the last subscriber that was looked at; NULL: all of them were
) STRICT;

CREATE INDEX events_new ON events (seq) WHERE expanded_to IS NOT NULL;

CREATE TABLE subscribers (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    page_id      INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    channel      INTEGER NOT NULL, -- 1 email, 2 telegram, 3 webhook
    state        INTEGER NOT NULL, -- 1 pending, 2 active, 3 paused
    topic        INTEGER NOT NULL, -- 1 all, 2 incidents, 3 maintenance
    components   TEXT    NOT NULL, -- JSON: ids; none: all
    locale       TEXT    NOT NULL,
    address      BLOB    NOT NULL, -- sealed
    address_mac  BLOB    NOT NULL, -- finds the address without telling it
    secret       BLOB,             -- sealed
    token_hash   BLOB    NOT NULL UNIQUE, -- SHA-256 of the management token
    host         TEXT    NOT NULL,
    since_event  INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    active_at    INTEGER NOT NULL, -- 0: never
    succeeded_at INTEGER NOT NULL, -- 0: never
    failed       INTEGER NOT NULL, -- deliveries given up since
    updated_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX subscribers_page ON subscribers (page_id, id);
CREATE INDEX subscribers_address ON subscribers (page_id, address_mac);

-- Events on their way. A row never holds an address; the subscriber may be gone.
CREATE TABLE deliveries (
    id            INTEGER PRIMARY KEY,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    page_id       INTEGER NOT NULL,
    event_seq     INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
    subscriber_id INTEGER NOT NULL,
    channel       INTEGER NOT NULL,
    subject_id    INTEGER NOT NULL, -- with the subscriber: what goes in order
    state         INTEGER NOT NULL, -- 1 waiting, 2 delivered, 3 failed, 4 superseded
    attempts      INTEGER NOT NULL,
    reason        TEXT    NOT NULL, -- why the last attempt failed, in code
    next_at       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    done_at       INTEGER NOT NULL, -- 0: not yet
    UNIQUE (event_seq, subscriber_id)
) STRICT;

CREATE INDEX deliveries_page ON deliveries (page_id, event_seq, id);
CREATE INDEX deliveries_waiting ON deliveries (event_seq, id) WHERE state = 1;
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id, event_seq);

-- +goose Down
DROP TABLE deliveries;
DROP TABLE subscribers;
DROP TABLE events;
DROP TABLE maintenance_components;
DROP TABLE maintenances;
DROP TABLE component_states;
DROP TABLE incident_updates;
DROP TABLE incident_components;
DROP TABLE incidents;
