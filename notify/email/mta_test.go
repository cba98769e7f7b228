package email_test

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

func TestARealMailServerTakesWhatWeSendAndRefusesWhatItShould(t *testing.T) {
	mta := notifytest.NewExim(t)
	settings := email.Settings{
		Host: "127.0.0.1", Port: mta.Port, User: "statusd", Password: "secret", From: mail.Address{Name: "Durum", Address: "status@example.com"},
	}
	s := newSender(t, settings, email.Options{Roots: mta.Roots})
	unwanted := to("someone@example.org")
	unwanted.Subject = "an unwanted one"
	for want, m := range map[string]email.Mail{
		"success ": full8(), "permanent mailbox_unknown|550 5.1.1": to("unknown@example.org"),
		"temporary smtp_later|451 4.7.1": to("greylisted@example.org"), "permanent mail_refused|550 5.7.1": unwanted,
	} {
		if out := s.Send(t.Context(), m); shown(out) != want {
			t.Errorf("%s: %s, want %s", m.To, shown(out), want)
		}
	}
	_, raw, _ := strings.Cut(mta.Box(t, 1), "\n") // the line that separates mails in a box
	head := regexp.MustCompile(`(?ms)^(Return-path|Envelope-to|Delivery-date|Received): .*?\n(\S)`)
	for head.MatchString(raw) {
		raw = head.ReplaceAllString(raw, "$2")
	}
	got := read(t, []byte(strings.ReplaceAll(strings.ReplaceAll(raw, "\n>From", "\nFrom"), "\n", "\r\n")))
	want := read(t, compose(t, full8()))
	want.From = `Çağrı Durum|status@example.com`
	if got.Subject != want.Subject || got.From != want.From || got.Text != want.Text || got.HTML != want.HTML || got.ListID != want.ListID {
		t.Errorf("got %+v\nwant %+v", got, want)
	}

	settings.User, settings.Password = "", ""
	s.Use(settings)
	for i, kind := range []notify.Kind{notify.Temporary, notify.Temporary, notify.Broken} {
		out := s.Send(t.Context(), to(fmt.Sprintf("stranger%d@example.net", i)))
		if out.Kind != kind || out.Reason.Code != notify.PolicyRefused {
			t.Errorf("relaying: %s", shown(out))
		}
	}
	settings.User, settings.Password = "statusd", "wrong"
	s.Use(settings)
	if out := s.Send(t.Context(), plain()); out.Kind != notify.Broken || out.Reason.Code != notify.BadSignIn {
		t.Error(shown(out))
	}
	if tr := s.Trouble(); !tr.Stands || !strings.HasPrefix(tr.Answer, "535 ") {
		t.Errorf("%+v", tr)
	}
	answer, out := s.Test(t.Context(), settings, plain())
	if out.Reason.Code != notify.BadSignIn || !strings.HasPrefix(answer, "535 ") {
		t.Errorf("%q, %s", answer, shown(out))
	}
}

// full8 is the full mail to somebody with an address of ASCII.
func full8() email.Mail {
	m := full()
	m.To = "someone@example.org"
	return m
}
