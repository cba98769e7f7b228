package app_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"strings"
	"testing"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/store"
	"statusd/store/storetest"
)

// assets are the words and the templates of letters.
func assets(t *testing.T) (fs.FS, *locale.Bundle) {
	t.Helper()
	files := os.DirFS("../assets")
	words, err := locale.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return files, words
}

// postOffice is an App that can write mails, without anything that runs.
func postOffice(t *testing.T, change func(*app.Config)) (*app.App, model.Actor) {
	t.Helper()
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: k")
	files, words := assets(t)
	conf := app.Config{Store: s, Languages: []string{"en", "tr"}, Words: words, Assets: files, BaseURL: "https://status.example.org"}
	if change != nil {
		change(&conf)
	}
	a, err := app.New(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(bg) })
	return a, model.Actor{Workspace: w.Workspace.ID, Role: model.Owner, Admin: true}
}

func server(host string, port int) func(*app.MailServer) error {
	return func(m *app.MailServer) error {
		m.Host, m.Port, m.Security, m.User, m.Password, m.From = host, port, email.None, "", "", "Status <status@example.org>"
		return nil
	}
}

func TestThePasswordOfTheMailServerStaysAndGoesToNoOtherHost(t *testing.T) {
	a, by := postOffice(t, nil)
	set := func(change func(*app.MailServer)) (app.MailServer, error) {
		return a.SetMailServer(bg, by, func(m *app.MailServer) error { change(m); return nil })
	}
	first, err := set(func(m *app.MailServer) {
		m.Host, m.Port, m.Security, m.User, m.Password, m.From = "mail.example.org", 587, email.StartTLS, "ada", "hush hush", "status@example.org"
	})
	if err != nil || !first.PasswordSet || first.Password != "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if m, err := set(func(m *app.MailServer) { m.Port = 2525 }); err != nil || !m.PasswordSet {
		t.Errorf("another port: %+v, %v", m, err)
	}
	for what, change := range map[string]func(*app.MailServer){
		"another host": func(m *app.MailServer) { m.Host = "mail.evil.example" },
		"another user": func(m *app.MailServer) { m.User = "bob" },
	} {
		_, err := set(change)
		if v, ok := model.AsInvalid(err); !ok || !v.Has("password") {
			t.Errorf("%s took the password along: %v", what, err)
		}
	}
	if shown, err := a.MailServer(bg, by); err != nil || shown.Host != "mail.example.org" || shown.Port != 2525 || strings.Contains(fmt.Sprintf("%+v", shown), "hush") {
		t.Errorf("%+v, %v", shown, err)
	}
	if m, err := set(func(m *app.MailServer) { m.Host = "" }); err != nil || m.PasswordSet || a.OffersChannel(model.Email) {
		t.Errorf("without a host: %+v, %v", m, err)
	}
}

func TestWhatIsWrongWithAMailServerIsToldBesideItsField(t *testing.T) {
	a, by := postOffice(t, nil)
	for field, change := range map[string]func(*app.MailServer){
		"host":     func(m *app.MailServer) { m.Host = "no host" },
		"port":     func(m *app.MailServer) { m.Port = 70000 },
		"tls":      func(m *app.MailServer) { m.User, m.Password = "ada", "hush" },
		"password": func(m *app.MailServer) { m.Security, m.User = email.TLS, "ada" },
		"from":     func(m *app.MailServer) { m.From = "nobody" },
		"user":     func(m *app.MailServer) { m.Security, m.User, m.Password = email.TLS, "a\r\nb", "x" },
	} {
		_, err := a.SetMailServer(bg, by, func(m *app.MailServer) error {
			err := server("mail.example.org", 25)(m)
			change(m)
			return err
		})
		if v, ok := model.AsInvalid(err); !ok || len(v) != 1 || v[0].Field != field || v[0].Code == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if m, err := a.MailServer(bg, by); err != nil || m.Host != "" {
		t.Errorf("something was kept: %+v, %v", m, err)
	}
	for _, nobody := range []model.Actor{{Workspace: by.Workspace, Role: model.Owner}, {}} {
		_, err1 := a.SetMailServer(bg, nobody, server("mail.example.org", 25))
		_, err2 := a.MailServer(bg, nobody)
		_, err3 := a.TestMail(bg, nobody, "ada@example.org", "en", server("mail.example.org", 25))
		if !errors.Is(err1, model.ErrForbidden) || !errors.Is(err2, model.ErrForbidden) || !errors.Is(err3, model.ErrForbidden) {
			t.Errorf("%v, %v, %v", err1, err2, err3)
		}
	}
}

func TestAMailServerGivenAtTheStartCannotBeChanged(t *testing.T) {
	a, by := postOffice(t, func(c *app.Config) {
		c.Mail = &email.Settings{Host: "127.0.0.1", Port: 25, Security: email.None, From: mail.Address{Address: "status@example.org"}}
	})
	_, err := a.SetMailServer(bg, by, server("mail.example.org", 25))
	if c, ok := errors.AsType[model.Conflict](err); !ok || c.Code != "mail_fixed" {
		t.Errorf("%v", err)
	}
	if m, err := a.MailServer(bg, by); err != nil || !m.Fixed || m.Host != "127.0.0.1" || !a.OffersChannel(model.Email) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestATestMailShowsWhatTheServerAnswers(t *testing.T) {
	mailbox := notifytest.NewMailServer(t, notifytest.MailOptions{})
	a, by := postOffice(t, nil)
	host, port := mailbox.Host, mailbox.Port
	got, err := a.TestMail(bg, by, "ada@example.org", "tr", server(host, port))
	if err != nil || got.Reason != "" || got.Answer == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if m, err := a.MailServer(bg, by); err != nil || m.Host != "" {
		t.Errorf("a test keeps nothing: %+v, %v", m, err)
	}
	_, err = a.TestMail(bg, by, "ada", "en", server(host, port))
	if v, ok := model.AsInvalid(err); !ok || !v.Has("to") {
		t.Errorf("%v", err)
	}
}

func TestTheMailServersSettingsAreRecorded(t *testing.T) {
	a, by := postOffice(t, nil)
	if _, err := a.SetMailServer(bg, by, server("mail.example.org", 25)); err != nil {
		t.Fatal(err)
	}
	if _, made, err := a.DKIM(bg, false); err != nil || !made {
		t.Fatal(made, err)
	}
	if _, made, err := a.DKIM(bg, false); err != nil || made {
		t.Fatal(made, err)
	}
	list, err := a.Audit(bg, by, app.AuditFilter{Window: model.Window{Limit: 10}})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("%d entries, %v", len(list.Items), err)
	}
	key, settings := list.Items[0], list.Items[1]
	if key.Action != model.InstanceChanged || fmt.Sprint(key.Changes) != "[{mail.dkim <nil> set}]" || key.By.Kind != model.ByCLI {
		t.Errorf("%+v", key)
	}
	if want := "[{mail.host <nil> mail.example.org} {mail.port <nil> 25} {mail.tls <nil> none} {mail.from <nil> \"Status\" <status@example.org>}]"; fmt.Sprint(settings.Changes) != want {
		t.Errorf("%v", settings.Changes)
	}
	storetest.Read(t, a.Store, func(v store.View) error {
		kept, err := v.MailSettings(bg)
		if !strings.Contains(kept.Reveal(), "mail.example.org") {
			t.Errorf("kept: %s", kept.Reveal())
		}
		return err
	})
}
