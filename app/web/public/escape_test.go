package public_test

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/browsertest"
	"statusd/app/web/view"
)

// elements counts the elements of a document that could carry something foreign, and lists scripts and links.
func elements(t *testing.T, document string) (count map[string]int, attributes []html.Attribute) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	count = map[string]int{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			count[n.Data]++
			attributes = append(attributes, n.Attr...)
		}
	}
	return count, attributes
}

func TestWhatPeopleTypeStaysText(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, path := range []string{
		"/p/hostile", "/p/hostile?lang=tr", "/p/hostile/embed", "/p/hostile/embed?lang=tr", "/p/hostile/history", "/p/hostile/history?lang=tr",
		"/p/hostile/incidents/" + model.IncidentID(81).String(), "/p/hostile/incidents/" + model.IncidentID(82).String() + "?lang=tr", "/p/hostile/incidents/x",
	} {
		document := get(site, path).Body.String()
		count, attributes := elements(t, document)
		if count["script"] != 1 || count["img"] != 0 || count["main"] != 1 {
			t.Errorf("%s: %d scripts, %d images, %d mains", path, count["script"], count["img"], count["main"])
		}
		for _, a := range attributes {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.Contains(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s: attribute %s=%q", path, a.Key, a.Val)
			}
		}
		if !strings.Contains(document, "&lt;script&gt;") {
			t.Errorf("%s does not show the page's name", path)
		}
		if i := strings.IndexAny(document, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"); i >= 0 {
			t.Errorf("%s has a character that turns direction at %d", path, i)
		}
		rightToLeft := path == "/p/hostile" || strings.HasSuffix(path, "hostile?lang=tr")
		if opened, closed := strings.Count(document, "\u2068"), strings.Count(document, "\u2069"); opened != closed || rightToLeft && opened == 0 {
			t.Errorf("%s isolates %d times and ends %d of them", path, opened, closed)
		}
		if rightToLeft && !strings.Contains(document, "{{.Secret}}") {
			t.Errorf("%s does not show a name with braces as typed", path)
		}
	}
}

func TestBadgesAreWellFormedWhateverTheStatus(t *testing.T) {
	site := newSite(t, examples(), official)
	for slug := range examples() {
		decoder := xml.NewDecoder(strings.NewReader(get(site, "/p/"+slug+"/badge.svg?lang=tr").Body.String()))
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", slug, err)
			}
			if start, ok := token.(xml.StartElement); ok && (start.Name.Local == "script" || start.Name.Local == "image" || start.Name.Local == "foreignObject") {
				t.Errorf("%s has a <%s>", slug, start.Name.Local)
			}
		}
	}
}

// FuzzPage puts what strangers type wherever a page shows it.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "</title></main>", "\u202e{{.}}", "javascript:alert(1)", "\xff\x00", "{{", "'"} {
		f.Add(seed)
	}
	p := pages{}
	site := newSite(f, p, view.Place{})
	f.Fuzz(func(t *testing.T, text string) {
		p.put(typed(text))
		for _, path := range outputs {
			if strings.Contains(path, "feed") || strings.Contains(path, "ics") {
				continue // FuzzFeed, FuzzCalendar
			}
			if found := harm(t, get(site, path).Body.String()); found != "" {
				t.Errorf("%s has %s", path, found)
			}
		}
	})
}

// typed is a page with one text everywhere.
func typed(text string) snapshot.Facts {
	f := build(model.Page{
		Slug: "x", Name: text + "p", TimeZone: text,
		Branding: model.Branding{Tagline: text + "t", PrimaryColor: text, LogoLinkURL: text},
	},
		with(service(text, status.Down, failing(probe(text+"c", ms))), func(c *snapshot.Component) { c.Description = text + "d" }),
		in(text+"g", service(text+"n", status.Operational)),
	)
	return poisoned(text, "i"+text, f)
}

// outputs is every document of a page of typed texts.
var outputs = []string{
	"/p/x", "/p/x?lang=tr", "/p/x/embed", "/p/x/badge.svg", "/p/x/badge.svg?component=0000002", "/p/x/history", "/p/x/incidents/" + model.IncidentID(81).String(),
	"/p/x/incidents/" + model.IncidentID(83).String() + "?lang=tr", "/p/x/incidents/gone", "/p/x/feed.atom", "/p/x/feed.rss?lang=tr", "/p/x/maintenance.ics",
}

// payloads become markup, or lead somewhere, wherever somebody forgets to escape. Some are Markdown.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><script>alert(1)</script>`, `</textarea><svg onload=alert(1)>`,
	`</style><script>alert(1)</script>`, `<!--`, `--><script>alert(1)</script>`, `]]><script>alert(1)</script>`, `{{.Secret}}`, "`${alert(1)}`", `javascript:alert(1)`,
	`[x](javascript:alert(1))`, `[x](JaVaScRiPt&colon;alert(1))`, `[x](data:text/html,<script>alert(1)</script>)`, `[x](vbscript:x "onclick=alert(1)")`,
	`![x](https://elsewhere.example/x.png)`, `![x](x" onerror="alert(1))`, `<javascript:alert(1)>`, `<https://elsewhere.example/"onmouseover="alert(1)>`,
	`<iframe src=//elsewhere.example></iframe>`, `<form action=//elsewhere.example><button>x</button></form>`, `<a href="javascript:alert(1)">x</a>`, `<b id=main>x</b>`,
	`<style>*{display:none}</style>`, `<link rel=stylesheet href=//elsewhere.example/x.css>`, `<base href=//elsewhere.example>`, `<meta http-equiv=refresh content=0>`,
	`</main></body></html>`, `<template><script>alert(1)</script></template>`, `<math><mtext><script>alert(1)</script></mtext></math>`, `&lt;script&gt;alert(1)&lt;/script&gt;`,
	`\<script\>alert(1)\</script\>`, "```html\n<script>alert(1)</script>\n```", "| <script>alert(1)</script> | x |\n| --- | --- |", `<details open ontoggle=alert(1)>`,
	"\x00<scr\x00ipt>alert(1)</scr\x00ipt>", "\u2028<script>alert(1)</script>", "a\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR", `<x xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></x>`,
}

// ours are the elements that a page or a text may have; nothing that loads, sends or runs beside the one script and the style sheets.
var ours = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`html head meta title link script body svg symbol path circle rect use a header main section article h1 h2 h3 h4 h5 h6 div span bdi
		p ul ol li time details summary footer nav i b small strong em del code pre blockquote br hr table thead tbody tr th td template template g text`) {
		ours[name] = true
	}
}

// harm is what a document could do that it must not; "" for none.
func harm(t *testing.T, document string) string {
	count, attributes := elements(t, document)
	for name := range count {
		if !ours[name] {
			return "an element <" + name + ">"
		}
	}
	if count["script"] > 1 || count["main"] > 1 {
		return fmt.Sprintf("%d scripts and %d mains", count["script"], count["main"])
	}
	for _, a := range attributes {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		link := a.Key == "href" || a.Key == "src" || a.Key == "action"
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "http-equiv", a.Key == "srcdoc":
			return fmt.Sprintf("an attribute %s=%q", a.Key, a.Val)
		case link && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") || strings.HasPrefix(value, "vbscript:")):
			return fmt.Sprintf("a link to %q", a.Val)
		case a.Key == "src" && strings.Contains(value, "elsewhere"):
			return fmt.Sprintf("something of another host: %q", a.Val)
		}
	}
	return ""
}

func TestEveryTextStaysTextInEveryOutput(t *testing.T) {
	p := pages{}
	site := newSite(t, p, official)
	for _, payload := range payloads {
		p.put(typed(payload))
		for _, path := range outputs {
			document := get(site, path).Body.String()
			found := ""
			switch {
			case strings.Contains(path, "/feed."):
				for _, e := range byGo(t, document).Entries {
					found = cmp.Or(found, harm(t, e.Text))
				}
			case strings.Contains(path, ".ics"):
				found = unfit(document)
				if n := strings.Count(document, "\r\nBEGIN:VEVENT\r\n"); n != 6 || strings.Contains(document, "\r\nBEGIN:VCALENDAR\r\n") {
					found = fmt.Sprintf("%d events", n)
				}
			default:
				found = harm(t, document)
			}
			if found != "" {
				t.Errorf("%q makes of %s %s", payload, path, found)
			}
		}
	}
}

// Nouns whose texts the test above fills. A field that is neither text nor known not to be fails the test.
func TestEveryTextOfWhatIsToldIsTriedOut(t *testing.T) {
	for noun, want := range map[reflect.Type]string{
		reflect.TypeFor[model.Incident](): "Title", reflect.TypeFor[model.Update](): "Body", reflect.TypeFor[model.Affected](): "Name",
		reflect.TypeFor[model.Maintenance](): "Title Description", reflect.TypeFor[model.Timeline](): "Title",
	} {
		var texts []string
		for _, field := range reflect.VisibleFields(noun) {
			if field.Type == reflect.TypeFor[model.Text]() || field.Type.Kind() == reflect.String {
				texts = append(texts, field.Name)
			}
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("%s has the texts %s; the escape tests fill %s", noun, got, want)
		}
	}
}

func TestNothingRunsWithoutThePolicyEither(t *testing.T) {
	t.Parallel()
	tab := browsertest.New(t)
	tab.IgnorePolicy()
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	p := pages{}
	p.put(typed(strings.Join(payloads, "\n\n")))
	server := httptest.NewServer(newSite(t, p, view.Place{}))
	defer server.Close()
	for _, path := range outputs {
		if strings.Contains(path, "feed") || strings.Contains(path, "ics") {
			continue // browsers load them, or show their source
		}
		tab.Open(server.URL + path)
		if asked := tab.Asked(); len(asked) > 0 {
			t.Errorf("%s: %v", path, asked)
		}
		elsewhere := `performance.getEntriesByType("resource").map((e) => e.name).filter((n) => !n.startsWith(location.origin)).join()`
		if got := browsertest.Eval[string](tab, elsewhere); got != "" {
			t.Errorf("%s loads %s", path, got)
		}
	}
}
