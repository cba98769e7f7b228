-- +goose Up

-- What people and tokens have done. An entry belongs to its workspace and outlives its subject and its page.
CREATE TABLE audit (
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL, -- order within the workspace, whatever the clock does
    page_id      INTEGER NOT NULL, -- 0: of the workspace itself; the page may be gone
    at           INTEGER NOT NULL,
    actor_kind   TEXT    NOT NULL, -- user, token, cli, system
    actor_id     TEXT    NOT NULL,
    actor_name   TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    subject_name TEXT    NOT NULL, -- as it was then
    changes      TEXT    NOT NULL, -- JSON: [{"field", "from", "to"}], without the value of any secret
    PRIMARY KEY (workspace_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_page ON audit (workspace_id, page_id, seq);

-- +goose Down
DROP TABLE audit;
