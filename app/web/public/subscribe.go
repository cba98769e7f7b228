package public

import (
	"net/http"
	"net/url"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// subscribeForm is where people say that they want to be told, how, and of what.
type subscribeForm struct {
	frame
	Problems          []problem
	Action            string
	Channel           view.Field // its options are the channels that are offered
	Ways              []way      // the same, with what each has to be told
	Topic, Components view.Field
}

// way is what one channel has to be told.
type way struct {
	Channel string
	Fields  []view.Field
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
	page := subscribeForm{frame: s.frame(a, words.T("subscribe.title"), a.home("")), Action: a.home(a.who.lang)}
	page.Lead = words.T("subscribe.lead")
	page.Channel = a.form.channel(a, s.offered())
	for _, o := range page.Channel.Options {
		page.Ways = append(page.Ways, way{o.Value, addressFields[o.Value](a)})
	}
	page.Topic, page.Components = a.form.topic(a), a.form.components(a)
	page.Problems = a.form.list(a)
	return s.render(a, code, "public/subscribe/subscribe.html", page)
}

// offered are the channels by which one can subscribe.
func (s *Site) offered() (out []model.Channel) {
	for _, c := range []model.Channel{model.Email, model.Telegram, model.Webhook} {
		if s.subscriptions.OffersChannel(c) {
			out = append(out, c)
		}
	}
	return out
}

// addressFields make the controls for where each channel leads.
var addressFields = map[string]func(*asking) []view.Field{
	model.Email.String(): func(a *asking) []view.Field {
		f := a.form.field(a, "email", a.who.words.T("subscribe.email"), a.who.words.T("subscribe.email.help"))
		f.Type, f.Autocomplete, f.Placeholder = "email", "email", a.who.words.T("subscribe.email.example")
		return []view.Field{f}
	},
	model.Telegram.String(): func(a *asking) []view.Field {
		chat := a.form.field(a, "telegramChatId", a.who.words.T("subscribe.chat"), a.who.words.T("subscribe.chat.help"))
		chat.Autocomplete = "off"
		bot := a.form.field(a, "telegramBotToken", a.who.words.T("subscribe.bot"), a.who.words.T("subscribe.bot.help"))
		bot.Type, bot.Autocomplete = "password", "off"
		return []view.Field{chat, bot}
	},
	model.Webhook.String(): func(a *asking) []view.Field {
		f := a.form.field(a, "webhookUrl", a.who.words.T("subscribe.hook"), a.who.words.T("subscribe.hook.help"))
		f.Type, f.Placeholder, f.Autocomplete = "url", "https://example.com/status-hook", "off"
		return []view.Field{f}
	},
}

func (s *Site) subscribe(a *asking) error {
	var draft app.SubscribeDraft
	done, err := s.subscriptions.Subscribe(a.c.Request().Context(), a.facts.Page.Slug, func(d *app.SubscribeDraft) error {
		err := a.form.fill(&d.Wishes)
		d.Channel, _ = model.ParseChannel(a.form.values.Get("type")) // 0 is refused by the use case
		d.Email, d.WebhookURL = a.form.trimmed("email"), a.form.trimmed("webhookUrl")
		d.TelegramChatID, d.TelegramBotToken = a.form.trimmed("telegramChatId"), model.Secret(a.form.trimmed("telegramBotToken"))
		d.Locale = a.who.lang
		if from := a.client(); from.IsValid() {
			d.From = from.Unmap().String()
		}
		draft = *d
		return err
	})
	if a.form.refuse(err) {
		return s.subscribeForm(a, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if done.Channel == model.Email {
		return s.lookIntoMail(a, draft.Email)
	}
	return s.subscribed(a, done, draft)
}

// lookIntoMail says where it goes on. It is the same whatever is known of the address.
func (s *Site) lookIntoMail(a *asking, address string) error {
	words := a.who.words
	return s.notice(a, http.StatusOK, notice{
		frame: s.frame(a, words.T("subscribe.mail"), a.home("")),
		Text:  words.T("subscribe.mail.text", "Address", view.InSentence(address)), Help: words.T("subscribe.mail.help"),
	})
}

// subscribed is what a new subscriber is told once.
type subscribed struct {
	frame
	Secrets     []copied // of a webhook
	Preferences string   // URL
}

// copied is a text to copy.
type copied struct{ Label, Help, Text, After string }

func (s *Site) subscribed(a *asking, done app.Subscribed, draft app.SubscribeDraft) error {
	a.token = done.Token
	words := a.who.words
	page := subscribed{frame: s.frame(a, words.T("subscribe.done"), a.home("")), Preferences: a.preferences(a.who.lang)}
	if done.Channel == model.Telegram {
		page.Lead = words.T("subscribe.done.telegram")
		return s.render(a, http.StatusOK, "public/subscribe/subscribed.html", page)
	}
	page.Lead = words.T("subscribe.done.text", "Host", view.InSentence(hostOf(draft.WebhookURL)))
	page.Secrets = []copied{
		{words.T("subscribe.secret"), words.T("subscribe.secret.help"), done.Token, words.T("subscribe.verify")},
		{words.T("subscribe.standard"), words.T("subscribe.standard.help"), done.StandardSecret, ""},
	}
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
