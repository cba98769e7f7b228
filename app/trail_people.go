package app

import (
	"time"

	"statusd/app/model"
)

var memberTrail = trail[model.Member]{
	created: model.MemberAdded, changed: model.MemberChanged, deleted: model.MemberRemoved,
	subject: func(m model.Member) model.Subject { return userSubject(m.User) },
	fields: []traced[model.Member]{
		{"role", func(m model.Member) any { return m.Role.String() }},
	},
}

// memberOf is a user as a member of a workspace; nil when it is none.
func memberOf(u *model.User, w model.WorkspaceID) *model.Member {
	if u == nil || !u.Roles[w].Valid() {
		return nil
	}
	return &model.Member{User: *u, Role: u.Roles[w]}
}

// userTrail leaves out the language, which is everybody's own choice and changes nothing for others.
var userTrail = trail[model.User]{
	created: model.UserCreated, changed: model.UserChanged, deleted: model.UserDeleted,
	subject: userSubject,
	fields: []traced[model.User]{
		{"admin", func(u model.User) any { return u.Admin }},
	},
	secrets: func(from, to model.User) []model.Change {
		return secretChanges("password", model.Secret(from.Password), model.Secret(to.Password))
	},
}

func userSubject(u model.User) model.Subject {
	return model.Subject{Kind: model.SubjectUser, ID: u.ID.String(), Name: u.Email}
}

// inviteTrail knows no change: an invitation is replaced by another one.
var inviteTrail = trail[model.Invite]{
	created: model.InviteCreated, deleted: model.InviteRevoked,
	subject: func(i model.Invite) model.Subject {
		return model.Subject{Kind: model.SubjectInvite, ID: i.ID.String(), Name: i.Email}
	},
	fields: []traced[model.Invite]{
		{"role", func(i model.Invite) any { return i.Role.String() }},
		{"expires", func(i model.Invite) any { return instantOrNil(i.Expires) }},
	},
}

// tokenTrail knows no change: a token stays what it is made as.
var tokenTrail = trail[model.Token]{
	created: model.TokenCreated, deleted: model.TokenRevoked,
	subject: func(t model.Token) model.Subject {
		return model.Subject{Kind: model.SubjectToken, ID: t.ID.String(), Name: t.Name}
	},
	fields: []traced[model.Token]{
		{"name", func(t model.Token) any { return t.Name }},
		{"role", func(t model.Token) any { return t.Role.String() }},
		{"admin", func(t model.Token) any { return t.Admin }},
		{"expires", func(t model.Token) any { return instantOrNil(t.Expires) }},
	},
}

var workspaceTrail = trail[model.Workspace]{
	created: model.WorkspaceCreated, changed: model.WorkspaceChanged, deleted: model.WorkspaceDeleted,
	subject: func(w model.Workspace) model.Subject {
		return model.Subject{Kind: model.SubjectWorkspace, ID: w.ID.String(), Name: w.Name}
	},
	fields: []traced[model.Workspace]{
		{"name", func(w model.Workspace) any { return w.Name }},
	},
}

// instantOrNil writes an instant; one that is zero means never.
func instantOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
