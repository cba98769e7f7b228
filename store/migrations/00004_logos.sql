-- +goose Up

-- The picture beside a page's name, checked and drawn anew. The bytes stand last, so that the rest is read without them.
CREATE TABLE logos (
    page_id INTEGER PRIMARY KEY REFERENCES pages (id) ON DELETE CASCADE,
    hash    TEXT    NOT NULL,
    type    TEXT    NOT NULL,
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    plate   INTEGER NOT NULL, -- a dark theme puts a light ground behind it
    bytes   BLOB    NOT NULL
) STRICT;

-- +goose Down
DROP TABLE logos;
