package deliver_test

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/probe/probetest"
	"statusd/store"
	"statusd/store/storetest"
)

func refusal(code, class, subject, detail int) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: "no, canary-reader-1@example.org"}
}

func (k *kit) deliveredAll(n int) {
	k.t.Helper()
	k.until(fmt.Sprintf("%d are delivered", n), func() bool { return k.states()[model.Delivered] == n })
}

func TestMailsReachThoseWhoWantThemOnceInTheirLanguageAndInOrder(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	en, tr := k.reader("en", nil), k.reader("tr", nil)
	windows := k.reader("en", func(s *model.Subscriber) { s.Topic = model.TopicMaintenance })
	pending := k.reader("en", func(s *model.Subscriber) { s.State = model.Pending })
	chat := k.chat("55")
	k.start()
	defer k.stop()
	a, b := k.incident("Outage", incident.Manual), k.incident("Slow", incident.Manual)
	for i, tell := range []func(){
		func() { k.news(incident.Investigating, "we look", a) },
		func() { k.news(incident.Investigating, "we look too", b) },
		func() { k.news(incident.Identified, "we know", a) },
		func() { k.news(incident.Resolved, "over", a) },
	} {
		tell()
		k.deliveredAll(3 * (i + 1))
	}
	for s, want := range map[model.Secret][]string{
		en.Address: {"[acme] Outage|Investigating: Outage", "[acme] Slow|Investigating: Slow", "[acme] Outage|Identified: Outage", "[acme] Outage|Resolved: Outage"},
		tr.Address: {"[acme] Outage (tr)|İnceleniyor: Outage (tr)", "[acme] Slow (tr)|İnceleniyor: Slow (tr)",
			"[acme] Outage (tr)|Nedeni bulundu: Outage (tr)", "[acme] Outage (tr)|Çözüldü: Outage (tr)"},
		windows.Address: nil, pending.Address: nil,
	} {
		if got := k.subjects(s); !slices.Equal(got, want) {
			t.Errorf("%s got %q, want %q", s.Reveal(), got, want)
		}
	}
	var heard []string
	for _, m := range k.post.bots.Sent() {
		heard = append(heard, m.Chat+" "+strings.SplitN(m.Text, "\n", 2)[0])
	}
	if want := []string{"55 Investigating: Outage", "55 Investigating: Slow", "55 Identified: Outage", "55 Resolved: Outage"}; !slices.Equal(heard, want) {
		t.Errorf("%s heard %q", chat.ID, heard)
	}
	k.threads(en)
}

// threads checks that a reader's mails about one incident are one thread, and that each can be left.
func (k *kit) threads(s model.Subscriber) {
	k.t.Helper()
	mails, ids := k.inbox(s.Address), map[string]bool{}
	for _, m := range mails {
		ids[m.id] = true
		link := "https://status.example/p/acme/unsubscribe?token=" + s.Token.Reveal()
		if m.header.Get("List-Unsubscribe") != "<"+link+">" || m.header.Get("List-Unsubscribe-Post") == "" || !strings.Contains(m.text, link) {
			k.t.Errorf("it cannot be left: %v", m.header)
		}
		if got := m.header.Get("List-Id"); got != `"acme" <acme.status.example>` {
			k.t.Errorf("List-Id: %s", got)
		}
	}
	if len(ids) != 4 || mails[0].thread == "" || mails[0].thread != mails[2].thread || mails[0].thread != mails[3].thread || mails[0].thread == mails[1].thread {
		k.t.Errorf("%v %q %q %q %q", ids, mails[0].thread, mails[1].thread, mails[2].thread, mails[3].thread)
	}
}

func TestTheNewestTakesThePlaceOfWhatCouldNotBeSent(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	api, web := k.world.Component("api").ID, model.NewComponentID()
	all := k.reader("en", nil)
	mine := k.reader("en", func(s *model.Subscriber) { s.Components = []model.ComponentID{api} })
	k.post.server.Refuse(notifytest.AtMail, refusal(550, 5, 7, 1))
	k.start()
	defer k.stop()
	i := k.incident("Outage", incident.Manual)
	i.Affected = []model.Affected{{ID: api, Name: "api"}}
	k.news(incident.Investigating, "we look", i)
	k.until("the channel is broken", k.broken)
	i.Affected = []model.Affected{{ID: web, Name: "web"}}
	k.news(incident.Identified, "it is another one", i)
	k.post.server.On(nil)
	k.courier.Try(model.Email)
	k.deliveredAll(2)
	if got := k.subjects(all.Address); !slices.Equal(got, []string{"[acme] Outage|Identified: Outage"}) || k.became(all) != "superseded delivered" {
		t.Errorf("%q, %s", got, k.became(all))
	}
	if got := k.subjects(mine.Address); !slices.Equal(got, []string{"[acme] Outage|Investigating: Outage"}) || k.became(mine) != "delivered" {
		t.Errorf("who does not want the newer news got %q, %s", got, k.became(mine))
	}
	for _, d := range k.deliveries(all) {
		if d.Attempts > 1 {
			t.Errorf("a broken channel counted %d attempts", d.Attempts)
		}
	}
}

func (k *kit) broken() bool { return k.courier.Channels()[notify.Email].Broken }

// held is a mail server that keeps a mail back, after it has taken it, until it is let go.
func (k *kit) held() (arrived chan struct{}, letGo func()) {
	arrived, gate := make(chan struct{}, 100), make(chan struct{})
	k.post.server.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
		if at == notifytest.AtDot {
			arrived <- struct{}{}
			<-gate
		}
		return notifytest.MailAct{}
	})
	letGo = sync.OnceFunc(func() { close(gate) })
	k.t.Cleanup(letGo)
	return arrived, letGo
}

func TestWhatIsOvertakenOnItsWayHasArrivedAllTheSame(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	arrived, letGo := k.held()
	k.start()
	defer k.stop()
	i := k.incident("Outage", incident.Manual)
	k.news(incident.Investigating, "we look", i)
	<-arrived
	k.news(incident.Identified, "we know", i)
	if got := k.became(s); got != "superseded waiting" {
		t.Errorf("on its way: %s", got)
	}
	letGo()
	k.deliveredAll(2)
	if got := k.subjects(s.Address); !slices.Equal(got, []string{"[acme] Outage|Investigating: Outage", "[acme] Outage|Identified: Outage"}) {
		t.Errorf("%q", got)
	}
}

// storms opens automatic incidents.
func (k *kit) storm(n int) (list []model.Incident) {
	for i := range n {
		list = append(list, k.incident(fmt.Sprintf("part %d is down", i), incident.Auto))
	}
	return list
}

func TestAStormIsOneLetterAMinute(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s, chat := k.reader("en", nil), k.chat("55")
	k.start()
	defer k.stop()
	parts := k.storm(50)
	for i, part := range parts {
		k.news(incident.Investigating, "it fails", part)
		if i == 25 {
			k.pass(5 * time.Second)
		}
	}
	if len(k.inbox("")) > 0 {
		t.Error("a mail went before the ten seconds are over")
	}
	k.pass(5 * time.Second)
	k.deliveredAll(100)
	for _, d := range append(k.deliveries(s), k.deliveries(chat)...) {
		if d.Attempts != 1 || d.Done.IsZero() {
			t.Fatalf("%+v", d)
		}
	}
	if got := k.subjects(s.Address); !slices.Equal(got, []string{"[acme] 50 incidents|50 incidents"}) || len(k.post.bots.Sent()) != 1 {
		t.Errorf("%q, %d messages", got, len(k.post.bots.Sent()))
	}
	k.pass(10 * time.Second)
	k.news(incident.Monitoring, "it is good again", parts...)
	k.pass(11 * time.Second) // 21 s after the first letter
	manual := k.incident("People say so", incident.Manual)
	k.news(incident.Investigating, "we look", manual)
	if got := len(k.inbox("")); got != 1 {
		t.Errorf("%d mails within the minute", got)
	}
	k.pass(40 * time.Second)
	k.until("all are delivered", func() bool { return k.states()[model.Waiting] == 0 })
	if got := k.subjects(s.Address); !slices.Equal(got[1:], []string{"[acme] 50 incidents|50 incidents", "[acme] People say so|Investigating: People say so"}) {
		t.Errorf("%q", got)
	}
	if got := k.states()[model.Delivered]; got != 2*101 {
		t.Errorf("%d are delivered", got)
	}
}

func TestAStormThatIsNotTakenWaitsWhole(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	k.post.server.Refuse(notifytest.AtDot, refusal(451, 4, 3, 0))
	k.start()
	defer k.stop()
	k.news(incident.Investigating, "it fails", k.storm(5)...)
	k.pass(11 * time.Second)
	k.until("it was tried", func() bool { return k.tries() == 1 })
	if got := k.became(s); got != "waiting waiting waiting waiting waiting" {
		t.Errorf("%s", got)
	}
	k.post.server.On(nil)
	k.pass(13 * time.Second)
	k.deliveredAll(5)
	mails := k.inbox(s.Address)
	if len(mails) != 2 || mails[0].id != mails[1].id || mails[1].subject != "[acme] 5 incidents" {
		t.Errorf("%q", k.subjects(s.Address))
	}
}

func TestAStormThatIsRefusedForGoodDoesNotComeAgainAtOnce(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	k.post.server.Refuse(notifytest.AtRcpt, refusal(550, 5, 1, 1))
	k.start()
	defer k.stop()
	k.news(incident.Investigating, "it fails", k.storm(5)...)
	for i := range 3 {
		k.pass(time.Minute)
		k.until("the next one is refused", func() bool { return k.post.server.Said(notifytest.AtRcpt) == i+1 })
		k.until("which is recorded", func() bool { return k.states()[model.Undelivered] > i })
		k.pass(30 * time.Second)
		if n := k.post.server.Said(notifytest.AtRcpt); n != i+1 {
			t.Fatalf("%d within a minute", n)
		}
	}
	k.until("the subscription has ended", func() bool { return k.state(s) == 0 })
	k.until("all are given up", func() bool { return k.states()[model.Undelivered] == 5 })
}

// state is the state of a subscriber; 0 when it is gone.
func (k *kit) state(s model.Subscriber) (state model.SubscriberState) {
	storetest.Read(k.t, k.store, func(v store.View) error {
		found, err := v.AnySubscriber(bg, s.ID)
		state = found.State
		if err == store.ErrNone {
			return nil
		}
		return err
	})
	return state
}

func TestWhatIsOvertakenAgainAndAgainIsToldWhenItWasToBe(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	k.start()
	defer k.stop()
	i := k.incident("api is down", incident.Auto)
	for range 5 {
		k.news(incident.Investigating, "one more check fails", i)
		k.pass(3 * time.Second)
	}
	k.deliveredAll(1)
	if got := k.became(s); !strings.Contains(got, "superseded delivered") {
		t.Errorf("after 15 s: %s", got)
	}
}

// cutOff lets something be sent and ends the process before it is recorded, then starts another one.
func (k *kit) cutOff(sent func() bool) {
	heal := storetest.Break(k.t, k.store.Dir(), "deliveries")
	k.until("it is sent", sent)
	k.stop()
	heal()
	k.start()
}

func TestWhatWasSentButNotRecordedComesAgainUnderTheSameID(t *testing.T) {
	for name, source := range map[string]incident.Source{"manual": incident.Manual, "storm": incident.Auto} {
		t.Run(name, func(t *testing.T) {
			k := newPostKit(t, notifytest.MailOptions{})
			s := k.reader("en", nil)
			arrived, letGo := k.held()
			k.start()
			list := []model.Incident{k.incident("one", source), k.incident("two", source), k.incident("three", source)}
			if source == incident.Manual {
				list = list[:1]
			}
			k.news(incident.Investigating, "it fails", list...)
			k.pass(11 * time.Second)
			<-arrived
			k.cutOff(func() bool { letGo(); return k.post.server.Count() == 1 })
			defer k.stop()
			k.pass(time.Second)
			k.deliveredAll(len(list))
			mails := k.inbox(s.Address)
			if len(mails) != 2 || mails[0].id != mails[1].id || mails[0].text != mails[1].text {
				t.Errorf("%q", k.subjects(s.Address))
			}
		})
	}
}

func TestWhatWasDeletedMeanwhileIsToldAsItWas(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	i := k.incident("Outage", incident.Manual)
	k.news(incident.Investigating, "we look", i)
	storetest.Write(t, k.store, func(tx *store.Tx) error { return tx.In(i.Workspace).DeleteIncident(bg, i.ID) })
	k.start()
	defer k.stop()
	k.deliveredAll(1)
	if got := k.subjects(s.Address); !slices.Equal(got, []string{"[acme] Outage|Investigating: Outage"}) {
		t.Errorf("%q", got)
	}
}

func TestThreeUnknownMailboxesInARowEndASubscription(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	gone, full := k.reader("en", nil), k.reader("en", nil)
	refuse := map[string]*smtp.SMTPError{gone.Address.Reveal(): refusal(550, 5, 1, 1), full.Address.Reveal(): refusal(550, 5, 7, 1)}
	k.post.server.On(func(at notifytest.MailStage, to string) notifytest.MailAct {
		if at == notifytest.AtBody {
			return notifytest.MailAct{Reply: refuse[to]}
		}
		return notifytest.MailAct{}
	})
	k.start()
	defer k.stop()
	for i := range 5 {
		k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
		k.settled()
		if i == 1 { // one that arrives counts from the beginning
			k.post.server.On(nil)
			k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
			k.settled()
			k.post.server.On(func(at notifytest.MailStage, to string) notifytest.MailAct {
				if at == notifytest.AtRcpt && to == gone.Address.Reveal() || at == notifytest.AtBody && to == full.Address.Reveal() {
					return notifytest.MailAct{Reply: refuse[to]}
				}
				return notifytest.MailAct{}
			})
		}
		if got := k.state(gone); (got == model.Active) != (i < 4) {
			t.Errorf("after %d: %s", i+1, got)
		}
	}
	if k.state(full) != model.Active {
		t.Error("a refusal that is not about the mailbox ended a subscription")
	}
	for _, d := range k.deliveries(gone) {
		if d.Attempts != 1 {
			t.Errorf("%s after %d attempts", d.State, d.Attempts)
		}
	}
}

func TestABrokenMailServerLosesNothingAndNewSettingsResumeAtOnce(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	works := k.post.settings
	k.post.settings = email.Settings{}
	k.start()
	defer k.stop()
	k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
	for _, trouble := range []struct {
		why notify.Code
		is  func()
	}{
		{notify.NoMailServer, func() {}},
		{notify.SenderRefused, func() { k.post.server.Refuse(notifytest.AtMail, refusal(550, 5, 7, 1)); k.post.mails.Use(works) }},
		{notify.SessionRefused, func() {
			k.post.server.Refuse(notifytest.AtGreeting, refusal(554, 5, 7, 1))
			k.post.mails.Use(email.Settings{})
			k.post.mails.Use(works)
		}},
	} {
		trouble.is()
		k.courier.Try(model.Email)
		k.until(string(trouble.why), func() bool {
			c := k.courier.Channels()[notify.Email]
			return c.Broken && c.Reason.Code == trouble.why
		})
		if d := k.deliveries(s); d[0].State != model.Waiting || d[0].Attempts != 0 {
			t.Errorf("%s: %+v", trouble.why, d[0])
		}
	}
	k.post.server.On(nil)
	k.courier.Try(model.Email)
	k.deliveredAll(1)
	if d := k.deliveries(s)[0]; d.Attempts != 1 {
		t.Errorf("%+v", d)
	}
}

func TestABadPasswordLosesNothingAndTheRightOneResumesAtOnce(t *testing.T) {
	authority := probetest.NewAuthority(t, "root")
	k := newPostKit(t, notifytest.MailOptions{
		Users: map[string]string{"statusd": "right"}, TLS: &tls.Config{Certificates: []tls.Certificate{authority.Issue(probetest.Leaf{})}},
	})
	s := k.reader("en", nil)
	k.post.roots = authority.Pool()
	k.post.settings.Security, k.post.settings.User, k.post.settings.Password = email.StartTLS, "statusd", "wrong"
	k.start()
	defer k.stop()
	for range 5 {
		k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
	}
	k.until("the channel is broken", func() bool { return k.courier.Channels()[notify.Email].Reason.Code == notify.BadSignIn })
	if got := k.became(s); got != "waiting waiting waiting waiting waiting" || k.tries() != 0 || k.post.server.Said(notifytest.AtAuth) != 1 {
		t.Errorf("%s, %d attempts, %d times signed in", got, k.tries(), k.post.server.Said(notifytest.AtAuth))
	}
	k.post.settings.Password = "right"
	k.post.mails.Use(k.post.settings)
	k.courier.Try(model.Email)
	k.deliveredAll(5)
	if m := k.post.server.Taken()[0]; !m.TLS || m.User != "statusd" {
		t.Errorf("%+v", m)
	}
}

func TestWithoutAPublicURLMailsWait(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s, chat := k.reader("en", nil), k.chat("55")
	k.post.base = ""
	k.start()
	defer k.stop()
	k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
	k.until("mail is broken", func() bool { return k.courier.Channels()[notify.Email].Reason.Code == notify.NoPublicURL })
	k.until("the chat hears", func() bool { return k.became(chat) == "delivered" })
	if sent := k.post.bots.Sent(); strings.Contains(sent[0].Raw, "href") || k.became(s) != "waiting" {
		t.Errorf("%q, %s", sent[0].Raw, k.became(s))
	}
}

func TestTelegramMovesEndsAndPauses(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.chat("-100")
	bots := k.post.bots
	bots.Bot(botToken, "-100", "-200")
	bots.Fate(botToken, "-100", notifytest.BotMoved(-200))
	k.start()
	defer func() { k.stop() }()
	tell := func() { k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual)) }
	tell()
	k.deliveredAll(1)
	storetest.Read(t, k.store, func(v store.View) error {
		found, err := v.AnySubscriber(bg, s.ID)
		if found.Address.Reveal() != "-200" {
			t.Errorf("it is reached at %s", found.Address.Reveal())
		}
		return err
	})
	asked := bots.Asked()
	bots.Limit(botToken, 30)
	tell()
	k.until("it was told to wait", func() bool { return k.tries() == 2 })
	d := k.deliveries(s)[1]
	if wait := d.Next.Sub(k.now()); d.State != model.Waiting || wait < 28*time.Second || wait > 37*time.Second || bots.Asked() != asked+1 {
		t.Errorf("%+v in %v", d, wait)
	}
	bots.Limit(botToken, 0)
	k.stop() // the pause is on the monotonic clock; a new process has none
	k.ahead.Add(int64(40 * time.Second))
	k.start()
	k.deliveredAll(2)
	bots.Fate(botToken, "-200", notifytest.BotBlocked)
	tell()
	k.until("the subscription has ended", func() bool { return k.state(s) == 0 })
	if d := k.deliveries(s)[2]; d.State != model.Undelivered || d.Attempts != 1 {
		t.Errorf("%+v", d)
	}
}

func TestWhoUnsubscribesWhileAMailWaitsGetsNoMore(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	k.post.server.Refuse(notifytest.AtRcpt, refusal(451, 4, 7, 1))
	k.start()
	defer k.stop()
	k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
	k.until("it was tried", func() bool { return k.tries() == 1 })
	storetest.Write(t, k.store, func(tx *store.Tx) error { return tx.DeleteSubscriber(bg, s.ID, "unsubscribed", k.now()) })
	k.courier.Forget(s.ID)
	k.post.server.On(nil)
	other := k.reader("en", nil)
	k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
	k.pass(time.Hour)
	k.deliveredAll(1)
	if len(k.inbox(s.Address)) != 0 || len(k.inbox(other.Address)) != 1 || k.became(s) != "failed" {
		t.Errorf("%s", k.became(s))
	}
}

func TestAStormThatIsOvertakenOnItsWayIsNotToldTwice(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	s := k.reader("en", nil)
	arrived, letGo := k.held()
	k.start()
	defer k.stop()
	parts := k.storm(3)
	k.news(incident.Investigating, "it fails", parts...)
	k.pass(11 * time.Second)
	<-arrived
	k.news(incident.Monitoring, "it is good again", parts[:2]...)
	letGo()
	k.deliveredAll(3)
	k.pass(30 * time.Second)
	k.pass(31 * time.Second)
	k.deliveredAll(5)
	if got := k.subjects(s.Address); !slices.Equal(got, []string{"[acme] 3 incidents|3 incidents", "[acme] 2 incidents|2 incidents"}) {
		t.Errorf("%q", got)
	}
}

// record keeps what is logged.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps it.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func TestNothingTellsAddressesOrTokens(t *testing.T) {
	k := newPostKit(t, notifytest.MailOptions{})
	var log record
	k.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	k.reader("en", nil)
	k.chat("-100")
	k.post.bots.Bot(botToken, "-100", "-200")
	k.start()
	defer k.stop()
	tell := func() {
		k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
		k.pass(time.Hour)
	}
	for n, act := range []notifytest.MailAct{
		{Reply: refusal(451, 4, 7, 1)}, {Reply: refusal(552, 5, 2, 2)}, {Reply: refusal(550, 5, 7, 1)}, {Drop: true}, {Reply: refusal(550, 5, 1, 1)}, {},
	} {
		for _, at := range []notifytest.MailStage{notifytest.AtMail, notifytest.AtRcpt, notifytest.AtDot} {
			k.post.server.On(func(stage notifytest.MailStage, _ string) notifytest.MailAct {
				if stage == at {
					return act
				}
				return notifytest.MailAct{}
			})
			said := k.post.server.Said(at)
			tell()
			k.courier.Try(model.Email)
			k.until(fmt.Sprintf("it is tried: %d %s", n, at), func() bool { k.pass(time.Minute); return k.post.server.Said(at) > said })
		}
	}
	for chat, fate := range map[string]notifytest.BotFate{"-100": notifytest.BotMoved(-200), "-200": notifytest.BotMayNotWrite} {
		asked := k.post.bots.Asked()
		k.post.bots.Fate(botToken, chat, fate)
		tell()
		k.until("the bot is asked", func() bool { k.pass(time.Minute); return k.post.bots.Asked() > asked })
	}
	k.until("nothing waits", func() bool { k.pass(time.Hour); return k.states()[model.Waiting] == 0 })
	storetest.Read(t, k.store, func(v store.View) error {
		rows, err := v.In(k.world.Page.Workspace).Deliveries(bg, k.world.Page.ID, store.DeliveryFilter{}, store.After{}, 1000)
		for _, d := range rows {
			fmt.Fprintf(&log, "%+v %s\n", d, notify.DecodeReason(d.Reason))
		}
		return err
	})
	for _, c := range k.courier.Channels() {
		fmt.Fprintf(&log, "%+v\n", c)
	}
	fmt.Fprintf(&log, "%+v", k.post.mails.Trouble())
	if text := log.String(); strings.Contains(text, "canary") || strings.Contains(text, "4711:") || !strings.Contains(text, "delivery") {
		i := max(strings.Index(text, "canary"), strings.Index(text, "4711:"), 0)
		t.Errorf("…%s…", text[max(0, i-200):min(len(text), i+100)])
	}
}
