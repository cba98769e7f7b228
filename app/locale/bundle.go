// Package locale holds the words of statusd in every language: one file of assets/locales a language, and nothing about a language in code.
// It never touches names that people typed, and it knows no request: the edges hand it what the reader asked for and get a language back.
// Start with Bundle (which languages there are, which one a reader wants), then Words (texts and figures in one of them).
//
// Implements SPEC §1 and §7, languages.
package locale

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Default is the language of a reader who wants none of ours.
const Default = "en"

// Bundle is every language there is. Safe for concurrent use.
type Bundle struct {
	// Missing is told of a key that no file has, and of a message that cannot be filled in. Set it before use; it logs by default.
	Missing func(lang, key string, err error)

	words     map[string]*Words
	languages []string        // Default first, then by name
	keys      map[string]bool // of every language
	memo      memo
}

// Load reads locales/*.json of the assets. A language that lacks a key which another one has is an error.
func Load(assets fs.FS) (*Bundle, error) {
	files, err := fs.Glob(assets, "locales/*.json")
	if err != nil {
		return nil, err
	}
	messages := make(map[string][]*i18n.Message, len(files))
	for _, file := range files {
		lang := strings.TrimSuffix(path.Base(file), ".json")
		if messages[lang], err = read(assets, file); err != nil {
			return nil, fmt.Errorf("read locale %s: %w", lang, err)
		}
	}
	if err := complete(messages); err != nil {
		return nil, err
	}
	return newBundle(messages)
}

func read(assets fs.FS, file string) ([]*i18n.Message, error) {
	text, err := fs.ReadFile(assets, file)
	if err != nil {
		return nil, err
	}
	parsed, err := i18n.ParseMessageFileBytes(text, file, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range parsed.Messages {
		fillForms(m)
	}
	return parsed.Messages, nil
}

// fillForms lets a message be written once when a language has the same words for every number.
func fillForms(m *i18n.Message) {
	for _, form := range []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many} {
		if *form == "" {
			*form = m.Other
		}
	}
}

// complete says which keys are missing from which language.
func complete(messages map[string][]*i18n.Message) error {
	if messages[Default] == nil {
		return fmt.Errorf("locales/%s.json is missing", Default)
	}
	all := map[string]bool{}
	for _, list := range messages {
		for _, m := range list {
			all[m.ID] = true
		}
	}
	var problems []error
	for lang, list := range messages {
		has := make(map[string]bool, len(list))
		for _, m := range list {
			has[m.ID] = true
		}
		for key := range all {
			if !has[key] {
				problems = append(problems, fmt.Errorf("locale %s lacks %q", lang, key))
			}
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// keysOf are the keys of a language. Every language has the same.
func keysOf(list []*i18n.Message) map[string]bool {
	keys := make(map[string]bool, len(list))
	for _, m := range list {
		keys[m.ID] = true
	}
	return keys
}

func newBundle(messages map[string][]*i18n.Message) (*Bundle, error) {
	b := &Bundle{Missing: logMissing, words: make(map[string]*Words, len(messages)), languages: order(messages), keys: keysOf(messages[Default])}
	texts := i18n.NewBundle(language.MustParse(Default))
	for _, lang := range b.languages {
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("locale %s: %w", lang, err)
		}
		if err := texts.AddMessages(tag, messages[lang]...); err != nil {
			return nil, fmt.Errorf("locale %s: %w", lang, err)
		}
	}
	for _, lang := range b.languages {
		words, err := newWords(b, texts, lang)
		if err != nil {
			return nil, fmt.Errorf("locale %s: %w", lang, err)
		}
		b.words[lang] = words
	}
	return b, nil
}

// order is Default, then the others by name.
func order(messages map[string][]*i18n.Message) []string {
	others := slices.Sorted(maps.Keys(messages))
	others = slices.DeleteFunc(others, func(lang string) bool { return lang == Default })
	return append([]string{Default}, others...)
}

// Has says whether there is a text of that key in every language.
func (b *Bundle) Has(key string) bool { return b.keys[key] }

// Languages are the languages there are, Default first: "en", "tr".
func (b *Bundle) Languages() []string { return slices.Clone(b.languages) }

// Words are the words of a language; of Default when there is no such language.
func (b *Bundle) Words(lang string) *Words {
	if w := b.words[lang]; w != nil {
		return w
	}
	return b.words[Default]
}

func logMissing(lang, key string, err error) {
	slog.Error("no words", "language", lang, "key", key, "error", err)
}
