package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/email"
	"statusd/store"
)

// inviteLife is how long an invitation can be accepted.
const inviteLife = 7 * 24 * time.Hour

// Invite offers a role in the actor's workspace to an e-mail address, in place of an earlier offer; an owner may. Whoever shows the
// token within seven days has it, once: it is for the address alone, and nobody can read it again.
func (a *App) Invite(ctx context.Context, by model.Actor, email string, role model.Role) (token string, i model.Invite, err error) {
	if !by.May(model.Owner) {
		return "", i, model.ErrForbidden
	}
	var v model.Invalid
	email = strings.TrimSpace(email)
	mailAddress(&v, "email", email)
	validRole(&v, role)
	if err := v.Err(); err != nil {
		return "", i, err
	}
	now := a.Now().UTC().Truncate(time.Millisecond)
	i = model.Invite{ID: model.NewInviteID(), Workspace: by.Workspace, Email: email, Role: role, Created: now, Expires: now.Add(inviteLife), By: by.User}
	token = newSecretToken()
	err = a.write(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, email)
		if err != nil && !errors.Is(err, store.ErrNone) {
			return err
		}
		if u.Roles[by.Workspace].Valid() {
			v.Add("email", "already_member")
			return v
		}
		if err := tx.In(by.Workspace).SetInvite(ctx, i, hashToken(token)); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, inviteTrail.entry(nil, &i))
	})
	return token, i, err
}

// inviteMailed is how long somebody waits to hear whether an invitation went out by mail.
const inviteMailed = 10 * time.Second

// MailInvite sends an invitation to the address that it is for, with the link that accepts it, if mail is offered; an owner may. It is
// tried once: the link is shown to whoever invites in any case. The answer says why it did not go, in code; "" when it did.
func (a *App) MailInvite(ctx context.Context, by model.Actor, i model.Invite, link, lang string) (reason string, err error) {
	if !by.May(model.Owner) || i.Workspace != by.Workspace {
		return "", model.ErrForbidden
	}
	if off := a.MailOff(); off != "" {
		return off, nil
	}
	var w model.Workspace
	err = a.read(ctx, func(v store.View) (err error) {
		if w, err = v.Workspace(ctx, i.Workspace); err != nil {
			return known(err)
		}
		if u, err := v.UserByEmail(ctx, i.Email); err == nil && u.Language != "" {
			lang = u.Language
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	l, err := a.herald.Invitation(w.Name, by.Name, lang, link, i.Expires)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, inviteMailed)
	defer cancel()
	out := a.mails.Send(ctx, email.Mail{
		ID: "invite-" + i.ID.String(), To: i.Email, Subject: l.Subject, Text: l.Text, HTML: l.HTML, Date: a.Now(), Language: lang, AutoSubmitted: true,
	})
	if out.Kind == notify.Success {
		return "", nil
	}
	return cmp.Or(out.Reason.Encode(), notify.Because(notify.NoAnswer, notify.Span(inviteMailed)).Encode()), nil
}

// Invites lists the invitations to the actor's workspace that can be accepted, by e-mail; an owner may.
func (a *App) Invites(ctx context.Context, by model.Actor) (out []model.Invite, err error) {
	if !by.May(model.Owner) {
		return nil, model.ErrForbidden
	}
	err = a.read(ctx, func(v store.View) error {
		all, err := v.In(by.Workspace).Invites(ctx)
		out = slices.DeleteFunc(all, func(i model.Invite) bool { return !a.Now().Before(i.Expires) })
		return err
	})
	return out, err
}

// RevokeInvite takes an invitation to the actor's workspace back; an owner may.
func (a *App) RevokeInvite(ctx context.Context, by model.Actor, id model.InviteID) error {
	if !by.May(model.Owner) {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		all, err := own.Invites(ctx)
		if err != nil {
			return err
		}
		if err := own.DeleteInvite(ctx, id); err != nil {
			return known(err)
		}
		at := slices.IndexFunc(all, func(i model.Invite) bool { return i.ID == id })
		return a.audited(ctx, tx, by, inviteTrail.entry(&all[at], nil))
	})
}

// InviteFor is what a token offers, and whether the address has an account already; model.ErrNotFound when it offers nothing.
func (a *App) InviteFor(ctx context.Context, token string) (i model.Invite, w model.Workspace, existing bool, err error) {
	err = a.read(ctx, func(v store.View) error {
		if i, err = a.openInvite(ctx, v, token); err != nil {
			return err
		}
		if w, err = v.Workspace(ctx, i.Workspace); err != nil {
			return known(err)
		}
		_, err = v.UserByEmail(ctx, i.Email)
		existing = err == nil
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		return err
	})
	return i, w, existing, err
}

func (a *App) openInvite(ctx context.Context, v store.View, token string) (model.Invite, error) {
	i, err := v.InviteByHash(ctx, hashToken(token))
	if err == nil && !a.Now().Before(i.Expires) {
		return model.Invite{}, model.ErrNotFound
	}
	return i, known(err)
}

// Accept is how an invitation is accepted.
type Accept struct {
	Password string // of the account that there is, or of the new one
	Language string // of a new one
	Client
}

// AcceptInvite uses an invitation up: an account that there is gets the role, once its password is shown (tries count as those of
// SignIn do), or an account is made; then its session begins.
func (a *App) AcceptInvite(ctx context.Context, token string, c Accept) (SignedIn, error) {
	i, _, existing, err := a.InviteFor(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	var u model.User
	if existing {
		u, err = a.provenInvitee(ctx, i, c)
	} else {
		u, err = a.newInvitee(ctx, i, c)
	}
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = a.write(ctx, func(tx *store.Tx) error {
		i, err := a.openInvite(ctx, tx.View, token) // the same one may be accepted twice at once
		if err != nil {
			return err
		}
		var before model.Role
		if existing {
			before, err = joinMember(ctx, tx, u, i)
		} else {
			u.Roles = map[model.WorkspaceID]model.Role{i.Workspace: i.Role}
			err = taken(tx.AddUser(ctx, u))
		}
		if err != nil {
			return err
		}
		if err := tx.In(i.Workspace).DeleteInvite(ctx, i.ID); err != nil {
			return err
		}
		if u, err = tx.User(ctx, u.ID); err != nil { // with the role
			return err
		}
		if err := a.auditedIn(ctx, tx, self(u), i.Workspace, accepted(u, i, before)); err != nil {
			return err
		}
		in, err = a.beginSession(ctx, tx, u, c.Client)
		return err
	})
	return in, err
}

// accepted is what the trail says of an invitation that was used up by a user who has the role now.
func accepted(u model.User, i model.Invite, before model.Role) model.Audit {
	e := model.Audit{Action: model.InviteAccepted, Subject: inviteTrail.subject(i)}
	change := model.Change{Field: "role", To: u.Roles[i.Workspace].String()}
	if before.Valid() {
		change.From = before.String()
	}
	if change.From != change.To {
		e.Changes = []model.Change{change}
	}
	return e
}

// provenInvitee is the invited account, if the password is its own.
func (a *App) provenInvitee(ctx context.Context, i model.Invite, c Accept) (model.User, error) {
	u, err := a.prove(ctx, i.Email, c.Password, clientOf(c.Address))
	if errors.Is(err, errWrongPassword) {
		var v model.Invalid
		v.Add("password", "old_password")
		return u, v
	}
	return u, err
}

// newInvitee is an account for the invited address, not stored yet.
func (a *App) newInvitee(ctx context.Context, i model.Invite, c Accept) (u model.User, err error) {
	var v model.Invalid
	a.validatePassword(&v, c.Password)
	a.validateLanguage(&v, c.Language)
	if err := v.Err(); err != nil {
		return u, err
	}
	hash, err := a.hasher.hash(ctx, c.Password)
	return model.User{
		ID: model.NewUserID(), Email: i.Email, Password: hash, Language: c.Language, Created: a.Now().UTC().Truncate(time.Millisecond),
	}, err
}

// joinMember gives an account the role that it was offered, unless it has a greater one by now, and says which it had.
func joinMember(ctx context.Context, tx *store.Tx, u model.User, i model.Invite) (model.Role, error) {
	now, err := tx.User(ctx, u.ID)
	if err != nil || now.Password != u.Password {
		return model.NoRole, model.ErrNotFound // gone, or another's, since the password was compared
	}
	before := now.Roles[i.Workspace]
	if before >= i.Role {
		return before, nil
	}
	return before, tx.In(i.Workspace).SetRole(ctx, u.ID, i.Role)
}
