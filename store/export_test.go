package store

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// HotQueries run at each change of status or build of a snapshot.
var HotQueries = []string{closeOpen, dropEmpty, `SELECT id, ` + listed + ` FROM components WHERE page_id = $3`}

// AuditQueries list the audit trail.
var AuditQueries = []string{auditOfPage, auditOfAll}

// FiringQueries are the logs of firings and what a start asks of them.
var FiringQueries = []string{firingsOfTarget, firingsOfCheck, firingsOfIncident, newestOfPage, newestOfTargets, lastFirings, firingFor, running}

// ReadChanges and WriteChanges are how an entry of the audit trail is stored.
var (
	ReadChanges  = readChanges
	WriteChanges = writeChanges
)

// Newest reads the newest spans of a page.
const Newest = newest

// MakeAt makes a database file as an earlier release left it.
func MakeAt(ctx context.Context, file string, version int64) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer db.Close()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}
