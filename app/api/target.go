package api

import (
	"context"
	"net/http"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/probe/restart"
)

// targetJSON is a restart target as the management API shows it: the fields of its type, of secrets only whether they are set, and what
// its firings have come to.
type targetJSON struct {
	ID   model.RestartTargetID `json:"id"`
	Type model.TargetType      `json:"type"`
	Name string                `json:"name"`
	*httpTargetJSON
	*sshTargetJSON
	*coolifyTargetJSON
	TimeoutMs   *int64    `json:"timeoutMs,omitempty"` // of all but Coolify's
	BoundChecks int       `json:"boundChecks"`
	Tally       tallyJSON `json:"tally"`
	CreatedAt   seconds   `json:"createdAt"`
	UpdatedAt   seconds   `json:"updatedAt"`
}

type httpTargetJSON struct {
	URL                string  `json:"url"`
	Method             string  `json:"method"`
	AuthHeaderName     *string `json:"authHeaderName"`
	AuthHeaderValueSet bool    `json:"authHeaderValueSet"`
	BodySet            bool    `json:"bodySet"`
	ExpectedStatusMin  int     `json:"expectedStatusMin"`
	ExpectedStatusMax  int     `json:"expectedStatusMax"`
}

type sshTargetJSON struct {
	Host           string  `json:"host"`
	Port           int     `json:"port"`
	User           string  `json:"user"`
	PrivateKeySet  bool    `json:"privateKeySet"`
	PassphraseSet  bool    `json:"passphraseSet"`
	Command        string  `json:"command"`
	HostKey        *string `json:"hostKey"`
	SeenHostKey    *string `json:"seenHostKey"`
	SeenHostKeyAt  seconds `json:"seenHostKeyAt"`
	KeyFingerprint *string `json:"hostKeyFingerprint"` // of the one that counts
}

type coolifyTargetJSON struct {
	BaseURL      string `json:"baseUrl"`
	APITokenSet  bool   `json:"apiTokenSet"`
	ResourceUUID string `json:"resourceUuid"`
	Force        bool   `json:"force"`
}

// tallyJSON is what firings on schedule have come to, those by hand left out.
type tallyJSON struct {
	Firings     int      `json:"firings"`
	Succeeded   int      `json:"succeeded"`
	Recovered   int      `json:"recovered"`
	SuccessRate *float64 `json:"successRate"`
	LastFiredAt seconds  `json:"lastFiredAt"`
}

// tallied is a restart target with what is known of it besides.
type tallied struct {
	model.RestartTarget
	bound int
	tally model.FiringTally
}

func showTarget(t tallied) targetJSON {
	out := targetJSON{
		ID: t.ID, Type: t.Type, Name: t.Name, BoundChecks: t.bound, Tally: showTally(t.tally),
		CreatedAt: seconds(t.Created), UpdatedAt: seconds(t.Updated),
	}
	switch t.Type {
	case model.RestartHTTP:
		out.httpTargetJSON = showHTTPTarget(t.HTTP)
	case model.RestartSSH:
		out.sshTargetJSON = showSSHTarget(t.SSH)
	case model.RestartCoolify:
		c := t.Coolify
		out.coolifyTargetJSON = &coolifyTargetJSON{BaseURL: c.BaseURL, APITokenSet: c.APIToken != "", ResourceUUID: c.ResourceUUID, Force: c.Force}
		return out
	}
	out.TimeoutMs = new(t.Timeout.Milliseconds())
	return out
}

func showHTTPTarget(h model.HTTPTarget) *httpTargetJSON {
	return &httpTargetJSON{
		URL: h.URL, Method: h.Method, AuthHeaderName: orNull(h.AuthHeaderName), AuthHeaderValueSet: h.AuthHeaderValue != "", BodySet: h.Body != "",
		ExpectedStatusMin: h.ExpectedStatusMin, ExpectedStatusMax: h.ExpectedStatusMax,
	}
}

func showSSHTarget(s model.SSHTarget) *sshTargetJSON {
	counts := s.HostKey
	if counts == "" {
		counts = s.Seen
	}
	return &sshTargetJSON{
		Host: s.Host, Port: s.Port, User: s.User, PrivateKeySet: s.PrivateKey != "", PassphraseSet: s.Passphrase != "", Command: s.Command,
		HostKey: orNull(s.HostKey), SeenHostKey: orNull(s.Seen), SeenHostKeyAt: seconds(s.SeenAt), KeyFingerprint: orNull(restart.Fingerprint(counts)),
	}
}

func showTally(t model.FiringTally) tallyJSON {
	out := tallyJSON{Firings: t.Firings, Succeeded: t.Succeeded, Recovered: t.Recovered, LastFiredAt: seconds(t.Last)}
	if rate, known := t.SuccessRate(); known {
		out.SuccessRate = &rate
	}
	return out
}

// tally finds what is known of restart targets besides.
func (a *API) tally(ctx context.Context, by model.Actor, targets []model.RestartTarget) ([]tallied, error) {
	tallies, err := a.App.FiringTallies(ctx, by)
	if err != nil {
		return nil, err
	}
	bound, err := a.App.CountBound(ctx, by)
	return each(targets, func(r model.RestartTarget) tallied { return tallied{r, bound[r.ID], tallies[r.ID]} }), err
}

func (a *API) tallyOne(ctx context.Context, by model.Actor, r model.RestartTarget, err error) (tallied, error) {
	if err != nil {
		return tallied{}, err
	}
	all, err := a.tally(ctx, by, []model.RestartTarget{r})
	if err != nil {
		return tallied{}, err
	}
	return all[0], nil
}

func (a *API) listTargets(ctx context.Context, in call) (app.Answer, error) {
	w, err := in.window()
	if err != nil {
		return app.Answer{}, err
	}
	l, err := a.App.RestartTargets(ctx, in.by, w)
	if err != nil {
		return app.Answer{}, err
	}
	rows, err := a.tally(ctx, in.by, l.Items)
	return listed(model.List[tallied]{Items: rows, Next: l.Next}, err, showTarget)
}

func (a *API) createTarget(ctx context.Context, in call) (app.Answer, error) {
	members, err := parse(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	r, err := a.App.CreateRestartTarget(ctx, in.by, typeIn(members), targetFields.change(members))
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusCreated, a.location(ctx, "restart-targets", r.ID), showTarget(tallied{RestartTarget: r}))
}

func (a *API) findTarget(ctx context.Context, by model.Actor, id model.RestartTargetID) (tallied, error) {
	r, err := a.App.RestartTarget(ctx, by, id)
	return a.tallyOne(ctx, by, r, err)
}

func (a *API) updateTarget(ctx context.Context, by model.Actor, id model.RestartTargetID, change func(*model.RestartTarget) error, conditions ...app.Condition) (tallied, error) {
	r, err := a.App.UpdateRestartTarget(ctx, by, id, change, conditions...)
	return a.tallyOne(ctx, by, r, err)
}

// typed are the fields that a target may be given, by its type. Those of another type are refused, but for a target of no known type: of
// that nothing can be said but that its type is wrong.
type typed map[model.TargetType]fields[model.RestartTarget]

// targetFields are the fields of restart targets that may be written (SPEC §8).
var targetFields = typed{
	0:                    together(ofOtherTypes(0), everyTarget),
	model.RestartHTTP:    together(ofOtherTypes(model.RestartHTTP), everyTarget, fieldsOfType[model.RestartHTTP]),
	model.RestartSSH:     together(ofOtherTypes(model.RestartSSH), everyTarget, fieldsOfType[model.RestartSSH]),
	model.RestartCoolify: together(ofOtherTypes(model.RestartCoolify), everyTarget, fieldsOfType[model.RestartCoolify]),
}

func (f typed) reader(body []byte) (func(*model.RestartTarget) error, error) {
	members, err := parse(body)
	return f.change(members), err
}

func (f typed) change(members []member) func(*model.RestartTarget) error {
	return func(r *model.RestartTarget) error {
		var wrong model.Invalid
		f[r.Type].apply(r, "", members, &wrong)
		return wrong.Err()
	}
}

var everyTarget = fields[model.RestartTarget]{
	"name": func(r *model.RestartTarget, g given) { g.text(&r.Name, "") },
	"type": setType,
}

// fieldsOfType are the fields that targets of one type have.
var fieldsOfType = map[model.TargetType]fields[model.RestartTarget]{
	model.RestartHTTP:    together(timed(model.RestartHTTP), part(httpFields, func(r *model.RestartTarget) *model.HTTPTarget { return &r.HTTP })),
	model.RestartSSH:     together(timed(model.RestartSSH), part(sshFields, func(r *model.RestartTarget) *model.SSHTarget { return &r.SSH })),
	model.RestartCoolify: part(coolifyFields, func(r *model.RestartTarget) *model.CoolifyTarget { return &r.Coolify }),
}

var (
	blankHTTP    = model.NewRestartTarget(model.RestartHTTP).HTTP
	blankSSH     = model.NewRestartTarget(model.RestartSSH).SSH
	blankCoolify = model.NewRestartTarget(model.RestartCoolify).Coolify
)

var httpFields = fields[model.HTTPTarget]{
	"url":               func(h *model.HTTPTarget, g given) { g.text(&h.URL, "") },
	"method":            func(h *model.HTTPTarget, g given) { g.text(&h.Method, blankHTTP.Method) },
	"authHeaderName":    func(h *model.HTTPTarget, g given) { g.text(&h.AuthHeaderName, "") },
	"authHeaderValue":   func(h *model.HTTPTarget, g given) { g.text((*string)(&h.AuthHeaderValue), "") },
	"body":              func(h *model.HTTPTarget, g given) { g.text((*string)(&h.Body), "") },
	"expectedStatusMin": func(h *model.HTTPTarget, g given) { g.integer(&h.ExpectedStatusMin, blankHTTP.ExpectedStatusMin) },
	"expectedStatusMax": func(h *model.HTTPTarget, g given) { g.integer(&h.ExpectedStatusMax, blankHTTP.ExpectedStatusMax) },
}

var sshFields = fields[model.SSHTarget]{
	"host":        func(s *model.SSHTarget, g given) { g.text(&s.Host, "") },
	"port":        func(s *model.SSHTarget, g given) { g.integer(&s.Port, blankSSH.Port) },
	"user":        func(s *model.SSHTarget, g given) { g.text(&s.User, "") },
	"privateKey":  func(s *model.SSHTarget, g given) { g.text((*string)(&s.PrivateKey), "") },
	"passphrase":  func(s *model.SSHTarget, g given) { g.text((*string)(&s.Passphrase), "") },
	"command":     func(s *model.SSHTarget, g given) { g.text(&s.Command, "") },
	"hostKey":     func(s *model.SSHTarget, g given) { g.text(&s.HostKey, "") },
	"seenHostKey": setSeen,
}

var coolifyFields = fields[model.CoolifyTarget]{
	"baseUrl":      func(c *model.CoolifyTarget, g given) { g.text(&c.BaseURL, "") },
	"apiToken":     func(c *model.CoolifyTarget, g given) { g.text((*string)(&c.APIToken), "") },
	"resourceUuid": func(c *model.CoolifyTarget, g given) { g.text(&c.ResourceUUID, "") },
	"force":        func(c *model.CoolifyTarget, g given) { g.flag(&c.Force, blankCoolify.Force) },
}

func timed(t model.TargetType) fields[model.RestartTarget] {
	byDefault := model.NewRestartTarget(t).Timeout
	return fields[model.RestartTarget]{
		"timeoutMs": func(r *model.RestartTarget, g given) { g.duration(&r.Timeout, time.Millisecond, byDefault) },
	}
}

// ofOtherTypes refuses what targets of the other types have.
func ofOtherTypes(t model.TargetType) fields[model.RestartTarget] {
	out := fields[model.RestartTarget]{}
	for _, other := range model.TargetTypes() {
		for name := range fieldsOfType[other] {
			out[name] = func(_ *model.RestartTarget, g given) {
				if t != 0 {
					g.refuse("field_of_other_type", "type", t)
				}
			}
		}
	}
	return out
}

// typeIn is the type that a new target is to have; zero when it is none.
func typeIn(members []member) (t model.TargetType) {
	for _, m := range members {
		if m.name == "type" {
			word, _ := unquoted(m.value)
			t, _ = model.ParseTargetType(word)
		}
	}
	return t
}

// setType takes the type that the target has. Any other becomes none, which the use case refuses.
func setType(r *model.RestartTarget, g given) {
	var word string
	if g.text(&word, ""); !g.null() && !g.wrong.Has(g.path) {
		r.Type, _ = model.ParseTargetType(word)
	}
}

// setSeen forgets the key that the host showed. Nobody can say which key it was, so anything else is refused.
func setSeen(s *model.SSHTarget, g given) {
	var key string
	g.text(&key, "")
	switch {
	case g.wrong.Has(g.path):
	case g.null():
		s.Seen = ""
	case key != s.Seen:
		g.refuse("seen_host_key")
	}
}
