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
	s.act(e, at+"/export", s.editing(s.exportSubscribers))
	s.screen(e, at+"/import", s.editing(s.askImport))
	s.act(e, at+"/import", s.editing(s.importSubscribers))
	s.screen(e, at+"/person", s.editing(s.askPerson))
	s.act(e, at+"/person", s.editing(s.findPerson))
	s.act(e, at+"/person/download", s.editing(s.downloadPerson))
	s.act(e, at+"/person/erase", s.editing(s.erasePerson))
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
	Acts     *audienceActs // nil for who may not, and on the log
	First    string        // URL of the beginning of the list; "" when this is it
	Older    string        // URL; "" for none
}

// audienceActs are what can be done with all subscribers: URLs, and what an export is narrowed to.
type audienceActs struct {
	Export, Import, Person string
	Filters                []view.Field
}

func (s *Site) audience(v *visit, key string) (audience, error) {
	counts, err := s.App.CountSubscribers(v.c.Request().Context(), v.actor, v.page.ID)
	a := audience{
		frame: s.pageFrame(v, "subscribers", v.t("subscribers."+key)), May: v.actor.May(model.Editor), Count: v.countOf(counts),
		Zone: v.t("page.zone", "Zone", v.zone()),
	}
	for _, one := range []struct{ key, rest string }{{"list", "/subscribers"}, {"deliveries", "/subscribers/deliveries"}} {
		a.Sections = append(a.Sections, tab{Name: v.t("subscribers." + one.key), URL: s.paths.Manage(v.page, one.rest), Current: one.key == key})
	}
	return a, err
}

// countOf says how many there are of each channel: "298 by email, 9 by Telegram, 5 by webhook".
func (v *visit) countOf(counts map[model.Channel]map[model.SubscriberState]int) string {
	var parts []string
	for _, c := range []model.Channel{model.Email, model.Telegram, model.Webhook} {
		all := 0
		for _, n := range counts[c] {
			all += n
		}
		parts = append(parts, v.n("subscribers.count."+c.String(), all))
	}
	return strings.Join(parts, ", ")
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
	Any       bool // the page has subscribers, whatever is searched for
	Off       bool // it takes no more
	Settings  string
	Action    string // URL of the search
	Query     string
	Filters   []view.Field
	NoMail    string // why visitors are not offered mail; "" when they are
	NoMailURL string // where that can be changed; "" for who cannot
	Paused    []pausedHook
	Rows      []subscriberRow
}

// pausedHook is a webhook that is sent nothing any more, with the button that changes that.
type pausedHook struct{ Name, Resume string }

type subscriberRow struct {
	Name, Kind, Topic, Components string
	Icon                          string
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
	query := url.Values{"q": {strings.TrimSpace(v.c.QueryParam("q"))}}
	for _, name := range subscriberFilters {
		query.Set(name, v.c.QueryParam(name))
	}
	base, err := s.audience(v, "list")
	if err != nil {
		return err
	}
	page := s.subscriberList(v, base, query)
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
	page.Any = len(page.Rows) > 0 || withQuery("", query) != "" || v.c.QueryParam("cursor") != ""
	if page.Paused, err = s.pausedHooks(v); err != nil {
		return err
	}
	page.pageOf(s, v, "/subscribers", query, list.Next)
	return v.show("dashboard/subscribers/subscribers.html", page)
}

// subscriberFilters are the choices beside the search.
var subscriberFilters = []string{"channel", "state", "topic"}

// subscriberList is the screen but for its rows.
func (s *Site) subscriberList(v *visit, base audience, query url.Values) subscriberList {
	f, at := v.filled(query), s.paths.Manage(v.page, "/subscribers")
	page := subscriberList{audience: base, Off: !v.page.SubscribersEnabled, Settings: s.paths.Manage(v.page, "/settings"), Action: at, Query: query.Get("q")}
	page.Filters = []view.Field{
		f.choice(f.field("channel", "subscribers.channel", ""), v.options("channel.", "", "email", "telegram", "webhook")...),
		f.choice(f.field("state", "subscribers.state", ""), v.options("subscribers.state.", "", "active", "pending", "paused")...),
		f.choice(f.field("topic", "subscribers.topic", ""), v.options("subscribers.topic.", "", "all", "incidents", "maintenance")...),
	}
	if base.May {
		narrowed := append([]view.Field{{Name: "q", Value: page.Query}}, page.Filters...)
		page.Acts = &audienceActs{Export: at + "/export", Import: at + "/import", Person: at + "/person", Filters: narrowed}
	}
	page.NoMail, page.NoMailURL = s.mailOff(v)
	return page
}

// filterOf reads what is searched for. What is no channel, state or topic does not matter.
func filterOf(query url.Values) (f app.SubscriberFilter) {
	f.Text = query.Get("q")
	f.Channel, _ = model.ParseChannel(query.Get("channel"))
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
		Name: name, Kind: v.kindOf(sub), Icon: channelIcon[sub.Channel],
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

// channelIcon is the picture of a channel.
var channelIcon = map[model.Channel]string{model.Email: "mail", model.Telegram: "telegram", model.Webhook: "webhook"}

// kindOf says how and in which language somebody is told.
func (v *visit) kindOf(sub model.Subscriber) string {
	return v.t("subscribers.kind", "Channel", v.t("channel."+sub.Channel.String()), "Language", v.site.Locales.Words(sub.Locale).T("language.name"))
}

// subscriberName is what a person calls a subscriber: by its address or chat, a webhook by where it leads, without what may be secret;
// one whose address is not for this person by its id.
func (v *visit) subscriberName(sub model.Subscriber) string {
	switch {
	case sub.Address == "":
	case sub.Channel == model.Email:
		return view.InSentence(shortened(sub.Address.Reveal()))
	case sub.Channel == model.Telegram:
		return v.t("subscribers.chat", "ID", view.InSentence(sub.Address.Reveal()))
	}
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
