package public

import (
	"errors"
	"net/http"
	"strings"

	"statusd/app/model"
	"statusd/app/web/view"
)

// errLinkOver is what becomes of a link that asks to confirm when nobody does: there is nothing to confirm any more, or there never was.
var errLinkOver = errors.New("nothing to confirm")

// confirmed is what somebody subscribed who has just confirmed it.
type confirmed struct {
	frame
	Topic, Components, Language string
	Preferences                 string // URL
}

// confirmScreen asks: mail scanners and previews open links, and confirm nothing by it.
func (s *Site) confirmScreen(a *asking) error {
	_, sub, err := s.subscriptions.Subscription(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	switch {
	case errors.Is(err, model.ErrNotFound) || err == nil && sub.Channel != model.Email:
		return errLinkOver
	case err != nil:
		return err
	case sub.State != model.Pending:
		return s.confirmed(a, sub)
	}
	words := a.who.words
	return s.notice(a, http.StatusOK, notice{
		frame: s.frame(a, words.T("confirm.title"), a.confirmation("")), Text: words.T("confirm.text", "To", reached(words, sub)),
		Action: a.confirmation(a.who.lang), Submit: words.T("confirm.submit"), Button: "brand",
	})
}

// confirm makes somebody a subscriber who has asked by mail. As with unsubscribe, a right token is never too many.
func (s *Site) confirm(a *asking) error {
	sub, err := s.subscriptions.Confirm(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	if err == nil && sub.Channel != model.Email { // which never had to confirm
		err = model.ErrNotFound
	}
	if err = s.guessed(a, err); errors.Is(err, model.ErrNotFound) {
		return errLinkOver
	}
	if err != nil {
		return err
	}
	return s.confirmed(a, sub)
}

func (s *Site) confirmed(a *asking, sub model.Subscriber) error {
	words := a.who.words
	page := confirmed{
		frame: s.frame(a, words.T("subscribe.done"), a.confirmation("")), Preferences: a.preferences(a.who.lang),
		Topic: words.T("topic." + sub.Topic.String()), Components: a.names(sub.Components), Language: s.locales.Words(sub.Locale).T("language.name"),
	}
	page.Lead = words.T("confirm.done", "To", reached(words, sub))
	return s.render(a, http.StatusOK, "public/subscribe/confirmed.html", page)
}

// names are those of components in a sentence; without any it is about all.
func (a *asking) names(ids []model.ComponentID) string {
	if len(ids) == 0 {
		return a.who.words.T("subscribe.components.all")
	}
	known := map[model.ComponentID]string{}
	for _, c := range a.facts.Components {
		known[c.ID] = view.InSentence(c.Name)
	}
	var out []string
	for _, id := range ids {
		if name, ok := known[id]; ok {
			out = append(out, name)
		}
	}
	if gone := len(ids) - len(out); gone > 0 {
		out = append(out, a.who.words.T("subscribe.components.gone"))
	}
	return strings.Join(out, ", ")
}
