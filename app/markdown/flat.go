package markdown

import (
	"cmp"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	xhtml "golang.org/x/net/html"
)

// Written is a text as one writes it without HTML: paragraphs apart, marks before items, targets behind their links, lines broken at a
// number of characters.
func Written(markdown string, columns int) string {
	return flatten(markdown, &flat{columns: columns, link: behind})
}

// Chat is a text in the little HTML that Telegram understands, where a line ends with a newline.
func Chat(markdown string) string {
	return flatten(markdown, &flat{
		escape: html.EscapeString, link: anchor,
		marks: map[string]string{"strong": "b", "em": "i", "del": "s", "code": "code", "pre": "pre", "blockquote": "blockquote", "h3": "b", "h4": "b", "h5": "b", "h6": "b"},
	})
}

// flat turns HTML that policy has let through into lines. Blocks are gathered in block and written when they end.
type flat struct {
	columns int                               // 0: lines are not broken
	escape  func(string) string               // nil: what stands in the text stands in the lines
	marks   map[string]string                 // element to the one that is written in its place; one that is not here leaves nothing
	link    func(target, label string) string // a link from its target and its finished label

	out, block strings.Builder
	gap        int      // newlines due before the next block
	opening    string   // tags of blocks that have no words yet
	prefix     []string // before every line, one an enclosing list item or quote
	mark       string   // of the item that has no words yet, in place of the end of the prefix
	lists      []int    // the enclosing ones: the next number; 0 where there are none
	quotes     int
	pre        bool
	target     string // of the link that is being read
	label      int    // where in block its label began
}

// deepest bounds how far lines are moved in: Markdown nests without end.
const deepest = 5

func flatten(markdown string, f *flat) string {
	tokens := xhtml.NewTokenizer(strings.NewReader(string(HTML(markdown))))
	for {
		switch tokens.Next() {
		case xhtml.ErrorToken:
			f.flush()
			return strings.TrimRight(f.out.String(), "\n ")
		case xhtml.TextToken:
			f.text(tokens.Token().Data)
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			f.open(tokens.Token())
		case xhtml.EndTagToken:
			f.close(tokens.Token().Data)
		}
	}
}

// text takes words. Outside of code a newline only stands between tags: hard breaks are elements.
func (f *flat) text(words string) {
	if !f.pre {
		words = strings.ReplaceAll(words, "\n", "")
	}
	if f.escape != nil {
		words = f.escape(words)
	}
	f.block.WriteString(words)
}

func (f *flat) open(t xhtml.Token) {
	switch t.Data {
	case "br":
		f.block.WriteByte('\n')
	case "a":
		f.target, f.label = attr(t, "href"), f.block.Len()
	case "td", "th":
		if f.block.Len() > 0 {
			f.block.WriteString(" | ")
		}
	case "hr":
		f.apart(2)
		f.block.WriteString("* * *")
		f.apart(2)
	case "ul", "ol", "li", "blockquote", "pre", "p", "h3", "h4", "h5", "h6", "table", "tr":
		f.openBlock(t)
	default:
		f.inline(t.Data, "<")
	}
}

func (f *flat) openBlock(t xhtml.Token) {
	f.apart(f.distance(t.Data))
	switch t.Data {
	case "ul":
		f.lists = append(f.lists, 0)
	case "ol":
		first, err := strconv.Atoi(cmp.Or(attr(t, "start"), "1"))
		if err != nil { // too many digits for a number
			first = 1
		}
		f.lists = append(f.lists, max(1, first))
	case "li":
		f.mark = f.nextMark()
		f.prefix = append(f.prefix, strings.Repeat(" ", utf8.RuneCountInString(f.mark)))
	case "blockquote":
		f.openQuote()
	case "pre":
		f.pre = true
		f.inline("pre", "<")
	case "h3", "h4", "h5", "h6":
		f.inline(t.Data, "<")
	}
}

// openQuote begins a quote. Where it is an element there is only one, since it cannot hold another.
func (f *flat) openQuote() {
	f.quotes++
	switch {
	case f.marks == nil:
		f.prefix = append(f.prefix, "> ")
	case f.quotes == 1:
		f.opening += "<blockquote>"
	}
}

func (f *flat) close(name string) {
	switch name {
	case "a":
		label := f.block.String()[f.label:]
		before := f.block.String()[:f.label]
		f.block.Reset()
		f.block.WriteString(before + f.link(f.target, label))
	case "ul", "ol":
		f.flush()
		f.lists = f.lists[:max(0, len(f.lists)-1)]
		f.apart(f.distance(name))
	case "li":
		f.apart(1)
		f.mark = ""
		f.prefix = f.prefix[:max(0, len(f.prefix)-1)]
	case "blockquote":
		f.closeQuote()
	case "pre":
		trimmed := strings.TrimRight(f.block.String(), "\n")
		f.block.Reset()
		f.block.WriteString(trimmed)
		f.inline("pre", "</")
		f.apart(2)
		f.pre = false
	case "h3", "h4", "h5", "h6":
		f.inline(name, "</")
		f.apart(2)
	case "p", "table", "tr":
		f.apart(f.distance(name))
	case "td", "th":
	default:
		f.inline(name, "</")
	}
}

func (f *flat) closeQuote() {
	f.apart(2)
	switch {
	case f.marks == nil:
		f.prefix = f.prefix[:max(0, len(f.prefix)-1)]
	case f.quotes == 1 && f.opening != "":
		f.opening = strings.TrimSuffix(f.opening, "<blockquote>")
	case f.quotes == 1:
		f.out.WriteString("</blockquote>")
	}
	f.quotes--
}

// inline writes the tag that stands for an element, after its bracket. Code that has lines is marked as a whole.
func (f *flat) inline(name, bracket string) {
	switch mark := f.marks[name]; {
	case f.marks == nil && name == "del": // without its line it would say the opposite
		f.block.WriteString("~~")
	case mark != "" && !(f.pre && name == "code"):
		f.block.WriteString(bracket + mark + ">")
	}
}

// distance is how many newlines keep a block from what is before it.
func (f *flat) distance(name string) int {
	if name == "li" || name == "tr" || len(f.lists) > 0 {
		return 1
	}
	return 2
}

// nextMark is what stands before the next item.
func (f *flat) nextMark() string {
	if len(f.lists) == 0 || f.lists[len(f.lists)-1] == 0 {
		return "- "
	}
	n := &f.lists[len(f.lists)-1]
	*n++
	return strconv.Itoa(*n-1) + ". "
}

// apart ends a block, and keeps the next one away from it.
func (f *flat) apart(newlines int) {
	f.flush()
	if f.mark == "" { // what follows a mark stands beside it
		f.gap = max(f.gap, newlines)
	}
}

// flush writes the block that has been gathered.
func (f *flat) flush() {
	block := f.block.String()
	f.block.Reset()
	if strings.TrimSpace(block) == "" {
		return
	}
	if f.out.Len() > 0 {
		f.out.WriteString(strings.Repeat("\n", max(1, f.gap)))
	}
	f.out.WriteString(f.opening)
	before := strings.Join(f.prefix[:min(len(f.prefix), deepest)], "")
	first := before
	if f.mark != "" && len(f.prefix) <= deepest {
		first = strings.TrimSuffix(before, f.prefix[len(f.prefix)-1]) + f.mark
	}
	columns := f.columns
	if f.pre {
		columns = 0
	}
	f.out.WriteString(Wrap(block, first, before, columns))
	f.gap, f.opening, f.mark = 0, "", ""
}

// Wrap breaks a text into lines of at most so many characters, where it has spaces, and moves them in: the first line and those
// after it. With 0 columns lines end only where the text has ends.
func Wrap(text, first, rest string, columns int) string {
	var out strings.Builder
	lead := first
	for line := range strings.SplitSeq(text, "\n") {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		if columns == 0 {
			out.WriteString(lead + line)
			lead = rest
			continue
		}
		out.WriteString(lead)
		at := 0
		for _, word := range strings.Fields(line) {
			switch size := utf8.RuneCountInString(word); {
			case at == 0:
				at = utf8.RuneCountInString(lead) + size
			case at+1+size > columns:
				out.WriteString("\n" + rest)
				at = utf8.RuneCountInString(rest) + size
			default:
				out.WriteByte(' ')
				at += 1 + size
			}
			out.WriteString(word)
		}
		lead = rest
	}
	return out.String()
}

// behind writes a link's target after its label, unless the label says it.
func behind(target, label string) string {
	if target == "" || strings.TrimPrefix(target, "mailto:") == label || target == label {
		return label
	}
	return label + " (" + target + ")"
}

// anchor writes a link as one, where Telegram opens its target.
func anchor(target, label string) string {
	if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") || label == "" {
		return label
	}
	return `<a href="` + html.EscapeString(target) + `">` + label + "</a>"
}

func attr(t xhtml.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
