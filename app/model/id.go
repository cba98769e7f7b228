package model

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// ID names a row of one kind. Inside it is an integer, so that it is small in every index; outside it is eight opaque
// characters. The kind is a type, so that a page's id cannot be passed for a check's. 0 is no id.
type ID[K any] int64

type (
	workspace  struct{}
	user       struct{}
	token      struct{}
	session    struct{}
	invite     struct{}
	page       struct{}
	component  struct{}
	check      struct{}
	incidents  struct{}
	update     struct{}
	window     struct{}
	subscriber struct{}
	delivery   struct{}
	target     struct{}
	firing     struct{}
)

// The ids of the model.
type (
	WorkspaceID     = ID[workspace]
	UserID          = ID[user]
	TokenID         = ID[token]
	SessionID       = ID[session]
	InviteID        = ID[invite]
	PageID          = ID[page]
	ComponentID     = ID[component]
	CheckID         = ID[check]
	IncidentID      = ID[incidents]
	UpdateID        = ID[update]
	MaintenanceID   = ID[window]
	SubscriberID    = ID[subscriber]
	DeliveryID      = ID[delivery]
	RestartTargetID = ID[target]
	FiringID        = ID[firing]
)

const idBytes = 5 // 40 bits: eight characters outside, six bytes in SQLite

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID draws a random id. Two alike among ten thousand rows of a kind have odds of 1 to 20,000; the primary key refuses them.
func NewID[K any]() ID[K] {
	var b [8]byte
	for {
		_, _ = rand.Read(b[8-idBytes:]) // never fails: crypto/rand, Go 1.24
		if id := int64(binary.BigEndian.Uint64(b[:])); id != 0 {
			return ID[K](id)
		}
	}
}

// String is the id as URLs and JSON show it.
func (id ID[K]) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(id))
	return idText.EncodeToString(b[8-idBytes:])
}

// MarshalText writes the id as URLs and JSON show it.
func (id ID[K]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String wrote; anything else is an error.
func (id *ID[K]) UnmarshalText(text []byte) error {
	parsed, ok := ParseID[K](string(text))
	if !ok {
		return fmt.Errorf("%q is no id", text)
	}
	*id = parsed
	return nil
}

// ParseID reads what String wrote. Any other text names nothing: the caller answers as for an unknown id.
func ParseID[K any](s string) (ID[K], bool) {
	if len(s) != idText.EncodedLen(idBytes) || strings.ToLower(s) != s {
		return 0, false
	}
	raw, err := idText.DecodeString(s)
	if err != nil || len(raw) != idBytes {
		return 0, false
	}
	var b [8]byte
	copy(b[8-idBytes:], raw)
	id := ID[K](binary.BigEndian.Uint64(b[:]))
	return id, id != 0
}

// New ids of each kind.
var (
	NewWorkspaceID     = NewID[workspace]
	NewUserID          = NewID[user]
	NewTokenID         = NewID[token]
	NewSessionID       = NewID[session]
	NewInviteID        = NewID[invite]
	NewPageID          = NewID[page]
	NewComponentID     = NewID[component]
	NewCheckID         = NewID[check]
	NewIncidentID      = NewID[incidents]
	NewUpdateID        = NewID[update]
	NewMaintenanceID   = NewID[window]
	NewSubscriberID    = NewID[subscriber]
	NewDeliveryID      = NewID[delivery]
	NewRestartTargetID = NewID[target]
	NewFiringID        = NewID[firing]
)
