package model

import "time"

// Audit is one entry of the audit trail: who did what to what, and when.
type Audit struct {
	Seq     int64 // order within the workspace, growing; the store gives it
	At      time.Time
	Page    PageID // 0: of the workspace itself
	By      Who
	Action  Action // "": nothing was done, nothing is recorded
	Subject Subject
	Changes []Change
}

// Action is what was done: a kind of subject and a verb.
type Action string

// The actions.
const (
	PageCreated          Action = "page.created"
	PageChanged          Action = "page.changed"
	PageDeleted          Action = "page.deleted"
	ComponentCreated     Action = "component.created"
	ComponentChanged     Action = "component.changed"
	ComponentDeleted     Action = "component.deleted"
	ComponentsReordered  Action = "components.reordered" // its subject is the page
	CheckCreated         Action = "check.created"
	CheckChanged         Action = "check.changed"
	CheckDeleted         Action = "check.deleted"
	MemberAdded          Action = "member.added"
	MemberChanged        Action = "member.changed"
	MemberRemoved        Action = "member.removed"
	InviteCreated        Action = "invite.created"
	InviteRevoked        Action = "invite.revoked"
	InviteAccepted       Action = "invite.accepted"
	TokenCreated         Action = "token.created"
	TokenRevoked         Action = "token.revoked"
	WorkspaceCreated     Action = "workspace.created"
	WorkspaceChanged     Action = "workspace.changed"
	WorkspaceDeleted     Action = "workspace.deleted" // in the trails of others: its own went along
	UserCreated          Action = "user.created"
	UserChanged          Action = "user.changed"
	UserDeleted          Action = "user.deleted"
	IncidentCreated      Action = "incident.created"
	IncidentChanged      Action = "incident.changed"
	IncidentDeleted      Action = "incident.deleted"
	UpdatePosted         Action = "update.posted" // its subject is the incident, as of the others of updates
	UpdateChanged        Action = "update.changed"
	UpdateDeleted        Action = "update.deleted"
	MaintenanceCreated   Action = "maintenance.created"
	MaintenanceChanged   Action = "maintenance.changed"
	MaintenanceDeleted   Action = "maintenance.deleted"
	MaintenanceBegun     Action = "maintenance.begun"
	MaintenanceDone      Action = "maintenance.done"
	MaintenanceCalledOff Action = "maintenance.called_off"
	SubscriberDeleted    Action = "subscriber.deleted"
	SubscriberResumed    Action = "subscriber.resumed"
	SubscribersImported  Action = "subscribers.imported" // its subject is the page
	DeliveryRetried      Action = "delivery.retried"     // its subject is the subscriber
	RestartTargetCreated Action = "restart_target.created"
	RestartTargetChanged Action = "restart_target.changed"
	RestartTargetDeleted Action = "restart_target.deleted"
	RestartTargetTested  Action = "restart_target.tested"
	InstanceChanged      Action = "instance.changed"
	BackupTaken          Action = "backup.taken"
	KeyRotated           Action = "key.rotated"
)

// Subject is what something was done to. It may be gone since.
type Subject struct {
	Kind SubjectKind
	ID   string
	Name string // as it was then
}

// SubjectKind is what a subject is.
type SubjectKind string

// The kinds of subject.
const (
	SubjectPage          SubjectKind = "page"
	SubjectComponent     SubjectKind = "component"
	SubjectCheck         SubjectKind = "check"
	SubjectUser          SubjectKind = "user" // an account, also as a member
	SubjectInvite        SubjectKind = "invite"
	SubjectToken         SubjectKind = "token"
	SubjectWorkspace     SubjectKind = "workspace"
	SubjectIncident      SubjectKind = "incident"
	SubjectMaintenance   SubjectKind = "maintenance"
	SubjectSubscriber    SubjectKind = "subscriber" // its name is its channel: an address is not kept
	SubjectRestartTarget SubjectKind = "restart_target"
	SubjectInstance      SubjectKind = "instance" // has neither id nor name
)

// Change is one field that differs.
type Change struct {
	Field    string // JSON name, dotted when nested: "branding.primaryColor", "headers.X-Key"
	From, To any    // nil, string, bool, int64 or []string; never the value of a secret
}

// What the audit trail says instead of the value of a secret.
const (
	SecretSet     = "set"     // it has one
	SecretChanged = "changed" // it has another one
)

// Who is an actor as the audit trail remembers it, also when the account is gone.
type Who struct {
	Kind WhoKind
	ID   string // "" for what has none
	Name string
}

// WhoKind is what an actor is.
type WhoKind string

// The kinds of actor.
const (
	ByUser   WhoKind = "user"
	ByToken  WhoKind = "token"
	ByCLI    WhoKind = "cli"    // somebody who holds the data folder
	BySystem WhoKind = "system" // statusd by itself
)
