package announce_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"statusd/app/announce"
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
)

// payloads are what somebody might type who wants more than to be read.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' style='background:url(//evil.example)`, `</style><style>*{display:none}`,
	"x\r\nBcc: victim@example.org", "x\nX-Header: y", "\u2028\u202e\x00\x1b[31m", `{{.Look}}`, `--><b>`, `<![endif]-->`, `javascript:alert(1)`,
	`[x](javascript:alert(1)) ![y](https://evil.example/pixel.png)`, `</b></a><a href="tg://x">`, `&lt;script&gt;`, `*a _b ~~c`, "```\n</pre>\n",
	"\xff\xfe", "شعار شركة", strings.Repeat("&\"'<>", 40),
}

// hostileTold puts a text into every field of an incident and of a window that people fill in.
func hostileTold(t testing.TB, h *announce.Herald, text string) []announce.Told {
	t.Helper()
	page := examplePage()
	page.Name, page.Branding.DisplayName, page.Branding.Tagline, page.Branding.PrimaryColor, page.TimeZone = text, text, text, text, text
	both := model.Text{"en": text, "tr": text}
	u := exampleUpdate(1, incident.Identified, 0)
	u.Body = both
	i, m := exampleIncident(), exampleWindow()
	i.Title, m.Title, m.Description = both, both, both
	e1, err := h.Incident(page, i, u, noon)
	if err != nil {
		t.Fatal(err)
	}
	e2, err := h.Maintenance(page, m, maintenance.Start, noon)
	if err != nil {
		t.Fatal(err)
	}
	told := func(e model.Event) announce.Told {
		return announce.Told{Event: e, Page: page, Affected: []string{text, text}, Earlier: []model.Update{u, u}, Links: exampleLinks(), Lang: "tr"}
	}
	return []announce.Told{told(e1), told(e2)}
}

// hostileLetters is every letter with a text in every field.
func hostileLetters(t testing.TB, h *announce.Herald, text string) (letters []announce.Letter) {
	t.Helper()
	keep := func(l announce.Letter, err error) {
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		letters = append(letters, l)
	}
	told := hostileTold(t, h, text)
	for _, t := range told {
		keep(h.Mail(t))
	}
	keep(h.Digest(told))
	keep(h.Confirmation(told[0].Page, "en", "https://status.example/confirm"))
	keep(h.AlreadySubscribed(told[0].Page, "en", "https://status.example/preferences"))
	keep(h.Invitation(text, text, "en", "https://status.example/invite", noon))
	return letters
}

var (
	elements = regexp.MustCompile(`^(html|head|meta|title|style|body|div|p|a|span|br|strong|em|del|code|pre|blockquote|ul|ol|li|hr|h[1-6]|table|thead|tbody|tr|th|td)$`)
	attrs    = regexp.MustCompile(`^(lang|charset|name|content|class|style|href|rel|aria-hidden|start)$`)
)

// objections are what must not be in a mail.
func objections(letter string) (list []string) {
	tokens := html.NewTokenizer(strings.NewReader(letter))
	styles := 0
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if styles != 1 {
				list = append(list, "not one style element")
			}
			return list
		case html.CommentToken:
			if c := string(tokens.Text()); !strings.HasPrefix(c, "[if mso]>") {
				list = append(list, "a comment: "+c)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if token.Data == "style" {
				styles++
			}
			if !elements.MatchString(token.Data) {
				list = append(list, "an element: "+token.String())
			}
			for _, a := range token.Attr {
				if !attrs.MatchString(a.Key) || a.Key == "style" && regexp.MustCompile(`(?i)url|expression|@import|var\(`).MatchString(a.Val) {
					list = append(list, "an attribute: "+token.String())
				}
				if u, err := url.Parse(a.Val); a.Key == "href" && (err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme)) {
					list = append(list, "a link: "+a.Val)
				}
			}
		}
	}
}

func checkHostile(t testing.TB, h *announce.Herald, text string) {
	t.Helper()
	for _, l := range hostileLetters(t, h, text) {
		for _, o := range objections(l.HTML) {
			t.Errorf("%q: %s", text, o)
		}
		if i := strings.IndexFunc(l.Subject, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u202e' }); i >= 0 {
			t.Errorf("%q: subject %q", text, l.Subject)
		}
		if len(text) <= 200 && len(l.HTML) > 30<<10 { // a title is no longer
			t.Errorf("%q: %d bytes of HTML", text, len(l.HTML))
		}
	}
}

func TestNothingThatPeopleTypeBecomesMarkupOrAHeader(t *testing.T) {
	h := newHerald(t)
	for _, text := range payloads {
		checkHostile(t, h, text)
	}
}

func FuzzNothingThatPeopleTypeBecomesMarkupOrAHeader(f *testing.F) {
	for _, text := range payloads {
		f.Add(text)
	}
	h := newHerald(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) <= 1000 {
			checkHostile(t, h, text)
		}
	})
}

var chatTag = regexp.MustCompile(`<(/?)(b|i|s|code|pre|blockquote|a)(?: href="[^"<>]*")?>`)

func TestNothingThatPeopleTypeBecomesMarkupInAChat(t *testing.T) {
	h := newHerald(t)
	for _, text := range payloads {
		told := hostileTold(t, h, text)
		messages := []string{h.ChatWelcome(told[0].Page, "en", exampleLinks())}
		for _, write := range []func() (string, error){
			func() (string, error) { return h.Chat(told[0]) }, func() (string, error) { return h.Chat(told[1]) }, func() (string, error) { return h.ChatDigest(told) },
		} {
			message, err := write()
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, message)
		}
		for _, message := range messages {
			var open []string
			for _, m := range chatTag.FindAllStringSubmatch(message, -1) {
				if m[1] == "" {
					open = append(open, m[2])
				} else if n := len(open) - 1; n < 0 || open[n] != m[2] {
					t.Errorf("%q: stray %s in\n%s", text, m[0], message)
				} else {
					open = open[:n]
				}
			}
			if len(open) > 0 || strings.ContainsAny(chatTag.ReplaceAllString(message, ""), "<>") || strings.Contains(message, "tg:") && strings.Contains(message, `href="tg:`) {
				t.Errorf("%q: open %v in\n%s", text, open, message)
			}
		}
	}
}
