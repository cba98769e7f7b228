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

var (
	subscriberID = idOf[model.SubscriberID]
	deliveryID   = idOf[model.DeliveryID]
)

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

func (a *API) deleteSubscriber(ctx context.Context, in call) (app.Answer, error) {
	id, err := subscriberID(in)
	if err != nil {
		return app.Answer{}, err
	}
	return gone(a.App.DeleteSubscriber(ctx, in.by, id))
}

// resumeSubscriber lets a paused webhook be told again. As with every act, a body is not needed.
func (a *API) resumeSubscriber(ctx context.Context, in call) (app.Answer, error) {
	if err := nothing(in.body); err != nil {
		return app.Answer{}, err
	}
	id, err := subscriberID(in)
	if err != nil {
		return app.Answer{}, err
	}
	s, err := a.App.ResumeSubscriber(ctx, in.by, id)
	return found(showSubscriber(s), err)
}
