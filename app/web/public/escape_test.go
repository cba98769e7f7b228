package public_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
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
	for _, path := range []string{"/p/hostile", "/p/hostile?lang=tr", "/p/hostile/embed", "/p/hostile/embed?lang=tr"} {
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
		if opened, closed := strings.Count(document, "\u2068"), strings.Count(document, "\u2069"); opened != closed || opened == 0 {
			t.Errorf("%s isolates %d times and ends %d of them", path, opened, closed)
		}
		if !strings.Contains(path, "embed") && !strings.Contains(document, "{{.Secret}}") {
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
	want, _ := elements(&testing.T{}, get(newSite(f, typed("plain"), view.Place{}), "/p/x").Body.String())
	f.Fuzz(func(t *testing.T, text string) {
		w := get(newSite(t, typed(text), view.Place{}), "/p/x")
		count, attributes := elements(t, w.Body.String())
		for name, n := range count {
			if n > want[name] {
				t.Errorf("%d <%s>, at most %d were ours", n, name, want[name])
			}
		}
		for _, a := range attributes {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			}
		}
	})
}

// typed is a page with one text everywhere.
func typed(text string) pages {
	f := build(model.Page{
		Slug: "x", Name: text + "p", TimeZone: text,
		Branding: model.Branding{Tagline: text + "t", PrimaryColor: text, LogoLinkURL: text},
	},
		with(service(text, status.Down, failing(probe(text+"c", ms))), func(c *snapshot.Component) { c.Description = text + "d" }),
		in(text+"g", service(text+"n", status.Operational)),
	)
	return pages{"x": snapshot.New(f)}
}
