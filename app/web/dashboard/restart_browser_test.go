package dashboard_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// TestATargetIsMadeAndBoundInABrowser goes from the empty tab through both forms to a check that is bound.
func TestATargetIsMadeAndBoundInABrowser(t *testing.T) {
	st := newStageWith(t, extra{minInterval: time.Second, grace: -1}, "API")
	tab := st.browser("editor@example.org")
	tab.Watch(policyRefusals)
	tab.Open(st.url + st.path(""))
	tab.Click(`.tabs a[href$="/restart-targets"]`)
	tab.Wait(`document.querySelector(".empty")`)
	judge(t, tab, "the empty tab")
	tab.Click(`.empty a`)
	tab.Wait(`document.querySelector("a[href$='type=http']")`)
	judge(t, tab, "the choice of a type")
	tab.Click(`a[href$="type=http"]`)
	tab.Wait(`document.activeElement.name === "name"`)
	tab.Type(`[name="name"]`, "Deploy hook")
	tab.Type(`[name="url"]`, "127.0.0.1:9/restart")
	tab.Type(`[name="authHeaderName"]`, "Authorization")
	tab.Type(`[name="authHeaderValue"]`, "Bearer canary")
	tab.Click(`.form-actions button`)
	tab.Wait(`document.querySelector("#f-url-error")`)
	if kept := browsertest.Eval[string](tab, `document.querySelector("[name=authHeaderValue]").value`); kept != "Bearer canary" {
		t.Errorf("the secret that was typed is %q after a mistake elsewhere", kept)
	}
	judge(t, tab, "the form with a mistake")
	tab.Type(`[name="url"]`, "http://127.0.0.1:9/restart")
	tab.Click(`.form-actions button`)
	tab.Wait(`document.querySelector("h1").textContent === "Deploy hook" && document.querySelector(".toast")`)
	judge(t, tab, "a target")
	r := st.targets()[0]
	if r.HTTP.AuthHeaderValue != "Bearer canary" || r.HTTP.Method != "POST" {
		t.Errorf("%+v", r.HTTP)
	}

	tab.Open(st.url + st.checkPath(0, "/edit"))
	if browsertest.Eval[bool](tab, `document.querySelector("[name='restart.threshold']").checkVisibility()`) {
		t.Error("how often counts is shown without a target")
	}
	browsertest.Eval[bool](tab, `(document.querySelector("[name='restart.targetId']").focus(), true)`)
	tab.Press(kb.ArrowDown)
	tab.Wait(`document.querySelector("[name='restart.threshold']").checkVisibility()`)
	tab.Type(`[name="restart.threshold"]`, "4")
	tab.Click(`.form-actions button`)
	tab.Wait(`document.querySelector("#fired")`)
	judge(t, tab, "a check that is bound")
	st.read()
	want := model.NewBinding(r.ID)
	want.Threshold = 4
	if st.checks[0].Restart != want {
		t.Errorf("%+v, not %+v", st.checks[0].Restart, want)
	}
	tab.Open(st.url + st.path("/restart-targets"))
	tab.Click(`.target-row a[href$="/fire"]`)
	tab.Wait(`document.querySelector("dialog[open] [data-cancel]") === document.activeElement`)
	judge(t, tab, "the question before a test")
	tab.Click(`dialog[open] button[type="submit"]`)
	tab.Wait(`document.querySelector("[id^=firing-]")`)
	judge(t, tab, "a log")

	browsertest.Eval[bool](tab, `(window.still = true)`)
	st.read()
	st.givesUp(st.checks[0], r)
	tab.Wait(`document.querySelectorAll("[id^=firing-]").length === 2 && document.querySelector("[data-live=log]").textContent.includes("gave up")`)
	if !browsertest.Eval[bool](tab, `window.still === true`) {
		t.Error("the open screen was loaded anew")
	}
}
