package probe

import (
	"fmt"
	"strings"
)

// Reason says why a probe was down in a form that every language can word: a code of a fixed list and its arguments.
// Arguments are names, numbers and quantities such as "10 s"; they may name a host and a port, so they are for those who run the page,
// and they never hold the query or the user info of a URL.
type Reason struct {
	Code  string   // one of Codes, "" for none
	Args  []string // as many as the code's sentence takes
	After string   // host that a redirect had led to when it happened, "" when it was the target's own
}

// Redirected is the code whose sentence wraps that of a Reason with After: {0} is the host, {1} the sentence without After.
const Redirected = "redirected"

func reason(code string, args ...string) Reason { return Reason{Code: code, Args: args} }

// String words the reason in English; "" for none.
func (r Reason) String() string {
	if r.Code == "" {
		return ""
	}
	sentence := r.plain()
	if r.After == "" {
		return sentence
	}
	return fill(English(Redirected), []string{r.After, sentence})
}

// Known says that this version has words for the reason: its code is in the list and has as many arguments as the sentence takes.
// A stored text of which that is not true is best shown as it is.
func (r Reason) Known() bool {
	sentence := English(r.Code)
	return sentence != "" && r.Code != Redirected && strings.Count(sentence, "{") == len(r.Args)
}

// Measured says that the arguments are quantities with a unit: a number, a space, and one of ms, s, min, h, bytes.
func (r Reason) Measured() bool { return measured[r.Code] }

// Sentence words a stored reason in English; a text that Encode has not written is returned as it is.
func Sentence(stored string) string {
	if r := DecodeReason(stored); r.Known() {
		return r.String()
	}
	return stored
}

func (r Reason) plain() string {
	template := English(r.Code)
	if template == "" {
		return strings.TrimSpace(r.Code + " " + strings.Join(r.Args, " "))
	}
	return fill(template, r.Args)
}

// Codes returns every code that a Reason may have, and Redirected.
func Codes() []string {
	codes := make([]string, len(wordings))
	for i, w := range wordings {
		codes[i] = w.code
	}
	return codes
}

// English returns the code's sentence with {0}, {1} where the arguments go; "" for an unknown code.
func English(code string) string {
	w, _ := wordingOf(code)
	return w.english
}

func wordingOf(code string) (wording, bool) {
	for _, w := range wordings {
		if w.code == code {
			return w, true
		}
	}
	return wording{}, false
}

// fill puts the arguments into a template in one pass, so that an argument that holds {0} stays as it is.
func fill(template string, args []string) string {
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i), a)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

var escaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `>`, `\>`)

// Encode returns compact text for storage: code>after|arg|arg, with \ before a \, | or > that belongs to a part.
// The zero Reason is "".
func (r Reason) Encode() string {
	var b strings.Builder
	b.WriteString(escaper.Replace(r.Code))
	if r.After != "" {
		b.WriteByte('>')
		b.WriteString(escaper.Replace(r.After))
	}
	for _, a := range r.Args {
		b.WriteByte('|')
		b.WriteString(escaper.Replace(a))
	}
	return b.String()
}

// DecodeReason reads what Encode wrote. It accepts any text: what Encode never writes becomes some Reason, not an error.
func DecodeReason(text string) Reason {
	var r Reason
	part, mark := &r.Code, byte(0)
	var b strings.Builder
	end := func() {
		*part = b.String()
		if mark == '|' {
			r.Args = append(r.Args, b.String())
		}
		b.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '|':
			end()
			part, mark = new(string), c
		case c == '>' && mark == 0:
			end()
			part, mark = &r.After, c
		default:
			b.WriteByte(c)
		}
	}
	end()
	return r
}
