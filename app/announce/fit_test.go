package announce_test

import (
	"html"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"statusd/app/announce"
	"statusd/app/incident"
	"statusd/app/model"
)

// longest are the longest texts there can be, by what they become.
var longest = map[string]string{
	"words":     strings.Repeat("çığ öşü ", 1_250),
	"one word":  strings.Repeat("ş", 10_000),
	"brackets":  strings.Repeat("<", 10_000),
	"items":     strings.Repeat("- x\n", 2_500),
	"quotes":    strings.Repeat("> ", 4_999) + "x",
	"emphasis":  strings.Repeat("*a* ", 2_500),
	"links":     strings.Repeat("[a](https://e.example/b) ", 400),
	"code":      "```\n" + strings.Repeat("&&&&&&&&&\n", 990),
	"table":     "a|b\n-|-\n" + strings.Repeat("c|d\n", 2_490),
	"emoji":     strings.Repeat("🧯", 10_000),
	"paragraph": strings.Repeat("a\n\n", 3_300),
}

func longTold(t *testing.T, h *announce.Herald, body string) announce.Told {
	t.Helper()
	page := examplePage()
	page.Branding.DisplayName = strings.Repeat(`"`, 80)
	both := model.Text{"en": body}
	u := exampleUpdate(1, incident.Identified, 0)
	u.Body = both
	i := exampleIncident()
	i.Title = model.Text{"en": strings.Repeat(`"`, 200)}
	e, err := h.Incident(page, i, u, noon)
	if err != nil {
		t.Fatal(err)
	}
	told := announce.Told{Event: e, Page: page, Links: exampleLinks(), Lang: "en"}
	for range 100 {
		told.Affected, told.Earlier = append(told.Affected, strings.Repeat(`"`, 80)), append(told.Earlier, u)
	}
	return told
}

func TestLettersStaySmallAndSayWhereTheRestIs(t *testing.T) {
	h := newHerald(t)
	for name, body := range longest {
		l, err := h.Mail(longTold(t, h, body))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes of HTML, %d of text", name, len(l.HTML), len(l.Text))
		if len(l.HTML) > 30<<10 || len(l.Text) > 30<<10 {
			t.Errorf("%s: %d bytes of HTML, %d of text", name, len(l.HTML), len(l.Text))
		}
		if len(l.HTML) < 8<<10 {
			t.Errorf("%s: only %d bytes are left", name, len(l.HTML))
		}
		for part, text := range map[string]string{"HTML": l.HTML, "text": l.Text} {
			if !strings.Contains(text, "Read all of it") || !utf8.ValidString(text) || !strings.Contains(text, "96 more on the page") ||
				!strings.Contains(html.UnescapeString(text), exampleLinks().Unsubscribe) {
				t.Errorf("%s: the end of the %s is missing", name, part)
			}
		}
		for _, o := range objections(l.HTML) {
			t.Errorf("%s: %s", name, o)
		}
	}
}

func TestMessagesKeepTheirEndWithinTelegramsLimit(t *testing.T) {
	h := newHerald(t)
	for name, body := range longest {
		message, err := h.Chat(longTold(t, h, body))
		if err != nil {
			t.Fatal(err)
		}
		plain := html.UnescapeString(chatTag.ReplaceAllString(message, ""))
		if n := len(utf16.Encode([]rune(plain))); n > 4096 || len(message) > 32<<10 {
			t.Errorf("%s: %d units, %d bytes", name, n, len(message))
		}
		whole := name == "quotes" // of which a chat shows one
		if !strings.HasSuffix(message, "</a>") || !whole && !strings.Contains(message, ">Read all of it</a>") || !strings.Contains(message, ">Unsubscribe</a>") {
			t.Errorf("%s: the links are missing: %s", name, message[max(0, len(message)-300):])
		}
	}
}

func TestALongStormIsCutAndCounted(t *testing.T) {
	h := newHerald(t)
	list := storm(t, h, 300, "en")
	l, err := h.Digest(list)
	if err != nil {
		t.Fatal(err)
	}
	message, err := h.ChatDigest(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.HTML) > 30<<10 || !strings.Contains(l.HTML, "more on the page") || !strings.Contains(l.Text, "more on the page") || !strings.Contains(l.Subject, "300 incidents") {
		t.Errorf("%q, %d bytes", l.Subject, len(l.HTML))
	}
	if n := len(utf16.Encode([]rune(chatTag.ReplaceAllString(message, "")))); n > 4096 || !strings.Contains(message, "more on the page") {
		t.Errorf("%d units:\n%s", n, message)
	}
}
