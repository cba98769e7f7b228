package api

import (
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
)

// subscription is a request to be told, and what in it belongs to one channel alone.
type subscription struct {
	app.SubscribeDraft
	bound []bound
}

// bound is a field that only one channel has.
type bound struct {
	channel model.Channel
	given   given
}

// subscribeFields are the fields of a request to subscribe (SPEC §7).
var subscribeFields = fields[subscription]{
	"type":             setChannel,
	"webhookUrl":       ofChannel(model.Webhook, func(s *subscription) *string { return &s.WebhookURL }),
	"email":            ofChannel(model.Email, func(s *subscription) *string { return &s.Email }),
	"telegramChatId":   ofChannel(model.Telegram, func(s *subscription) *string { return &s.TelegramChatID }),
	"telegramBotToken": ofChannel(model.Telegram, func(s *subscription) *string { return (*string)(&s.TelegramBotToken) }),
	"topic":            setTopic,
	"componentIds":     func(s *subscription, g given) { g.components(&s.Components) },
	"locale":           func(s *subscription, g given) { g.text(&s.Locale, model.DefaultLanguage) },
}

// ofChannel reads a text that belongs to one channel.
func ofChannel(c model.Channel, into func(*subscription) *string) func(*subscription, given) {
	return func(s *subscription, g given) {
		s.bound = append(s.bound, bound{c, g})
		g.text(into(s), "")
	}
}

// setChannel reads a channel. None is refused by the use case, which knows those that are offered.
func setChannel(s *subscription, g given) {
	text := ""
	g.text(&text, "")
	s.Channel, _ = model.ParseChannel(text)
}

func setTopic(s *subscription, g given) {
	text, known := "", false
	g.text(&text, model.TopicAll.String())
	if s.Topic, known = model.ParseTopic(text); !known && !g.wrong.Has(g.path) {
		g.refuse("choice", "choices", "all, incidents, maintenance")
	}
}

// read applies a body to a draft.
func (s *subscription) read(change func(*subscription) error, d *app.SubscribeDraft) error {
	s.SubscribeDraft = *d
	err := change(s)
	wrong, isInvalid := model.AsInvalid(err)
	if err != nil && !isInvalid {
		return err
	}
	for _, b := range s.bound {
		if b.channel != s.Channel && s.Channel != 0 && !wrong.Has(b.given.path) {
			wrong.Add(b.given.path, "other_channel")
		}
	}
	*d = s.SubscribeDraft
	return wrong.Err()
}

// pendingJSON is the answer to whoever has to confirm: the same for an address that is known and for one that is not.
type pendingJSON struct {
	Status string `json:"status"`
}

// managedJSON is what somebody who subscribed a chat is told once.
type managedJSON struct {
	ManagementToken string `json:"managementToken"`
}

// subscribedJSON is what somebody who subscribed a webhook is told once. The first two are one value: the reference names either.
type subscribedJSON struct {
	ManagementToken        string `json:"managementToken"`
	WebhookSecret          string `json:"webhookSecret"`
	StandardWebhooksSecret string `json:"standardWebhooksSecret"`
}

func showSubscribed(done app.Subscribed) (app.Answer, error) {
	switch done.Channel {
	case model.Email:
		return answered(http.StatusAccepted, "", pendingJSON{"pending_confirmation"})
	case model.Telegram:
		return answered(http.StatusCreated, "", managedJSON{done.Token})
	}
	return answered(http.StatusCreated, "", subscribedJSON{done.Token, done.Token, done.StandardSecret})
}

// subscribe takes on whoever asks. It has no CORS headers and reads nothing but JSON, so no page elsewhere makes a browser send it.
func (a *API) subscribe(c echo.Context) error {
	from, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		from = netip.Addr{} // a unix socket
	}
	if err := a.App.AdmitStranger(from); err != nil {
		return a.refuse(c, err)
	}
	body, err := readBody(c)
	if err != nil {
		return a.refuse(c, err)
	}
	change, err := subscribeFields.reader(body)
	if err != nil {
		return a.refuse(c, err)
	}
	done, err := a.App.Subscribe(c.Request().Context(), c.Param("slug"), func(d *app.SubscribeDraft) error {
		if from.IsValid() {
			d.From = from.Unmap().String()
		}
		return new(subscription).read(change, d)
	})
	if err != nil {
		return a.refuse(c, subscribersOff(err))
	}
	answer, err := showSubscribed(done)
	if err != nil {
		return a.refuse(c, err)
	}
	return reply(c, answer)
}

// subscribersOff words for strangers what for others would be about their token.
func subscribersOff(err error) error {
	if err == model.ErrForbidden {
		return refusal{http.StatusForbidden, "This page takes no subscriptions."}
	}
	return err
}
