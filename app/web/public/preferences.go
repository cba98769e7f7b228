package public

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web/view"
)

// preferences is a subscription, to change or to end.
type preferences struct {
	frame
	Problems                    []problem
	Saved, Paused               bool
	Confirm                     string // URL, while it has to be confirmed
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

// reached is where a subscriber is reached, as far as its own screens say it: whoever gets hold of the link, of a mail that was passed on,
// need not learn the address.
func reached(words *locale.Words, sub model.Subscriber) string {
	address := sub.Address.Reveal()
	switch sub.Channel {
	case model.Email:
		at := strings.LastIndexByte(address, '@')
		return view.InSentence(beginningOf(address, 1) + "***" + address[max(at, 0):])
	case model.Telegram:
		if strings.HasPrefix(address, "@") {
			return words.T("subscriber.chat", "Chat", view.InSentence(beginningOf(address, 2)+"***"))
		}
		return words.T("subscriber.chat", "Chat", "…"+address[max(len(address)-3, 0):])
	}
	return view.InSentence(sub.Host)
}

// beginningOf is the first n characters of a text.
func beginningOf(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(n, len(runes))])
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
	if sub.State == model.Pending {
		page.Confirm = a.confirmation(a.who.lang)
	}
	page.Lead = words.T("preferences."+sub.Channel.String(), "To", reached(words, sub), "Date", words.Date(sub.Created.In(zoneOf(a.facts))))
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
		frame: s.frame(a, words.T("unsubscribe.title"), a.unsubscribe("")), Text: words.T("unsubscribe.text", "To", reached(words, sub)),
		Action: a.unsubscribe(a.who.lang), Submit: words.T("unsubscribe.submit"), Button: "danger",
	})
}

// errEnded is that there is no subscription to end: to a button that is pressed twice, and to a mail provider that repeats itself, this is
// success.
var errEnded = errors.New("nothing is left to unsubscribe from")

// unsubscribe ends a subscription, also for a mail provider's one click (RFC 8058): no body is needed, and nothing redirects.
func (s *Site) unsubscribe(a *asking) error {
	err := s.subscriptions.Unsubscribe(a.c.Request().Context(), a.facts.Page.Slug, a.token)
	err = s.guessed(a, err)
	if errors.Is(err, model.ErrNotFound) && a.token != "" {
		return errEnded
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
