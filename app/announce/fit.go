package announce

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// fit shortens what people wrote until it takes at most so much room, as render makes it and size measures it. It says whether anything
// is missing. Cutting what was written, and not what it becomes, leaves every element closed.
func fit(markdown string, most int, render func(string) string, size func(string) int) (out string, cut bool) {
	for {
		out = render(markdown)
		n := size(out)
		if n <= most || markdown == "" {
			return out, cut
		}
		cut = true
		markdown = shortened(strings.TrimSuffix(markdown, "…"), utf8.RuneCountInString(markdown)*most/n*9/10)
	}
}

// shortened is a text cut to at most so many characters, where a paragraph, a line or a word ends if one does in its second half.
func shortened(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	if most < 1 {
		return ""
	}
	cut := string(runes[:most])
	for _, end := range []string{"\n\n", "\n", " "} {
		if at := strings.LastIndex(cut, end); at > len(cut)/2 {
			end = strings.TrimRight(end, " ")
			return strings.TrimRight(cut[:at], " \n") + end + "…"
		}
	}
	return cut + "…"
}

// bytes and units are what mails and Telegram count.
func bytesOf(text string) int { return len(text) }

func unitsOf(text string) int { return len(utf16.Encode([]rune(text))) }
