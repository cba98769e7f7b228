package store

import (
	"statusd/app/model"
)

// Owned reads the rows of one workspace. It is the only way to rows that have an owner, so a forgotten owner does not compile.
type Owned struct {
	View
	workspace model.WorkspaceID
}

// OwnedTx reads and writes the rows of one workspace.
type OwnedTx struct {
	Owned
	tx *Tx
}

// In narrows a view to a workspace.
func (v View) In(w model.WorkspaceID) Owned { return Owned{v, w} }

// In narrows a transaction to a workspace.
func (tx *Tx) In(w model.WorkspaceID) OwnedTx { return OwnedTx{Owned{tx.View, w}, tx} }

// After continues a listing behind a row: the zero value begins it.
type After struct {
	Position int64 // the first part of the order: a position or a time
	ID       int64
}
