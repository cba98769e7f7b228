package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

const (
	ada, bob     = "ada@example.org", "bob@example.org"
	password     = "correct horse battery"
	nextPassword = "incorrect donkey charger"
)

// counter is a lab whose App is at rest: time costs nothing, and passwords next to nothing.
func counter(t *testing.T, f func(t *testing.T, l *lab)) {
	dir := storetest.Folder(t)
	synctest.Test(t, func(t *testing.T) {
		l := &lab{t: t, dir: dir}
		l.offset.Store(int64(26 * 365 * 24 * time.Hour))
		l.s = storetest.Open(t, dir)
		defer func() { l.must(l.s.Close()) }()
		l.a = l.another()
		f(t, l)
	})
}

// another is an App of another process on the same folder.
func (l *lab) another() *app.App {
	l.t.Helper()
	a, err := app.New(bg, app.Config{Store: l.s, Now: l.wall, Languages: []string{"en", "tr"}, CommonPasswords: map[string]bool{"qwertyuiop": true}})
	l.must(err)
	a.CheapPasswords()
	return a
}

// user makes an account that owns the default workspace.
func (l *lab) user(email string) model.User {
	l.t.Helper()
	u, err := l.a.AddUser(bg, app.NewUser{Email: email, Password: password, Role: model.Owner})
	l.must(err)
	return u
}

// actor is a user in the workspace that there is.
func (l *lab) actor(u model.User) model.Actor {
	l.t.Helper()
	all, err := l.a.Memberships(bg, u.ID)
	l.must(err)
	by, err := l.a.ActorOf(bg, u.ID, all[0].Workspace.ID)
	l.must(err)
	return by
}

func client(address string) app.Client {
	return app.Client{Address: netip.MustParseAddr(address), Agent: "Firefox"}
}

const home, office = "192.0.2.1", "198.51.100.1"

func (l *lab) signIn(email, password, from string) (app.SignedIn, error) {
	return l.a.SignIn(bg, app.Credentials{Email: email, Password: password, Client: client(from)})
}

func (l *lab) signedIn(email string) app.SignedIn {
	l.t.Helper()
	in, err := l.signIn(email, password, home)
	l.must(err)
	return in
}

// accepted says whether a token opens a session.
func (l *lab) accepted(token string) bool {
	l.t.Helper()
	_, _, err := l.a.Session(bg, token)
	if err != nil && !errors.Is(err, model.ErrUnauthorized) {
		l.t.Fatal(err)
	}
	return err == nil
}

// refusal is how a sign-in failed: "wrong", "too many", or "".
func refusal(err error) string {
	var tooMany model.TooMany
	v, invalid := model.AsInvalid(err)
	switch {
	case errors.As(err, &tooMany) && tooMany.Retry > 0:
		return "too many"
	case invalid && v.Has("email") && v[0].Code == "sign_in":
		return "wrong"
	case err == nil:
		return ""
	}
	return err.Error()
}

func TestWrongMailAndWrongPasswordAreOneError(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		_, mail := l.signIn("nobody@example.org", password, home)
		_, word := l.signIn(ada, "something else", home)
		if refusal(mail) != "wrong" || mail.Error() != word.Error() {
			t.Errorf("%v, %v", mail, word)
		}
		in, err := l.signIn("  ADA@Example.org ", password, home)
		if err != nil || in.User.Email != ada || in.User.Password != "" || in.Session.Address != home || in.Session.Agent != "Firefox" {
			t.Errorf("%+v %v", in, err)
		}
	})
}

// RELIABILITY E3, from one address.
func TestAThousandGuessesFromOneAddress(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		var failures []time.Time
		for range 1000 {
			_, err := l.signIn(ada, "guess", home)
			switch refusal(err) {
			case "wrong":
				failures = append(failures, time.Now())
			case "too many":
				if _, err := l.signIn(ada, password, home); refusal(err) != "too many" {
					t.Fatalf("the right password from a client that guesses: %v", err)
				}
			default:
				t.Fatal(err)
			}
			time.Sleep(7 * time.Second)
		}
		for i := range failures {
			if i >= 10 && failures[i].Sub(failures[i-10]) < 15*time.Minute {
				t.Fatalf("11 guesses within %v", failures[i].Sub(failures[i-10]))
			}
		}
		if len(failures) < 70 {
			t.Errorf("only %d guesses were looked at: the limit ends with its time", len(failures))
		}
		for range 20 {
			_, _ = l.signIn(ada, "guess", home)
		}
		_, err := l.signIn(ada, password, office)
		if err != nil {
			t.Errorf("the owner from elsewhere: %v", err)
		}
		_, err = l.signIn(bob, password, home)
		if refusal(err) != "wrong" {
			t.Errorf("another account from there: %v", err)
		}
		time.Sleep(15 * time.Minute)
		if _, err := l.signIn(ada, password, home); err != nil {
			t.Errorf("a quarter of an hour later: %v", err)
		}
	})
}

// RELIABILITY E3, from many addresses: nobody is locked out, and the networks of IPv6 count as one client each.
func TestAThousandGuessesFromManyAddresses(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		for i := range 1000 {
			if _, err := l.signIn(ada, "guess", fmt.Sprintf("10.0.%d.%d", i/250, i%250)); refusal(err) != "wrong" {
				t.Fatal(err)
			}
		}
		if _, err := l.signIn(ada, password, office); err != nil {
			t.Errorf("the owner: %v", err)
		}
		looked := 0
		for i := range 1000 {
			_, err := l.signIn(ada, "guess", fmt.Sprintf("2001:db8:0:1::%x", i+1))
			if refusal(err) == "wrong" {
				looked++
			}
		}
		if looked != 10 {
			t.Errorf("%d guesses from one network were looked at", looked)
		}
		if _, err := l.signIn(ada, password, "2001:db8:0:2::1"); err != nil {
			t.Errorf("the network beside it: %v", err)
		}
	})
}

func TestGuessesAtTheSameMomentAreCounted(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		var looked atomic.Int32
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if _, err := l.signIn(ada, "guess", home); refusal(err) == "wrong" {
					looked.Add(1)
				}
			})
		}
		all.Wait()
		if n := looked.Load(); n > 10 || n == 0 {
			t.Errorf("%d guesses at once were looked at", n)
		}
	})
}

func TestUnknownAccountsCostAsMuch(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		release := l.a.HoldPasswords()
		for _, email := range []string{ada, "nobody@example.org", "", strings.Repeat("x", 100_000)} {
			ctx, cancel := context.WithTimeout(bg, time.Second)
			_, err := l.a.SignIn(ctx, app.Credentials{Email: email, Password: "guess", Client: client(home)})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%.20s does not wait for its turn: %v", email, err)
			}
		}
		release()
		if n, _ := l.a.GuessPairs(); n != 0 {
			t.Errorf("%d tries that came to nothing are counted", n)
		}
		for _, email := range []string{"nobody@example.org", "", strings.Repeat("x", 100_000)} {
			for range 10 {
				_, _ = l.signIn(email, "guess", home)
			}
			if _, err := l.signIn(email, "guess", home); refusal(err) != "too many" {
				t.Errorf("%.20s is not counted: %v", email, err)
			}
		}
	})
}

func TestAnOldHashIsRenewedAtSignIn(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		old := stored(password, 128, 2)
		storetest.Write(t, l.s, func(tx *store.Tx) error { return tx.SetPassword(bg, u.ID, old) })
		first := l.signedIn(ada)
		storetest.Read(t, l.s, func(v store.View) error {
			now, err := v.User(bg, u.ID)
			if now.Password == old || l.a.Outdated(now.Password) {
				t.Errorf("the hash is still %s", now.Password)
			}
			return err
		})
		l.signedIn(ada)
		if !l.accepted(first.Token) {
			t.Error("renewing a hash ended a session")
		}
	})
}

func TestANewSessionEndsTheOneThatTheBrowserHad(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.user("ada@example.org")
		old, elsewhere := l.signedIn("ada@example.org"), l.signedIn("ada@example.org")
		from := client(home)
		from.Session = old.Token
		if _, err := l.a.SignIn(bg, app.Credentials{Email: "ada@example.org", Password: "wrong password", Client: from}); err == nil || !l.accepted(old.Token) {
			t.Errorf("a sign-in that fails ends it: %v", err)
		}
		in, err := l.a.SignIn(bg, app.Credentials{Email: "ada@example.org", Password: password, Client: from})
		if l.must(err); l.accepted(old.Token) || !l.accepted(in.Token) || !l.accepted(elsewhere.Token) {
			t.Error("old, new and another browser's:", l.accepted(old.Token), l.accepted(in.Token), l.accepted(elsewhere.Token))
		}
	})
}

func TestSessionsLastAWeekIdleAndAMonthAtMost(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		idle, busy := l.signedIn(ada), l.signedIn(ada)
		for day := range 29 {
			time.Sleep(24 * time.Hour)
			if !l.accepted(busy.Token) {
				t.Fatalf("over after %d days", day+1)
			}
			if day == 5 && !l.accepted(idle.Token) {
				t.Error("six days without a request are too many")
			}
		}
		if l.accepted(idle.Token) {
			t.Error("idle for weeks and still open")
		}
		if list, err := l.a.Sessions(bg, u.ID); err != nil || len(list) != 1 || list[0].ID != busy.Session.ID {
			t.Errorf("%v %v", list, err)
		}
		time.Sleep(24*time.Hour - time.Millisecond)
		if !l.accepted(busy.Token) {
			t.Error("over before 30 days")
		}
		time.Sleep(time.Millisecond)
		if l.accepted(busy.Token) {
			t.Error("open after 30 days")
		}
	})
}

func TestASessionIsNotedOnceAMinute(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		in := l.signedIn(ada)
		seen := func() time.Time {
			list, err := l.a.Sessions(bg, u.ID)
			l.must(err)
			return list[0].Seen
		}
		time.Sleep(59 * time.Second)
		l.accepted(in.Token)
		if !seen().Equal(in.Session.Seen) {
			t.Error("noted within the minute")
		}
		time.Sleep(time.Second)
		l.accepted(in.Token)
		if seen().Sub(in.Session.Seen) != time.Minute {
			t.Errorf("noted at %v", seen())
		}
		time.Sleep(time.Hour)
		heal := storetest.Break(t, l.dir, "sessions")
		if !l.accepted(in.Token) {
			t.Error("refused because it cannot be noted")
		}
		heal()
	})
}

// RELIABILITY E4: whatever ends a session ends it at once, also from another process.
func TestNoStolenTokenIsAccepted(t *testing.T) {
	for name, end := range map[string]func(l *lab, in app.SignedIn, admin model.Actor) error{
		"logout": func(l *lab, in app.SignedIn, _ model.Actor) error { return l.a.SignOut(bg, in.Token) },
		"ended in the list": func(l *lab, in app.SignedIn, _ model.Actor) error {
			return l.a.EndSession(bg, in.User.ID, in.Session.ID)
		},
		"log out everywhere": func(l *lab, in app.SignedIn, _ model.Actor) error { return l.a.EndSessions(bg, in.User.ID, 0) },
		"password by the CLI": func(l *lab, in app.SignedIn, _ model.Actor) error {
			return l.another().SetPassword(bg, bob, nextPassword)
		},
		"password by an admin": func(l *lab, in app.SignedIn, by model.Actor) error {
			return l.a.SetPasswordOf(bg, by, in.User.ID, nextPassword)
		},
		"deletion":           func(l *lab, in app.SignedIn, by model.Actor) error { return l.a.DeleteUser(bg, by, in.User.ID) },
		"deletion elsewhere": func(l *lab, in app.SignedIn, by model.Actor) error { return l.another().DeleteUser(bg, by, in.User.ID) },
		"a password of their own": func(l *lab, in app.SignedIn, _ model.Actor) error {
			_, err := l.a.ChangePassword(bg, in.Session, password, nextPassword)
			return err
		},
		"a password elsewhere": func(l *lab, in app.SignedIn, _ model.Actor) error {
			_, err := l.a.ChangePassword(bg, l.signedIn(bob).Session, password, nextPassword)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(t *testing.T, l *lab) {
				admin := l.actor(l.user(ada))
				l.user(bob)
				bystander, stolen := l.signedIn(ada), l.signedIn(bob)
				if !l.accepted(stolen.Token) {
					t.Fatal("not accepted in the first place")
				}
				l.must(end(l, stolen, admin))
				if l.accepted(stolen.Token) {
					t.Error("accepted")
				}
				if !l.accepted(bystander.Token) {
					t.Error("somebody else's session ended too")
				}
			})
		})
	}
}

func TestTokensAreNewAtEveryLogin(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		seen := map[string]bool{}
		ones := 0
		for range 1000 {
			in := l.signedIn(ada)
			if seen[in.Token] || len(in.Token) != 43 {
				t.Fatalf("%q", in.Token)
			}
			seen[in.Token] = true
			for _, b := range []byte(in.Token) {
				ones += bits.OnesCount8(b)
			}
		}
		if n := storetest.Number(t, l.dir, `SELECT count(DISTINCT hash) FROM sessions WHERE length(hash) = 32`); n != 1000 {
			t.Errorf("%d hashes", n)
		}
		for token := range seen {
			if storetest.Number(t, l.dir, `SELECT count(*) FROM sessions WHERE CAST(hash AS TEXT) = '`+token+`'`) != 0 {
				t.Fatal("a token is stored as it is")
			}
			break
		}
		for _, made := range []string{"", "x", strings.Repeat("A", 43)} {
			if l.accepted(made) {
				t.Errorf("%q is accepted", made)
			}
		}
	})
}

func TestChangingAPassword(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		here, there := l.signedIn(ada), l.signedIn(ada)
		for range 10 {
			_, err := l.a.ChangePassword(bg, here.Session, "guess", nextPassword)
			if v, ok := model.AsInvalid(err); !ok || !v.Has("old") {
				t.Fatal(err)
			}
		}
		if _, err := l.a.ChangePassword(bg, here.Session, password, nextPassword); refusal(err) != "too many" {
			t.Errorf("an eleventh try: %v", err)
		}
		if _, err := l.signIn(ada, password, home); err != nil {
			t.Errorf("guessing in a session keeps its owner from signing in: %v", err)
		}
		if _, err := l.a.ChangePassword(bg, there.Session, password, "short"); !strings.Contains(fmt.Sprint(err), "password_length") {
			t.Errorf("a bad one: %v", err)
		}
		now, err := l.a.ChangePassword(bg, there.Session, password, nextPassword)
		l.must(err)
		if l.accepted(here.Token) || l.accepted(there.Token) || !l.accepted(now.Token) || now.Session.Address != home {
			t.Errorf("%+v", now)
		}
		if list, err := l.a.Sessions(bg, u.ID); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		if _, err := l.signIn(ada, password, home); refusal(err) != "wrong" {
			t.Errorf("the old password: %v", err)
		}
		if _, err := l.signIn(ada, nextPassword, home); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if _, err := l.a.ChangePassword(bg, here.Session, nextPassword, password); refusal(err) != "too many" {
			t.Errorf("a session that ended: %v", err)
		}
		time.Sleep(15 * time.Minute)
		if _, err := l.a.ChangePassword(bg, here.Session, nextPassword, password); !errors.Is(err, model.ErrUnauthorized) {
			t.Errorf("a session that ended: %v", err)
		}
	})
}

func TestAUserEndsOnlyOwnSessions(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		a, b := l.user(ada), l.user(bob)
		in := l.signedIn(ada)
		if err := l.a.EndSession(bg, b.ID, in.Session.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		l.must(l.a.EndSessions(bg, b.ID, 0))
		second := l.signedIn(ada)
		l.must(l.a.EndSessions(bg, a.ID, second.Session.ID))
		if l.accepted(in.Token) || !l.accepted(second.Token) {
			t.Error("log out everywhere else")
		}
	})
}

func TestWhatABrowserCallsItselfIsTidied(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		l.user(ada)
		in, err := l.a.SignIn(bg, app.Credentials{Email: ada, Password: password, Client: app.Client{Agent: "a\x1b[31m\n\xff\u202eb" + strings.Repeat("é", 500)}})
		l.must(err)
		if s := in.Session.Agent; !strings.HasPrefix(s, "a[31mbé") || len([]rune(s)) > 200 || in.Session.Address != "" {
			t.Errorf("%q %q", s, in.Session.Address)
		}
	})
}

func TestLanguages(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		in := l.signedIn(ada)
		l.must(l.a.SetLanguage(bg, u.ID, "tr"))
		if _, u, err := l.a.Session(bg, in.Token); err != nil || u.Language != "tr" || u.Password != "" {
			t.Errorf("%v %v", u, err)
		}
		if err := l.a.SetLanguage(bg, u.ID, "xx"); !strings.Contains(fmt.Sprint(err), "language: choice") {
			t.Errorf("%v", err)
		}
		l.must(l.a.SetLanguage(bg, u.ID, ""))
	})
}

func TestWhatIsOverIsForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.a.CheapPasswords()
		l.user(ada)
		_, _, err := l.a.Invite(bg, l.by, bob, model.Viewer)
		l.must(err)
		l.signedIn(ada)
		count := func() int64 {
			return storetest.Number(t, l.dir, `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM invites)`)
		}
		l.pass(61 * time.Minute)
		l.must(l.a.Expire(bg))
		if count() != 2 {
			t.Errorf("%d are left of 2 that are open", count())
		}
		l.jump(7 * 24 * time.Hour)
		l.beat()
		l.must(l.a.Expire(bg))
		if count() != 2 {
			t.Error("a clock that has just jumped is believed")
		}
		l.pass(62 * time.Minute)
		l.must(l.a.Expire(bg))
		if count() != 0 {
			t.Errorf("%d are left of 2 that are over", count())
		}
	})
}

// ASVS 16.3.1: who signs in, and who fails to, is told to the log; what was typed is not.
func TestSigningInIsLogged(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		u := l.user(ada)
		var log strings.Builder
		a, err := app.New(bg, app.Config{Store: l.s, Now: l.wall, Log: slog.New(slog.NewTextHandler(&log, nil))})
		l.must(err)
		a.CheapPasswords()
		l.a = a
		for _, one := range []struct{ email, password, want string }{
			{ada, password, `level=INFO msg="signed in" user=` + u.ID.String() + " client=" + home},
			{ada, "typed by mistake", `level=WARN msg="wrong password" user=` + u.ID.String() + " client=" + home},
			{"typed by mistake", password, `level=WARN msg="wrong password" user=unknown client=` + home},
		} {
			log.Reset()
			_, _ = l.signIn(one.email, one.password, home)
			if got := log.String(); !strings.Contains(got, one.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("%s with %s: %q", one.email, one.password, got)
			}
			if strings.Contains(log.String(), "mistake") || strings.Contains(log.String(), ada) {
				t.Errorf("what was typed is in the log: %s", &log)
			}
		}
	})
}

// ASVS 6.2.8, 6.2.9: all of a long password counts.
func TestNoPartOfAPasswordIsLeftOut(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		long := strings.Repeat("ş", 199)
		_, err := l.a.AddUser(bg, app.NewUser{Email: bob, Password: long + "1", Role: model.Owner})
		l.must(err)
		if _, err := l.signIn(bob, long+"2", home); refusal(err) != "wrong" {
			t.Errorf("another last character: %v", err)
		}
		if _, err := l.signIn(bob, long+"1", home); err != nil {
			t.Error(err)
		}
		if _, err := l.a.AddUser(bg, app.NewUser{Email: ada, Password: long + "12", Role: model.Owner}); !strings.Contains(fmt.Sprint(err), "password_length") {
			t.Errorf("201 characters: %v", err)
		}
	})
}
