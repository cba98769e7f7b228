package dashboard_test

import (
	"testing"

	"statusd/app/web/browsertest"
)

// policyRefusals collects what the content security policy refuses.
const policyRefusals = `window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI))`

// judge holds what a tab shows against what every screen keeps: it fits, axe-core finds nothing, and the policy refuses nothing when
// the tab watches for that (policyRefusals).
func judge(t *testing.T, tab *browsertest.Tab, what string) {
	t.Helper()
	if n := tab.Overflow(); n > 0 {
		t.Errorf("%s scrolls %d px sideways", what, n)
	}
	for _, line := range tab.Spills() {
		t.Errorf("%s is too narrow for %s", what, line)
	}
	for _, line := range tab.Axe() {
		t.Errorf("%s: %s", what, line)
	}
	if got := browsertest.Eval[string](tab, `window.refused?.join() ?? ""`); got != "" {
		t.Errorf("%s: the policy refused %s", what, got)
	}
}
