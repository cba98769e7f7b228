package dashboard

import (
	"encoding/json"
	"net/url"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// personPage finds all that is stored about one person.
type personPage struct {
	frame
	Form                    *form
	Back, Action            string
	Address                 view.Field
	Asked                   string // the address that was looked for; "" before
	Rows                    []personRow
	Download, Erase, Warned string
}

type personRow struct {
	Page, Kind, State string
	Since             stamp
	Deliveries        string
}

func (s *Site) askPerson(v *visit) error { return s.personForm(v, v.filled(url.Values{}), nil) }

func (s *Site) personForm(v *visit, f *form, found []app.Personal) error {
	at := s.paths.Manage(v.page, "/subscribers/person")
	page := personPage{
		frame: s.pageFrame(v, "subscribers", v.t("person.title")), Form: f, Back: s.paths.Manage(v.page, "/subscribers"), Action: at,
		Address: f.field("address", "person.address", "person.address.help"), Download: at + "/download", Erase: at + "/erase",
	}
	page.Address.Autocomplete = "off"
	if f.ok() {
		page.Asked = f.get("address")
		page.Warned = v.t("person.erase.text", "Address", view.InSentence(page.Asked))
	}
	for _, p := range found {
		page.Rows = append(page.Rows, personRow{
			Page: view.InSentence(p.Page.Name), State: v.t("subscribers.state." + p.Subscriber.State.String()), Since: v.day(p.Subscriber.Created),
			Kind: v.kindOf(p.Subscriber), Deliveries: v.n("person.deliveries", len(p.Deliveries)),
		})
	}
	return v.render(f.code(), "dashboard/subscribers/person.html", page)
}

// person is what is stored about the address that a form brought; nil when the form is to be shown again.
func (s *Site) person(v *visit) (*form, []app.Personal, error) {
	f, err := v.posted()
	if err != nil {
		return nil, nil, err
	}
	found, err := s.App.PersonalData(v.c.Request().Context(), v.actor, f.get("address"))
	if f.refuse(err) {
		err = nil
	}
	return f, found, err
}

func (s *Site) findPerson(v *visit) error {
	f, found, err := s.person(v)
	if err != nil {
		return err
	}
	return s.personForm(v, f, found)
}

func (s *Site) erasePerson(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	n, err := s.App.ErasePerson(v.c.Request().Context(), v.actor, f.get("address"))
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/subscribers/person"), "person-erased")
}

// personJSON is what is stored about an address, as a document to hand to whoever it is about.
type personJSON struct {
	Address       string             `json:"address"`
	At            time.Time          `json:"at"`
	Subscriptions []subscriptionJSON `json:"subscriptions"`
}

type subscriptionJSON struct {
	Page         string         `json:"page"`
	ID           string         `json:"id"`
	Channel      string         `json:"channel"`
	Address      string         `json:"address"`
	State        string         `json:"state"`
	Topic        string         `json:"topic"`
	Components   []string       `json:"components"` // none: all
	Language     string         `json:"language"`
	SubscribedAt *time.Time     `json:"subscribedAt"`
	ConfirmedAt  *time.Time     `json:"confirmedAt"`
	Consent      string         `json:"consent"`
	AskedAt      *time.Time     `json:"askedToConfirmAt"`
	ReachedAt    *time.Time     `json:"lastDeliveredAt"`
	Deliveries   []deliveryJSON `json:"deliveries"`
}

type deliveryJSON struct {
	Event    string     `json:"event"`
	State    string     `json:"state"`
	Attempts int        `json:"attempts"`
	At       *time.Time `json:"at"`
	DoneAt   *time.Time `json:"doneAt"`
	Reason   string     `json:"reason,omitempty"`
}

// downloadPerson sends what is stored about an address.
func (s *Site) downloadPerson(v *visit) error {
	f, found, err := s.person(v)
	if err != nil {
		return err
	}
	if !f.ok() {
		return s.personForm(v, f, nil)
	}
	out := &download{v: v, kind: "application/json; charset=utf-8", name: "personal-data.json"}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v.personJSON(f.get("address"), found))
}

func (v *visit) personJSON(address string, found []app.Personal) personJSON {
	out := personJSON{Address: address, At: v.site.App.Now().UTC().Truncate(time.Second), Subscriptions: []subscriptionJSON{}}
	for _, p := range found {
		sub := p.Subscriber
		one := subscriptionJSON{
			Page: p.Page.Name, ID: sub.ID.String(), Channel: sub.Channel.String(), Address: sub.Address.Reveal(), State: sub.State.String(),
			Topic: sub.Topic.String(), Components: append([]string{}, p.Components...), Language: sub.Locale, SubscribedAt: orNull(sub.Created),
			ConfirmedAt: orNull(sub.Active), Consent: sub.Consent, AskedAt: orNull(sub.AskedAt), ReachedAt: orNull(sub.Succeeded), Deliveries: []deliveryJSON{},
		}
		for _, d := range p.Deliveries {
			one.Deliveries = append(one.Deliveries, deliveryJSON{
				d.Type.String(), d.State.String(), d.Attempts, orNull(d.Created), orNull(d.Done), v.words.Delivery(d.Reason),
			})
		}
		out.Subscriptions = append(out.Subscriptions, one)
	}
	return out
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
