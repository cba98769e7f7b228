package dashboard

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// componentList is a page's components in the order of the public page.
type componentList struct {
	frame
	May        bool
	New, Order string // URLs
	Entries    []componentEntry
}

// componentEntry is a component of its own, or a group.
type componentEntry struct {
	Group    string // name; "" for a component of its own
	Status   status.Status
	Up, Down orderStep // of the group
	Rows     []componentRow
}

// orderStep is a button that moves something by one place.
type orderStep struct {
	Value, Label string
	Down, End    bool // End: there is nothing beyond
}

// steps are the buttons that move a component or a group, which is named by the id of its first member.
func (v *visit) steps(prefix string, id model.ComponentID, name string, place, of int) (up, down orderStep) {
	return orderStep{prefix + "up." + id.String(), v.t("order.up", "Name", name), false, place == 0},
		orderStep{prefix + "down." + id.String(), v.t("order.down", "Name", name), true, place == of-1}
}

// componentRow is one component.
type componentRow struct {
	May             bool
	ID, Name, About string
	Edit, Add       string // URLs
	Count, Manual   string // in words
	Status          status.Status
	Up, Down        orderStep
}

func (s *Site) components(v *visit) error {
	list, err := s.services(v)
	if err != nil {
		return err
	}
	page := componentList{
		frame: s.pageFrame(v, "components", v.t("tab.components")), May: v.actor.May(model.Editor),
		New: s.paths.Manage(v.page, "/components/new"), Order: s.paths.Manage(v.page, "/components/order"),
	}
	all := entries(list)
	for i, e := range all {
		out := componentEntry{Group: e.group, Status: e.status(s)}
		out.Up, out.Down = v.steps("group-", e.members[0].ID, e.group, i, len(all))
		for j, m := range e.members {
			row := s.componentRow(v, m)
			place, of := j, len(e.members)
			if e.group == "" {
				place, of = i, len(all)
			}
			row.Up, row.Down = v.steps("", m.ID, m.Name, place, of)
			out.Rows = append(out.Rows, row)
		}
		page.Entries = append(page.Entries, out)
	}
	return v.show("dashboard/components/components.html", page)
}

func (s *Site) componentRow(v *visit, c service) componentRow {
	row := componentRow{
		May: v.actor.May(model.Editor), ID: c.ID.String(), Name: c.Name, About: c.Description, Status: s.App.ComponentStatus(c.ID),
		Edit: s.paths.Component(v.page, c.ID, ""), Count: v.n("components.checks", len(c.checks)),
	}
	if len(c.checks) == 0 && row.May {
		row.Add = s.addCheck(v, c.ID)
	}
	if c.ManualStatus != status.NoData && !c.watched() {
		row.Manual = v.t("component.byHand")
	}
	return row
}

// addCheck is the URL of an empty form for a check of a component.
func (s *Site) addCheck(v *visit, id model.ComponentID) string {
	return s.paths.Manage(v.page, "/checks/new?"+url.Values{"component": {id.String()}}.Encode())
}

// reorder takes the whole order (name "id", again and again), or one move of a button: "up.<id>" "down.<id>" of a component,
// "group-up.<id>" "group-down.<id>" of the group of a component.
func (s *Site) reorder(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	var ids []model.ComponentID
	if move := f.raw("move"); move != "" {
		ids, err = s.moved(v, move)
	} else {
		ids, err = componentIDs(f.values["id"])
	}
	if err != nil {
		return err
	}
	err = s.App.Reorder(v.c.Request().Context(), v.actor, v.page.ID, ids)
	if _, ok := model.AsInvalid(err); ok {
		return model.Conflict{Code: "stale"} // a component has come or gone since
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/components"), "moved")
}

func componentIDs(texts []string) ([]model.ComponentID, error) {
	ids := make([]model.ComponentID, len(texts))
	for i, text := range texts {
		if ids[i].UnmarshalText([]byte(text)) != nil {
			return nil, model.ErrNotFound
		}
	}
	return ids, nil
}

// moved is the order after a move of a button, from the order as it is.
func (s *Site) moved(v *visit, move string) ([]model.ComponentID, error) {
	how, text, _ := strings.Cut(move, ".")
	var id model.ComponentID
	if id.UnmarshalText([]byte(text)) != nil {
		return nil, model.ErrNotFound
	}
	list, err := s.services(v)
	if err != nil {
		return nil, err
	}
	all := entries(list)
	has := func(m service) bool { return m.ID == id }
	at := slices.IndexFunc(all, func(e entry) bool { return slices.ContainsFunc(e.members, has) })
	if at < 0 {
		return nil, model.ErrNotFound
	}
	direction, whole := strings.CutPrefix(how, "group-")
	by := map[string]int{"up": -1, "down": 1}[direction]
	if members := all[at].members; all[at].group != "" && !whole {
		swap(members, slices.IndexFunc(members, has), by)
	} else {
		swap(all, at, by)
	}
	return order(all), nil
}

// swap exchanges an element with its neighbour, if there is one.
func swap[T any](list []T, i, by int) {
	if j := i + by; j >= 0 && j < len(list) {
		list[i], list[j] = list[j], list[i]
	}
}

// componentForm is where a component is made or changed.
type componentForm struct {
	frame
	Form                     *form
	Title, Back              string
	Action, Delete, Submit   string
	Name, About, Group, Hand view.Field
	Watched                  bool // its checks decide: nothing to set by hand
}

func (s *Site) newComponent(v *visit) error {
	return s.showComponent(v, v.filled(url.Values{}), nil)
}

func (s *Site) componentForm(v *visit, c model.Component) error {
	hand := ""
	if c.ManualStatus != status.NoData {
		hand = c.ManualStatus.String()
	}
	return s.showComponent(v, v.filled(url.Values{
		"name": {c.Name}, "description": {c.Description}, "group": {c.Group}, "manualStatus": {hand},
		"seen": {strconv.FormatInt(c.Updated.UnixMilli(), 10)},
	}), &c)
}

// showComponent shows the form of a component; nil for a new one.
func (s *Site) showComponent(v *visit, f *form, c *model.Component) error {
	list, err := s.componentsOf(v)
	if err != nil {
		return err
	}
	page := componentForm{
		Form: f, Title: v.t("component.new"), Back: s.paths.Manage(v.page, "/components"),
		Action: s.paths.Manage(v.page, "/components/new"), Submit: v.t("component.create"),
		Name:  f.field("name", "field.name", "field.component.name.help"),
		About: f.optional(f.field("description", "field.description", "field.description.help")),
		Group: f.optional(f.field("group", "field.group", "field.group.help")),
		Hand:  s.handField(v, f),
	}
	page.Name.MaxLength, page.About.MaxLength, page.Group.MaxLength = 80, 200, 80
	page.Name.Focus = c == nil && f.ok()
	page.Group.Suggestions = groups(list)
	if c != nil {
		checks, err := s.checksOf(v, c.ID)
		if err != nil {
			return err
		}
		page.Watched = service{*c, checks}.watched()
		page.Title, page.Submit = c.Name, v.t("form.save")
		page.Action, page.Delete = s.paths.Component(v.page, c.ID, ""), s.paths.Component(v.page, c.ID, "/delete")
	}
	page.frame = s.pageFrame(v, "components", page.Title)
	return v.render(f.code(), "dashboard/components/form.html", page)
}

// handField is the status that somebody sets while nothing is probed.
func (s *Site) handField(v *visit, f *form) view.Field {
	options := []view.Option{{Label: v.t("field.manualStatus.none")}}
	for _, one := range []status.Status{status.Operational, status.Degraded, status.Down} {
		options = append(options, view.Option{Value: one.String(), Label: v.t("status." + one.String())})
	}
	return f.choice(f.field("manualStatus", "field.manualStatus", "field.manualStatus.help"), options...)
}

// groups are the names that are in use, in the page's order.
func groups(list []model.Component) (names []string) {
	for _, c := range list {
		if c.Group != "" && !slices.Contains(names, c.Group) {
			names = append(names, c.Group)
		}
	}
	return names
}

// typedComponent writes what was typed over a component. A form without the manual status leaves it alone.
func (f *form) typedComponent(c *model.Component) error {
	c.Name, c.Description, c.Group = f.get("name"), f.get("description"), f.get("group")
	if !f.values.Has("manualStatus") {
		return nil
	}
	c.ManualStatus = status.NoData
	if text := f.get("manualStatus"); text != "" && c.ManualStatus.UnmarshalText([]byte(text)) != nil {
		var v model.Invalid
		v.Add("manualStatus", "choice", "choices", "operational, degraded, down")
		return v
	}
	return nil
}

func (s *Site) createComponent(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.CreateComponent(v.c.Request().Context(), v.actor, v.page.ID, f.typedComponent)
	if f.refuse(err) {
		return s.showComponent(v, f, nil)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/components"), "component-created")
}

func (s *Site) saveComponent(v *visit, c model.Component) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.UpdateComponent(v.c.Request().Context(), v.actor, c.ID, f.typedComponent, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.showComponent(v, f, &c)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/components"), "component-saved")
}

func (s *Site) askDeleteComponent(v *visit, c model.Component) error {
	return s.componentDeletion(v, v.filled(url.Values{}), c)
}

func (s *Site) componentDeletion(v *visit, f *form, c model.Component) error {
	checks, err := s.checksOf(v, c.ID)
	if err != nil {
		return err
	}
	page := deletion{
		frame: s.pageFrame(v, "components", v.t("component.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(c.Name)), Text: v.t("component.delete.text"),
		Typed:  f.typedName(c.Name),
		Action: s.paths.Component(v.page, c.ID, "/delete"), Back: s.paths.Component(v.page, c.ID, ""), Submit: v.t("component.delete"),
	}
	for _, one := range checks {
		page.Lost = append(page.Lost, v.t("delete.check", "Name", view.InSentence(one.Name)))
	}
	return s.ask(v, page)
}

func (s *Site) deleteComponent(v *visit, c model.Component) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(c.Name) {
		return s.componentDeletion(v, f, c)
	}
	if err := s.App.DeleteComponent(v.c.Request().Context(), v.actor, c.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/components"), "component-deleted")
}
