package api

import (
	"context"

	"statusd/app"
	"statusd/app/model"
)

// subscriberJSON is somebody who is told. Its secret is in no answer; its address is for editors, and null for others.
type subscriberJSON struct {
	ID              model.SubscriberID    `json:"id"`
	PageID          model.PageID          `json:"pageId"`
	Type            model.Channel         `json:"type"`
	State           model.SubscriberState `json:"state"`
	Topic           model.Topic           `json:"topic"`
	ComponentIDs    []model.ComponentID   `json:"componentIds"`
	Locale          string                `json:"locale"`
	Address         *string               `json:"address"`
	CreatedAt       seconds               `json:"createdAt"`
	LastDeliveredAt seconds               `json:"lastDeliveredAt"`
}

func showSubscriber(s model.Subscriber) subscriberJSON {
	out := subscriberJSON{
		ID: s.ID, PageID: s.Page, Type: s.Channel, State: s.State, Topic: s.Topic, ComponentIDs: s.Components, Locale: s.Locale,
		Address: orNull(s.Address.Reveal()), CreatedAt: seconds(s.Created), LastDeliveredAt: seconds(s.Succeeded),
	}
	if out.ComponentIDs == nil {
		out.ComponentIDs = []model.ComponentID{}
	}
	return out
}

func (a *API) listSubscribers(ctx context.Context, in call) (app.Answer, error) {
	w, err := in.window()
	if err != nil {
		return app.Answer{}, err
	}
	id, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	l, err := a.App.Subscribers(ctx, in.by, id, app.SubscriberFilter{}, w)
	return listed(l, err, showSubscriber)
}
