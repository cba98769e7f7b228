package public

import (
	"net/http"
	"net/url"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// subscribeForm is where people say that they want to be told, and of what.
type subscribeForm struct {
	frame
	Problems          []problem
	Action            string
	Channel           string // the only one there is
	Hook              view.Field
	Topic, Components view.Field
}

func (s *Site) subscribeScreen(a *asking) error {
	if !a.facts.Page.SubscribersEnabled {
		return model.ErrForbidden
	}
	a.form.values = url.Values{"topic": {model.TopicAll.String()}}
	return s.subscribeForm(a, http.StatusOK)
}

func (s *Site) subscribeForm(a *asking, code int) error {
	words := a.who.words
	page := subscribeForm{frame: s.frame(a, words.T("subscribe.title"), a.home("")), Action: a.home(a.who.lang), Channel: model.Webhook.String()}
	page.Lead = words.T("subscribe.lead")
	page.Hook = a.form.field(a, "webhookUrl", words.T("subscribe.hook"), words.T("subscribe.hook.help"))
	page.Hook.Type, page.Hook.Placeholder, page.Hook.Autocomplete = "url", "https://example.com/status-hook", "off"
	page.Topic, page.Components = a.form.topic(a), a.form.components(a)
	page.Problems = a.form.list(a)
	return s.render(a, code, "public/subscribe/subscribe.html", page)
}

// subscribed is what a new subscriber is told once.
type subscribed struct {
	frame
	Host             string
	Secret, Standard copied
	Preferences      string // URL
}

// copied is a text to copy.
type copied struct{ Label, Help, Text string }

func (s *Site) subscribe(a *asking) error {
	var draft app.SubscribeDraft
	done, err := s.subscriptions.Subscribe(a.c.Request().Context(), a.facts.Page.Slug, func(d *app.SubscribeDraft) error {
		problems, _ := model.AsInvalid(a.form.fill(&d.Wishes))
		known := true
		if d.Channel, known = model.ParseChannel(a.form.values.Get("type")); !known {
			problems.Add("type", "choice", "choices", model.Webhook)
		}
		d.WebhookURL, d.Locale = a.form.trimmed("webhookUrl"), a.who.lang
		draft = *d
		return problems.Err()
	})
	if a.form.refuse(err) {
		return s.subscribeForm(a, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	a.token = done.Token
	words := a.who.words
	page := subscribed{
		frame: s.frame(a, words.T("subscribe.done"), a.home("")), Host: hostOf(draft.WebhookURL),
		Secret:      copied{words.T("subscribe.secret"), words.T("subscribe.secret.help"), done.Token},
		Standard:    copied{words.T("subscribe.standard"), words.T("subscribe.standard.help"), done.StandardSecret},
		Preferences: a.preferences(a.who.lang),
	}
	page.Lead = words.T("subscribe.done.text", "Host", view.InSentence(page.Host))
	return s.render(a, http.StatusOK, "public/subscribe/subscribed.html", page)
}

// hostOf is the part of a URL that is no secret.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
