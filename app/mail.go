package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"time"

	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/email"
	"statusd/store"
)

// MailServer are the settings of the mail server as people see and change them. The password is never shown.
type MailServer struct {
	Host        string // "": there is none
	Port        int
	Security    email.Security
	User        string
	Password    model.Secret // of a change: "" keeps the one that is stored, if host and user stay
	PasswordSet bool
	From        string // an address, perhaps with a name: "Status <status@example.com>"
	Fixed       bool   // they were given at the start, and cannot be changed
}

// securities are the ways to protect a connection, by their names.
var securities = map[string]email.Security{"starttls": email.StartTLS, "tls": email.TLS, "none": email.None}

// Secure sets how the connection is protected: "starttls", "tls" or "none"; false for any other word.
func (m *MailServer) Secure(word string) (ok bool) {
	m.Security, ok = securities[word]
	return ok
}

// keptMail is how they are stored, sealed.
type keptMail struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security uint8  `json:"security"`
	User     string `json:"user"`
	Password string `json:"password"`
	From     string `json:"from"`
}

// loadMail makes the stored settings those in use, or the ones that were given at the start.
func (a *App) loadMail(ctx context.Context) error {
	var stored, key model.Secret
	err := a.Store.Read(ctx, func(v store.View) (err error) {
		if stored, err = v.MailSettings(ctx); err != nil {
			return err
		}
		key, err = v.DKIMKey(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return a.useMail(stored, key)
}

func (a *App) useMail(stored, key model.Secret) error {
	settings, err := a.mailSettings(stored)
	if err != nil {
		return err
	}
	if key != "" {
		if settings.DKIM, err = email.ParseKey(DKIMSelector, key.Reveal()); err != nil {
			return fmt.Errorf("DKIM key: %w", err)
		}
	}
	a.mails.Use(settings)
	a.courier.Try(model.Email)
	return nil
}

// mailSettings are those to use: given at the start, or stored.
func (a *App) mailSettings(stored model.Secret) (email.Settings, error) {
	if a.Mail != nil {
		return *a.Mail, nil
	}
	if stored == "" {
		return email.Settings{}, nil
	}
	var k keptMail
	if err := json.Unmarshal([]byte(stored.Reveal()), &k); err != nil {
		return email.Settings{}, fmt.Errorf("settings of the mail server: %w", err)
	}
	from, err := mail.ParseAddress(k.From)
	if err != nil {
		return email.Settings{}, fmt.Errorf("settings of the mail server: %w", err)
	}
	return email.Settings{Host: k.Host, Port: k.Port, Security: email.Security(k.Security), User: k.User, Password: email.Secret(k.Password), From: *from}, nil
}

// MailServer are the settings of the mail server; an admin may see them.
func (a *App) MailServer(ctx context.Context, by model.Actor) (m MailServer, err error) {
	if !by.Admin {
		return m, model.ErrForbidden
	}
	err = a.read(ctx, func(v store.View) error {
		stored, err := v.MailSettings(ctx)
		if err != nil {
			return err
		}
		s, err := a.mailSettings(stored)
		m = shownMail(s)
		m.Fixed = a.Mail != nil
		return err
	})
	return m, err
}

func shownMail(s email.Settings) MailServer {
	m := MailServer{Host: s.Host, Port: s.Port, Security: s.Security, User: s.User, PasswordSet: s.Password != ""}
	if s.From.Address != "" {
		m.From = s.From.Address
		if s.From.Name != "" {
			m.From = s.From.String()
		}
	}
	return m
}

// SetMailServer changes the settings of the mail server; an admin may, unless they were given at the start. Without a host there is
// none any more.
func (a *App) SetMailServer(ctx context.Context, by model.Actor, change func(*MailServer) error) (m MailServer, err error) {
	if !by.Admin {
		return m, model.ErrForbidden
	}
	if a.Mail != nil {
		return m, model.Conflict{Code: "mail_fixed"}
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		before, err := tx.MailSettings(ctx)
		if err != nil {
			return err
		}
		old, err := a.mailSettings(before)
		if err != nil {
			return err
		}
		next, err := changedMail(old, change)
		if err != nil {
			return err
		}
		text, err := keep(next)
		if err != nil {
			return err
		}
		m = shownMail(next)
		if err := tx.SetMailSettings(ctx, text); err != nil {
			return err
		}
		key, err := tx.DKIMKey(ctx)
		if err != nil {
			return err
		}
		tx.AfterCommit(func() {
			if err := a.useMail(text, key); err != nil {
				a.Log.Error("the settings of the mail server count from the next start on", "err", err)
			}
		})
		changes := mailChanges(old, next)
		if len(changes) == 0 {
			return nil
		}
		return a.auditedEverywhere(ctx, tx, by, model.InstanceChanged, changes...)
	})
	return m, err
}

// changedMail applies a change to settings and validates what comes out.
func changedMail(old email.Settings, change func(*MailServer) error) (email.Settings, error) {
	m := shownMail(old)
	v, err := applied(change(&m))
	if err != nil {
		return email.Settings{}, err
	}
	if m.Host == "" {
		return email.Settings{}, v.Err()
	}
	s := email.Settings{Host: m.Host, Port: m.Port, Security: m.Security, User: m.User, Password: email.Secret(m.Password.Reveal())}
	if m.Password == "" && m.User != "" && m.User == old.User && m.Host == old.Host {
		s.Password = old.Password // which goes to no other host
	}
	if from, err := mail.ParseAddress(m.From); err == nil {
		s.From = *from
	}
	s, err = s.Checked()
	if refused, ok := err.(email.Invalid); ok && !v.Has(refused.Field) {
		v.Add(refused.Field, refusedMail[mailProblem(refused.Code)])
	} else if err != nil && !ok {
		return s, err
	}
	return s, v.Err()
}

// mailProblem is the code of an email.Invalid.
type mailProblem string

// refusedMail is how what is wrong with settings is told.
var refusedMail = map[mailProblem]string{
	"host": "mail_host", "port": "mail_port", "tls": "mail_tls", "clear": "mail_clear", "user": "mail_user", "password": "mail_password",
	"control": "mail_control", "from": "mail_from", "hello": "mail_hello",
}

func keep(s email.Settings) (model.Secret, error) {
	if s.Host == "" {
		return "", nil
	}
	text, err := json.Marshal(keptMail{s.Host, s.Port, uint8(s.Security), s.User, string(s.Password), s.From.String()})
	return model.Secret(text), err
}

// mailChanges are what the trail tells of a change.
func mailChanges(from, to email.Settings) (out []model.Change) {
	fields := func(s email.Settings) []any {
		if s.Host == "" {
			return []any{nil, nil, nil, nil, nil}
		}
		return []any{s.Host, int64(s.Port), s.Security.String(), orNil(s.User), s.From.String()}
	}
	before, after := fields(from), fields(to)
	for i, name := range []string{"mail.host", "mail.port", "mail.tls", "mail.user", "mail.from"} {
		if before[i] != after[i] {
			out = append(out, model.Change{Field: name, From: before[i], To: after[i]})
		}
	}
	return append(out, secretChanges("mail.password", model.Secret(from.Password), model.Secret(to.Password))...)
}

// testLimit is how long a test mail may take: somebody waits for the answer, and the web server for 30 s.
const testLimit = 20 * time.Second

// MailTried is what came of a test mail.
type MailTried struct {
	Answer string // what the mail server said last; "" when it said nothing
	Reason string // why it did not go, in code; "" when it did
}

// TestMail sends a mail with settings that need not be stored yet; an admin may. Nothing is kept.
func (a *App) TestMail(ctx context.Context, by model.Actor, to, lang string, change func(*MailServer) error) (t MailTried, err error) {
	if !by.Admin {
		return t, model.ErrForbidden
	}
	var stored model.Secret
	if err := a.read(ctx, func(v store.View) (err error) { stored, err = v.MailSettings(ctx); return err }); err != nil {
		return t, err
	}
	old, err := a.mailSettings(stored)
	if err != nil {
		return t, err
	}
	s := old
	if a.Mail == nil {
		if s, err = changedMail(old, change); err != nil {
			return t, err
		}
	}
	var v model.Invalid
	address, ok := email.Address(to)
	if !ok {
		v.Add("to", "email")
	}
	if s.Host == "" {
		v.Add("host", "required")
	}
	if err := v.Err(); err != nil {
		return t, err
	}
	l, err := a.herald.Test(lang)
	if err != nil {
		return t, err
	}
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	answer, out := a.mails.Test(ctx, s, email.Mail{
		ID: fmt.Sprintf("test-%d", a.Now().UnixNano()), To: address, Subject: l.Subject, Text: l.Text, HTML: l.HTML, Date: a.Now(), Language: lang, AutoSubmitted: true,
	})
	t.Answer = answer
	if out.Kind != notify.Success {
		t.Reason = out.Reason.Encode()
	}
	return t, nil
}

// MailTrouble is why mails do not go out just now; zero when they do, or nobody has tried.
type MailTrouble struct {
	Reason  string // in code
	Answer  string // the server's words
	Since   time.Time
	Waiting int
}

// MailTrouble says why mails do not go out just now; false when they do.
func (a *App) MailTrouble() (MailTrouble, bool) {
	for _, c := range a.courier.Channels() {
		if c.Channel == notify.Email && c.Broken {
			return MailTrouble{Reason: c.Reason.Encode(), Answer: a.mails.Trouble().Answer, Since: c.Since, Waiting: c.Waiting}, true
		}
	}
	return MailTrouble{}, false
}

// MailOff says in code why visitors are not offered mail: "no_mail_server", "no_base_url"; "" when they are.
func (a *App) MailOff() string {
	switch {
	case !a.mails.Set():
		return "no_mail_server"
	case a.BaseURL() == "":
		return "no_base_url"
	}
	return ""
}

// offersMail says whether a subscriber can be reached by mail: there is a mail server, and links have somewhere to lead.
func (a *App) offersMail() bool { return a.MailOff() == "" }

// OffersChannel says whether visitors can subscribe by a channel.
func (a *App) OffersChannel(c model.Channel) bool {
	return c != model.Email || a.offersMail()
}
