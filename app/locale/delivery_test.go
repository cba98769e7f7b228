package locale_test

import (
	"slices"
	"strings"
	"testing"

	"statusd/notify"
)

const deliveryFamily = "delivery.reason."

// deliveryReasons are a reason of every code, with arguments as they come.
func deliveryReasons() (out []notify.Reason) {
	for _, code := range notify.Codes() {
		r := notify.Because(code)
		for range strings.Count(code.English(), "{") {
			r.Args = append(r.Args, "503")
		}
		out = append(out, r)
	}
	return out
}

func TestTheLocaleFilesEnglishOfDeliveriesIsThatOfNotify(t *testing.T) {
	en := load(t).Words("en")
	for _, r := range deliveryReasons() {
		if got := en.Delivery(r.Encode()); got != r.String() {
			t.Errorf("%s reads %q, and notify says %q", r.Encode(), got, r)
		}
	}
}

func TestEveryReasonOfADeliveryHasWordsInEveryLanguage(t *testing.T) {
	b := load(t)
	b.Missing = func(lang, key string, err error) { t.Errorf("%s: %s: %v", lang, key, err) }
	codes := []string{"unsubscribed", "removed", "page_deleted", "unconfirmed"}
	for _, r := range deliveryReasons() {
		codes = append(codes, string(r.Code))
		for _, lang := range b.Languages() {
			if got := b.Words(lang).Delivery(r.Encode()); len(r.Args) > 0 && !strings.Contains(got, r.Args[0]) {
				t.Errorf("%s: %s reads %q, without its argument", lang, r.Encode(), got)
			}
		}
	}
	for _, lang := range b.Languages() {
		if got := b.Words(lang).Delivery("removed"); got == "removed" || got == "" {
			t.Errorf("%s: given up because it was removed reads %q", lang, got)
		}
	}
	for key := range messages(t, "en") {
		if code, ok := strings.CutPrefix(key, deliveryFamily); ok && !slices.Contains(codes, code) {
			t.Errorf("no delivery fails because of %q", key)
		}
	}
}

func TestAReasonOfAnotherVersionIsShownAsItIs(t *testing.T) {
	tr := load(t).Words("tr")
	for stored, want := range map[string]string{"": "", "no_answer|10 s": "10 sn içinde yanıt yok", "no_answer": "no_answer", "from_later|5 s": "from_later 5 s"} {
		if got := tr.Delivery(stored); got != want {
			t.Errorf("%q reads %q, not %q", stored, got, want)
		}
	}
}
