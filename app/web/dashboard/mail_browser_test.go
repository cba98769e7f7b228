package dashboard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/notify/notifytest"
)

// TestAnAdminSetsMailUpAndHearsWhenItBreaks walks from no mail server to one that works, breaks and is mended.
func TestAnAdminSetsMailUpAndHearsWhenItBreaks(t *testing.T) {
	st := newStageWith(t, extra{letters: true}, "API")
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	st.must(st.app.SetBaseURL(t.Context(), st.by, publicURL))
	tab := st.browser("owner@example.org")
	tab.Watch(policyRefusals)
	tab.Open(st.url + st.path("/subscribers"))
	tab.Click(".notice a")
	tab.Wait(`document.querySelector("#f-host") !== null`)
	tab.Type("#f-host", server.Host)
	browsertest.Eval[bool](tab, `document.querySelector("#f-port").value = "`+strconv.Itoa(server.Port)+`", document.querySelector("#f-tls").value = "none", true`)
	tab.Type("#f-password", "typed and kept")
	tab.Type("#f-from", "status@example.org")
	tab.Click(`button[value="test"]`)
	tab.Wait(`document.querySelector("#f-user-error") !== null`) // a password without a user
	tab.Wait(`document.querySelector("#f-password").value === "typed and kept"`)
	browsertest.Eval[bool](tab, `document.querySelector("#f-password").value = "", true`)
	tab.Click(`button[value="test"]`)
	tab.Wait(`document.querySelector("[data-trial] q")?.textContent.startsWith("250 ")`)
	judge(t, tab, "the answer to a test mail")
	tab.Click(".form-actions button")
	tab.Wait(`document.querySelector(".toast") !== null`)

	st.list("reader@example.org")
	server.Refuse(notifytest.AtMail, errSender)
	tab.Open(st.url + st.path(""))
	tab.Wait(`document.querySelector(".channels").hidden`)
	st.opened()
	tab.Wait(`document.querySelector(".channels q")?.textContent.includes("not allowed here")`) // without being asked again
	judge(t, tab, "the overview while mail is broken")
	server.On(nil)
	tab.Open(st.url + "/d/instance/mail")
	tab.Wait(`document.querySelector(".channels q") !== null`)
	tab.Click(".form-actions button")
	tab.Wait(`document.querySelector(".toast") !== null`)
	tab.Open(st.url + st.path(""))
	tab.Wait(`document.querySelector(".channels").hidden`)
	if server.Count() != 2 {
		t.Errorf("%d mails were taken, not the test and the news", server.Count())
	}
}

func TestTheScreensOfMailForEverybody(t *testing.T) {
	st, server, a := mailed(t)
	st.list("somebody.with.a.very.long.name.indeed@a-very-long-host-name.of-a-company.example.org", "ayse.demir@ornek.example")
	st.hook(st.page, "http://127.0.0.1:1024/hook", nil)
	server.Refuse(notifytest.AtMail, errSender)
	i := st.opened()
	st.eventually(func() bool { return strings.Contains(a.get(st.path("")).body, "Email does not go out") })
	folder := os.Getenv("STATUSD_SCREENS")
	tab := st.browser("owner@example.org")
	tab.Watch(policyRefusals)
	for _, lang := range []string{"en", "tr"} {
		st.must(st.app.SetLanguage(t.Context(), st.user("owner@example.org"), lang))
		for name, look := range map[string]browsertest.Look{
			"wide": {Width: 1280, Height: 900, Dark: lang == "tr"}, "phone": {Width: 390, Height: 844, Touch: true, Dark: lang == "en"},
		} {
			if folder == "" && name == "wide" {
				continue // seen where pictures are taken; what is wrong shows on a phone first
			}
			tab.As(look)
			show := func(screen string) {
				judge(t, tab, fmt.Sprintf("%s in %s, %s", screen, lang, name))
				if folder != "" {
					tab.Shot(filepath.Join(folder, fmt.Sprintf("m-%s-%s-%s.png", screen, lang, name)))
				}
			}
			for screen, path := range map[string]string{
				"mail": "/d/instance/mail", "subscribers": st.path("/subscribers"), "import": st.path("/subscribers/import"), "overview": st.path(""),
				"incident": st.incidentPath(i.ID, ""), "deliveries": st.path("/subscribers/deliveries"),
			} {
				tab.Open(st.url + path)
				show(screen)
			}
			tab.Open(st.url + "/d/instance/mail")
			tab.Click(`button[value="test"]`)
			tab.Wait(`document.querySelector("[data-trial] q") !== null`)
			show("mail-failed")
			tab.Open(st.url + st.path("/subscribers/import"))
			tab.Type("#f-list", "reader@example.org\n<nobody>\nnone of them")
			tab.Type("#f-consent", "Form of May")
			tab.Click(".form-actions button")
			tab.Wait(`document.querySelector(".refused") !== null`)
			show("imported")
			tab.Open(st.url + st.path("/subscribers/person"))
			tab.Type("#f-address", "reader@example.org")
			tab.Click("main form button")
			tab.Wait(`document.querySelector("details.second-press") !== null`)
			tab.Click("main details.second-press summary")
			show("person")
		}
	}
}

func TestAnEditorImportsAndErasesWithoutScripts(t *testing.T) {
	st := newStage(t, "API")
	tab := st.browser("editor@example.org")
	tab.NoScript(true)
	tab.Open(st.url + st.path("/subscribers"))
	tab.Click(`a[href$="/import"]`)
	tab.Type("#f-list", "reader@example.org")
	tab.Type("#f-consent", "Form of May")
	tab.Click(".form-actions button")
	tab.Wait(`document.querySelector("#report") !== null`)
	if list := st.subscribers(); len(list) != 1 || list[0].State != model.Active {
		t.Errorf("%d subscribers", len(list))
	}
	tab.Open(st.url + st.path("/subscribers/person"))
	tab.Type("#f-address", "reader@example.org")
	tab.Click("main form button")
	tab.Wait(`document.querySelector("main details.second-press") !== null`)
	tab.Click("main details.second-press summary")
	tab.Click("main details.second-press button")
	tab.Wait(`document.querySelector(".toast") !== null`)
	if n := len(st.subscribers()); n != 0 {
		t.Errorf("%d subscribers", n)
	}
}
