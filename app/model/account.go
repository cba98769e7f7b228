package model

import (
	"fmt"
	"strings"
	"time"
)

// Role is what somebody may do in a workspace, weakest first.
type Role uint8

// The roles.
const (
	NoRole Role = iota
	Viewer      // reads; no subscriber addresses
	Editor      // everything but users, tokens, workspace
	Owner       // everything
)

var roleNames = [...]string{NoRole: "none", Viewer: "viewer", Editor: "editor", Owner: "owner"}

// String is the role's word: "viewer", "editor", "owner".
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// MarshalText writes the role's word.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Valid says whether it is a role that somebody can be given.
func (r Role) Valid() bool { return r >= Viewer && r <= Owner }

// ParseRole reads "viewer", "editor" or "owner".
func ParseRole(word string) (Role, bool) {
	for r := Viewer; r <= Owner; r++ {
		if roleNames[r] == word {
			return r, true
		}
	}
	return NoRole, false
}

// User is a person with an account.
type User struct {
	ID       UserID
	Email    string // as typed; compared without case
	Password string // argon2id in PHC form; "" where a user is shown
	Admin    bool   // may change the instance
	Language string // of the dashboard, "tr"; "": the browser's
	Roles    map[WorkspaceID]Role
	Created  time.Time
}

// Token lets a program use the management API of one workspace. Only its hash is kept.
type Token struct {
	ID        TokenID
	Workspace WorkspaceID
	Name      string
	Role      Role
	Admin     bool
	Created   time.Time
	LastUsed  time.Time // zero: never; at most a minute behind
	Expires   time.Time // zero: never
}

// Expired says whether the token has ended by itself.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Session is a user signed in with a browser. Only the hash of its token is kept.
type Session struct {
	ID      SessionID
	User    UserID
	Created time.Time
	Seen    time.Time // at most a minute behind
	Agent   string    // what the browser calls itself
	Address string    // from where it was begun
}

// How long a session lasts (SPEC §8).
const (
	SessionIdle = 7 * 24 * time.Hour  // without a request
	SessionLife = 30 * 24 * time.Hour // with any
)

// Over says whether the session has ended by itself.
func (s Session) Over(now time.Time) bool {
	return now.Sub(s.Seen) >= SessionIdle || now.Sub(s.Created) >= SessionLife
}

// Invite is an offer of a role in a workspace, to whoever shows its token. Only the token's hash is kept.
type Invite struct {
	ID        InviteID
	Workspace WorkspaceID
	Email     string
	Role      Role
	Created   time.Time
	Expires   time.Time
	By        UserID // 0: a token
}

// Membership is a user's role in a workspace.
type Membership struct {
	Workspace Workspace
	Role      Role
}

// Member is somebody with a role in the workspace that is looked at.
type Member struct {
	User User
	Role Role
}

// Actor is whoever asks for something. Use cases receive it first and act only in its workspace.
type Actor struct {
	Workspace WorkspaceID
	Role      Role
	CLI       bool // somebody at the command line of the host
	Admin     bool
	User      UserID  // 0 when it is no user
	Token     TokenID // 0 when it is no token
	Name      string  // as logs and the audit trail name it: a user's e-mail
}

// May says whether the actor's role reaches the one that is needed.
func (a Actor) May(need Role) bool { return a.Role >= need }

// Who is the actor as the audit trail remembers it.
func (a Actor) Who() Who {
	switch {
	case a.User != 0:
		return Who{ByUser, a.User.String(), a.Name}
	case a.Token != 0:
		return Who{ByToken, a.Token.String(), strings.TrimPrefix(a.Name, tokenActor)}
	case a.CLI:
		return Who{Kind: ByCLI, Name: a.Name}
	}
	return Who{Kind: BySystem, Name: a.Name}
}

// tokenActor begins the name of an actor that is a token.
const tokenActor = "token "

// Actor is whoever holds the token.
func (t Token) Actor() Actor {
	return Actor{Workspace: t.Workspace, Role: t.Role, Admin: t.Admin, Token: t.ID, Name: tokenActor + t.Name}
}
