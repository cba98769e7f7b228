package locale

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Match is the language for a reader: the one that was asked for by name (?lang=) if we have it, else the best of the
// Accept-Language header's lines (RFC 9110 §12.5.4, RFC 4647 §3.4: "tr-TR" finds "tr"), else Default.
func (b *Bundle) Match(query string, acceptLanguage []string) string {
	if lang, ok := b.find(query); ok {
		return lang
	}
	switch len(acceptLanguage) {
	case 0:
		return Default
	case 1:
		return b.memo.get(acceptLanguage[0], b.negotiate)
	}
	return b.negotiate(strings.Join(acceptLanguage, ","))
}

// find looks a language range up, cutting it from the end until we have it.
func (b *Bundle) find(wanted string) (string, bool) {
	for wanted != "" {
		for _, lang := range b.languages {
			if strings.EqualFold(lang, wanted) {
				return lang, true
			}
		}
		wanted = wanted[:max(0, strings.LastIndexByte(wanted, '-'))]
	}
	return "", false
}

// negotiate weighs a whole header.
func (b *Bundle) negotiate(header string) string {
	wishes := parseWishes(header)
	for _, w := range wishes {
		if w.weight == 0 {
			break // they are sorted: the rest is what the reader refuses
		}
		if w.language == "*" {
			return b.notRefused(wishes)
		}
		if lang, ok := b.find(w.language); ok && !refuses(wishes, lang) {
			return lang
		}
	}
	return Default
}

func (b *Bundle) notRefused(wishes []wish) string {
	for _, lang := range b.languages {
		if !refuses(wishes, lang) {
			return lang
		}
	}
	return Default
}

// wish is one range of Accept-Language.
type wish struct {
	language string
	weight   float64 // 0: refused
}

// maxWishes bounds the work for a hostile header; browsers send up to ten.
const maxWishes = 32

// parseWishes lists a header's ranges, the dearest first, in the order of the header among equals.
func parseWishes(header string) []wish {
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name != "" && len(wishes) < maxWishes {
			wishes = append(wishes, wish{name, weight(params)})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	return wishes
}

// weight reads "q=0.8"; 1 when there is none, 0 when it cannot be read.
func weight(params string) float64 {
	name, value, found := strings.Cut(params, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) { // the negation also catches NaN
		return 0
	}
	return q
}

func refuses(wishes []wish, lang string) bool {
	return slices.ContainsFunc(wishes, func(w wish) bool { return w.weight == 0 && strings.EqualFold(w.language, lang) })
}

// memo remembers what headers meant. Readers neither lock nor allocate; a few hundred different headers cover the browsers
// of the world, and what comes after the bound is weighed each time.
type memo struct {
	known   atomic.Pointer[map[string]string]
	writing sync.Mutex
}

const (
	memoEntries = 256
	memoHeader  = 128 // longest header worth keeping
)

func (m *memo) get(header string, compute func(string) string) string {
	known := m.known.Load()
	if known != nil {
		if lang, ok := (*known)[header]; ok {
			return lang
		}
	}
	lang := compute(header)
	if len(header) <= memoHeader && (known == nil || len(*known) < memoEntries) {
		m.add(strings.Clone(header), lang) // the request's memory is not ours to keep
	}
	return lang
}

// add publishes a copy of the map with one more entry.
func (m *memo) add(header, lang string) {
	m.writing.Lock()
	defer m.writing.Unlock()
	next := map[string]string{}
	if known := m.known.Load(); known != nil {
		if len(*known) >= memoEntries {
			return
		}
		next = maps.Clone(*known)
	}
	next[header] = lang
	m.known.Store(&next)
}
