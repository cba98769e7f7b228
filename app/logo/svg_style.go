package logo

import (
	"regexp"
	"strings"
)

// rule is one rule of a style sheet that is kept.
type rule struct {
	theme     string // "dark" or "light" when it counts in that one only
	selectors string
	body      string // declarations
}

var (
	comment   = regexp.MustCompile(`(?s)/\*.*?(\*/|$)`)
	selectors = regexp.MustCompile(`^[-\w.#*,>\s]+$`)
	themed    = regexp.MustCompile(`(?i)^@media\s*\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)$`)
)

// restyle rewrites the style elements of a picture and returns their rules.
func restyle(n *node) []rule {
	var all []rule
	if n.name == "style" {
		all = rules(string(n.text), "")
		n.text = []byte(sheet(all))
		n.children = nil
	}
	kept := n.children[:0]
	for _, c := range n.children {
		all = append(all, restyle(c)...)
		if c.name != "style" || len(c.text) > 0 {
			kept = append(kept, c)
		}
	}
	n.children = kept
	return all
}

// rules reads a style sheet: plain rules, and those within a query for the theme. Other at-rules go with all that is in them.
func rules(css, theme string) []rule {
	css = comment.ReplaceAllString(css, " ")
	var list []rule
	for css != "" {
		head, body, rest, ok := block(css)
		if !ok {
			break
		}
		css = rest
		if m := themed.FindStringSubmatch(head); m != nil && theme == "" {
			list = append(list, rules(body, strings.ToLower(m[1]))...)
			continue
		}
		r := rule{theme, strings.Join(strings.Fields(head), " "), declarations(body)}
		if selectors.MatchString(head) && r.body != "" {
			list = append(list, r)
		}
	}
	return list
}

// block cuts the first block off a style sheet: what stands before its brace, what is in it, and what follows.
func block(css string) (head, body, rest string, ok bool) {
	open := strings.IndexByte(css, '{')
	if open < 0 {
		return "", "", "", false
	}
	depth := 0
	for i := open; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return strings.TrimSpace(css[:open]), css[open+1 : i], css[i+1:], true
		}
	}
	return "", "", "", false
}

// declarations keeps those that draw. What holds a semicolon or brace within a string is cut there, and what is left of it fits nothing.
func declarations(css string) string {
	var kept []string
	for one := range strings.SplitSeq(comment.ReplaceAllString(css, " "), ";") {
		property, value, _ := strings.Cut(one, ":")
		property = strings.ToLower(strings.TrimSpace(property))
		value = strings.Join(strings.Fields(value), " ")
		if properties[property] && value != "" && balanced(value) && harmless(value) {
			kept = append(kept, property+":"+value)
		}
	}
	return strings.Join(kept, ";")
}

// balanced says whether quotes and brackets end within a value: one that does not would swallow what follows it.
func balanced(value string) bool {
	return strings.Count(value, `"`)%2 == 0 && strings.Count(value, `'`)%2 == 0 && strings.Count(value, "(") == strings.Count(value, ")")
}

// sheet writes rules.
func sheet(list []rule) string {
	var out strings.Builder
	for _, r := range list {
		text := r.selectors + "{" + r.body + "}"
		if r.theme != "" {
			text = "@media (prefers-color-scheme:" + r.theme + "){" + text + "}"
		}
		out.WriteString(text)
	}
	return out.String()
}

// matches says whether a rule may be meant for an element. It looks at the last part of each selector only: rather too often.
func (r rule) matches(n *node) bool {
	for selector := range strings.SplitSeq(r.selectors, ",") {
		parts := strings.FieldsFunc(selector, func(c rune) bool { return c == ' ' || c == '>' })
		if len(parts) > 0 && subject(parts[len(parts)-1], n) {
			return true
		}
	}
	return false
}

var compound = regexp.MustCompile(`[.#]?[-\w]+`)

func subject(part string, n *node) bool {
	for _, word := range compound.FindAllString(part, -1) {
		switch {
		case word[0] == '#':
			if n.get("id") != word[1:] {
				return false
			}
		case word[0] == '.':
			if !set(n.get("class"))[word[1:]] {
				return false
			}
		case !strings.EqualFold(word, n.name):
			return false
		}
	}
	return true
}
