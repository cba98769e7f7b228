// Package markdown turns what people write in incidents and windows into HTML that is safe to show to anybody, and into plain text.
// It lets no raw HTML, no picture and no script through, whatever the text holds; it fetches nothing and knows no request.
// Start with HTML, then Plain.
//
// Implements SPEC §3, bodies.
package markdown

import (
	"bytes"
	"html"
	"html/template"
	"reflect"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// converter knows no HTML: a tag is text like any other, and nothing that somebody typed disappears. It keeps line breaks: people
// write updates as they write mail.
var converter = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
		parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithASTTransformers(util.Prioritized(tamer{}, 0)),
	)),
	goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table),
	goldmark.WithRendererOptions(goldmarkhtml.WithHardWraps()),
)

// without takes the parsers of a kind out of a list.
func without(list []util.PrioritizedValue, kind any) []util.PrioritizedValue {
	return slices.DeleteFunc(list, func(p util.PrioritizedValue) bool { return reflect.TypeOf(p.Value) == reflect.TypeOf(kind) })
}

// policy is what may be left of it: a second wall, behind the converter's own.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
		"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href", "rel").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	return p
}

// tamer puts a text into its place on a page: links vouch for nobody, and headings stand below the page's own.
type tamer struct{}

var linkRel = []byte("nofollow noopener")

// Transform changes the tree before it is rendered.
func (tamer) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // our walker returns no error
		switch n := n.(type) {
		case *ast.Heading:
			if entering {
				n.Level = min(n.Level+2, 6)
			}
		case *ast.Link, *ast.AutoLink:
			n.SetAttributeString("rel", linkRel)
		}
		return ast.WalkContinue, nil
	})
}

// HTML is a text as HTML for a page.
func HTML(markdown string) template.HTML {
	var out bytes.Buffer
	if err := converter.Convert([]byte(markdown), &out); err != nil { // a Buffer takes everything, and no text is malformed Markdown
		return template.HTML(template.HTMLEscapeString(markdown))
	}
	return template.HTML(policy.SanitizeBytes(out.Bytes()))
}

// strict leaves nothing but words.
var strict = bluemonday.StrictPolicy()

// ends are where a line of plain text ends.
var ends = strings.NewReplacer("</p>", "</p>\n", "<br>", "\n", "</li>", "</li>\n", "<li>", "<li>- ", "</h3>", "</h3>\n", "</h4>", "</h4>\n", "</tr>", "</tr>\n", "</td>", "</td> ")

// Plain is a text as words alone, for where no HTML can be.
func Plain(markdown string) string {
	var lines []string
	for line := range strings.Lines(html.UnescapeString(strict.Sanitize(ends.Replace(string(HTML(markdown)))))) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Escape makes a name stand in Markdown as it is.
func Escape(name string) string {
	var out strings.Builder
	for _, r := range name {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&:/@", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
