package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store/storetest"
)

// act is one thing that people do, what it leaves in the trails of all workspaces ("workspace: who action subject changes"), and
// the same act where it must be refused.
type act struct {
	method  string
	do      func() error
	want    []string
	refused func() error // nil: cannot be
}

// acts performs them in order: each begins where the one before has ended.
type acts struct {
	*lab
	told              map[model.WorkspaceID]int // how many entries news has seen
	ada, bob, carl    model.UserID
	second            model.WorkspaceID
	token, cli        model.Token
	invitation, spare string // what accepts an invitation
	invite            model.Invite
	component         model.Component
	incident          model.Timeline
	update            model.Update
	window            model.Maintenance
	subscriber        model.Subscriber
	delivery          model.Delivery
	tokenExpiry       time.Time
}

const carlMail = "carl@example.org"

// by is a user as an actor in the default workspace.
func (l *acts) by(u model.UserID) model.Actor { return l.actor(model.User{ID: u}) }

// in is a user as an actor in the second workspace.
func (l *acts) in(u model.UserID) model.Actor {
	l.t.Helper()
	by, err := l.a.ActorOf(bg, u, l.second)
	l.must(err)
	return by
}

// news are the entries since the last call, of all workspaces by name.
func (l *acts) news() (out []string) {
	l.t.Helper()
	all, err := l.a.Workspaces(bg)
	l.must(err)
	for _, w := range all {
		list, err := l.a.Audit(bg, model.Actor{Workspace: w.ID, Role: model.Owner}, app.AuditFilter{Window: model.Window{Limit: 200}})
		l.must(err)
		fresh := list.Items[:len(list.Items)-l.told[w.ID]]
		l.told[w.ID] = len(list.Items)
		for _, e := range slices.Backward(fresh) {
			if !e.At.Equal(l.wall()) || e.Page != l.pageOf(e.Action) {
				l.t.Errorf("%s: at %v, of page %v", e.Action, e.At, e.Page)
			}
			out = append(out, fmt.Sprintf("%s: %s %s %s %v", w.Name, strings.TrimSpace(string(e.By.Kind)+" "+e.By.Name), e.Action, e.Subject.Name, e.Changes))
		}
	}
	return out
}

// pageOf is the page in whose trail an act stands as well; 0: none.
func (l *acts) pageOf(action model.Action) model.PageID {
	kind, _, _ := strings.Cut(string(action), ".")
	if strings.Contains(" page component incident update maintenance subscriber subscribers delivery ", " "+kind+" ") {
		return l.page.ID
	}
	return 0
}

func (l *acts) utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func TestEveryActIsRecordedOnce(t *testing.T) {
	counter(t, func(t *testing.T, lab *lab) {
		l := &acts{lab: lab, told: map[model.WorkspaceID]int{}}
		week := l.utc(l.wall().Add(7 * 24 * time.Hour))
		l.tokenExpiry = l.wall().Add(90 * 24 * time.Hour)
		covered := map[string]bool{}
		for _, some := range [][]act{l.beginning(), l.people(week), l.tokens(), l.incidents(), l.windows(), l.subscribers(), l.places(), l.accounts(), l.instance()} {
			for _, one := range some {
				covered[one.method] = true
				if one.refused != nil {
					if err := one.refused(); err == nil {
						t.Errorf("%s is not refused", one.method)
					}
					if got := l.news(); got != nil {
						t.Errorf("%s was refused, and yet %q", one.method, got)
					}
				}
				if err := one.do(); err != nil {
					t.Fatalf("%s: %v", one.method, err)
				}
				same(t, l.news(), one.want)
			}
		}
		everyMethod(t, covered)
	})
}

// beginning makes the instance: ada by the set-up link, with its workspace.
func (l *acts) beginning() []act {
	return []act{
		{"SetUp", func() error {
			in, err := l.a.SetUp(bg, l.setupToken(), setUp)
			l.ada = in.User.ID
			return err
		}, []string{
			"Default: user ada@example.org workspace.created Default [{name <nil> Default}]",
			"Default: user ada@example.org user.created ada@example.org [{admin <nil> true} {password <nil> set} {role <nil> owner}]",
			"Default: user ada@example.org instance.changed  [{baseUrl <nil> https://status.example.org}]",
		}, func() error { _, err := l.a.SetUp(bg, "wrong", setUp); return err }},
		{"AddUser", func() error {
			u, err := l.a.AddUser(bg, app.NewUser{Email: bob, Password: password, Role: model.Editor})
			l.bob = u.ID
			return err
		}, []string{"Default: cli user.created bob@example.org [{admin <nil> false} {password <nil> set} {role <nil> editor}]"},
			func() error {
				_, err := l.a.AddUser(bg, app.NewUser{Email: ada, Password: password, Role: model.Editor})
				return err
			}},
	}
}

func (l *acts) people(week string) []act {
	const who = "Default: user ada@example.org "
	invite := func(email string, role model.Role) (token string, err error) {
		token, l.invite, err = l.a.Invite(bg, l.by(l.ada), email, role)
		return token, err
	}
	return []act{
		{"SetRole", func() error { return l.a.SetRole(bg, l.by(l.ada), l.bob, model.Owner) },
			[]string{who + "member.changed bob@example.org [{role editor owner}]"},
			func() error { return l.a.SetRole(bg, l.by(l.bob), l.bob, model.Owner) }},
		{"SetRole", func() error { return l.a.SetRole(bg, l.by(l.ada), l.bob, model.Owner) }, nil, nil},
		{"Invite", func() error { _, err := invite(carlMail, model.Owner); return err },
			[]string{who + "invite.created carl@example.org [{role <nil> owner} {expires <nil> " + week + "}]"},
			func() error { _, err := invite(bob, model.Owner); return err }},
		{"RevokeInvite", func() error { return l.a.RevokeInvite(bg, l.by(l.ada), l.invite.ID) },
			[]string{who + "invite.revoked carl@example.org [{role owner <nil>} {expires " + week + " <nil>}]"},
			func() error { return l.a.RevokeInvite(bg, l.by(l.ada), model.NewInviteID()) }},
		{"Invite", func() (err error) { l.invitation, err = invite(carlMail, model.Editor); return err },
			[]string{who + "invite.created carl@example.org [{role <nil> editor} {expires <nil> " + week + "}]"}, nil},
		{"AcceptInvite", func() error {
			in, err := l.a.AcceptInvite(bg, l.invitation, app.Accept{Password: nextPassword, Client: client(home)})
			l.carl = in.User.ID
			return err
		}, []string{"Default: user carl@example.org invite.accepted carl@example.org [{role <nil> editor}]"},
			func() error {
				_, err := l.a.AcceptInvite(bg, l.invitation, app.Accept{Password: "short", Client: client(home)})
				return err
			}},
		{"Invite", func() error {
			_, _, err := l.a.Invite(bg, l.by(l.bob), "dora@example.org", model.Viewer)
			return err
		}, []string{"Default: user bob@example.org invite.created dora@example.org [{role <nil> viewer} {expires <nil> " + week + "}]"}, nil},
		{"RemoveMember", func() error { return l.a.RemoveMember(bg, l.by(l.ada), l.bob) },
			[]string{who + "member.removed bob@example.org [{role owner <nil>} {invites [dora@example.org] <nil>}]"},
			func() error { return l.a.RemoveMember(bg, l.by(l.carl), l.bob) }},
		{"Invite", func() (err error) { l.spare, err = invite(bob, model.Viewer); return err },
			[]string{who + "invite.created bob@example.org [{role <nil> viewer} {expires <nil> " + week + "}]"}, nil},
		{"AcceptInvite", func() error {
			_, err := l.a.AcceptInvite(bg, l.spare, app.Accept{Password: password, Client: client(home)})
			return err
		}, []string{"Default: user bob@example.org invite.accepted bob@example.org [{role <nil> viewer}]"},
			func() error {
				_, err := l.a.AcceptInvite(bg, l.spare, app.Accept{Password: nextPassword, Client: client(home)})
				return err
			}},
	}
}

func (l *acts) tokens() []act {
	const fields = "[{name <nil> deploy} {role <nil> owner} {admin <nil> true} "
	return []act{
		{"NewTokenBy", func() (err error) {
			_, l.token, err = l.a.NewTokenBy(bg, l.by(l.ada), app.NewToken{Name: "deploy", Role: model.Owner, Admin: true, Expires: l.tokenExpiry})
			return err
		}, []string{"Default: user ada@example.org token.created deploy " + fields + "{expires <nil> " + l.utc(l.tokenExpiry) + "}]"},
			func() error {
				_, _, err := l.a.NewTokenBy(bg, l.by(l.carl), app.NewToken{Name: "deploy", Role: model.Viewer})
				return err
			}},
		{"CreateToken", func() (err error) {
			_, l.cli, err = l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Viewer})
			return err
		}, []string{"Default: cli token.created ci [{name <nil> ci} {role <nil> viewer} {admin <nil> false}]"},
			func() error {
				_, _, err := l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Viewer, Workspace: "none"})
				return err
			}},
		{"RevokeTokenByID", func() error { return l.a.RevokeTokenByID(bg, l.token.Actor(), l.cli.ID) },
			[]string{"Default: token deploy token.revoked ci [{name ci <nil>} {role viewer <nil>} {admin false <nil>}]"},
			func() error { return l.a.RevokeTokenByID(bg, l.by(l.ada), model.NewTokenID()) }},
		{"RevokeToken", func() error { _, err := l.a.RevokeToken(bg, "deploy"); return err },
			[]string{"Default: cli token.revoked deploy [{name deploy <nil>} {role owner <nil>} {admin true <nil>} {expires " + l.utc(l.tokenExpiry) + " <nil>}]"},
			func() error { _, err := l.a.RevokeToken(bg, "none"); return err }},
	}
}

func (l *acts) places() []act {
	return []act{
		{"CreateWorkspace", func() error {
			w, err := l.a.CreateWorkspace(bg, l.by(l.ada), "Second")
			l.second = w.ID
			return err
		}, []string{
			"Second: user ada@example.org workspace.created Second [{name <nil> Second}]",
			"Second: user ada@example.org member.added ada@example.org [{role <nil> owner}]",
		}, func() error { _, err := l.a.CreateWorkspace(bg, l.by(l.ada), "Default"); return err }},
		{"RenameWorkspace", func() error { return l.a.RenameWorkspace(bg, l.in(l.ada), "Acme") },
			[]string{"Acme: user ada@example.org workspace.changed Acme [{name Second Acme}]"},
			func() error { return l.a.RenameWorkspace(bg, l.in(l.ada), "Default") }},
		{"DeleteWorkspace", func() error { return l.a.DeleteWorkspace(bg, l.by(l.ada), l.second, "Acme") },
			[]string{"Default: user ada@example.org workspace.deleted Acme [{name Acme <nil>}]"},
			func() error { return l.a.DeleteWorkspace(bg, l.by(l.ada), l.second, "Second") }},
		{"AddWorkspace", func() error {
			w, err := l.a.AddWorkspace(bg, "Third")
			l.second = w.ID
			return err
		}, []string{"Third: cli workspace.created Third [{name <nil> Third}]"},
			func() error { _, err := l.a.AddWorkspace(bg, ""); return err }},
		{"JoinWorkspace", func() error { return l.a.JoinWorkspace(bg, l.by(l.ada), l.second) },
			[]string{"Third: user ada@example.org member.added ada@example.org [{role <nil> owner}]"},
			func() error { return l.a.JoinWorkspace(bg, l.by(l.carl), l.second) }},
	}
}

func (l *acts) accounts() []act {
	const who = "Default: user ada@example.org "
	return []act{
		{"SetAdmin", func() error { return l.a.SetAdmin(bg, l.by(l.ada), l.carl, true) },
			[]string{who + "user.changed carl@example.org [{admin false true}]"},
			func() error { return l.a.SetAdmin(bg, l.by(l.ada), l.ada, false) }},
		{"SetAdmin", func() error { return l.a.SetAdmin(bg, l.by(l.ada), l.carl, true) }, nil, nil},
		{"SetPasswordOf", func() error { return l.a.SetPasswordOf(bg, l.by(l.ada), l.carl, password) },
			[]string{who + "user.changed carl@example.org [{password set changed}]"},
			func() error { return l.a.SetPasswordOf(bg, l.by(l.ada), l.carl, "short") }},
		{"SetPassword", func() error { return l.a.SetPassword(bg, bob, nextPassword) },
			[]string{"Default: cli user.changed bob@example.org [{password set changed}]"},
			func() error { return l.a.SetPassword(bg, "none@example.org", nextPassword) }},
		{"ChangePassword", func() error { // in both of her workspaces
			_, err := l.a.ChangePassword(bg, l.signedIn(ada).Session, password, nextPassword)
			return err
		}, []string{who + "user.changed ada@example.org [{password set changed}]", "Third: user ada@example.org user.changed ada@example.org [{password set changed}]"},
			func() error {
				_, err := l.a.ChangePassword(bg, l.signedIn(ada).Session, nextPassword, nextPassword)
				return err
			}},
		{"DeleteUser", func() error { return l.a.DeleteUser(bg, l.by(l.ada), l.bob) },
			[]string{who + "user.deleted bob@example.org [{admin false <nil>} {password set <nil>} {role viewer <nil>}]"},
			func() error { return l.a.DeleteUser(bg, l.by(l.carl), l.ada) }},
		{"RemoveMember", func() error { return l.a.RemoveMember(bg, l.by(l.ada), l.carl) },
			[]string{who + "member.removed carl@example.org [{role editor <nil>}]"}, nil},
		{"DeleteUser", func() error { return l.a.DeleteUser(bg, l.by(l.ada), l.carl) }, // who is in no workspace: those of the admins know
			[]string{who + "user.deleted carl@example.org [{admin true <nil>} {password set <nil>}]",
				"Third: user ada@example.org user.deleted carl@example.org [{admin true <nil>} {password set <nil>}]"}, nil},
	}
}

func (l *acts) instance() []act {
	everywhere := func(what string) []string {
		return []string{"Default: user ada@example.org " + what, "Third: user ada@example.org " + what}
	}
	nobody := model.Actor{}
	return []act{
		{"SetBaseURL", func() error { return l.a.SetBaseURL(bg, l.by(l.ada), "https://up.example.org") },
			everywhere("instance.changed  [{baseUrl https://status.example.org https://up.example.org}]"),
			func() error { return l.a.SetBaseURL(bg, nobody, "https://up.example.org") }},
		{"SetBaseURL", func() error { return l.a.SetBaseURL(bg, l.by(l.ada), "https://up.example.org/") }, nil, nil},
		{"Backup", func() error {
			_, err := l.a.Backup(bg, l.by(l.ada), io.Discard, app.ExportOptions{Version: "test"})
			return err
		}, everywhere("backup.taken  [{encrypted <nil> false}]"),
			func() error { _, err := l.a.Backup(bg, nobody, io.Discard, app.ExportOptions{}); return err }},
	}
}

// unrecorded are the methods of App that leave no entry, by the reason.
var unrecorded = map[string]string{
	"recorded, as the tests of pages, components, checks and logos show": `UpdatePage DeletePage UpdateComponent DeleteComponent Reorder CreateCheck UpdateCheck DeleteCheck EnableChecks DuplicateCheck CreateService SetLogo RemoveLogo`,
	"recorded, as TestTheMailServersSettingsAreRecorded shows":           `SetMailServer DKIM`,
	"recorded, as TestWhatIsDoneToRestartTargetsIsRecorded shows":        `CreateRestartTarget UpdateRestartTarget DeleteRestartTarget TestFire`,
	"recorded, as TestAChangeOfTheKeyIsRecorded shows":                   `RotateKey`,
	"reads": `AllUsers AllWorkspaces Audit BaseURL BaseURLFixed CanSetUp Check Checks Component ComponentStatus Components CountUsers InviteFor
		Invites Latency Latest Logo Members Memberships OnlyPage Overview Page PageNow PageOfDomain PageStatus Pages PreviewPage Recent Results
		Failures Sessions Snapshot Spans SpansBack Tokens Users Vitals Workspace WorkspaceTokens Workspaces WriteMetrics ActorOf Follow EndFollowing
		Incident Incidents Update Updates Maintenance Maintenances PublicCalendar PublicHistory PublicIncident
		Subscriber Subscribers CountSubscribers Subscription Reach Told Deliveries Channels ExportSubscribers PersonalData
		RestartTargets RestartTarget BoundChecks CountBound Firings FiringsOfCheck FiringsOfIncident NewestFirings NewestOfTargets FiringTallies GivenUp
		MailServer MailTrouble MailOff OffersChannel MailDomain HasDKIM TestMail`,
	"a subscriber is a visitor, who decides for nobody else":    `AdmitStranger Subscribe Confirm ChangeSubscription Unsubscribe`,
	"a session is no change: the account lists them":            `SignIn SignOut EndSession EndSessions`,
	"notes when it was used":                                    `Authenticate Session`,
	"everybody's own taste":                                     `SetLanguage`,
	"is told to the terminal alone":                             `SetupToken`,
	"a look is no change; its result says that it was by hand":  `RunCheck RunCheckFully TryCheck CheckConnection`,
	"whoever holds the data folder needs no command to copy it": `Export`,
	"at rest, for the demo":                                     `ImportHistory`,
	"the invitation is recorded; this brings it":                `MailInvite`,
	"carries out other acts":                                    `Once Replay Together`,
	"the process itself":                                        `Start Stop Ready`,
	"tests only": `CheapPasswords Expire Feed FoldHours Forget Gather GuessPairs HoldPasswords LookWith Late Outdated
		Remembered`,
}

// everyMethod says which methods of App nobody thought about.
func everyMethod(t *testing.T, covered map[string]bool) {
	t.Helper()
	known := map[string]bool{}
	for _, names := range unrecorded {
		for _, name := range strings.Fields(names) {
			if known[name] || covered[name] {
				t.Errorf("%s is listed twice", name)
			}
			known[name] = true
		}
	}
	for m := range reflect.TypeFor[*app.App]().Methods() {
		if !known[m.Name] && !covered[m.Name] {
			t.Errorf("is %s recorded? It is neither in the table nor among the exceptions", m.Name)
		}
		delete(known, m.Name)
	}
	for name := range known {
		t.Errorf("App has no %s any more", name)
	}
}

func TestTheTrailHoldsNoSecret(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		text, _, err := l.a.NewTokenBy(bg, admin, app.NewToken{Name: "ci", Role: model.Viewer})
		l.must(err)
		invitation, _, err := l.a.Invite(bg, admin, carlMail, model.Viewer)
		l.must(err)
		l.must(l.a.SetPasswordOf(bg, admin, admin.User, nextPassword))
		var dump bytes.Buffer
		list, err := l.a.Audit(bg, admin, app.AuditFilter{})
		l.must(err)
		fmt.Fprintf(&dump, "%+v", list)
		for _, secret := range []string{text, invitation, password, nextPassword, "argon2id"} {
			if strings.Contains(dump.String(), secret) {
				t.Errorf("the trail holds %q", secret)
			}
		}
	})
}

func TestTheTrailOfTheWorkspaceIsForOwners(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		by := l.actor(l.user(ada))
		for _, role := range []model.Role{model.NoRole, model.Viewer, model.Editor} {
			by.Role = role
			if list, err := l.a.Audit(bg, by, app.AuditFilter{}); !errors.Is(err, model.ErrForbidden) || list.Items != nil {
				t.Errorf("%v: %v %v", role, list, err)
			}
		}
	})
}

func TestWhatCannotBeRecordedIsNotDone(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		admin := l.actor(l.user(ada))
		other := l.member(bob, model.Editor)
		heal := storetest.Break(t, l.dir, "audit")
		for name, err := range map[string]error{
			"role":      l.a.SetRole(bg, admin, other.ID, model.Owner),
			"member":    l.a.RemoveMember(bg, admin, other.ID),
			"admin":     l.a.SetAdmin(bg, admin, other.ID, true),
			"password":  l.a.SetPassword(bg, bob, nextPassword),
			"user":      l.a.DeleteUser(bg, admin, other.ID),
			"workspace": l.a.RenameWorkspace(bg, admin, "x"),
			"base URL":  l.a.SetBaseURL(bg, admin, "https://up.example.org"),
		} {
			if err == nil {
				t.Errorf("%s: done without a record", name)
			}
		}
		_, err := l.a.CreateWorkspace(bg, admin, "y")
		_, _, err2 := l.a.Invite(bg, admin, carlMail, model.Viewer)
		_, _, err3 := l.a.NewTokenBy(bg, admin, app.NewToken{Name: "ci", Role: model.Viewer})
		heal()
		all, err4 := l.a.Workspaces(bg)
		if err == nil || err2 == nil || err3 == nil || err4 != nil || len(all) != 1 || all[0].Name != "Default" || l.a.BaseURL() != "" {
			t.Errorf("%v %v %v %v %v %q", err, err2, err3, err4, all, l.a.BaseURL())
		}
		if by := l.actor(other); by.Role != model.Editor || by.Admin {
			t.Errorf("%+v", by)
		}
		if _, err := l.signIn(bob, password, home); err != nil {
			t.Error(err)
		}
	})
}
