package dashboard

import (
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
)

// deliveryLog is what was sent to whom, the newest first.
type deliveryLog struct {
	audience
	States   []tab  // by which it can be filtered
	Of       string // the subscriber whose deliveries these are; "" for everybody's
	Everyone string // URL
	Rows     []deliveryRow
}

type deliveryRow struct {
	At        stamp
	Event, To string
	Detail    string // attempts and what is next
	Reason    string // "" when nothing failed
	Status    status.Status
	State     string
	Retry     string // URL; "" when there is nothing to try again
	ToURL     string // of its subscriber's deliveries
}

func (s *Site) deliveries(v *visit) error {
	query := url.Values{"state": {v.c.QueryParam("state")}, "subscriber": {v.c.QueryParam("subscriber")}}
	var f app.DeliveryFilter
	f.State, _ = model.ParseDeliveryState(query.Get("state"))
	if text := query.Get("subscriber"); text != "" && f.Subscriber.UnmarshalText([]byte(text)) != nil {
		return model.ErrNotFound
	}
	base, err := s.audience(v, "deliveries")
	if err != nil {
		return err
	}
	list, err := s.App.Deliveries(v.c.Request().Context(), v.actor, v.page.ID, f, s.cursor(v))
	if err != nil {
		return lostCursor(err)
	}
	page := deliveryLog{audience: base, States: s.deliveryStates(v, query), Everyone: s.paths.Manage(v.page, "/subscribers/deliveries")}
	to := addressees{v: v, known: map[model.SubscriberID]addressee{}}
	if f.Subscriber != 0 {
		one, err := to.of(f.Subscriber)
		if err != nil {
			return err
		}
		page.Of = one.name
	}
	for _, d := range list.Items {
		one, err := to.of(d.Subscriber)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, s.deliveryRow(v, d, one, query))
	}
	page.pageOf(s, v, "/subscribers/deliveries", query, list.Next)
	return v.show("dashboard/subscribers/deliveries.html", page)
}

// deliveryStates are links to each state's deliveries.
func (s *Site) deliveryStates(v *visit, query url.Values) (out []tab) {
	for _, state := range []string{"", "waiting", "failed", "delivered"} {
		key := state
		if key == "" {
			key = "any"
		}
		own := url.Values{"state": {state}, "subscriber": {query.Get("subscriber")}}
		out = append(out, tab{
			Name: v.t("delivery.state." + key), URL: withQuery(s.paths.Manage(v.page, "/subscribers/deliveries"), own), Current: query.Get("state") == state,
		})
	}
	return out
}

// addressee is to whom a delivery goes, who may be gone.
type addressee struct {
	name   string
	active bool
}

// addressees finds each subscriber once.
type addressees struct {
	v     *visit
	known map[model.SubscriberID]addressee
}

func (a addressees) of(id model.SubscriberID) (addressee, error) {
	if one, ok := a.known[id]; ok {
		return one, nil
	}
	sub, err := a.v.site.App.Subscriber(a.v.c.Request().Context(), a.v.actor, id)
	one := addressee{a.v.subscriberName(sub), sub.State == model.Active}
	if err == model.ErrNotFound {
		one, err = addressee{name: a.v.t("subscribers.ended", "ID", id)}, nil
	}
	a.known[id] = one
	return one, err
}

// statusOfDelivery is the glyph of a state. One that waits for its first attempt is no news, one that waits for another is bad news.
func statusOfDelivery(d model.Delivery) status.Status {
	switch {
	case d.State == model.Delivered:
		return status.Operational
	case d.State == model.Undelivered:
		return status.Down
	case d.State == model.Waiting && d.Attempts > 0:
		return status.Degraded
	}
	return status.NoData
}

// tally words how many deliveries are in which state: "told 12, 1 failed, 2 waiting: no answer in 10 s"; "" for none.
func (v *visit) tally(t app.Telling) string {
	var parts []string
	for _, one := range []struct {
		state model.DeliveryState
		key   string
	}{{model.Delivered, "tally.delivered"}, {model.Undelivered, "tally.failed"}, {model.Superseded, "tally.superseded"}, {model.Waiting, "tally.waiting"}} {
		if n := t.Tally[one.state]; n > 0 {
			parts = append(parts, v.n(one.key, n))
		}
	}
	if t.Tally[model.Waiting] > 0 && t.Why != "" {
		parts[len(parts)-1] = v.t("tally.why", "Waiting", parts[len(parts)-1], "Reason", v.words.Delivery(t.Why))
	}
	return strings.Join(parts, ", ")
}

func (s *Site) deliveryRow(v *visit, d model.Delivery, to addressee, query url.Values) deliveryRow {
	row := deliveryRow{
		At: v.shortly(d.Created), Event: d.Type.String(), To: to.name, Reason: v.words.Delivery(d.Reason), Status: statusOfDelivery(d),
		State: v.t("delivery.state." + d.State.String()), ToURL: s.paths.DeliveriesOf(v.page, d.Subscriber),
	}
	if d.Attempts > 1 || d.Attempts > 0 && d.State != model.Delivered {
		row.Detail = v.n("delivery.attempts", d.Attempts)
	}
	if d.State == model.Waiting && d.Attempts > 0 {
		row.Detail = v.n("delivery.next", d.Attempts, "Time", v.words.Clock(d.Next, v.zone()))
	}
	if v.actor.May(model.Editor) && to.active && (d.State == model.Undelivered || d.State == model.Waiting && d.Attempts > 0) {
		at := s.paths.Manage(v.page, "/subscribers/deliveries/"+d.ID.String()+"/retry")
		row.Retry = withQuery(at, url.Values{"state": query["state"], "subscriber": query["subscriber"]})
	}
	return row
}

func (s *Site) retryDelivery(v *visit) error {
	var id model.DeliveryID
	if err := v.id("delivery", &id); err != nil {
		return err
	}
	if _, err := s.App.RetryDelivery(v.c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	back := url.Values{"state": {v.c.QueryParam("state")}, "subscriber": {v.c.QueryParam("subscriber")}}
	return v.goTo(withQuery(s.paths.Manage(v.page, "/subscribers/deliveries"), back), "delivery-retried")
}
