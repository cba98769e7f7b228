package public

import (
	"errors"
	"net/http"
	"net/url"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// preferences is a subscription, to change or to end.
type preferences struct {
	frame
	Problems                    []problem
	Saved, Paused               bool
	Action, Leave               string // URLs
	Topic, Components, Language view.Field
}

func (s *Site) preferences(a *asking) error {
	_, sub, err := s.subscriptions.Subscription(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	if err != nil {
		return err
	}
	a.form.values = stored(sub)
	return s.preferencesForm(a, http.StatusOK, sub, false)
}

// stored are the values of a form that shows a subscription as it is.
func stored(sub model.Subscriber) url.Values {
	values := url.Values{"topic": {sub.Topic.String()}, "locale": {sub.Locale}}
	for _, id := range sub.Components {
		values.Add("componentIds", id.String())
	}
	return values
}

func (s *Site) preferencesForm(a *asking, code int, sub model.Subscriber, saved bool) error {
	words := a.who.words
	page := preferences{
		frame: s.frame(a, words.T("preferences.title"), a.preferences("")), Saved: saved, Paused: sub.State == model.Paused,
		Action: a.preferences(a.who.lang), Leave: a.unsubscribe(a.who.lang),
		Topic: a.form.topic(a), Components: a.form.components(a), Language: a.form.language(s, a),
	}
	page.Lead = words.T("preferences.webhook", "Host", view.InSentence(sub.Host), "Date", words.Date(sub.Created.In(zoneOf(a.facts))))
	page.Problems = a.form.list(a)
	return s.render(a, code, "public/subscribe/preferences.html", page)
}

func (s *Site) savePreferences(a *asking) error {
	ctx, slug := a.c.Request().Context(), a.facts.Page.Slug
	sub, err := s.subscriptions.ChangeSubscription(ctx, slug, a.token, func(w *app.Wishes) error {
		w.Locale = a.form.values.Get("locale")
		return a.form.fill(w)
	})
	if a.form.refuse(err) {
		if _, sub, err = s.subscriptions.Subscription(ctx, slug, a.token); err != nil {
			return err
		}
		return s.preferencesForm(a, http.StatusUnprocessableEntity, sub, false)
	}
	if err != nil {
		return err
	}
	a.form.values = stored(sub)
	return s.preferencesForm(a, http.StatusOK, sub, true)
}

// unsubscribeScreen asks: mail scanners and previews open links, and end nothing by it.
func (s *Site) unsubscribeScreen(a *asking) error {
	_, sub, err := s.subscriptions.Subscription(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	if err != nil {
		return err
	}
	words := a.who.words
	return s.notice(a, http.StatusOK, notice{
		frame: s.frame(a, words.T("unsubscribe.title"), a.unsubscribe("")), Text: words.T("unsubscribe.text", "Host", view.InSentence(sub.Host)),
		Action: a.unsubscribe(a.who.lang), Submit: words.T("unsubscribe.submit"),
	})
}

// unsubscribe ends a subscription. A right token is never too many: behind one address there may be everybody's mail.
func (s *Site) unsubscribe(a *asking) error {
	err := s.subscriptions.Unsubscribe(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	if errors.Is(err, model.ErrNotFound) {
		if many := s.admit(a); many != nil {
			return many
		}
	}
	if err != nil {
		return err
	}
	words := a.who.words
	n := notice{frame: s.frame(a, words.T("unsubscribe.done"), a.home("")), Text: words.T("unsubscribe.done.text")}
	if a.facts.Page.SubscribersEnabled {
		n.Again = a.home(a.who.lang)
	}
	return s.notice(a, http.StatusOK, n)
}
