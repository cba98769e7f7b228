package app_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/probe"
	"statusd/store"
)

// calls are good targets of each type.
var calls = map[model.TargetType]func(*model.RestartTarget){
	model.RestartHTTP: func(r *model.RestartTarget) { r.Name, r.HTTP.URL = "hook", "http://10.0.0.5/restart" },
	model.RestartSSH: func(r *model.RestartTarget) {
		r.Name, r.SSH.Host, r.SSH.User, r.SSH.PrivateKey, r.SSH.Command = "host", "db.internal", "deploy", "c4n-key", "docker restart api"
	},
	model.RestartCoolify: func(r *model.RestartTarget) {
		r.Name, r.Coolify = "coolify", model.CoolifyTarget{BaseURL: "https://coolify.example/", APIToken: "12|c4n", ResourceUUID: "abc", Force: true}
	},
}

func (l *lab) newTarget(kind model.TargetType, change ...func(*model.RestartTarget)) (model.RestartTarget, error) {
	return l.a.CreateRestartTarget(bg, l.by, kind, func(r *model.RestartTarget) error {
		calls[kind](r)
		for _, f := range change {
			f(r)
		}
		return nil
	})
}

// wrong names fields and codes of what was refused.
func wrong(err error) string {
	v, _ := model.AsInvalid(err)
	var out []string
	for _, p := range v {
		out = append(out, p.Field+" "+p.Code)
	}
	return strings.Join(out, ", ")
}

func TestARestartTargetIsStoredWithTheDefaultsOfItsType(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		for _, kind := range model.TargetTypes() {
			want := model.NewRestartTarget(kind)
			calls[kind](&want)
			want.Coolify.BaseURL = strings.TrimRight(want.Coolify.BaseURL, "/")
			got, err := l.newTarget(kind)
			l.must(err)
			stored, err := l.a.RestartTarget(bg, l.by, got.ID)
			l.must(err)
			same(t, stored, got)
			want.ID, want.Workspace, want.Created, want.Updated = got.ID, l.by.Workspace, got.Created, got.Updated
			same(t, got, want)
		}
		list, err := l.a.RestartTargets(bg, l.by, model.Window{Limit: 2})
		l.must(err)
		rest, err := l.a.RestartTargets(bg, l.by, model.Window{Cursor: list.Next})
		l.must(err)
		if len(list.Items) != 2 || len(rest.Items) != 1 || rest.Next != "" {
			t.Errorf("%d and %d", len(list.Items), len(rest.Items))
		}
	})
}

// restartRules are the fields of restart targets as they must not be.
var restartRules = []struct {
	kind   model.TargetType
	change func(*model.RestartTarget)
	want   string
}{
	{model.RestartHTTP, func(r *model.RestartTarget) { r.Name = " " }, "name required"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.Name = strings.Repeat("x", 81) }, "name too_long"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.URL = "" }, "url required"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.URL = "ftp://x" }, "url url_scheme"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.URL = "https://a:b@x/" }, "url url_user"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.Method = "HEAD" }, "method choice"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.AuthHeaderName = "X-Key" }, "authHeaderValue header_needs_value"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.AuthHeaderValue = "v" }, "authHeaderName header_needs_name"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.AuthHeaderName, r.HTTP.AuthHeaderValue = "a b", "v" }, "authHeaderName header_name"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.AuthHeaderName, r.HTTP.AuthHeaderValue = "Connection", "v" }, "authHeaderName header_reserved"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.AuthHeaderName, r.HTTP.AuthHeaderValue = "X", "a\nb" }, "authHeaderValue header_value"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.Method, r.HTTP.Body = "GET", "x" }, "body body_needs_post"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.Body = model.Secret(strings.Repeat("x", 64<<10+1)) }, "body too_long_bytes"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.ExpectedStatusMin = 99 }, "expectedStatusMin range"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.HTTP.ExpectedStatusMin = 300 }, "expectedStatusMax status_order"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.Timeout = 999 * time.Millisecond }, "timeoutMs range"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.Timeout = 6 * time.Minute }, "timeoutMs range"},
	{model.RestartHTTP, func(r *model.RestartTarget) { r.Type = model.RestartSSH }, "type type_fixed"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = "" }, "host required"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = "ssh://db" }, "host ssh_host"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = "db:22" }, "host ssh_host"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = "0.0.0.0" }, "host ssh_host"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = "-oProxyCommand=x" }, "host ssh_host"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Port = 0 }, "port range"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.User = "" }, "user required"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.PrivateKey = "" }, "privateKey required"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.PrivateKey = model.Secret(strings.Repeat("x", 64<<10+1)) }, "privateKey too_long_bytes"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.PrivateKey = "no key" }, "privateKey taken"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Passphrase = "wrong" }, "passphrase taken"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Passphrase = model.Secret(strings.Repeat("x", 1025)) }, "passphrase too_long_bytes"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Command = "" }, "command required"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Command = "a\nb" }, "command control_characters"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.HostKey = "no host key" }, "hostKey taken"},
	{model.RestartSSH, func(r *model.RestartTarget) { r.SSH.HostKey = "a\nb" }, "hostKey control_characters"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.BaseURL = "" }, "baseUrl required"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.BaseURL = "https://x/?a" }, "baseUrl base_url"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.APIToken = "" }, "apiToken required"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.APIToken = "12|a b" }, "apiToken api_token"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.ResourceUUID = "" }, "resourceUuid required"},
	{model.RestartCoolify, func(r *model.RestartTarget) { r.Coolify.ResourceUUID = "a,b" }, "resourceUuid resource_uuid"},
}

// TestMetadataAddressesAreRefusedWhereTheyAreTyped, in every spelling, unless the one who starts the server allows them.
func TestMetadataAddressesAreRefusedWhereTheyAreTyped(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		try := func(host string) (refused []string) {
			for kind, change := range map[model.TargetType]func(*model.RestartTarget){
				model.RestartHTTP:    func(r *model.RestartTarget) { r.HTTP.URL = "http://" + host + "/latest" },
				model.RestartSSH:     func(r *model.RestartTarget) { r.SSH.Host = strings.Trim(host, "[]") },
				model.RestartCoolify: func(r *model.RestartTarget) { r.Coolify.BaseURL = "https://" + host },
			} {
				_, err := l.newTarget(kind, change)
				refused = append(refused, kind.String()+" "+wrong(err))
			}
			_, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error { k.Name, k.URL = "k", "http://"+host+"/"; return nil })
			refused = append(refused, "check "+wrong(err))
			slices.Sort(refused)
			return refused
		}
		start := func(allow ...netip.Prefix) {
			l.stop()
			l.config.Prober = probe.New(probe.Options{Allow: allow})
			l.reopen()
		}
		start()
		for _, host := range []string{"169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "metadata.google.internal", "0xa9fea9fe"} {
			same(t, try(host), []string{"check url metadata", "coolify baseUrl metadata", "http url metadata", "ssh host metadata"})
		}
		start(netip.MustParsePrefix("169.254.169.254/32"))
		for _, host := range []string{"169.254.169.254", "metadata.google.internal", "10.0.0.1"} {
			same(t, try(host), []string{"check ", "coolify ", "http ", "ssh "})
		}
	})
}

// judges refuse what says that it is to be refused.
var judges = app.RestartKeys{
	Private: func(key, passphrase model.Secret) *model.Problem {
		switch {
		case key == "no key":
			return &model.Problem{Field: "privateKey", Code: "taken"}
		case passphrase == "wrong":
			return &model.Problem{Field: "passphrase", Code: "taken"}
		}
		return nil
	},
	Host: func(text string) *model.Problem {
		if text == "no host key" {
			return &model.Problem{Field: "hostKey", Code: "taken"}
		}
		return nil
	},
}

func TestTheFieldsOfARestartTargetAreValidated(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.stop()
		l.config.RestartKeys = judges
		l.reopen()
		for i, rule := range restartRules {
			_, err := l.newTarget(rule.kind, rule.change)
			if got := wrong(err); got != rule.want {
				t.Errorf("rule %d: got %q (%v), want %q", i, got, err, rule.want)
			}
			good, err := l.newTarget(rule.kind)
			l.must(err)
			_, err = l.a.UpdateRestartTarget(bg, l.by, good.ID, func(r *model.RestartTarget) error { rule.change(r); return nil })
			if got := wrong(err); got != rule.want {
				t.Errorf("rule %d, changed: got %q (%v), want %q", i, got, err, rule.want)
			}
		}
		if _, err := l.a.CreateRestartTarget(bg, l.by, 0, func(r *model.RestartTarget) error { r.Name = "x"; return nil }); wrong(err) != "type choice" {
			t.Errorf("no type: %v", err)
		}
		for _, host := range []string{"10.0.0.5", "fd00::5", "db", "db_1.internal."} {
			if _, err := l.newTarget(model.RestartSSH, func(r *model.RestartTarget) { r.SSH.Host = host }); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
	})
}

func TestATargetHoldsTheFieldsOfItsTypeAlone(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		got, err := l.newTarget(model.RestartCoolify, func(r *model.RestartTarget) {
			r.HTTP, r.SSH, r.Timeout = model.HTTPTarget{URL: "x"}, model.SSHTarget{Host: "x"}, time.Hour
			r.Coolify.BaseURL = "https://coolify.example/sub/api/v1/"
		})
		l.must(err)
		if (got.HTTP != model.HTTPTarget{} || got.SSH != model.SSHTarget{} || got.Timeout != 0 || got.Coolify.BaseURL != "https://coolify.example/sub") {
			t.Errorf("%+v", got)
		}
	})
}

func TestAHostKeyThatWasSeenCanBeConfirmedOrForgottenButNotMadeUp(t *testing.T) {
	for name, tt := range map[string]struct {
		change        func(*model.SSHTarget)
		seen, hostKey string
	}{
		"another command":   {func(s *model.SSHTarget) { s.Command = "x" }, "shown", ""},
		"another host":      {func(s *model.SSHTarget) { s.Host = "elsewhere" }, "", ""},
		"another port":      {func(s *model.SSHTarget) { s.Port = 23 }, "", ""},
		"confirmed":         {func(s *model.SSHTarget) { s.HostKey = s.Seen }, "", "shown"},
		"another was given": {func(s *model.SSHTarget) { s.HostKey = "given" }, "", "given"},
		"forgotten":         {func(s *model.SSHTarget) { s.Seen = "" }, "", ""},
		"made up":           {func(s *model.SSHTarget) { s.Seen = "mine" }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				r, err := l.newTarget(model.RestartSSH)
				l.must(err)
				l.must(l.s.Write(bg, store.Relaxed, func(tx *store.Tx) error {
					_, err := tx.SawHostKey(bg, r, "shown", l.wall())
					return err
				}))
				got, err := l.a.UpdateRestartTarget(bg, l.by, r.ID, func(r *model.RestartTarget) error { tt.change(&r.SSH); return nil })
				l.must(err)
				if got.SSH.Seen != tt.seen || got.SSH.HostKey != tt.hostKey || got.SSH.SeenAt.IsZero() != (tt.seen == "") {
					t.Errorf("%+v", got.SSH)
				}
			})
		})
	}
}

func TestATargetIsDeletedOnlyWhenNoCheckIsBoundToIt(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartHTTP)
		l.must(err)
		k := l.check(l.component("api"))
		bind := func(b model.Binding) error {
			_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(c *model.Check) error { c.Restart = b; return nil })
			return err
		}
		l.must(bind(model.NewBinding(r.ID)))
		bound, err := l.a.BoundChecks(bg, l.by, r.ID)
		l.must(err)
		same(t, bound, []model.BoundCheck{{ID: k.ID, Name: "k", Page: l.page.ID, PageName: slug}})
		count, err := l.a.CountBound(bg, l.by)
		l.must(err)
		same(t, count, map[model.RestartTargetID]int{r.ID: 1})
		var held model.Conflict
		if err := l.a.DeleteRestartTarget(bg, l.by, r.ID); !errors.As(err, &held) || held.Code != "target_bound" || held.Args["Checks"] != "k (acme)" {
			t.Errorf("%v %v", err, held.Args)
		}
		l.must(bind(model.Binding{Threshold: 9}))
		unbound, err := l.a.Check(bg, l.by, k.ID)
		l.must(err)
		same(t, unbound.Restart, model.Binding{})
		l.must(l.a.DeleteRestartTarget(bg, l.by, r.ID))
		if _, err := l.a.RestartTarget(bg, l.by, r.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestABindingIsValidated(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartHTTP)
		l.must(err)
		c := l.component("api")
		k := l.check(c)
		for _, tt := range []struct {
			change func(*model.Binding)
			want   string
		}{
			{func(b *model.Binding) { b.Target = model.NewRestartTargetID() }, "restart.targetId unknown_target"},
			{func(b *model.Binding) { b.Threshold = 0 }, "restart.threshold range"},
			{func(b *model.Binding) { b.Threshold = 101 }, "restart.threshold range"},
			{func(b *model.Binding) { b.Cooldown = 0 }, "restart.cooldownSeconds range"},
			{func(b *model.Binding) { b.Cooldown = 25 * time.Hour }, "restart.cooldownSeconds range"},
			{func(b *model.Binding) { b.MaxFirings = 0 }, "restart.maxFirings range"},
			{func(b *model.Binding) { b.MaxFirings = 101 }, "restart.maxFirings range"},
		} {
			b := model.NewBinding(r.ID)
			tt.change(&b)
			if _, err := l.a.UpdateCheck(bg, l.by, k.ID, func(c *model.Check) error { c.Restart = b; return nil }); wrong(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if _, err := l.a.CreateCheck(bg, l.by, c.ID, func(c *model.Check) error { c.Name, c.URL, c.Restart = "n", "http://127.0.0.1:1/", b; return nil }); wrong(err) != tt.want {
				t.Errorf("created: got %v, want %s", err, tt.want)
			}
		}
	})
}

func TestRestartTargetsBelongToTheirWorkspace(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartSSH)
		l.must(err)
		k := l.check(l.component("api"))
		foreign := model.Workspace{ID: model.NewWorkspaceID(), Name: "evil"}
		l.must(l.s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.AddWorkspace(bg, foreign) }))
		evil := model.Actor{Workspace: foreign.ID, Role: model.Owner}
		own, err := l.a.CreateRestartTarget(bg, evil, model.RestartHTTP, func(r *model.RestartTarget) error { calls[r.Type](r); return nil })
		l.must(err)
		same(t, refusals(l, evil, r.ID, k.ID), strings.Repeat("not found ", 6))
		list, err := l.a.RestartTargets(bg, evil, model.Window{})
		l.must(err)
		same(t, list.Items, []model.RestartTarget{own})
		_, err = l.a.UpdateCheck(bg, l.by, k.ID, func(c *model.Check) error { c.Restart = model.NewBinding(own.ID); return nil })
		same(t, wrong(err), "restart.targetId unknown_target")
		viewer := model.Actor{Workspace: l.by.Workspace, Role: model.Viewer}
		same(t, refusals(l, viewer, r.ID, k.ID), "<nil> <nil> forbidden forbidden <nil> <nil> ")
		if _, err := l.a.CreateRestartTarget(bg, viewer, model.RestartHTTP, nil); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("%v", err)
		}
	})
}

// refusals is what an actor hears that asks for a target, what is bound to it, a change, its end, its log and that of a check.
func refusals(l *lab, by model.Actor, target model.RestartTargetID, check model.CheckID) (out string) {
	_, err1 := l.a.RestartTarget(bg, by, target)
	_, err2 := l.a.BoundChecks(bg, by, target)
	_, err3 := l.a.UpdateRestartTarget(bg, by, target, func(r *model.RestartTarget) error { r.Name = "mine"; return nil })
	err4 := l.a.DeleteRestartTarget(bg, by, target)
	_, err5 := l.a.Firings(bg, by, target, model.Window{})
	_, err6 := l.a.FiringsOfCheck(bg, by, check, model.Window{})
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		out += fmt.Sprint(err) + " "
	}
	return out
}

func TestWhatIsDoneToRestartTargetsIsRecorded(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartSSH)
		l.must(err)
		change := func(f func(*model.RestartTarget)) {
			t.Helper()
			_, err := l.a.UpdateRestartTarget(bg, l.by, r.ID, func(r *model.RestartTarget) error { f(r); return nil })
			l.must(err)
		}
		change(func(*model.RestartTarget) {})
		change(func(r *model.RestartTarget) {
			r.SSH.PrivateKey, r.SSH.Passphrase, r.SSH.Command = "c4n2", "c4n3", "reboot"
		})
		l.must(l.a.DeleteRestartTarget(bg, l.by, r.ID))
		list, err := l.a.Audit(bg, l.by, app.AuditFilter{})
		l.must(err)
		var got []string
		for _, e := range list.Items {
			if e.Subject.Kind == model.SubjectRestartTarget {
				got = append(got, fmt.Sprint(e.Action, e.Page, e.Subject.Name, e.Changes))
			}
		}
		same(t, got, []string{
			"restart_target.deleted00000000host[{name host <nil>} {type ssh <nil>} {restart.timeoutMs 60000 <nil>} {host db.internal <nil>} {port 22 <nil>} {user deploy <nil>} {command reboot <nil>} {privateKey set <nil>} {passphrase set <nil>}]",
			"restart_target.changed00000000host[{command docker restart api reboot} {privateKey set changed} {passphrase <nil> set}]",
			"restart_target.created00000000host[{name <nil> host} {type <nil> ssh} {restart.timeoutMs <nil> 60000} {host <nil> db.internal} {port <nil> 22} {user <nil> deploy} {command <nil> docker restart api} {privateKey <nil> set}]",
		})
	})
}

func TestAChangeThatSomebodyElseHasOvertakenIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartHTTP)
		l.must(err)
		rename := func(name string) error {
			_, err := l.a.UpdateRestartTarget(bg, l.by, r.ID, func(r *model.RestartTarget) error { r.Name = name; return nil }, app.IfUnchangedSince(r.Updated))
			return err
		}
		l.must(rename("first"))
		var stale model.Conflict
		if err := rename("second"); !errors.As(err, &stale) || stale.Code != "stale" {
			t.Errorf("%v", err)
		}
	})
}
