package dashboard

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

func (s *Site) registerSubscribers(e *echo.Echo) {
	const at = "/d/w/:ws/p/:page/subscribers"
	s.screen(e, at, s.onPage(s.subscribers))
	s.screen(e, at+"/deliveries", s.onPage(s.deliveries))
	s.act(e, at+"/deliveries/:delivery/retry", s.editing(s.retryDelivery))
	s.act(e, at+"/:subscriber/resume", s.editing(s.onSubscriber(s.resumeSubscriber)))
	s.act(e, at+"/:subscriber/delete", s.editing(s.onSubscriber(s.deleteSubscriber)))
}

// onSubscriber finds the subscriber of the path, on the page of the path.
func (s *Site) onSubscriber(h func(*visit, model.Subscriber) error) handler {
	return func(v *visit) error {
		var id model.SubscriberID
		if err := v.id("subscriber", &id); err != nil {
			return err
		}
		sub, err := s.App.Subscriber(v.c.Request().Context(), v.actor, id)
		if err == nil && sub.Page != v.page.ID {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return h(v, sub)
	}
}

// audience is what the two screens of the tab have in common.
type audience struct {
	frame
	May      bool // the person may see addresses, and change things
	Count    string
	Sections []tab
	Zone     string
	First    string // URL of the beginning of the list; "" when this is it
	Older    string // URL; "" for none
}

func (s *Site) audience(v *visit, key string) (audience, error) {
	counts, err := s.App.CountSubscribers(v.c.Request().Context(), v.actor, v.page.ID)
	hooks := 0
	for _, n := range counts[model.Webhook] {
		hooks += n
	}
	a := audience{
		frame: s.pageFrame(v, "subscribers", v.t("subscribers."+key)), May: v.actor.May(model.Editor), Count: v.n("subscribers.count", hooks),
		Zone: v.t("page.zone", "Zone", v.zone()),
	}
	for _, one := range []struct{ key, rest string }{{"list", "/subscribers"}, {"deliveries", "/subscribers/deliveries"}} {
		a.Sections = append(a.Sections, tab{Name: v.t("subscribers." + one.key), URL: s.paths.Manage(v.page, one.rest), Current: one.key == key})
	}
	return a, err
}

// pageOf says how a list goes on, on a screen that was asked for with a query.
func (a *audience) pageOf(s *Site, v *visit, rest string, query url.Values, next string) {
	at := s.paths.Manage(v.page, rest)
	if v.c.QueryParam("cursor") != "" {
		a.First = withQuery(at, query)
	}
	if next != "" {
		query.Set("cursor", next)
		a.Older = withQuery(at, query)
	}
}

func withQuery(path string, query url.Values) string {
	for name := range query {
		if query.Get(name) == "" {
			delete(query, name)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// audienceFact is a figure of the overview with what is to be said beside it.
type audienceFact struct{ Figure, Note, URL string }

// subscribersFact is how many are told, and whether some are not any more.
func (s *Site) subscribersFact(v *visit) (audienceFact, error) {
	counts, err := s.App.CountSubscribers(v.c.Request().Context(), v.actor, v.page.ID)
	active, paused := 0, 0
	for _, states := range counts {
		active, paused = active+states[model.Active], paused+states[model.Paused]
	}
	f := audienceFact{Figure: v.words.Number(active), URL: s.paths.Manage(v.page, "/subscribers")}
	if paused > 0 {
		f.Note = v.n("overview.paused", paused)
	}
	return f, err
}

// subscriberList is who is told.
type subscriberList struct {
	audience
	Any          bool // the page has subscribers, whatever is searched for
	Off          bool // it takes no more
	Settings     string
	Action       string // URL of the search
	Query        string
	State, Topic view.Field
	Paused       []pausedHook
	Rows         []subscriberRow
}

// pausedHook is a webhook that is sent nothing any more, with the button that changes that.
type pausedHook struct{ Name, Resume string }

type subscriberRow struct {
	Name, Kind, Topic, Components string
	Since                         stamp
	Reached                       *stamp // nil: never
	Status                        status.Status
	State                         string
	Resume                        string // URL; "" when it is not paused
	Log                           string // URL of its deliveries
	Remove                        secondPress
}

// audiencePage is how many rows are shown at once, pausedShown how many notices at most.
const audiencePage, pausedShown = 50, 5

func (s *Site) subscribers(v *visit) error {
	query := url.Values{"q": {strings.TrimSpace(v.c.QueryParam("q"))}, "state": {v.c.QueryParam("state")}, "topic": {v.c.QueryParam("topic")}}
	base, err := s.audience(v, "list")
	if err != nil {
		return err
	}
	f := v.filled(query)
	page := subscriberList{
		audience: base, Off: !v.page.SubscribersEnabled, Settings: s.paths.Manage(v.page, "/settings"),
		Action: s.paths.Manage(v.page, "/subscribers"), Query: query.Get("q"),
		State: f.choice(f.field("state", "subscribers.state", ""), v.options("subscribers.state.", "", "active", "paused")...),
		Topic: f.choice(f.field("topic", "subscribers.topic", ""), v.options("subscribers.topic.", "", "all", "incidents", "maintenance")...),
	}
	list, err := s.App.Subscribers(v.c.Request().Context(), v.actor, v.page.ID, filterOf(query), s.cursor(v))
	if err != nil {
		return lostCursor(err)
	}
	components, err := s.App.Components(v.c.Request().Context(), v.actor, v.page.ID, model.Window{Limit: most})
	if err != nil {
		return err
	}
	for _, sub := range list.Items {
		page.Rows = append(page.Rows, s.subscriberRow(v, sub, components.Items))
	}
	page.Any = len(page.Rows) > 0 || query.Get("q")+query.Get("state")+query.Get("topic") != "" || v.c.QueryParam("cursor") != ""
	if page.Paused, err = s.pausedHooks(v); err != nil {
		return err
	}
	page.pageOf(s, v, "/subscribers", query, list.Next)
	return v.show("dashboard/subscribers/subscribers.html", page)
}

// filterOf reads what is searched for. What is no state or topic does not matter.
func filterOf(query url.Values) (f app.SubscriberFilter) {
	f.Text = query.Get("q")
	f.Topic, _ = model.ParseTopic(query.Get("topic"))
	f.State, _ = model.ParseSubscriberState(query.Get("state"))
	return f
}

// options are the choices of a select; the text of "" is that of "any".
func (v *visit) options(family string, values ...string) (out []view.Option) {
	for _, value := range values {
		key := value
		if key == "" {
			key = "any"
		}
		out = append(out, view.Option{Value: value, Label: v.t(family + key)})
	}
	return out
}

func (s *Site) cursor(v *visit) model.Window {
	return model.Window{Limit: audiencePage, Cursor: v.c.QueryParam("cursor")}
}

// lostCursor turns a cursor that nobody was given into what it is: a page that does not exist.
func lostCursor(err error) error {
	if _, invalid := model.AsInvalid(err); invalid {
		return model.ErrNotFound
	}
	return err
}

func (s *Site) subscriberRow(v *visit, sub model.Subscriber, of []model.Component) subscriberRow {
	name := v.subscriberName(sub)
	at := s.paths.Manage(v.page, "/subscribers/"+sub.ID.String())
	row := subscriberRow{
		Name: name, Kind: v.t("subscribers.kind", "Channel", v.t("channel."+sub.Channel.String()), "Language", s.Locales.Words(sub.Locale).T("language.name")),
		Topic: v.t("topic." + sub.Topic.String()), Components: v.componentsOf(sub, of), Since: v.day(sub.Created),
		State: v.t("subscribers.state." + sub.State.String()), Log: s.paths.DeliveriesOf(v.page, sub.ID),
		Status: map[model.SubscriberState]status.Status{model.Active: status.Operational, model.Paused: status.Down}[sub.State],
		Remove: secondPress{
			Open: v.t("subscribers.remove"), Of: name, Question: v.t("subscribers.remove.question"), Text: v.t("subscribers.remove.text", "Name", name),
			Action: at + "/delete", Submit: v.t("subscribers.remove"),
		},
	}
	if !sub.Succeeded.IsZero() {
		reached := v.shortly(sub.Succeeded)
		row.Reached = &reached
	}
	if sub.State == model.Paused {
		row.Resume = at + "/resume"
	}
	return row
}

// subscriberName is what a person calls a subscriber: a webhook by where it leads, without what may be secret; one whose address is
// not for this person by its id.
func (v *visit) subscriberName(sub model.Subscriber) string {
	u, err := url.Parse(sub.Address.Reveal())
	if sub.Address == "" || err != nil {
		return v.t("subscribers.nameless", "ID", sub.ID)
	}
	name := u.Host + strings.TrimSuffix(u.EscapedPath(), "/")
	switch {
	case len(name) > longestName: // what is left is ASCII
		name = name[:longestName] + "…"
	case u.RawQuery != "":
		name += "?…"
	}
	return view.InSentence(name)
}

// longestName is enough to tell one address from another.
const longestName = 80

// componentsOf names the components of a page that a subscriber has chosen. Those that are gone are counted: they keep its choice from turning into all.
func (v *visit) componentsOf(sub model.Subscriber, of []model.Component) string {
	if len(sub.Components) == 0 {
		return v.t("subscribers.components.all")
	}
	var known []string
	for _, c := range of {
		if slices.Contains(sub.Components, c.ID) {
			known = append(known, view.InSentence(c.Name))
		}
	}
	if gone := len(sub.Components) - len(known); gone > 0 {
		known = append(known, v.n("subscribers.components.gone", gone))
	}
	return v.words.List(known)
}

// day is the day of an instant in the page's zone.
func (v *visit) day(t time.Time) stamp {
	return newStamp(t, v.words.Date(t.In(v.zone())), "narrow")
}

func (s *Site) pausedHooks(v *visit) (out []pausedHook, err error) {
	list, err := s.App.Subscribers(v.c.Request().Context(), v.actor, v.page.ID, app.SubscriberFilter{State: model.Paused}, model.Window{Limit: pausedShown})
	for _, sub := range list.Items {
		out = append(out, pausedHook{v.subscriberName(sub), s.paths.Manage(v.page, "/subscribers/"+sub.ID.String()+"/resume")})
	}
	return out, err
}

func (s *Site) resumeSubscriber(v *visit, sub model.Subscriber) error {
	if _, err := s.App.ResumeSubscriber(v.c.Request().Context(), v.actor, sub.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/subscribers"), "subscriber-resumed")
}

func (s *Site) deleteSubscriber(v *visit, sub model.Subscriber) error {
	if err := s.App.DeleteSubscriber(v.c.Request().Context(), v.actor, sub.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/subscribers"), "subscriber-removed")
}
