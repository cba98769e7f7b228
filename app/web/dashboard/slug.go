package dashboard

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

var slugDashes = regexp.MustCompile(`[^a-z0-9]+`)

// undecomposed are letters that no accent was added to: Unicode has no simpler form of them.
var undecomposed = strings.NewReplacer("ı", "i", "ß", "ss", "ø", "o", "Ø", "O", "æ", "ae", "Æ", "AE", "œ", "oe", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D")

// toASCII writes a name without accents: "Çınar Kargo" is "Cinar Kargo". What has no such form stays.
func toASCII(name string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), undecomposed.Replace(name))
	if err != nil {
		return name
	}
	return plain
}
