package logo_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/logo"
)

// in wraps what stands in an SVG.
func in(body string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 24 24">` + body + `</svg>`
}

// hostile are pictures of somebody who wants more than to be seen. Want is why one is refused; "": it is kept, without what is bad.
var hostile = []struct {
	name, svg string
	want      logo.Refusal
}{
	{"script", in(`<script>alert(1)</script>`), ""},
	{"script in CDATA", in(`<script><![CDATA[alert(1)]]></script>`), ""},
	{"script by prefix", `<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><s:script>alert(1)</s:script><s:path d="M0 0"/></s:svg>`, ""},
	{"script of XHTML", in(`<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>`), ""},
	{"script within unknown", in(`<x><y><script>alert(1)</script></y></x>`), ""},
	{"script by href", in(`<script href="https://evil.example/x.js"/>`), ""},
	{"script in upper case", in(`<SCRIPT>alert(1)</SCRIPT>`), ""},
	{"script in defs", in(`<defs><script type="text/ecmascript">alert(1)</script></defs>`), ""},
	{"onload", strings.Replace(in(""), "<svg ", `<svg onload="alert(1)" `, 1), ""},
	{"onclick", in(`<path d="M0 0" onclick="alert(1)"/>`), ""},
	{"handler by prefix", in(`<path d="M0 0" xlink:onload="alert(1)"/>`), ""},
	{"onbegin", in(`<animate onbegin="alert(1)" attributeName="x" dur="1s"/>`), ""},
	{"set href", in(`<use id="u"/><set href="#u" attributeName="href" to="javascript:alert(1)"/>`), ""},
	{"animate href", in(`<a id="a"><path d="M0 0"/></a><animate xlink:href="#a" attributeName="xlink:href" values="javascript:alert(1)"/>`), ""},
	{"animateTransform", in(`<animateTransform attributeName="transform" onend="alert(1)"/>`), ""},
	{"link", in(`<a href="javascript:alert(1)"><path d="M0 0"/></a>`), ""},
	{"link with xlink", in(`<a xlink:href="javascript:alert(1)"><text>x</text></a>`), ""},
	{"javascript: in use", in(`<use href="javascript:alert(1)"/>`), ""},
	{"javascript: spelled with references", in(`<use href="&#106;avascript&#58;alert(1)"/>`), ""},
	{"javascript: with tabs", in("<use href=\"java\tscript:alert(1)\"/>"), ""},
	{"data: in use", in(`<use href="data:image/svg+xml;base64,PHN2Zy8+#x"/>`), ""},
	{"use of another file", in(`<use xlink:href="https://evil.example/x.svg#a"/>`), ""},
	{"use of a neighbour", in(`<use href="x.svg#a"/>`), ""},
	{"image", in(`<image href="https://evil.example/pixel.png" width="1" height="1"/>`), ""},
	{"image of data", in(`<image href="data:image/svg+xml,&lt;svg onload='alert(1)'/>"/>`), ""},
	{"feImage", in(`<filter id="f"><feImage href="https://evil.example/x"/></filter><path d="M0 0" filter="url(#f)"/>`), ""},
	{"foreignObject", in(`<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>`), ""},
	{"iframe", in(`<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/>`), ""},
	{"embed, object, video", in(`<embed src="x"/><object data="x"/><video src="https://evil.example/"/><audio src="x"/>`), ""},
	{"handler", in(`<handler type="text/javascript">alert(1)</handler><listener event="load"/>`), ""},
	{"fill from elsewhere", in(`<path d="M0 0" fill="url(https://evil.example/#x)"/>`), ""},
	{"fill from elsewhere, quoted", in(`<path d="M0 0" fill="url('//evil.example/a.svg#x')"/>`), ""},
	{"url within url", in(`<path d="M0 0" fill="ururl(#a)l(//evil.example/)"/>`), ""},
	{"style attribute", in(`<path d="M0 0" style="fill:red;background:url(https://evil.example/x)"/>`), ""},
	{"style attribute, mask", in(`<path d="M0 0" style="mask:url(https://evil.example/x#m)"/>`), ""},
	{"style attribute with escapes", in(`<path d="M0 0" style="fill:\75\72\6c(https://evil.example/)"/>`), ""},
	{"style attribute with comments", in(`<path d="M0 0" style="fill:u/**/rl(https://evil.example/)"/>`), ""},
	{"@import", in(`<style>@import url("https://evil.example/x.css"); path{fill:red}</style>`), ""},
	{"@import of a string", in(`<style>@import "https://evil.example/x.css";</style>`), ""},
	{"@font-face", in(`<style>@font-face{font-family:a;src:url(https://evil.example/f.woff)}text{font-family:a}</style>`), ""},
	{"@media around url", in(`<style>@media (prefers-color-scheme:dark){path{fill:url(https://evil.example/)}}</style>`), ""},
	{"@media in @media", in(`<style>@media (prefers-color-scheme:dark){@media (prefers-color-scheme:light){@import "//evil.example";}}</style>`), ""},
	{"image-set", in(`<style>path{fill:image-set("https://evil.example/x" 1x)}</style>`), ""},
	{"expression", in(`<style>path{fill:expression(alert(1))}</style>`), ""},
	{"-moz-binding", in(`<style>path{-moz-binding:url(https://evil.example/x.xml#y)}</style>`), ""},
	{"an unended comment", in(`<style>path{fill:red}/* </style><script>alert(1)</script>`), ""},
	{"a string over a brace", in(`<style>path{font-family:"}*{fill:url(https://evil.example/)}"}</style>`), ""},
	{"the end of a style in CDATA", in(`<style><![CDATA[</style><script>alert(1)</script>]]></style>`), ""},
	{"tags in text", in(`<text>&lt;script&gt;alert(1)&lt;/script&gt;</text>`), ""},
	{"a stylesheet instruction", `<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/x.xsl" type="text/xsl"?>` + in(""), ""},
	{"xml:base", strings.Replace(in(`<use href="#a"/>`), "<svg ", `<svg xml:base="https://evil.example/" `, 1), ""},
	{"an attribute twice", in(`<use href="#a" xlink:href="#b"/>`), ""},

	{"entities", `<!DOCTYPE svg [<!ENTITY x "alert(1)">]>` + in(`<text>&x;</text>`), logo.Doctype},
	{"a billion laughs", `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>` + in(`<text>&b;</text>`), logo.Doctype},
	{"a file as entity", `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + in(`<text>&x;</text>`), logo.Doctype},
	{"a document type from elsewhere", `<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">` + in(""), logo.Doctype},
	{"a document type within", in(`<!DOCTYPE svg>`), logo.Doctype},
	{"an unknown entity", in(`<text>&nbsp;</text>`), logo.Damaged},
	{"another encoding", `<?xml version="1.0" encoding="UTF-7"?>` + in(`+ADw-script+AD4-`), logo.NoImage},
	{"two roots", in("") + in(`<script/>`), logo.Damaged},
	{"cut off", in("")[:90], logo.NoImage},
	{"cut off in the body", strings.TrimSuffix(in("<g/>"), "</svg>"), logo.Damaged},
	{"HTML", `<!doctype html><html><body><script>alert(1)</script></body></html>`, logo.NoImage},
	{"HTML with an SVG", `<html><body>` + in("") + `</body></html>`, logo.NoImage},
	{"no namespace", `<svg viewBox="0 0 1 1"/>`, logo.NoImage},
	{"a wrong namespace", `<svg xmlns="http://www.w3.org/1999/xhtml" viewBox="0 0 1 1"/>`, logo.NoImage},
	{"no size", `<svg xmlns="http://www.w3.org/2000/svg"/>`, logo.Sizeless},
	{"no real size", `<svg xmlns="http://www.w3.org/2000/svg" width="NaN" height="Inf" viewBox="0 0 1e999 0"/>`, logo.Sizeless},
	{"a bomb of use", in(bomb(func(id, of int) string {
		return fmt.Sprintf(`<g id="i%d"><use href="#i%d"/><use href="#i%d"/></g>`, id, of, of)
	})), logo.Intricate},
	{"a bomb of patterns", in(bomb(func(id, of int) string {
		return fmt.Sprintf(`<pattern id="i%d"><path fill="url(#i%d)"/><path fill="url(#i%d)"/></pattern>`, id, of, of)
	})), logo.Intricate},
	{"a bomb of inherited patterns", in(bomb(func(id, of int) string {
		return fmt.Sprintf(`<pattern id="i%d"><g stroke="url(#i%d)"><path/><path/></g></pattern>`, id, of)
	})), logo.Intricate},
	{"a bomb of styled masks", in(bomb(func(id, of int) string {
		return fmt.Sprintf(`<style>.c%d{mask:url(#i%d)}</style><mask id="i%d"><path class="c%d"/><path class="c%d"/></mask>`, id, of, id, id, id)
	})), logo.Intricate},
	{"a circle", in(`<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>`), logo.Intricate},
	{"itself", in(`<g id="a"><use href="#a"/></g>`), logo.Intricate},
	{"a deep one", in(strings.Repeat("<g>", 5000) + strings.Repeat("</g>", 5000)), logo.Intricate},
	{"a deep one of unknown elements", in(strings.Repeat("<x>", 5000) + strings.Repeat("</x>", 5000)), logo.Intricate},
	{"a wide one", in(strings.Repeat("<g/>", 5000)), logo.Intricate},
	{"a wide one of unknown elements", in(strings.Repeat("<x/>", 5000)), logo.Intricate},
	{"one that grows when it is escaped", in(`<text>` + strings.Repeat(`"`, 300<<10) + `</text>`), logo.TooLarge},
}

// bomb is a chain of thirty, each drawing the next one twice.
func bomb(link func(id, of int) string) string {
	var out strings.Builder
	for i := range 30 {
		out.WriteString(link(i, i+1))
	}
	return out.String() + `<path id="i30" d="M0 0h1"/>`
}

func TestNothingOfAHostileSVGIsLeftButThePicture(t *testing.T) {
	for _, h := range hostile {
		got, err := logo.Read([]byte(h.svg))
		if h.want != "" {
			if !errors.Is(err, h.want) {
				t.Errorf("%s: got %v, want %v", h.name, err, h.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
			continue
		}
		harmless(t, got)
	}
}

// allowed are the only names that may be in what is served. They stand here again, so that a careless addition is seen.
var (
	allowedElements   = regexp.MustCompile(`^(svg|g|defs|symbol|use|switch|style|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|linearGradient|radialGradient|stop|clipPath|mask|pattern)$`)
	allowedAttributes = regexp.MustCompile(`^(xmlns|id|class|href|style|viewBox|width|height|[a-z]+-[a-z-]+|d|points|transform|fill|stroke|opacity|[cdfr]?[xyr]|[xy][12]|color|display|isolation|mask|overflow|visibility|offset|rotate|pathLength|textLength|[a-zA-Z]+(Units|Transform|AspectRatio|Adjust)|spreadMethod)$`)
	forbidden         = regexp.MustCompile(`(?i)script:|data:|https?:|//|@import|@font|expression|\\|image\(|image-set|behavior|binding`)
	anyURL            = regexp.MustCompile(`(?i)url\s*\(\s*["']?([^)]?)`)
)

// harmless reads what would be served as a browser's parser does and looks at every name and value in it.
func harmless(t *testing.T, l logo.Logo) {
	t.Helper()
	if l.Type != logo.SVG || l.Width < 1 || l.Height < 1 || l.Width > 800 || l.Height > 128 {
		t.Errorf("a %s of %d x %d", l.Type, l.Width, l.Height)
	}
	value := func(where, text string) {
		if forbidden.MatchString(text) {
			t.Errorf("%s is %q in %s", where, text, l.Bytes)
		}
		for _, m := range anyURL.FindAllStringSubmatch(text, -1) {
			if m[1] != "#" {
				t.Errorf("%s leads elsewhere: %q", where, text)
			}
		}
	}
	d := xml.NewDecoder(bytes.NewReader(l.Bytes))
	var within []string
	for first := true; ; first = false {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, l.Bytes)
		}
		switch token := token.(type) {
		case xml.StartElement:
			within = append(within, token.Name.Local)
			if token.Name.Space != "" || !allowedElements.MatchString(token.Name.Local) || first != (len(within) == 1) {
				t.Errorf("<%s:%s> in %s", token.Name.Space, token.Name.Local, l.Bytes)
			}
			seen := map[string]bool{}
			for i, a := range token.Attr {
				if first && i == 0 {
					if a.Name.Local != "xmlns" || a.Value != "http://www.w3.org/2000/svg" {
						t.Errorf("the root is no SVG: %s", l.Bytes)
					}
					continue
				}
				if a.Name.Space != "" || !allowedAttributes.MatchString(a.Name.Local) || strings.HasPrefix(a.Name.Local, "on") || seen[a.Name.Local] || a.Name.Local == "xmlns" {
					t.Errorf("attribute %s:%s in %s", a.Name.Space, a.Name.Local, l.Bytes)
				}
				seen[a.Name.Local] = true
				value(a.Name.Local, a.Value)
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
					t.Errorf("href is %q", a.Value)
				}
			}
		case xml.EndElement:
			within = within[:len(within)-1]
		case xml.CharData:
			switch at := within[len(within)-1]; at {
			case "style":
				value("a style", string(token))
			case "text", "tspan":
			default:
				t.Errorf("text in <%s>: %s", at, l.Bytes)
			}
		default:
			t.Errorf("a %T in %s", token, l.Bytes)
		}
	}
	again, err := logo.Read(l.Bytes)
	if err != nil {
		t.Fatalf("read again: %v: %s", err, l.Bytes)
	}
	if diff := cmp.Diff(string(l.Bytes), string(again.Bytes)); diff != "" {
		t.Errorf("another picture when it is read again:\n%s", diff)
	}
}

func TestAnOrdinarySVGIsDrawnAsItWas(t *testing.T) {
	got, err := logo.Read([]byte(`<?xml version="1.0" encoding="UTF-8"?>
<!-- Generator: any -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:x="urn:editor" x:version="1" width="1200" height="240px" viewBox="0,0 1200,240" id="logo">
  <title>Acme</title><metadata><x:thing/></metadata>
  <defs><style type="text/css"><![CDATA[ /* a */ .a, .b>path { fill : #F00 ; stroke:url(#g) } @media (prefers-color-scheme: dark) { .a{fill:#fff} } ]]></style>
  <linearGradient id="g" gradientUnits="userSpaceOnUse"><stop offset="0" style="stop-color:rgb(1, 2, 3);-x-y:z"/></linearGradient></defs>
  <g class="a" transform="translate(1 2) rotate(45)" clip-path="url(#c)"><path d="M0,0
  L10-5e-2z" fill="none"/><use xlink:href="#g" x="1"/></g>
  <text x="1" font-family="'Noto Sans', sans-serif">a &amp; <tspan>b</tspan> ü</text>
</svg>`))
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="128" viewBox="0 0 1200 240" id="logo">` +
		`<defs><style>.a, .b&gt;path{fill:#F00;stroke:url(#g)}@media (prefers-color-scheme:dark){.a{fill:#fff}}</style>` +
		`<linearGradient id="g" gradientUnits="userSpaceOnUse"><stop offset="0" style="stop-color:rgb(1, 2, 3)"/></linearGradient></defs>` +
		`<g class="a" transform="translate(1 2) rotate(45)" clip-path="url(#c)"><path d="M0,0 L10-5e-2z" fill="none"/><use href="#g" x="1"/></g>` +
		`<text x="1" font-family="&#39;Noto Sans&#39;, sans-serif">a &amp; <tspan>b</tspan> ü</text></svg>`
	if diff := cmp.Diff(want, string(got.Bytes)); diff != "" {
		t.Error(diff)
	}
	if got.Plate {
		t.Error("it has colours of its own for the dark, and gets a plate")
	}
	harmless(t, got)
}

func TestTheSizeOfAnSVG(t *testing.T) {
	for attributes, want := range map[string]string{
		`viewBox="0 0 24 24"`:                                "24 x 24",
		`width="100%" height="100%" viewBox="-1 -1 48 24"`:   "48 x 24",
		`width="10cm" viewBox="0 0 2 1"`:                     "256 x 128",
		`width="1in" height="48pt"`:                          "96 x 64",
		`height="32" viewBox="0 0 300 100"`:                  "96 x 32",
		`width="1e6" height="1e6"`:                           "128 x 128",
		`width="100000" height="1"`:                          "800 x 1",
		`width="20em" height="4em" viewBox="0 0 20.5 4.25"`:  "21 x 4",
		`width="-5" height="-5" viewBox="0 0 24 24"`:         "24 x 24",
		`width="24" height="24" viewBox="0 0 none of these"`: "24 x 24",
	} {
		got, err := logo.Read([]byte(`<svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `/>`))
		if have := fmt.Sprintf("%d x %d", got.Width, got.Height); err != nil || have != want {
			t.Errorf("%s: got %s, %v, want %s", attributes, have, err, want)
			continue
		}
		harmless(t, got)
	}
}

func FuzzSVG(f *testing.F) {
	for _, h := range hostile {
		if len(h.svg) < 4096 {
			f.Add(h.svg)
		}
	}
	f.Add(in(`<defs><style>.a,#b{fill:url(#g) red}@media (prefers-color-scheme:dark){*{fill:#fff}}</style></defs><text>a<tspan>b</tspan>c</text>`))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := logo.Read([]byte(text))
		var refusal logo.Refusal
		switch {
		case err != nil && !errors.As(err, &refusal):
			t.Errorf("an error that is no refusal: %v", err)
		case err == nil && got.Type == logo.SVG:
			harmless(t, got)
		}
	})
}
