package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// mailScreen is where the mail server is set.
const mailScreen = "/d/instance/mail"

// mailPage is the mail server, with a way to try it.
type mailPage struct {
	frame
	Form                       *form
	Action                     string
	Facts                      []aboutFact // of a server that was given at the start; nil: the fields count
	Host, Port, Security, User view.Field
	Password, From, To         view.Field
	Trial                      *mailTrial
	NoURL                      string // where the public URL is said, while nobody has
	Key                        string // what there is to say of the key; "" for none
	DKIM                       snippet
}

// mailTrial is what came of a test mail.
type mailTrial struct {
	Status   status.Status
	Sentence string
	Answer   string // in the server's own words; "" when it said nothing
}

// mailTried is how long a test mail may take: the answer to the browser must not be cut off.
const mailTried = 20 * time.Second

// mailPort is what a form begins with: submission with STARTTLS.
const mailPort = 587

func (s *Site) mailSettings(v *visit) error {
	m, err := s.App.MailServer(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	values := url.Values{
		"host": {m.Host}, "port": {strconv.Itoa(m.Port)}, "tls": {m.Security.String()}, "user": {m.User}, "from": {m.From}, "to": {v.user.Email},
	}
	if m.Host == "" {
		values.Set("port", strconv.Itoa(mailPort))
	}
	return s.mailForm(v, v.filled(values), nil)
}

func (s *Site) mailForm(v *visit, f *form, tried *mailTrial) error {
	ctx := v.c.Request().Context()
	m, err := s.App.MailServer(ctx, v.actor)
	if err != nil {
		return err
	}
	page := mailPage{frame: s.instanceFrame(v, "mail", v.t("mailserver.title")), Form: f, Action: s.paths.Instance("/mail"), Trial: tried}
	page.To = f.field("to", "mailserver.to", "")
	page.To.Type, page.To.Autocomplete = "email", "off"
	if m.Fixed {
		page.Facts = v.mailFacts(m)
	} else {
		page.fields(f, m)
	}
	if s.App.BaseURL() == "" {
		page.NoURL = s.paths.Instance("")
	}
	has, err := s.App.HasDKIM(ctx)
	if err != nil {
		return err
	}
	page.DKIM = snippet{Language: v.t("tokens.example.language"), Label: v.t("snippet.command"), Code: "statusd dkim --data DIR"}
	if has {
		page.Key = v.t("mailserver.dkim.set", "Record", app.DKIMSelector+"._domainkey")
	}
	return v.render(f.code(), "dashboard/instance/mail.html", page)
}

// fields asks for the mail server.
func (p *mailPage) fields(f *form, m app.MailServer) {
	p.Host = f.field("host", "mailserver.host", "mailserver.host.help")
	p.Port = f.field("port", "mailserver.port", "")
	p.Security = f.choice(f.field("tls", "mailserver.tls", "mailserver.tls.help"), f.v.options("mailserver.tls.", "starttls", "tls", "none")...)
	p.User = f.optional(f.field("user", "mailserver.user", ""))
	help := ""
	if m.PasswordSet {
		help = "mailserver.password.set"
	}
	p.Password = f.optional(f.password("password", "field.password", help, "new-password"))
	p.From = f.field("from", "mailserver.from", "mailserver.from.help")
	p.Host.Mono, p.Port.InputMode, p.User.Autocomplete, p.Host.Placeholder = true, "numeric", "off", "mail.example.com"
	p.From.Placeholder = "Status <status@example.com>"
}

// mailFacts are the settings that were given at the start.
func (v *visit) mailFacts(m app.MailServer) []aboutFact {
	return []aboutFact{
		{Name: v.t("mailserver.host"), Value: m.Host}, {Name: v.t("mailserver.port"), Value: strconv.Itoa(m.Port)},
		{Name: v.t("mailserver.tls"), Value: v.t("mailserver.tls." + m.Security.String())},
		{Name: v.t("mailserver.user"), Value: orWord(m.User, v.t("settings.unset"))},
		{Name: v.t("field.password"), Value: v.yesNo(m.PasswordSet)}, {Name: v.t("mailserver.from"), Value: m.From},
	}
}

func orWord(text, word string) string {
	if text == "" {
		return word
	}
	return text
}

// typedMail reads what was typed, once, and gives what writes it over the settings. Without a host nothing else counts.
func (f *form) typedMail() func(*app.MailServer) error {
	port := f.optionalNumber("port")
	problems := slices.Clone(f.problems)
	if f.get("host") == "" {
		f.problems, problems = nil, nil
	}
	return func(m *app.MailServer) error {
		wrong := slices.Clone(problems)
		m.Host, m.Port, m.User, m.From = f.get("host"), port, f.get("user"), f.get("from")
		m.Password = model.Secret(f.raw("password"))
		if !m.Secure(f.get("tls")) && m.Host != "" {
			wrong.Add("tls", "mail_tls")
		}
		return wrong.Err()
	}
}

func (s *Site) saveMail(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	change := f.typedMail()
	if f.raw("do") == "test" {
		return s.tryMail(v, f, change)
	}
	m, err := s.App.SetMailServer(v.c.Request().Context(), v.actor, change)
	if f.refuse(err) {
		return s.mailForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	if m.Host == "" {
		return v.goTo(s.paths.Instance("/mail"), "mail-off")
	}
	return v.goTo(s.paths.Instance("/mail"), "mail-saved")
}

// tryMail sends a mail with what the form says, which stays as it is.
func (s *Site) tryMail(v *visit, f *form, change func(*app.MailServer) error) error {
	ctx, cancel := context.WithTimeout(v.c.Request().Context(), mailTried)
	defer cancel()
	got, err := s.App.TestMail(ctx, v.actor, f.get("to"), v.lang, change)
	if f.refuse(err) {
		return s.mailForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	tried := &mailTrial{Status: status.Operational, Sentence: v.t("mailserver.works", "To", view.InSentence(f.get("to"))), Answer: view.InSentence(got.Answer)}
	if got.Reason != "" {
		tried.Status, tried.Sentence = status.Down, v.t("mailserver.fails", "Reason", v.words.Delivery(got.Reason))
	}
	return s.mailForm(v, f, tried)
}
