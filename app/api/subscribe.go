package api

import (
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
)

// subscription is a request to be told, and what in it belongs to other channels than the one that it names.
type subscription struct {
	app.SubscribeDraft
	foreign []given
}

// subscribeFields are the fields of a request to subscribe (SPEC §7).
var subscribeFields = fields[subscription]{
	"type":             setChannel,
	"webhookUrl":       func(s *subscription, g given) { g.text(&s.WebhookURL, "") },
	"email":            (*subscription).ofOther,
	"telegramChatId":   (*subscription).ofOther,
	"telegramBotToken": (*subscription).ofOther,
	"topic":            setTopic,
	"componentIds":     func(s *subscription, g given) { g.components(&s.Components) },
	"locale":           func(s *subscription, g given) { g.text(&s.Locale, model.DefaultLanguage) },
}

func (s *subscription) ofOther(g given) { s.foreign = append(s.foreign, g) }

func setChannel(s *subscription, g given) {
	text, known := "", false
	g.text(&text, "")
	if s.Channel, known = model.ParseChannel(text); !known && !g.wrong.Has(g.path) {
		g.refuse("choice", "choices", model.Webhook)
	}
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
	if s.Channel == model.Webhook {
		for _, g := range s.foreign {
			wrong.Add(g.path, "other_channel")
		}
	}
	*d = s.SubscribeDraft
	return wrong.Err()
}

// subscribedJSON is what somebody who subscribed a webhook is told once. The first two are one value: the reference names either.
type subscribedJSON struct {
	ManagementToken        string `json:"managementToken"`
	WebhookSecret          string `json:"webhookSecret"`
	StandardWebhooksSecret string `json:"standardWebhooksSecret"`
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
		return new(subscription).read(change, d)
	})
	if err != nil {
		return a.refuse(c, subscribersOff(err))
	}
	answer, err := answered(http.StatusCreated, "", subscribedJSON{done.Token, done.Token, done.StandardSecret})
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
