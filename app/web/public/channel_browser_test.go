package public_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/notify/notifytest"
)

// A person asks by mail in the dialog, confirms by the link in the mail, is told, changes what about, and leaves by one click of the
// mail program: in both languages.
func TestSomebodySubscribesByMailAndLeavesByOneClick(t *testing.T) {
	for lang, words := range map[string]struct{ sent, confirm, done, saved string }{
		"en": {"Check your mail", "Confirm your subscription", "You are subscribed", "Your changes are saved."},
		"tr": {"E-postanıza bakın", "Aboneliğinizi onaylayın", "Aboneliğiniz başladı", "Değişiklikleriniz kaydedildi."},
	} {
		t.Run(lang, func(t *testing.T) {
			e := newEquipped(t)
			tab, at := e.open(refusals)
			heading := func(text string) { tab.Wait(fmt.Sprintf(`document.querySelector("h1")?.textContent === %q`, text)) }
			tab.Open(at + "/p/harbourline?lang=" + lang)
			tab.Click("[data-subscribe]")
			tab.Wait(`document.querySelector("dialog[open] [value=email]:checked") === document.activeElement`)
			tab.Type("#f-email", "mara.lind")
			tab.Click("dialog [type=submit]")
			tab.Wait(`document.querySelector("dialog .form-errors") === document.activeElement`)
			tab.Type("#f-email", "mara.lind@papertrail.example")
			tab.Click("dialog [type=submit]")
			tab.Wait(fmt.Sprintf(`document.querySelector("dialog h2").textContent === %q`, words.sent))

			letter := e.letter(1)
			tab.Open(at + "/p/harbourline" + link(t, letter, "/confirm") + "&lang=" + lang)
			heading(words.confirm)
			tab.Click("main [type=submit]")
			heading(words.done)
			tab.Click("main a[href*=preferences]")
			tab.Wait(`document.querySelector("main .leave") !== null`)
			tab.Click("[value=incidents]")
			tab.Click(".subscribe [type=submit]")
			tab.Wait(fmt.Sprintf(`document.querySelector("[role=status]")?.textContent === %q`, words.saved))
			if s := e.subscribers()[0]; s.State != model.Active || s.Topic != model.TopicIncidents || s.Locale != lang {
				t.Errorf("got %+v", s)
			}
			if refused := browsertest.Eval[string](tab, `refused.join()`); refused != "" {
				t.Errorf("the policy refused %s", refused)
			}

			e.happens("Slow")
			leave := link(t, e.letter(2), "/unsubscribe")
			answer, err := http.PostForm(at+"/p/harbourline"+leave, url.Values{"List-Unsubscribe": {"One-Click"}})
			e.must(err)
			_ = answer.Body.Close()
			if n := len(e.subscribers()); answer.StatusCode != 200 || n != 0 {
				t.Errorf("one click: %d, %d subscribers", answer.StatusCode, n)
			}
		})
	}
}

func TestSomebodySubscribesAChat(t *testing.T) {
	e := newEquipped(t)
	e.bots.Fate(botToken, chatID, notifytest.BotNotStarted)
	tab, at := e.open(refusals)
	tab.Open(at + "/p/harbourline?lang=tr")
	tab.Click("[data-subscribe]")
	tab.Wait(`document.querySelector("dialog[open] :checked") === document.activeElement`)
	tab.Click("dialog [value=telegram]")
	if got := browsertest.Eval[string](tab, `[...document.querySelectorAll("dialog input.input")].filter((i) => i.checkVisibility()).map((i) => i.name).join()`); got != "telegramChatId,telegramBotToken" {
		t.Errorf("shown: %s", got)
	}
	tab.Type("#f-telegramChatId", chatID)
	tab.Type("#f-telegramBotToken", botToken)
	tab.Click("dialog [type=submit]")
	tab.Wait(`document.querySelector("dialog #f-telegramChatId-error")?.textContent.includes("can't initiate conversation")`)
	e.bots.Fate(botToken, chatID, notifytest.BotFate{}) // /start was sent
	tab.Click("dialog [type=submit]")                   // and the token need not be found again
	tab.Wait(`document.querySelector("dialog h2").textContent === "Aboneliğiniz başladı"`)
	e.happens("Slow")
	e.sends(2)
	tab.Click("dialog a[href*=preferences]")
	tab.Wait(`document.querySelector("main .lead")?.textContent.includes("…234")`)
	tab.Click(".leave [type=submit]")
	tab.Wait(`document.querySelector("h1").textContent === "Aboneliğiniz sona erdi"`)
	if n := len(e.subscribers()); n != 0 {
		t.Errorf("%d subscribers", n)
	}
	if refused := browsertest.Eval[string](tab, `refused.join()`); refused != "" {
		t.Errorf("the policy refused %s", refused)
	}
}

func TestSubscribersScreensAreAccessible(t *testing.T) {
	e := newEquipped(t)
	hook, byMail := e.subscribed(url.Values{"topic": {"incidents"}}), e.confirmed("mara.lind@papertrail.example")
	says(t, e.post("/p/harbourline/subscribe", url.Values{"type": {"email"}, "email": {"jo@papertrail.example"}, "topic": {"all"}}), 200)
	confirm := link(t, e.letter(2), "/confirm")
	tab, at := e.open(refusals)
	look := looker(t, tab)
	for name, how := range looks {
		tab.As(how)
		for _, lang := range []string{"en", "tr"} {
			if halved(name, lang) {
				continue
			}
			page := func(rest string) string { return at + "/p/harbourline" + rest + "lang=" + lang }
			for screen, address := range map[string]string{
				"page": page("?"), "subscribe": page("/subscribe?"), "preferences": page("/preferences?token=" + hook + "&"), "preferences-mail": page("/preferences" + byMail + "&"),
				"unsubscribe": page("/unsubscribe" + byMail + "&"), "unknown": page("/preferences?token=x&"), "confirm": page(confirm + "&"), "confirmed": page("/confirm" + byMail + "&"),
				"unconfirmed": page("/preferences" + confirm[len("/confirm"):] + "&"), "link-over": page("/confirm?token=x&"),
			} {
				tab.Open(address)
				look(screen, lang, name)
			}
			e.looksAtDialog(tab, page("?"), func(screen string) { look(screen, lang, name) })
		}
	}
}

// looksAtDialog walks through the dialog.
func (e equipped) looksAtDialog(tab *browsertest.Tab, page string, look func(screen string)) {
	e.t.Helper()
	tab.Open(page)
	tab.Click("[data-subscribe]")
	tab.Wait(`document.querySelector("dialog[open] :checked") === document.activeElement`)
	look("dialog")
	for _, channel := range []string{"telegram", "webhook"} {
		tab.Click("dialog [value=" + channel + "]")
		browsertest.Eval[bool](tab, `document.querySelector("dialog details").open = true`)
		look("dialog-" + channel)
	}
	tab.Click("dialog [value=telegram]")
	tab.Type("#f-telegramChatId", "481516235")
	tab.Type("#f-telegramBotToken", botToken)
	tab.Click("dialog [type=submit]")
	tab.Wait(`document.querySelector("dialog .form-errors") !== null`)
	look("dialog-refused")
	tab.Click("dialog [value=email]")
	tab.Type("#f-email", "mara.lind@papertrail.example")
	tab.Click("dialog [type=submit]")
	tab.Wait(`document.querySelector("dialog form") === null`)
	look("dialog-mail")
	tab.Open(page)
	tab.Click("[data-subscribe]")
	tab.Wait(`document.querySelector("dialog[open] :checked") === document.activeElement`)
	tab.Click("dialog [value=webhook]")
	tab.Type("#f-webhookUrl", fmt.Sprintf("http://127.0.0.1:1024/%d", len(e.subscribers())))
	tab.Click("dialog [type=submit]")
	tab.Wait(`document.querySelector("dialog code") !== null`)
	look("dialog-done")
}

// looker checks a screen as it stands, and photographs it when asked to.
func looker(t *testing.T, tab *browsertest.Tab) func(screen, lang, name string) {
	folder := os.Getenv("STATUSD_SCREENS")
	return func(screen, lang, name string) {
		t.Helper()
		for _, line := range tab.Axe() {
			t.Errorf("%s in %s, %s: %s", screen, lang, name, line)
		}
		if n := tab.Overflow(); n > 0 {
			t.Errorf("%s in %s, %s scrolls %d px sideways", screen, lang, name, n)
		}
		if got := browsertest.Eval[string](tab, `refused.join()`); got != "" {
			t.Errorf("%s: the policy refused %s", screen, got)
		}
		if folder != "" {
			tab.Shot(filepath.Join(folder, fmt.Sprintf("%s-%s-%s.png", screen, lang, name)))
		}
	}
}
