package dashboard

import (
	"os"
	"slices"
	"testing"

	"statusd/app/locale"
)

func visitIn(t testing.TB, lang string) *visit {
	t.Helper()
	words, err := locale.Load(os.DirFS("../../../assets"))
	if err != nil {
		t.Fatal(err)
	}
	return &visit{words: words.Words(lang)}
}

func TestBrowsersAreNamedInPlainWords(t *testing.T) {
	v := visitIn(t, "en")
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                      "Safari on macOS",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                      "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1":     "Chrome on iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                     "Firefox on Linux",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"curl/8.15.0": "curl",
		"":            "Unknown browser",
		"\x00😀":       "Unknown browser",
	} {
		if got := v.device(agent); got != want {
			t.Errorf("%q is named %q, wanted %q", agent, got, want)
		}
	}
}

func FuzzNothingOfAnAgentIsRepeated(f *testing.F) {
	v := visitIn(f, "tr")
	known := []string{v.t("session.unknown")}
	for _, b := range browserMarks {
		known = append(known, b.name)
		for _, s := range systemMarks {
			known = append(known, s.name, v.t("session.device", "Browser", b.name, "System", s.name))
		}
	}
	f.Add("Mozilla/5.0 (X11; Linux) Firefox/1 <b>")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, agent string) {
		if got := v.device(agent); !slices.Contains(known, got) {
			t.Errorf("%q is named %q", agent, got)
		}
	})
}
