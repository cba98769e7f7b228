package dashboard

import (
	"net/url"
	"strconv"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
	"statusd/probe/restart"
)

// targetForm is where a restart target is made or changed. Of the three descriptions the one of its type is not nil.
type targetForm struct {
	frame
	Form                   *form
	Title, Text, Back      string
	Action, Delete, Submit string
	Kind                   string
	Name                   view.Field
	HTTP                   *httpFields
	SSH                    *sshFields
	Coolify                *coolifyFields
	Timeout                view.Field // without a name: it has none
	Retype                 bool       // secrets were typed, and are not in this page
}

type httpFields struct {
	URL, Method          view.Field
	StatusMin, StatusMax view.Field
	HeaderName           view.Field
	HeaderValue, Body    secretField
}

type sshFields struct {
	Host, Port, User, Command, HostKey view.Field
	PrivateKey, Passphrase             secretField
	KeyGen, Authorized                 snippet
	Seen                               string // fingerprint of a key that was recorded and not pinned; "" for none
}

type coolifyFields struct {
	BaseURL, UUID, Force view.Field
	Token                secretField
}

// secretField asks for a value that is nobody's to see again. One that is set is kept while nothing is typed.
type secretField struct {
	Field  view.Field
	Set    string // says that it is set; "" while it is not
	Remove string // name of the box that clears it; "" where that cannot be
	Gone   bool   // the box is ticked
	Area   bool   // it has lines
}

// secret makes a secretField. set says whether there is a value, clears names the box that removes it.
func (f *form) secret(name, label, help string, set bool, clears string) secretField {
	s := secretField{Field: f.field(name, label, help)}
	s.Field.Value, s.Field.Mono, s.Field.Autocomplete = "", true, "off"
	if set {
		s.Set, s.Remove, s.Gone = f.v.t("target.isSet."+name), clears, f.has(clears)
	}
	return s
}

// targetValues are a target's fields as its form has them; secrets have none.
func targetValues(r model.RestartTarget) url.Values {
	values := seenAt(r.Updated)
	set := func(name, value string) { values.Set(name, value) }
	set("name", r.Name)
	set("type", r.Type.String())
	set(fieldTimeout, strconv.FormatFloat(r.Timeout.Seconds(), 'f', -1, 64))
	switch r.Type {
	case model.RestartHTTP:
		set("url", r.HTTP.URL)
		set("method", r.HTTP.Method)
		set("expectedStatusMin", strconv.Itoa(r.HTTP.ExpectedStatusMin))
		set("expectedStatusMax", strconv.Itoa(r.HTTP.ExpectedStatusMax))
		set("authHeaderName", r.HTTP.AuthHeaderName)
	case model.RestartSSH:
		set("host", r.SSH.Host)
		set("port", strconv.Itoa(r.SSH.Port))
		set("user", r.SSH.User)
		set("command", r.SSH.Command)
		set("hostKey", r.SSH.HostKey)
	case model.RestartCoolify:
		set("baseUrl", r.Coolify.BaseURL)
		set("resourceUuid", r.Coolify.ResourceUUID)
		if r.Coolify.Force {
			set("force", "on")
		}
	}
	return values
}

// fieldTimeout is the form's: people think in seconds, where the use case counts milliseconds.
const fieldTimeout = "timeoutSeconds"

// targetChoice asks of which type a new target is.
type targetChoice struct {
	frame
	Back  string // URL
	Types []targetKind
}

// targetKind is a type to choose.
type targetKind struct{ Name, Text, Picture, URL string }

func (s *Site) newTarget(v *visit) error {
	kind, known := model.ParseTargetType(v.c.QueryParam("type"))
	if !known || kind == 0 {
		return s.chooseTarget(v)
	}
	values := targetValues(model.NewRestartTarget(kind))
	values.Del("seen")
	return s.showNewTarget(v, v.filled(values), kind)
}

func (s *Site) chooseTarget(v *visit) error {
	page := targetChoice{frame: s.pageFrame(v, "restarts", v.t("target.new")), Back: s.paths.Manage(v.page, "/restart-targets")}
	for _, kind := range model.TargetTypes() {
		page.Types = append(page.Types, targetKind{
			Name: v.t("target.type." + kind.String()), Text: v.t("target.about." + kind.String()), Picture: targetPictures[kind],
			URL: s.paths.NewRestartTarget(v.page, kind.String()),
		})
	}
	return v.show("dashboard/restarts/choose.html", page)
}

func (s *Site) showNewTarget(v *visit, f *form, kind model.TargetType) error {
	page := s.targetFields(v, f, model.NewRestartTarget(kind))
	page.Name.Focus = f.ok()
	page.Title, page.Text, page.Submit = v.t("target.new."+kind.String()), v.t("target.about."+kind.String()), v.t("target.create")
	page.Action, page.Back = s.paths.NewRestartTarget(v.page, ""), s.paths.NewRestartTarget(v.page, "")
	page.frame = s.pageFrame(v, "restarts", page.Title)
	return v.render(f.code(), "dashboard/restarts/form.html", page)
}

func (s *Site) targetForm(v *visit, r model.RestartTarget) error {
	return s.showTargetForm(v, v.filled(targetValues(r)), r)
}

func (s *Site) showTargetForm(v *visit, f *form, r model.RestartTarget) error {
	page := s.targetFields(v, f, r)
	page.Title, page.Text, page.Submit = r.Name, v.t("target.of."+r.Type.String()), v.t("form.save")
	page.Action, page.Delete = s.paths.RestartTarget(v.page, r.ID, "/edit"), s.paths.RestartTarget(v.page, r.ID, "/delete")
	page.Back = s.paths.RestartTarget(v.page, r.ID, "")
	page.frame = s.pageFrame(v, "restarts", page.Title)
	return v.render(f.code(), "dashboard/restarts/form.html", page)
}

// targetFields makes the fields; r is what is stored, of which secrets are only said to be set.
func (s *Site) targetFields(v *visit, f *form, r model.RestartTarget) targetForm {
	page := targetForm{Form: f, Kind: r.Type.String(), Name: f.field("name", "field.name", "target.name.help"), Retype: f.typedTargetSecrets()}
	page.Name.MaxLength = 80
	switch r.Type {
	case model.RestartHTTP:
		page.HTTP = f.httpFields(r.HTTP)
	case model.RestartSSH:
		page.SSH = f.sshFields(r.SSH)
	case model.RestartCoolify:
		page.Coolify = f.coolifyFields(r.Coolify)
		return page
	}
	page.Timeout = f.unit(f.field(fieldTimeout, "target.timeout", "target.timeout.help."+r.Type.String()), "form.seconds")
	return page
}

func (f *form) httpFields(h model.HTTPTarget) *httpFields {
	out := &httpFields{
		URL: f.field("url", "field.url", ""),
		Method: f.choice(f.field("method", "field.method", ""),
			view.Option{Value: "POST", Label: "POST"}, view.Option{Value: "GET", Label: "GET"}),
		StatusMin: f.field("expectedStatusMin", "field.statusMin", ""), StatusMax: f.field("expectedStatusMax", "field.statusMax", ""),
		HeaderName:  f.optional(f.field("authHeaderName", "target.header", "target.header.help")),
		HeaderValue: f.secret("authHeaderValue", "target.header.value", "", h.AuthHeaderValue != "", removeHeader),
		Body:        f.secret("body", "field.body", "", h.Body != "", removeBody),
	}
	out.Body.Area, out.Body.Field.Rows, out.Body.Field = true, 4, f.optional(out.Body.Field)
	out.URL.Mono, out.URL.InputMode, out.URL.Placeholder = true, "url", "https://app.example.com/restart"
	out.StatusMin.InputMode, out.StatusMax.InputMode = "numeric", "numeric"
	out.HeaderName.Mono, out.HeaderName.Placeholder, out.HeaderName.Autocomplete = true, "Authorization", "off"
	return out
}

func (f *form) sshFields(s model.SSHTarget) *sshFields {
	v := f.v
	out := &sshFields{
		Host: f.field("host", "target.host", ""), Port: f.field("port", "target.port", ""), User: f.field("user", "target.user", "target.user.help"),
		Command: f.field("command", "target.command", "target.command.help"), HostKey: f.optional(f.field("hostKey", "target.hostKey", "target.hostKey.help")),
		PrivateKey: f.secret("privateKey", "target.privateKey", "target.privateKey.help", s.PrivateKey != "", ""),
		Passphrase: f.secret("passphrase", "target.passphrase", "target.passphrase.help", s.Passphrase != "", removePassphrase),
		KeyGen:     snippet{Language: v.t("tokens.example.language"), Label: v.t("snippet.command"), Code: `ssh-keygen -t ed25519 -N "" -C statusd -f statusd_key`},
		Authorized: snippet{Language: "~/.ssh/authorized_keys", Label: v.t("target.authorized"), Code: authorizedLine(f.get("command"))},
	}
	if s.HostKey == "" {
		out.Seen = restart.Fingerprint(s.Seen)
	}
	out.PrivateKey.Area, out.PrivateKey.Field.Rows, out.PrivateKey.Field.Placeholder = true, 6, "-----BEGIN OPENSSH PRIVATE KEY-----"
	out.Passphrase.Field = f.optional(out.Passphrase.Field)
	out.Passphrase.Field.Type, out.Passphrase.Field.Mono = "password", false
	out.Host.Mono, out.User.Mono, out.Command.Mono, out.HostKey.Mono = true, true, true, true
	out.Host.Placeholder, out.User.Placeholder, out.Command.Placeholder, out.HostKey.Placeholder = "api-1.internal", "deploy", exampleCommand, "SHA256:…"
	out.Port.InputMode = "numeric"
	return out
}

func (f *form) coolifyFields(c model.CoolifyTarget) *coolifyFields {
	out := &coolifyFields{
		BaseURL: f.field("baseUrl", "target.baseUrl", "target.baseUrl.help"), UUID: f.field("resourceUuid", "target.uuid", "target.uuid.help"),
		Force: f.field("force", "target.force", "target.force.help"), Token: f.secret("apiToken", "target.apiToken", "target.apiToken.help", c.APIToken != "", ""),
	}
	out.BaseURL.Mono, out.BaseURL.InputMode, out.BaseURL.Placeholder, out.UUID.Mono = true, "url", "https://coolify.example.com", true
	out.Token.Field.Type, out.Token.Field.Mono = "password", false
	return out
}

const exampleCommand = "docker restart api-server"

// authorizedLine lets a key do one thing only, whoever has it (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
func authorizedLine(command string) string {
	if command == "" {
		command = exampleCommand
	}
	return `restrict,command="` + escapeQuotes.Replace(command) + `" ssh-ed25519 AAAA… statusd`
}

func (s *Site) createTarget(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	kind, known := model.ParseTargetType(f.get("type"))
	if !known || kind == 0 {
		return s.chooseTarget(v)
	}
	r, err := s.App.CreateRestartTarget(v.c.Request().Context(), v.actor, kind, f.typedTarget(kind))
	if f.refuse(inSeconds(err)) {
		return s.showNewTarget(v, f, kind)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "target-created")
}

func (s *Site) saveTarget(v *visit, r model.RestartTarget) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.UpdateRestartTarget(v.c.Request().Context(), v.actor, r.ID, f.typedTarget(r.Type), app.IfUnchangedSince(f.seen()))
	if f.refuse(inSeconds(err)) {
		return s.showTargetForm(v, f, r)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "target-saved")
}

// inSeconds moves what is wrong with the time limit to the form's field for it, and its bounds to the form's unit.
func inSeconds(err error) error {
	v, ok := model.AsInvalid(err)
	if !ok {
		return err
	}
	out := make(model.Invalid, 0, len(v))
	for _, p := range v {
		if p.Field == "timeoutMs" {
			p.Field, p.Args = fieldTimeout, seconds(p.Args)
		}
		out = append(out, p)
	}
	return out
}

func seconds(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, value := range args {
		if ms, ok := value.(int64); ok {
			value = ms / time.Second.Milliseconds()
		}
		out[name] = value
	}
	return out
}
