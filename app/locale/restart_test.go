package locale_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/probe/restart"
)

const restartFamily = "restart."

// callExamples are a reason of every code of a call of a restart target.
func callExamples() (out []restart.Reason) {
	for _, code := range restart.Codes() {
		r := restart.Reason{Code: code}
		for i := range strings.Count(code.English(), "{") {
			arg := "{{.B}} <" + strconv.Itoa(i) + "> {1}"
			if r.Measured() {
				arg = strconv.Itoa(i) + ".5 s"
			}
			r.Args = append(r.Args, arg)
		}
		out = append(out, r)
	}
	return out
}

func TestTheWordsOfRestartsAreThoseOfTheCode(t *testing.T) {
	b := load(t)
	b.Missing = func(lang, key string, err error) { t.Errorf("%s: %s: %v", lang, key, err) }
	en := b.Words("en")
	for _, r := range callExamples() {
		if got, want := en.Restart(r.Encode()), r.String(); got != want {
			t.Errorf("%s reads %q, and a call says %q", r.Encode(), got, want)
		}
		for _, lang := range b.Languages() {
			got := b.Words(lang).Restart(r.Encode())
			for _, arg := range r.Args {
				if !r.Measured() && !strings.Contains(got, arg) {
					t.Errorf("%s: %q of %s is not in %q", lang, arg, r.Encode(), got)
				}
			}
		}
	}
}

func TestEveryReasonOfARestartHasWordsAndEveryWordAReason(t *testing.T) {
	codes := restart.Codes()
	for _, lang := range load(t).Languages() {
		known := messages(t, lang)
		for key := range known {
			if code, ok := strings.CutPrefix(key, restartFamily); ok && !slices.Contains(codes, restart.Code(code)) {
				t.Errorf("%s: no call says %q", lang, key)
			}
		}
		for _, code := range codes {
			if _, ok := known[restartFamily+string(code)]; !ok {
				t.Errorf("locale %s lacks %q", lang, restartFamily+string(code))
			}
		}
	}
}

func TestRestartsInTurkish(t *testing.T) {
	b := load(t)
	tr := b.Words("tr")
	got, want := map[string]string{}, map[string]string{
		"":                          "",
		"ssh_exit|3":                "komut 3 çıkış koduyla bitti",
		"ssh_timeout|1.5 s":         "komut 1,5 sn içinde bitmedi; sunucuda çalışmayı sürdürüyor olabilir",
		"refused|127.0.0.1:22":      "bağlantı reddedildi (bu portu dinleyen yok: 127.0.0.1:22)",
		"status|503|200-299":        "durum 503, beklenen 200-299",
		"code_of_a_later|1|\\|>":    "code_of_a_later|1|\\|>",
		"ssh_exit":                  "ssh_exit",
		"command was not completed": "command was not completed",
	}
	for stored := range want {
		got[stored] = tr.Restart(stored)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	problem := tr.Invalid("key", map[string]any{"Reason": restart.Because(restart.PassphraseNeeded)})
	if problem != "Bu kullanılamaz: bu anahtar şifreli: parolası gerekli." {
		t.Error(problem)
	}
}

// FuzzRestart words what a database may hold.
func FuzzRestart(f *testing.F) {
	b := load(f)
	for _, r := range callExamples() {
		f.Add(r.Encode())
	}
	f.Fuzz(func(t *testing.T, stored string) {
		b.Missing = func(lang, key string, err error) { t.Errorf("%s: %s of %q: %v", lang, key, stored, err) }
		b.Words("en").Restart(stored)
		b.Words("tr").Restart(stored)
	})
}
