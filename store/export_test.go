package store

// HotQueries run at each change of status or build of a snapshot.
var HotQueries = []string{closeOpen, dropEmpty, `SELECT id, ` + listed + ` FROM components WHERE page_id = $3`}

// AuditQueries list the audit trail.
var AuditQueries = []string{auditOfPage, auditOfAll}

// ReadChanges and WriteChanges are how an entry of the audit trail is stored.
var (
	ReadChanges  = readChanges
	WriteChanges = writeChanges
)

// Newest reads the newest spans of a page.
const Newest = newest
