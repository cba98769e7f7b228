package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

func TestSessionsAndInvitesRoundTrip(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api")
	other := storetest.Fill(t, s, "other", "api")
	at := storetest.Began
	u := model.User{ID: model.NewUserID(), Email: "Ada@example.org", Password: "x", Language: "tr", Roles: map[model.WorkspaceID]model.Role{w.Workspace.ID: model.Owner}, Created: at}
	session := model.Session{ID: model.NewSessionID(), User: u.ID, Created: at, Seen: at.Add(time.Minute), Agent: "a", Address: "::1"}
	invite := model.Invite{ID: model.NewInviteID(), Workspace: w.Workspace.ID, Email: "B@example.org", Role: model.Editor, Created: at, Expires: at.Add(time.Hour), By: u.ID}
	token := model.Token{ID: model.NewTokenID(), Workspace: w.Workspace.ID, Name: "ci", Role: model.Viewer, Created: at, Expires: at.Add(time.Hour)}
	storetest.Write(t, s, func(tx *store.Tx) error {
		own := tx.In(w.Workspace.ID)
		return errors.Join(tx.AddUser(bg, u), tx.AddSession(bg, session, []byte("1")), own.SetInvite(bg, invite, []byte("2")), own.AddToken(bg, token, []byte("3")))
	})
	same(t, get(t, s, func(v store.View) (model.User, error) { return v.User(bg, u.ID) }), u)
	same(t, get(t, s, func(v store.View) (model.Session, error) { return v.SessionByHash(bg, []byte("1")) }), session)
	same(t, get(t, s, func(v store.View) (model.Invite, error) { return v.InviteByHash(bg, []byte("2")) }), invite)
	same(t, get(t, s, func(v store.View) ([]model.Token, error) { return v.In(w.Workspace.ID).Tokens(bg) }), []model.Token{token})
	same(t, get(t, s, func(v store.View) ([]model.User, error) { return v.In(w.Workspace.ID).Members(bg) }), []model.User{u})
	if list := get(t, s, func(v store.View) ([]model.Invite, error) { return v.In(other.Workspace.ID).Invites(bg) }); len(list) != 0 {
		t.Errorf("another workspace sees %v", list)
	}
	for name, f := range map[string]func(own store.OwnedTx) error{
		"invite": func(own store.OwnedTx) error { return own.DeleteInvite(bg, invite.ID) },
		"token":  func(own store.OwnedTx) error { return own.DeleteToken(bg, token.ID) },
		"member": func(own store.OwnedTx) error { return own.DeleteMember(bg, u.ID) },
	} {
		err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return f(tx.In(other.Workspace.ID)) })
		if !errors.Is(err, store.ErrNone) {
			t.Errorf("%s out of another workspace: %v", name, err)
		}
	}
	err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.DeleteWorkspace(bg, w.Workspace.ID) })
	if !errors.Is(err, store.ErrHeld) {
		t.Errorf("a workspace with a page: %v", err)
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.DeleteUser(bg, u.ID) })
	for _, table := range []string{"sessions", "invites", "memberships"} {
		if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%d %s are left of a deleted user", n, table)
		}
	}
}

func TestAccountsOfTheFirstSchemaGoOn(t *testing.T) {
	dir := storetest.Folder(t)
	file := filepath.Join(dir, store.DatabaseFile)
	if err := errors.Join(os.Remove(file), store.MakeAt(bg, file, 1)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`INSERT INTO workspaces VALUES (1, 'Default', 0)`,
		`INSERT INTO users VALUES (2, 'Ada@example.org', 'ada@example.org', 'hash', 1, 0)`,
		`INSERT INTO memberships VALUES (2, 1, 3)`,
		`INSERT INTO tokens VALUES (3, 1, 'ci', x'00', 2, 0, 0, 0)`,
	} {
		storetest.Exec(t, dir, row)
	}
	s := storetest.Open(t, dir)
	u := get(t, s, func(v store.View) (model.User, error) { return v.UserByEmail(bg, "ADA@example.org") })
	if u.Language != "" || !u.Admin || u.Roles[1] != model.Owner || u.Password != "hash" {
		t.Errorf("%+v", u)
	}
	tokens := get(t, s, func(v store.View) ([]model.Token, error) { return v.Tokens(bg) })
	if len(tokens) != 1 || tokens[0].Expired(time.Now()) {
		t.Errorf("%+v", tokens)
	}
}

func TestQueriesOfEveryRequestSeekTheirRow(t *testing.T) {
	s := storetest.New(t)
	for _, text := range []string{
		`SELECT id FROM sessions WHERE hash = x'00'`, `DELETE FROM sessions WHERE user_id = 1 AND id <> 2`,
		`SELECT role FROM memberships WHERE user_id = 1`, `SELECT user_id FROM memberships WHERE workspace_id = 1`,
	} {
		for _, step := range storetest.Plan(t, s.Dir(), text) {
			if !strings.HasPrefix(step, "SEARCH") {
				t.Errorf("%s: %s", text, step)
			}
		}
	}
}
