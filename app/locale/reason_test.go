package locale_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/probe"
)

const reasonFamily = "probe."

// examples are a reason of every code, the second of them behind a redirect.
func examples() (out []probe.Reason) {
	for _, code := range probe.Codes() {
		if code == probe.Redirected {
			continue
		}
		r := probe.Reason{Code: code}
		for i := range strings.Count(probe.English(code), "{") {
			arg := "{{.B}} <" + strconv.Itoa(i) + "> {1}"
			if r.Measured() {
				arg = strconv.Itoa(i) + ".5 s"
			}
			r.Args = append(r.Args, arg)
		}
		after := r
		after.After = "a|b>.example"
		out = append(out, r, after)
	}
	return out
}

func TestTheLocaleFilesEnglishIsThatOfTheProbe(t *testing.T) {
	en := load(t).Words("en")
	for _, r := range examples() {
		if got, want := en.Reason(r.Encode()), r.String(); got != want {
			t.Errorf("%s reads %q, and the probe says %q", r.Encode(), got, want)
		}
	}
}

func TestReasonsKeepTheirArgumentsInEveryLanguage(t *testing.T) {
	b := load(t)
	b.Missing = func(lang, key string, err error) { t.Errorf("%s: %s: %v", lang, key, err) }
	for _, lang := range b.Languages() {
		for _, r := range examples() {
			got := b.Words(lang).Reason(r.Encode())
			for _, arg := range append(slices.Clone(r.Args), r.After) {
				if !r.Measured() && !strings.Contains(got, arg) {
					t.Errorf("%s: %q of %s is not in %q", lang, arg, r.Encode(), got)
				}
			}
		}
	}
}

func TestEveryReasonHasWordsAndEveryWordAReason(t *testing.T) {
	codes := probe.Codes()
	for key, placeholders := range messages(t, "en") {
		code, ok := strings.CutPrefix(key, reasonFamily)
		if !ok {
			continue
		}
		if !slices.Contains(codes, code) {
			t.Errorf("no probe says %q", key)
		}
		for _, name := range placeholders {
			if len(name) != 1 || int(name[0]-'A') >= strings.Count(probe.English(code), "{") {
				t.Errorf("%q has %s, which the code does not pass", key, name)
			}
		}
	}
	for _, code := range codes {
		for _, lang := range load(t).Languages() {
			if _, ok := messages(t, lang)[reasonFamily+code]; !ok {
				t.Errorf("locale %s lacks %q", lang, reasonFamily+code)
			}
		}
	}
}

func TestReasonsInTurkish(t *testing.T) {
	tr := load(t).Words("tr")
	got, want := map[string]string{}, map[string]string{
		"":                       "",
		"status|503|200-299":     "durum 503, beklenen 200-299",
		"no_answer|10 s|40 ms":   "10 sn içinde yanıt yok (bağlantı süresi: 40 ms)",
		"no_answer|1.5 s|0 ms":   "1,5 sn içinde yanıt yok (bağlantı süresi: 0 ms)",
		"tls_expired|5 h":        "TLS sertifikasının süresi 5 sa önce doldu",
		"tls_expired|7 min":      "TLS sertifikasının süresi 7 dk önce doldu",
		"tls_expired_days|3":     "TLS sertifikasının süresi 3 gün önce doldu",
		"body_cut|1024 bytes":    "yanıt 1024 bayt sonra kesildi",
		"body_cut|1 parsec":      "yanıt 1 parsec sonra kesildi",
		"body_lacks|10 s":        "gövdede aranan metin yok: “10 s”",
		"reset>b.example":        "yönlendirilen adres: b.example; sunucu bağlantıyı sıfırladı",
		"connection refused":     "connection refused",
		"code_of_a_later|1|\\|>": "code_of_a_later|1|\\|>",
		"status|503":             "status|503",
	}
	for stored := range want {
		got[stored] = tr.Reason(stored)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzReason words what a database may hold.
func FuzzReason(f *testing.F) {
	b := load(f)
	for _, r := range examples() {
		f.Add(r.Encode())
	}
	f.Add("refused|80|81")
	f.Add("\\")
	f.Fuzz(func(t *testing.T, stored string) {
		b.Missing = func(lang, key string, err error) { t.Errorf("%s: %s of %q: %v", lang, key, stored, err) }
		if got := b.Words("en").Reason(stored); got != probe.Sentence(stored) {
			t.Errorf("%q reads %q and %q", stored, got, probe.Sentence(stored))
		}
		b.Words("tr").Reason(stored)
	})
}
