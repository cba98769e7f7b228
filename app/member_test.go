package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store/storetest"
)

// conflict is the code of a model.Conflict, or the error's text.
func conflict(err error) string {
	var c model.Conflict
	if errors.As(err, &c) {
		return c.Code
	}
	return fmt.Sprint(err)
}

// member is an account with a role in the default workspace.
func (l *lab) member(email string, role model.Role) model.User {
	l.t.Helper()
	u, err := l.a.AddUser(bg, app.NewUser{Email: email, Password: password, Role: role})
	l.must(err)
	return u
}

func TestARoleCountsAtOnce(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		u := l.member(bob, model.Editor)
		in := l.signedIn(bob)
		role := func() model.Role {
			_, u, err := l.a.Session(bg, in.Token)
			l.must(err)
			by, err := l.a.ActorOf(bg, u.ID, owner.Workspace)
			if errors.Is(err, model.ErrNotFound) {
				return model.NoRole
			}
			l.must(err)
			if by.User != u.ID || by.Name != bob || by.Admin {
				t.Errorf("%+v", by)
			}
			return by.Role
		}
		for _, want := range []model.Role{model.Viewer, model.Owner, model.Editor} {
			l.must(l.a.SetRole(bg, owner, u.ID, want))
			if role() != want {
				t.Errorf("%v, want %v", role(), want)
			}
		}
		members, err := l.a.Members(bg, owner)
		if err != nil || len(members) != 2 || members[1].Role != model.Editor || members[0].User.Password != "" || members[0].User.Admin {
			t.Errorf("%+v %v", members, err)
		}
		l.must(l.a.RemoveMember(bg, owner, u.ID))
		if role() != model.NoRole {
			t.Error("a removed member is still one")
		}
		if err := l.a.SetRole(bg, owner, u.ID, model.Viewer); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("who is no member: %v", err)
		}
		if err := l.a.SetRole(bg, owner, owner.User, model.NoRole); !strings.Contains(fmt.Sprint(err), "role: choice") {
			t.Errorf("no role: %v", err)
		}
	})
}

func TestAWorkspaceKeepsAnOwner(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		other := l.member(bob, model.Editor)
		for name, err := range map[string]error{
			"demoted": l.a.SetRole(bg, owner, owner.User, model.Editor),
			"removed": l.a.RemoveMember(bg, owner, owner.User),
			"deleted": func() error {
				yes := true
				admin, err := l.a.AddUser(bg, app.NewUser{Email: "root@example.org", Password: password, Role: model.Viewer, Admin: &yes})
				l.must(err)
				return l.a.DeleteUser(bg, l.actor(admin), owner.User)
			}(),
		} {
			if conflict(err) != "last_owner" {
				t.Errorf("%s: %v", name, err)
			}
		}
		l.must(l.a.SetRole(bg, owner, other.ID, model.Owner))
		l.must(l.a.SetRole(bg, owner, owner.User, model.Editor))
		if err := l.a.RemoveMember(bg, l.actor(other), other.ID); conflict(err) != "last_owner" {
			t.Errorf("now the other is the last: %v", err)
		}
	})
}

func TestTheInstanceKeepsAnAdmin(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		other := l.user(bob)
		if err := l.a.SetAdmin(bg, admin, admin.User, false); conflict(err) != "last_admin" {
			t.Errorf("%v", err)
		}
		if err := l.a.DeleteUser(bg, admin, admin.User); conflict(err) != "last_admin" {
			t.Errorf("%v", err)
		}
		l.must(l.a.SetAdmin(bg, admin, other.ID, true))
		if !l.actor(other).Admin {
			t.Error("not an admin at once")
		}
		l.must(l.a.SetAdmin(bg, admin, admin.User, false))
		if by := l.actor(model.User{ID: admin.User}); by.Admin {
			t.Error("still an admin")
		}
		if err := l.a.DeleteUser(bg, l.actor(other), other.ID); conflict(err) != "last_admin" {
			t.Errorf("%v", err)
		}
		l.must(l.a.DeleteUser(bg, l.actor(other), admin.User))
		if err := l.a.DeleteUser(bg, l.actor(other), admin.User); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
		if err := l.a.SetAdmin(bg, l.actor(other), admin.User, true); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("one who is gone: %v", err)
		}
	})
}

func TestInvitations(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		first, _, err := l.a.Invite(bg, owner, bob, model.Editor)
		l.must(err)
		second, invite, err := l.a.Invite(bg, owner, "Bob@example.org", model.Viewer)
		l.must(err)
		if _, _, _, err := l.a.InviteFor(bg, first); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("an invitation that was replaced: %v", err)
		}
		i, w, existing, err := l.a.InviteFor(bg, second)
		if err != nil || existing || w.ID != owner.Workspace || i.ID != invite.ID || i.By != owner.User || i.Expires.Sub(i.Created) != 7*24*time.Hour {
			t.Errorf("%+v %+v %v %v", i, w, existing, err)
		}
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM invites WHERE length(hash) = 32 AND CAST(hash AS TEXT) <> '`+second+`'`); n != 1 {
			t.Errorf("%d hashes", n)
		}
		_, err = l.a.AcceptInvite(bg, second, app.Accept{Password: "short", Language: "xx"})
		if v, ok := model.AsInvalid(err); !ok || !v.Has("password") || !v.Has("language") {
			t.Errorf("%v", err)
		}
		in, err := l.a.AcceptInvite(bg, second, app.Accept{Password: nextPassword, Language: "tr", Client: client(home)})
		l.must(err)
		if by := l.actor(in.User); by.Role != model.Viewer || by.Admin || !l.accepted(in.Token) || in.User.Language != "tr" || in.User.Roles[w.ID] != model.Viewer {
			t.Errorf("%+v %+v", by, in)
		}
		if _, err := l.a.AcceptInvite(bg, second, app.Accept{Password: nextPassword}); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("used twice: %v", err)
		}
		if _, _, err := l.a.Invite(bg, owner, "BOB@example.org", model.Owner); !strings.Contains(fmt.Sprint(err), "already_member") {
			t.Errorf("a member: %v", err)
		}
		for email, role := range map[string]model.Role{"x": model.Viewer, "a@b\r\nBcc: c@d": model.Viewer, "c@d": model.NoRole} {
			if _, _, err := l.a.Invite(bg, owner, email, role); err == nil {
				t.Errorf("%q, %v is taken", email, role)
			}
		}
	})
}

func TestInvitationsEnd(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		other := l.member(bob, model.Owner)
		gone := func(token, why string) {
			t.Helper()
			if _, _, _, err := l.a.InviteFor(bg, token); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s: %v", why, err)
			}
			if _, err := l.a.AcceptInvite(bg, token, app.Accept{Password: nextPassword}); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s, accepted: %v", why, err)
			}
		}
		invite := func(by model.Actor) (string, model.Invite) {
			t.Helper()
			token, i, err := l.a.Invite(bg, by, "carl@example.org", model.Owner)
			l.must(err)
			return token, i
		}
		token, i := invite(owner)
		l.must(l.a.RevokeInvite(bg, owner, i.ID))
		gone(token, "taken back")
		token, _ = invite(owner)
		time.Sleep(7*24*time.Hour - time.Second)
		if list, err := l.a.Invites(bg, owner); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		time.Sleep(time.Second)
		gone(token, "after a week")
		if list, err := l.a.Invites(bg, owner); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		token, _ = invite(l.actor(other))
		l.must(l.a.SetRole(bg, owner, other.ID, model.Editor))
		gone(token, "of an owner who is none any more")
		l.must(l.a.SetRole(bg, owner, other.ID, model.Owner))
		token, _ = invite(l.actor(other))
		l.must(l.a.DeleteUser(bg, owner, other.ID))
		gone(token, "of a user who is gone")
		gone("", "none")
	})
}

func TestAnInvitationToAnAccountNeedsItsPassword(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		u := l.user(bob)
		w, err := l.a.CreateWorkspace(bg, admin, "Acme")
		l.must(err)
		owner, err := l.a.ActorOf(bg, admin.User, w.ID)
		l.must(err)
		token, _, err := l.a.Invite(bg, owner, bob, model.Editor)
		l.must(err)
		if _, _, existing, err := l.a.InviteFor(bg, token); err != nil || !existing {
			t.Errorf("%v %v", existing, err)
		}
		for range 10 {
			_, err := l.a.AcceptInvite(bg, token, app.Accept{Password: nextPassword, Client: client(home)})
			if v, ok := model.AsInvalid(err); !ok || !v.Has("password") {
				t.Fatal(err)
			}
		}
		if _, err := l.a.AcceptInvite(bg, token, app.Accept{Password: password, Client: client(home)}); refusal(err) != "too many" {
			t.Errorf("an eleventh try: %v", err)
		}
		if _, err := l.signIn(bob, password, home); refusal(err) != "too many" {
			t.Errorf("tries at an invitation do not count for signing in: %v", err)
		}
		var joined atomic.Int32
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if _, err := l.a.AcceptInvite(bg, token, app.Accept{Password: password, Client: client(office)}); err == nil {
					joined.Add(1)
				}
			})
		}
		all.Wait()
		if joined.Load() != 1 {
			t.Errorf("accepted %d times", joined.Load())
		}
		roles, err := l.a.Memberships(bg, u.ID)
		if err != nil || len(roles) != 2 || roles[0].Workspace.Name != "Acme" || roles[0].Role != model.Editor || roles[1].Role != model.Owner {
			t.Errorf("%v %v", roles, err)
		}
	})
}

func TestWorkspaces(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		if err := l.a.DeleteWorkspace(bg, admin, admin.Workspace, "Default"); conflict(err) != "last_workspace" {
			t.Errorf("the last one: %v", err)
		}
		w, err := l.a.CreateWorkspace(bg, admin, " Acme ")
		l.must(err)
		by, err := l.a.ActorOf(bg, admin.User, w.ID)
		if err != nil || by.Role != model.Owner || w.Name != "Acme" {
			t.Errorf("%+v %v", by, err)
		}
		for _, err := range []error{
			func() error { _, err := l.a.CreateWorkspace(bg, admin, "Acme"); return err }(),
			l.a.RenameWorkspace(bg, by, "Default"),
		} {
			if v, ok := model.AsInvalid(err); !ok || v[0].Code != "taken" {
				t.Errorf("%v", err)
			}
		}
		l.must(l.a.RenameWorkspace(bg, by, "Acme Inc"))
		page, err := l.a.CreatePage(bg, by, func(p *model.Page) error { p.Name, p.Slug = "p", "p"; return nil })
		l.must(err)
		text, _, err := l.a.NewTokenBy(bg, by, app.NewToken{Name: "ci", Role: model.Editor})
		l.must(err)
		if err := l.a.DeleteWorkspace(bg, admin, w.ID, "Acme"); !strings.Contains(fmt.Sprint(err), "typed_name") {
			t.Errorf("its old name: %v", err)
		}
		if err := l.a.DeleteWorkspace(bg, admin, w.ID, "Acme Inc"); conflict(err) != "workspace_in_use" {
			t.Errorf("with a page: %v", err)
		}
		l.must(l.a.DeletePage(bg, by, page.ID))
		l.must(l.a.DeleteWorkspace(bg, admin, w.ID, "Acme Inc"))
		if _, err := l.a.Authenticate(bg, text); !errors.Is(err, model.ErrUnauthorized) {
			t.Errorf("its token: %v", err)
		}
		if _, err := l.a.ActorOf(bg, admin.User, w.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("its owner: %v", err)
		}
		if err := l.a.DeleteWorkspace(bg, admin, w.ID, "Acme Inc"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestAnAdminIsNoMemberUntilTheyJoin(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		w, err := l.a.AddWorkspace(bg, "Acme")
		l.must(err)
		if _, err := l.a.ActorOf(bg, admin.User, w.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a workspace without them: %v", err)
		}
		by, err := l.a.ActorOf(bg, admin.User, 0)
		if err != nil || !by.Admin || by.May(model.Viewer) {
			t.Errorf("%+v %v", by, err)
		}
		if list, err := l.a.AllWorkspaces(bg, by); err != nil || len(list) != 2 {
			t.Errorf("%v %v", list, err)
		}
		l.must(l.a.JoinWorkspace(bg, by, w.ID))
		if by, err := l.a.ActorOf(bg, admin.User, w.ID); err != nil || by.Role != model.Owner {
			t.Errorf("%+v %v", by, err)
		}
		if err := l.a.JoinWorkspace(bg, by, model.NewWorkspaceID()); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("none: %v", err)
		}
		users, err := l.a.AllUsers(bg, by)
		if err != nil || len(users) != 1 || len(users[0].Memberships) != 2 || users[0].User.Password != "" {
			t.Errorf("%+v %v", users, err)
		}
	})
}

func TestTokensOfTheDashboard(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		owner.Admin = false
		if _, _, err := l.a.NewTokenBy(bg, owner, app.NewToken{Name: "x", Role: model.Owner, Admin: true}); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("an admin's token by one who is none: %v", err)
		}
		_, _, err := l.a.NewTokenBy(bg, owner, app.NewToken{Expires: l.wall()})
		if v, _ := model.AsInvalid(err); !v.Has("name") || !v.Has("role") || !v.Has("expires") {
			t.Errorf("%v", err)
		}
		text, made, err := l.a.NewTokenBy(bg, owner, app.NewToken{Name: "ci", Role: model.Editor, Expires: l.wall().Add(time.Hour)})
		l.must(err)
		time.Sleep(time.Hour - time.Second)
		if by, err := l.a.Authenticate(bg, text); err != nil || by.Token != made.ID || by.User != 0 {
			t.Errorf("%+v %v", by, err)
		}
		time.Sleep(time.Second)
		if _, err := l.a.Authenticate(bg, text); !errors.Is(err, model.ErrUnauthorized) {
			t.Errorf("after its hour: %v", err)
		}
		list, err := l.a.WorkspaceTokens(bg, owner)
		if err != nil || len(list) != 1 || !list[0].Expires.Equal(made.Expires) || !list[0].Expired(l.wall()) {
			t.Errorf("%v %v", list, err)
		}
		stranger := owner
		stranger.Workspace = model.NewWorkspaceID()
		if err := l.a.RevokeTokenByID(bg, stranger, made.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("another workspace's: %v", err)
		}
		l.must(l.a.RevokeTokenByID(bg, owner, made.ID))
	})
}

func TestWhoMayDoWhatWithAccounts(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		owner := l.actor(l.user(ada))
		u := l.member(bob, model.Editor)
		_, invite, err := l.a.Invite(bg, owner, "carl@example.org", model.Viewer)
		l.must(err)
		w, err := l.a.AddWorkspace(bg, "Other")
		l.must(err)
		foreign := model.Actor{Workspace: w.ID, Role: model.Owner}
		dump := func() int64 {
			return storetest.Number(t, l.dir, `SELECT count(*) * 1000000 + (SELECT count(*) FROM users) * 10000 + (SELECT count(*) FROM memberships) * 100 + (SELECT sum(role) FROM memberships) FROM invites`)
		}
		before := dump()
		owners := map[string]func(by model.Actor) error{
			"members":       func(by model.Actor) error { _, err := l.a.Members(bg, by); return err },
			"set role":      func(by model.Actor) error { return l.a.SetRole(bg, by, u.ID, model.Viewer) },
			"remove":        func(by model.Actor) error { return l.a.RemoveMember(bg, by, u.ID) },
			"invite":        func(by model.Actor) error { _, _, err := l.a.Invite(bg, by, "d@example.org", model.Viewer); return err },
			"invites":       func(by model.Actor) error { _, err := l.a.Invites(bg, by); return err },
			"revoke invite": func(by model.Actor) error { return l.a.RevokeInvite(bg, by, invite.ID) },
			"tokens":        func(by model.Actor) error { _, err := l.a.WorkspaceTokens(bg, by); return err },
			"new token": func(by model.Actor) error {
				_, _, err := l.a.NewTokenBy(bg, by, app.NewToken{Name: "x", Role: model.Viewer})
				return err
			},
			"revoke token": func(by model.Actor) error { return l.a.RevokeTokenByID(bg, by, model.NewTokenID()) },
			"rename":       func(by model.Actor) error { return l.a.RenameWorkspace(bg, by, "x") },
		}
		admins := map[string]func(by model.Actor) error{
			"all users":      func(by model.Actor) error { _, err := l.a.AllUsers(bg, by); return err },
			"all workspaces": func(by model.Actor) error { _, err := l.a.AllWorkspaces(bg, by); return err },
			"set admin":      func(by model.Actor) error { return l.a.SetAdmin(bg, by, u.ID, true) },
			"set password":   func(by model.Actor) error { return l.a.SetPasswordOf(bg, by, u.ID, nextPassword) },
			"delete user":    func(by model.Actor) error { return l.a.DeleteUser(bg, by, u.ID) },
			"create":         func(by model.Actor) error { _, err := l.a.CreateWorkspace(bg, by, "x"); return err },
			"delete":         func(by model.Actor) error { return l.a.DeleteWorkspace(bg, by, w.ID, "Other") },
			"join":           func(by model.Actor) error { return l.a.JoinWorkspace(bg, by, w.ID) },
			"base URL":       func(by model.Actor) error { return l.a.SetBaseURL(bg, by, "https://x.example.org") },
		}
		for name, f := range owners {
			for _, role := range []model.Role{model.NoRole, model.Viewer, model.Editor} {
				by := owner // an admin, too: that alone opens no workspace
				by.Role = role
				if err := f(by); !errors.Is(err, model.ErrForbidden) {
					t.Errorf("%s by %v: %v", name, role, err)
				}
			}
		}
		for name, f := range admins {
			by := owner
			by.Admin = false
			if err := f(by); !errors.Is(err, model.ErrForbidden) {
				t.Errorf("%s by an owner: %v", name, err)
			}
		}
		for _, name := range []string{"set role", "remove", "revoke invite", "revoke token"} {
			if err := owners[name](foreign); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s by another workspace's owner: %v", name, err)
			}
		}
		if dump() != before {
			t.Error("something was changed")
		}
	})
}
