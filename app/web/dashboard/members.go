package dashboard

import (
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerMembers(e *echo.Echo) {
	s.screen(e, "/d/w/:ws/members", s.asOwner(s.members))
	s.act(e, "/d/w/:ws/members/:user/role", s.asOwner(s.setRole))
	s.act(e, "/d/w/:ws/members/:user/remove", s.asOwner(s.removeMember))
	s.screen(e, "/d/w/:ws/invites", s.asOwner(s.members)) // where a refused invitation is; reloading it must lead somewhere
	s.act(e, "/d/w/:ws/invites", s.asOwner(s.invite))
	s.act(e, "/d/w/:ws/invites/:invite/revoke", s.asOwner(s.revokeInvite))
}

// membersPage is who may do what in a workspace, and who may come.
type membersPage struct {
	frame
	Form        *form // of the invitation
	Email, Role view.Field
	Action      string
	Rows        []memberRow
	Invites     []inviteRow
	Once        *once // the link of the invitation that was just made
}

type memberRow struct {
	Email  string
	Self   bool
	Role   view.Field
	Action string
	Remove secondPress
}

type inviteRow struct {
	Email, Role string
	Expires     stamp
	Revoke      secondPress
}

func (s *Site) members(v *visit) error {
	return s.membersForm(v, v.filled(url.Values{"role": {model.Editor.String()}}), nil)
}

func (s *Site) membersForm(v *visit, f *form, shown *once) error {
	ctx := v.c.Request().Context()
	members, err := s.App.Members(ctx, v.actor)
	if err != nil {
		return err
	}
	invites, err := s.App.Invites(ctx, v.actor)
	if err != nil {
		return err
	}
	email := f.field("email", "field.email", "")
	email.Type, email.Autocomplete = "email", "off"
	page := membersPage{
		frame: s.workspaceFrame(v, "members", v.t("members.title")), Form: f, Email: email, Role: f.roleField("role"),
		Action: s.paths.Workspace(v.workspace.ID, "/invites"), Once: shown,
	}
	for _, m := range members {
		page.Rows = append(page.Rows, s.memberRow(v, m))
	}
	for _, i := range invites {
		page.Invites = append(page.Invites, inviteRow{
			Email: i.Email, Role: v.roleName(i.Role), Expires: v.stamp(i.Expires),
			Revoke: secondPress{
				Open: v.t("members.revoke"), Of: i.Email, Question: v.t("members.revoke.question"), Text: v.t("members.revoke.text", "Email", i.Email),
				Action: s.paths.Workspace(v.workspace.ID, "/invites/"+i.ID.String()+"/revoke"), Submit: v.t("members.revoke"),
			},
		})
	}
	return v.render(f.code(), "dashboard/members/members.html", page)
}

func (s *Site) memberRow(v *visit, m model.Member) memberRow {
	own := s.paths.Workspace(v.workspace.ID, "/members/"+m.User.ID.String())
	role := view.Field{Name: "role-" + m.User.ID.String(), Label: v.t("members.roleOf", "Email", m.User.Email), Options: v.roleOptions()}
	for i := range role.Options {
		role.Options[i].Chosen = role.Options[i].Value == m.Role.String()
	}
	return memberRow{
		Email: m.User.Email, Self: m.User.ID == v.user.ID, Role: role, Action: own + "/role",
		Remove: secondPress{
			Open: v.t("members.remove"), Of: m.User.Email, Question: v.t("members.remove.question"), Text: v.t("members.remove.text", "Email", m.User.Email),
			Action: own + "/remove", Submit: v.t("members.remove"),
		},
	}
}

// memberAct does something to the member of the path. What is refused is told on top of the list.
func (s *Site) memberAct(v *visit, said string, do func(*form, model.UserID) (stays bool, err error)) error {
	var user model.UserID
	if err := v.id("user", &user); err != nil {
		return err
	}
	f, err := v.posted()
	if err != nil {
		return err
	}
	stays, err := do(f, user)
	if f.refuse(err) {
		f.values = url.Values{"role": {model.Editor.String()}} // the form that is shown is another: of an invitation
		return s.membersForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	if user == v.user.ID && !stays { // this list is no longer theirs to see
		return v.goTo(s.paths.Dashboard(), "")
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, "/members"), said)
}

func (s *Site) setRole(v *visit) error {
	return s.memberAct(v, "role", func(f *form, user model.UserID) (bool, error) {
		role := f.role("role-" + user.String())
		return role == model.Owner, s.App.SetRole(v.c.Request().Context(), v.actor, user, role)
	})
}

func (s *Site) removeMember(v *visit) error {
	return s.memberAct(v, "member-removed", func(_ *form, user model.UserID) (bool, error) {
		return false, s.App.RemoveMember(v.c.Request().Context(), v.actor, user)
	})
}

// invite makes an invitation and shows its link, which nobody can see again.
func (s *Site) invite(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	token, invite, err := s.App.Invite(v.c.Request().Context(), v.actor, f.get("email"), f.role("role"))
	if f.refuse(err) {
		return s.membersForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	link := s.absolute(v, s.paths.Invite(token))
	return s.membersForm(v, v.filled(url.Values{"role": {model.Editor.String()}}), &once{
		Title: v.t("members.link", "Email", invite.Email), Text: s.mailInvite(v, invite, link),
		Secret: snippet{Language: v.t("members.link.label"), Label: v.t("members.link.label"), Code: link},
		Done:   s.paths.Workspace(v.workspace.ID, "/members"),
	})
}

// mailInvite sends an invitation, and says what whoever invites has to do with its link.
func (s *Site) mailInvite(v *visit, i model.Invite, link string) string {
	expires := v.words.DateTime(i.Expires, time.UTC)
	why, err := s.App.MailInvite(v.c.Request().Context(), v.actor, i, link, v.lang)
	switch {
	case err != nil:
		s.Log.Error("invitation not sent", "request", v.requestID(), "err", err)
		return v.t("members.link.text", "Expires", expires)
	case why == "":
		return v.t("members.sent", "Email", i.Email, "Expires", expires)
	case why == s.App.MailOff():
		return v.t("members.mailoff") + " " + v.t("members.link.text", "Expires", expires)
	}
	return v.t("members.unsent", "Reason", v.words.Delivery(why)) + " " + v.t("members.link.text", "Expires", expires)
}

func (s *Site) revokeInvite(v *visit) error {
	var id model.InviteID
	if err := v.id("invite", &id); err != nil {
		return err
	}
	if err := s.App.RevokeInvite(v.c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, "/members"), "invite-revoked")
}
