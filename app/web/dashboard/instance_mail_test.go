package dashboard_test

import (
	"net/mail"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"statusd/app"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

const publicURL = "https://status.example.org"

// mailForm is what an admin types for a server of the test: name, value ...
func mailForm(server *notifytest.MailServer, more ...string) []string {
	return append([]string{"host", server.Host, "port", strconv.Itoa(server.Port), "tls", "none", "from", "Status <status@example.org>", "to", admin}, more...)
}

var (
	errSender  = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "<b>sender</b> not allowed here"}
	errMailbox = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
)

func TestTheMailServerIsTriedSavedAndTakenAway(t *testing.T) {
	c := newCrewWith(t, extra{letters: true})
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	a := c.as(admin)
	a.wants(a.get("/d/instance/mail"), 200, `value="587"`, `value="`+admin+`"`, "until statusd knows its public URL", "No key", "statusd dkim")
	c.must(c.app.SetBaseURL(t.Context(), c.ownerOf("Default"), publicURL))

	tried := a.wants(a.post("/d/instance/mail", mailForm(server, "do", "test")...), 200, "The mail server took the mail", "The server said:", "<q>250 ", `value="`+strconv.Itoa(server.Port)+`"`, `value="none" selected`)
	lacks(t, tried, "until statusd knows")
	if server.Count() != 1 || !strings.Contains(string(server.Taken()[0].Raw), "Email works") {
		t.Errorf("%d mails", server.Count())
	}
	if c.app.OffersChannel(model.Email) {
		t.Error("a test has saved something")
	}
	server.Refuse(notifytest.AtMail, errSender)
	a.wants(a.post("/d/instance/mail", mailForm(server, "do", "test")...), 200, "The mail did not go out: the mail server refuses the sender", "&lt;b&gt;sender&lt;/b&gt; not allowed here")
	a.wants(a.post("/d/instance/mail", mailForm(server, "do", "test", "to", "nobody")...), 200) // the first address counts
	server.On(nil)

	for name, pairs := range map[string][]string{
		"f-host-error":     {"host", "no host", "port", "25", "tls", "none", "from", "a@b.example"},
		"f-port-error":     {"host", "mx.example", "port", "many", "tls", "none", "from", "a@b.example"},
		"f-from-error":     {"host", "mx.example", "port", "25", "tls", "none", "from", "none"},
		"f-tls-error":      {"host", "mx.example", "port", "25", "tls", "some", "from", "a@b.example"},
		"f-password-error": {"host", "mx.example", "port", "25", "tls", "tls", "from", "a@b.example", "user", "ada"},
	} {
		a.wants(a.post("/d/instance/mail", pairs...), 422, name)
		a.wants(a.post("/d/instance/mail", append(pairs, "do", "test", "to", admin)...), 422, name)
	}
	a.leads(a.post("/d/instance/mail", mailForm(server)...), "/d/instance/mail?done=mail-saved")
	a.leads(a.post("/d/instance/mail", "host", "mx.example", "port", "25", "tls", "tls", "from", "a@b.example", "user", "ada", "password", "hush hush"), "/d/instance/mail?done=mail-saved")
	shown := a.wants(a.get("/d/instance/mail"), 200, `value="mx.example"`, `value="ada"`, "A password is set")
	lacks(t, shown, "hush")
	a.wants(a.get(c.ws+"/audit"), 200, "Instance settings changed", "Mail server’s port")
	a.leads(a.post("/d/instance/mail", "host", "", "port", "", "tls", "starttls"), "/d/instance/mail?done=mail-off")
	if c.app.OffersChannel(model.Email) {
		t.Error("it is still offered")
	}
	_, _, err := c.app.DKIM(t.Context(), false)
	c.must(err)
	a.wants(a.get("/d/instance/mail"), 200, "statusd._domainkey")
}

func TestAMailServerFromTheStartIsShownAndTried(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	c := newCrewWith(t, extra{letters: true, fixedMail: &email.Settings{
		Host: server.Host, Port: server.Port, Security: email.None, From: mail.Address{Address: "fixed@example.org"},
	}})
	a := c.as(admin)
	r := a.wants(a.get("/d/instance/mail"), 200, "--smtp-url", "fixed@example.org", server.Host, `name="to"`)
	lacks(t, r, `name="host"`, `name="password"`, "Save")
	a.wants(a.post("/d/instance/mail", "to", admin, "do", "test"), 200, "<q>250 ")
	a.wants(a.post("/d/instance/mail", "host", "mx.example", "port", "25", "tls", "none", "from", "a@b.example"), 409, "--smtp-url")
}

// mailed is a page with one subscriber by mail, whose mail server can be told to refuse.
func mailed(t *testing.T) (*stage, *notifytest.MailServer, *client) {
	t.Helper()
	st := newStageWith(t, extra{letters: true}, "API")
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	st.must(st.app.SetBaseURL(t.Context(), st.by, publicURL))
	a := st.as("owner@example.org")
	a.leads(a.post("/d/instance/mail", mailForm(server)...), "/d/instance/mail?done=mail-saved")
	_, err := st.app.ImportSubscribers(t.Context(), st.by, st.page.ID, app.SubscriberImport{List: "reader@example.org", Consent: "Form", Locale: "en"})
	st.must(err)
	return st, server, a
}

func TestABrokenChannelIsToldOnEveryScreenUntilItWorks(t *testing.T) {
	st, server, a := mailed(t)
	server.Refuse(notifytest.AtMail, errSender)
	i := st.opened()
	st.eventually(func() bool { _, broken := st.app.MailTrouble(); return broken })
	for _, path := range []string{"/d/account", "/d/instance", "/d/w/" + st.page.Workspace.String(), st.path(""), st.path("/subscribers")} {
		a.wants(a.get(path), 200, "Email does not go out: the mail server refuses the sender", "&lt;b&gt;sender&lt;/b&gt; not allowed here", "1 message waits", `href="/d/instance/mail">Mail settings`)
	}
	lacks(t, a.wants(a.get("/d/instance/mail"), 200, "Email does not go out"), ">Mail settings")
	lacks(t, st.editor.wants(st.editor.get(st.path("")), 200, "Email does not go out"), "/d/instance/mail")
	lacks(t, st.viewer.wants(st.viewer.get(st.path("")), 200), "Email does not go out")
	st.viewer.wants(st.viewer.get(st.incidentPath(i.ID, "")), 200, "<span>1 waiting: the mail server refuses the sender")
	lacks(t, st.visitor().get("/login"), "Email does not go out")

	server.On(nil)
	a.leads(a.post("/d/instance/mail", mailForm(server)...), "/d/instance/mail?done=mail-saved") // which tries at once
	st.eventually(func() bool { return !strings.Contains(a.get(st.path("")).body, "Email does not go out") })
	st.eventually(func() bool {
		return strings.Contains(st.editor.get(st.incidentPath(i.ID, "")).body, "<span>told 1</span>")
	})
}

func TestTheSubscribersTabSaysWhyMailIsNotOffered(t *testing.T) {
	st := newStageWith(t, extra{letters: true}, "API")
	a := st.as("owner@example.org")
	a.wants(a.get(st.path("/subscribers")), 200, "no mail server is set up", `href="/d/instance/mail">`)
	lacks(t, st.editor.wants(st.editor.get(st.path("/subscribers")), 200, "no mail server is set up"), `href="/d/instance`)
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	a.leads(a.post("/d/instance/mail", mailForm(server)...), "/d/instance/mail?done=mail-saved")
	a.wants(a.get(st.path("/subscribers")), 200, "does not know its public URL", `href="/d/instance">`)
	st.must(st.app.SetBaseURL(t.Context(), st.by, publicURL))
	lacks(t, a.get(st.path("/subscribers")), "Visitors cannot subscribe by email", "public URL")
}

func TestAnInvitationIsMailedWhenMailIsOffered(t *testing.T) {
	st, server, a := mailed(t)
	at := "/d/w/" + st.page.Workspace.String() + "/invites"
	r := a.wants(a.post(at, "email", "new@example.org", "role", "viewer"), 200, "The invitation was sent to new@example.org")
	link := a.shown(r)
	if taken := server.Taken(); len(taken) != 1 || taken[0].To != "new@example.org" || !strings.Contains(strings.ReplaceAll(string(taken[0].Raw), "=\r\n", ""), strings.ReplaceAll(link, "=", "=3D")) {
		t.Errorf("%d mails, none with %s", len(taken), link)
	}
	server.Refuse(notifytest.AtRcpt, errMailbox)
	a.wants(a.post(at, "email", "gone@example.org", "role", "viewer"), 200, "It could not be sent by email: there is no such mailbox", "Give this link to the person yourself", publicURL+"/invite?token=")
	a.leads(a.post("/d/instance/mail", "host", ""), "/d/instance/mail?done=mail-off")
	a.wants(a.post(at, "email", "late@example.org", "role", "viewer"), 200, "It was not sent by email, which is not set up", publicURL+"/invite?token=")
}
