package announce

import (
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"strings"

	"statusd/app/brand"
)

// sheet is mail.css and the tokens that it names, read once. A rule is the looks of one class.
type sheet struct {
	rules       []rule
	light, dark map[string]string // tokens by theme
}

type rule struct {
	class        string
	declarations []string // "color: var(--ink)"
}

// look is a sheet in the colours of one brand. Style attributes are the only style that every mail program keeps, so that is where the
// light theme goes; the dark one goes into a style element, for programs that know what dark is.
type look struct {
	Dark   template.CSS
	styles map[string]string // class to declarations
}

var (
	comments    = regexp.MustCompile(`(?s)/\*.*?\*/`)
	block       = regexp.MustCompile(`(?s)([^{}]+)\{([^{}]*)\}`)
	declaration = regexp.MustCompile(`(--[\w-]+):\s*([^;]+);`)
	variable    = regexp.MustCompile(`var\((--[\w-]+)\)`)
)

// readSheet reads mail.css, which has no selectors but single classes, and shared/tokens.css.
func readSheet(assets fs.FS) (s sheet, err error) {
	style, err := fs.ReadFile(assets, "mail/mail.css")
	if err != nil {
		return s, err
	}
	tokens, err := fs.ReadFile(assets, "shared/tokens.css")
	if err != nil {
		return s, err
	}
	if s.light, err = theme(tokens, "\n:root {"); err != nil {
		return s, err
	}
	if s.dark, err = theme(tokens, "\n:root[data-theme=\"dark\"] {"); err != nil {
		return s, err
	}
	for _, m := range block.FindAllStringSubmatch(comments.ReplaceAllString(string(style), ""), -1) {
		r := rule{class: strings.TrimPrefix(strings.TrimSpace(m[1]), ".")}
		for d := range strings.SplitSeq(m[2], ";") {
			if d = strings.TrimSpace(d); d != "" {
				r.declarations = append(r.declarations, d)
			}
		}
		s.rules = append(s.rules, r)
	}
	_, err = s.in(brand.New(""))
	return s, err
}

// theme are the tokens of the block behind a selector.
func theme(css []byte, selector string) (map[string]string, error) {
	_, rest, ok := strings.Cut(string(css), selector)
	if !ok {
		return nil, fmt.Errorf("tokens.css has no %q", strings.TrimSpace(selector))
	}
	body, _, _ := strings.Cut(rest, "}")
	found := map[string]string{}
	for _, m := range declaration.FindAllStringSubmatch(body, -1) {
		found[m[1]] = strings.ReplaceAll(m[2], `"`, `'`) // it will stand in an attribute
	}
	return found, nil
}

// in is the sheet in the colours of a brand. A token that nobody knows is an error.
func (s sheet) in(b brand.Brand) (*look, error) {
	l := &look{styles: make(map[string]string, len(s.rules))}
	var dark strings.Builder
	for _, r := range s.rules {
		var light, differs []string
		for _, d := range r.declarations {
			here, err1 := filled(d, b.Light, s.light)
			there, err2 := filled(d, b.Dark, s.dark, s.light)
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("mail.css, .%s: %s names a token that does not exist", r.class, d)
			}
			light = append(light, strings.Replace(here, ": ", ":", 1))
			if here != there {
				differs = append(differs, strings.Replace(there, ": ", ":", 1)+"!important")
			}
		}
		l.styles[r.class] = strings.Join(light, ";")
		if differs != nil {
			fmt.Fprintf(&dark, ".%s{%s}", r.class, strings.Join(differs, ";"))
		}
	}
	l.Dark = template.CSS("@media (prefers-color-scheme:dark){" + dark.String() + "}")
	return l, nil
}

// filled writes colours in place of the tokens that a declaration names: a brand's, or those of the first theme that has them.
func filled(declaration string, t brand.Theme, themes ...map[string]string) (string, error) {
	own := map[string]string{"--brand-fill": t.Fill, "--brand-on": t.On, "--brand-ink": t.Ink, "--brand-edge": t.Edge}
	var missing error
	out := variable.ReplaceAllStringFunc(declaration, func(v string) string {
		name := variable.FindStringSubmatch(v)[1]
		for _, tokens := range append([]map[string]string{own}, themes...) {
			if value, ok := tokens[name]; ok {
				return value
			}
		}
		missing = fmt.Errorf("no token %s", name)
		return v
	})
	return out, missing
}

// Class is the class attribute for an element, and the style attribute that does the same.
func (l *look) Class(names ...string) (template.HTMLAttr, error) {
	styles := make([]string, len(names))
	for i, name := range names {
		style, ok := l.styles[name]
		if !ok {
			return "", fmt.Errorf("mail.css has no .%s", name)
		}
		styles[i] = style
	}
	return template.HTMLAttr(`class="` + strings.Join(names, " ") + `" style="` + strings.Join(styles, ";") + `"`), nil
}

// dressed gives the elements of what people wrote their looks. It is HTML by markdown.HTML, where an angle bracket is that of a tag.
func (l *look) dressed(text template.HTML) (template.HTML, error) {
	var pairs []string
	for tag, class := range map[string]string{
		"<p>": "p", "<ul>": "list", "<ol>": "list", "<ol ": "list", "<li>": "item", "<blockquote>": "quote", "<pre>": "pre", "<code>": "code",
		"<h3>": "h", "<h4>": "h", "<h5>": "h", "<h6>": "h", "<hr>": "rule", "<table>": "table", "<th>": "cell", "<td>": "cell", "<a ": "link",
	} {
		attrs, err := l.Class(class)
		if err != nil {
			return "", err
		}
		end := tag[len(tag)-1:]
		pairs = append(pairs, tag, tag[:len(tag)-1]+" "+string(attrs)+end)
	}
	return template.HTML(strings.NewReplacer(pairs...).Replace(string(text))), nil
}

// Outlook is the frame that Outlook for Windows needs, which draws with Word and knows no widest width. It is a comment to all others.
func (*look) Outlook() template.HTML {
	return `<!--[if mso]><table role="presentation" width="600" align="center"><tr><td><![endif]-->`
}

// OutlookEnd closes the frame.
func (*look) OutlookEnd() template.HTML { return `<!--[if mso]></td></tr></table><![endif]-->` }
