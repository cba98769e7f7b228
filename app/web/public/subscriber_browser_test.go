package public_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// open serves the stand and opens a tab.
func (s *stand) open(watch ...string) (*browsertest.Tab, string) {
	s.t.Helper()
	server := httptest.NewServer(s.site)
	s.t.Cleanup(server.Close)
	tab := browsertest.New(s.t)
	for _, script := range watch {
		tab.Watch(script)
	}
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	return tab, server.URL
}

// receiver is a webhook that takes everything, and hands it on.
func receiver(t *testing.T) (address string, got chan received) {
	got = make(chan received, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r.Header.Get("X-Sentroy-Signature"), r.Header.Get("X-Sentroy-Event"), body}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook", got
}

type received struct {
	signature, event string
	body             []byte
}

func (r received) signedWith(secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(r.body)
	return r.signature == "sha256="+hex.EncodeToString(mac.Sum(nil))
}

// happens opens an incident.
func (s *stand) happens(title string) {
	s.t.Helper()
	_, err := s.app.CreateIncident(s.t.Context(), s.by, s.page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Impact, d.Body, d.Status, d.Notify = model.Text{"en": title}, incident.Minor, model.Text{"en": title}, incident.Investigating, true
		return nil
	})
	s.must(err)
}

// A person subscribes in the dialog, is told, changes what about, and leaves: in both languages.
func TestSomebodySubscribesIsToldAndLeaves(t *testing.T) {
	for lang, words := range map[string]struct{ done, saved, ended string }{
		"en": {"You are subscribed", "Your changes are saved.", "You are unsubscribed"},
		"tr": {"Aboneliğiniz başladı", "Değişiklikleriniz kaydedildi.", "Aboneliğiniz sona erdi"},
	} {
		t.Run(lang, func(t *testing.T) {
			s := newStand(t)
			tab, at := s.open(refusals)
			hook, got := receiver(t)
			tab.Open(at + "/p/harbourline?lang=" + lang)
			tab.Click("[data-subscribe]")
			tab.Wait(`document.querySelector("dialog[open] [value=telegram]:checked") === document.activeElement`)
			tab.Click("dialog [value=webhook]")
			tab.Type("#f-webhookUrl", "http://10.0.0.1/hook")
			tab.Click("dialog [type=submit]")
			tab.Wait(`document.querySelector("dialog .form-errors") === document.activeElement`)
			tab.Type("#f-webhookUrl", hook)
			tab.Click("dialog [type=submit]")
			tab.Wait(fmt.Sprintf(`document.querySelector("dialog h2").textContent === %q`, words.done))
			secret := browsertest.Eval[string](tab, `document.querySelector("dialog code").textContent`)
			s.happens("Slow")
			if one := arrives(t, got); !one.signedWith(secret) || one.event != "incident.updated" {
				t.Errorf("what is shown as the secret does not verify %s of %q", one.signature, one.body)
			}
			if refused := browsertest.Eval[string](tab, `refused.join()`); refused != "" {
				t.Errorf("the policy refused %s", refused)
			}

			tab.Click("dialog a[href*=preferences]")
			tab.Wait(`document.querySelector("main .leave") !== null`)
			tab.Click("[value=maintenance]")
			tab.Click(".subscribe [type=submit]")
			tab.Wait(fmt.Sprintf(`document.querySelector("[role=status]").textContent === %q`, words.saved))
			if topic := s.subscribers()[0].Topic; topic != model.TopicMaintenance {
				t.Errorf("saved as %s", topic)
			}
			tab.Click(".leave [type=submit]")
			tab.Wait(fmt.Sprintf(`document.querySelector("h1").textContent === %q`, words.ended))
			if n := len(s.subscribers()); n != 0 {
				t.Errorf("%d subscribers", n)
			}
			s.happens("Slow again")
			select {
			case one := <-got:
				t.Errorf("told of %s after the end", one.body)
			default:
			}
		})
	}
}

func arrives(t *testing.T, got chan received) received {
	t.Helper()
	select {
	case one := <-got:
		return one
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrives")
		return received{}
	}
}

func TestSubscribingNeedsNoScripts(t *testing.T) {
	s := newStand(t)
	tab, at := s.open()
	tab.NoScript(true)
	tab.Open(at + "/p/harbourline")
	tab.Click("[data-subscribe]")
	tab.Wait(`location.pathname === "/p/harbourline/subscribe" && document.querySelector("#f-webhookUrl") !== null`)
	tab.Click("[value=webhook]")
	tab.Type("#f-webhookUrl", "http://127.0.0.1:1024/hook")
	tab.Click("[type=submit]")
	tab.Wait(`document.querySelector("h1").textContent === "You are subscribed"`)
	if !browsertest.Eval[bool](tab, `[...document.querySelectorAll("[data-copy]")].every((b) => b.hidden)`) {
		t.Error("there are buttons that do nothing")
	}
}

func TestAnOpenDialogSurvivesARefreshAndIsLeftByEscape(t *testing.T) {
	s := newStand(t)
	tab, at := s.open(hurry, `window.loads = 1`)
	tab.Open(at + "/p/harbourline")
	tab.Click("[data-subscribe]")
	tab.Wait(`document.querySelector("dialog[open] :checked") === document.activeElement`)
	browsertest.Eval[bool](tab, `window.mine = true`)
	c := s.component("New")
	tab.Wait(fmt.Sprintf(`document.querySelector("#c-%s") !== null`, c.ID)) // the page behind it has refreshed itself
	if !browsertest.Eval[bool](tab, `window.mine && document.querySelector("dialog[open]") !== null`) {
		t.Fatal("the page was loaded anew under the dialog")
	}
	tab.Press("\x1b")
	tab.Wait(`document.querySelector("dialog") === null && document.activeElement.matches("[data-subscribe]")`)
}
