package api

import (
	"context"

	"statusd/app"
	"statusd/app/model"
)

// deliveryJSON is one event on its way to one subscriber, who may be gone.
type deliveryJSON struct {
	ID            model.DeliveryID    `json:"id"`
	Event         model.EventType     `json:"event"`
	SubscriberID  model.SubscriberID  `json:"subscriberId"`
	State         model.DeliveryState `json:"state"`
	Attempts      int                 `json:"attempts"`
	LastError     *string             `json:"lastError"`
	NextAttemptAt seconds             `json:"nextAttemptAt"`
	CreatedAt     seconds             `json:"createdAt"`
}

func (a *API) showDelivery(d model.Delivery) deliveryJSON {
	out := deliveryJSON{
		ID: d.ID, Event: d.Type, SubscriberID: d.Subscriber, State: d.State, Attempts: d.Attempts, CreatedAt: seconds(d.Created),
	}
	if d.Reason != "" {
		out.LastError = new(a.Words("delivery", d.Reason, nil))
	}
	if d.State == model.Waiting {
		out.NextAttemptAt = seconds(d.Next)
	}
	return out
}

// deliveryFilter reads ?state= and ?subscriberId=. A subscriber that is no id has no deliveries.
func (in call) deliveryFilter(wrong *model.Invalid) (f app.DeliveryFilter) {
	if text := in.query.Get("state"); text != "" {
		var known bool
		if f.State, known = model.ParseDeliveryState(text); !known {
			wrong.Add("state", "choice", "choices", "waiting, delivered, failed, superseded")
		}
	}
	if text := in.query.Get("subscriberId"); text != "" && f.Subscriber.UnmarshalText([]byte(text)) != nil {
		f.Subscriber = nobody
	}
	return f
}

// nobody is the id of no subscriber: ids are not negative.
const nobody model.SubscriberID = -1

func (a *API) listDeliveries(ctx context.Context, in call) (app.Answer, error) {
	var wrong model.Invalid
	w := model.Window{Limit: in.limit(&wrong), Cursor: in.query.Get("cursor")}
	f := in.deliveryFilter(&wrong)
	if err := wrong.Err(); err != nil {
		return app.Answer{}, err
	}
	id, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	l, err := a.App.Deliveries(ctx, in.by, id, f, w)
	return listed(l, err, a.showDelivery)
}
