package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"statusd/app/model"
	"statusd/store"
)

// Limits of localised texts, in characters of each language.
const (
	maxTitle = 200
	maxBody  = 10_000
)

// localised checks a text of which at least one language must be there, and cleans it.
func (a *App) localised(v *model.Invalid, field string, text *model.Text, limit int) {
	*text = text.Cleaned()
	if v.Has(field) {
		return
	}
	if text.Empty() && !blamed(*v, field) {
		v.Add(field, "text_required", "languages", strings.Join(a.Languages, ", "))
		return
	}
	a.texts(v, field, *text, limit)
}

// blamed says whether one of a text's languages has a problem already.
func blamed(v model.Invalid, field string) bool {
	return slices.ContainsFunc(v, func(p model.Problem) bool { return strings.HasPrefix(p.Field, field+".") })
}

// texts checks every language of a text. One line is enough for a title; a body may have many.
func (a *App) texts(v *model.Invalid, field string, text model.Text, limit int) {
	for _, lang := range slices.Sorted(maps.Keys(text)) {
		words, at := text[lang], field+"."+lang
		switch {
		case v.Has(at):
		case !slices.Contains(a.Languages, lang):
			v.Add(at, "language", "languages", strings.Join(a.Languages, ", "))
		case limit == maxTitle:
			oneLine(v, at, words, limit)
		case utf8.RuneCountInString(words) > limit:
			v.Add(at, "too_long", "max", limit)
		case !utf8.ValidString(words) || strings.ContainsFunc(words, unprintableInText):
			v.Add(at, "control_characters")
		}
	}
}

// unprintableInText leaves the white space that texts of several lines have.
func unprintableInText(r rune) bool { return r != '\n' && r != '\r' && r != '\t' && unprintable(r) }

// affected turns ids into the components of a page that they name. An id that the row has already is kept, though its component
// may be gone.
func affected(ctx context.Context, own store.Owned, v *model.Invalid, page model.PageID, ids []model.ComponentID, before []model.Affected) ([]model.Affected, error) {
	const field = "affectedComponentIds"
	if v.Has(field) || len(ids) == 0 {
		return nil, nil
	}
	known := map[model.ComponentID]string{}
	for _, a := range before {
		known[a.ID] = a.Name
	}
	rows, err := own.Components(ctx, page, store.After{}, maxListed)
	if err != nil {
		return nil, err
	}
	for _, c := range rows {
		known[c.ID] = c.Name
	}
	var out []model.Affected
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		name, ok := known[id]
		if !ok {
			v.Add(field, "unknown_component", "id", id.String())
			return nil, nil
		}
		out = append(out, model.Affected{ID: id, Name: name})
	}
	slices.SortFunc(out, model.Affected.Compare) // as the store has them, or the same would look like a change
	return out, nil
}

const maxListed = 1 << 30
