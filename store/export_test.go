package store

// HotQueries run at each change of status or build of a snapshot.
var HotQueries = []string{closeOpen, dropEmpty, `SELECT id, ` + listed + ` FROM components WHERE page_id = $3`}

// Newest reads the newest spans of a page.
const Newest = newest
