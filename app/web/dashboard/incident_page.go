package dashboard

import (
	"errors"
	"slices"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/status"
)

// incidentPage is one incident: what it is, what was said of it, and where more is said.
type incidentPage struct {
	frame
	liveness
	incidentRow
	May             bool
	Back, Link      string // URLs; Link is what visitors see
	Edit, Delete    string // URLs
	Resolve, Reopen string // URLs; "" when it is so already
	Resolved        *stamp // nil: it is open
	Post            *updatePost
	Updates         []updateRow
	Checks          []unwellRow // of the components that it is about
	Hint            string      // what becomes of an automatic one by itself
	Zone            string
}

// updatePost is the form of an update.
type updatePost struct {
	Form   *form
	Action string
	Hint   string // what a status would do; "" for nothing special
	updateFields
}

// updateRow is an entry of the timeline: an update, or a restart that visitors do not see.
type updateRow struct {
	Firing       *firingRow // nil: it is an update
	When         time.Time
	Status       incident.Status
	At           stamp
	Edited       *stamp // nil: never
	Body         passage
	Auto, Told   bool
	Deliveries   string // what became of telling: "told 12, 2 waiting, 1 failed"; "" when nothing is known
	Edit, Delete string // URLs; "" for none
}

func (s *Site) incident(v *visit, t model.Timeline) error {
	values := seenAt(t.Updated)
	values.Set("status", t.Status.String())
	values.Set("notify", "on")
	return s.showIncident(v, v.filled(values), t)
}

// toIncident is where reloading the answer to a post leads.
func (s *Site) toIncident(v *visit, t model.Timeline) error {
	return v.goTo(s.paths.ManageIncident(v.page, t.ID, ""), "")
}

func (s *Site) showIncident(v *visit, f *form, t model.Timeline) (err error) {
	here := func(rest string) string { return s.paths.ManageIncident(v.page, t.ID, rest) }
	page := incidentPage{
		incidentRow: s.incidentRow(v, t), May: v.actor.May(model.Editor), Back: s.paths.Manage(v.page, "/incidents"),
		Link: s.paths.Incident(v.page.Slug, t.ID), Edit: here("/edit"), Delete: here("/delete"), Zone: v.t("page.zone", "Zone", v.zone()),
	}
	page.frame, page.liveness = s.pageFrame(v, "incidents", page.incidentRow.Title.Text), s.following(v, here(""))
	if t.Open() {
		page.Resolve = here("/resolve")
	} else {
		at := v.at(t.Resolved)
		page.Resolved, page.Reopen = &at, here("/reopen")
	}
	if page.May {
		if page.Post, err = s.updatePost(v, f, t); err != nil {
			return err
		}
	}
	told, err := s.App.Told(v.c.Request().Context(), v.actor, v.page.ID, int64(t.ID))
	if err != nil {
		return err
	}
	for _, u := range t.Updates {
		row := s.updateRow(v, t, u)
		row.Deliveries = v.tally(told[u.Created.UnixMilli()])
		page.Updates = append(page.Updates, row)
	}
	if err := s.addFirings(v, t.ID, &page); err != nil {
		return err
	}
	if page.Auto && t.Open() {
		page.Hint = v.n("incident.auto.text", int(s.App.AutoResolveAfter/time.Minute))
	}
	if page.Checks, err = s.unwell(v, t); err != nil {
		return err
	}
	return v.render(f.code(), "dashboard/incidents/incident.html", page)
}

func (s *Site) updatePost(v *visit, f *form, t model.Timeline) (*updatePost, error) {
	p := &updatePost{Form: f, Action: s.paths.ManageIncident(v.page, t.ID, "/updates")}
	p.Status, p.Body = f.statusField(incident.Statuses()...), f.body("body", "field.message", "", 5)
	if !t.Open() {
		p.Hint = v.t("incident.post.reopens")
	}
	var err error
	p.Notify, err = s.notifyField(v, f, "field.notify", model.TopicIncidents, model.AffectedIDs(t.Affected), true)
	return p, err
}

func (s *Site) updateRow(v *visit, t model.Timeline, u model.Update) updateRow {
	row := updateRow{When: u.Created, Status: u.Status, At: v.at(u.Created), Body: v.passage(u.Body), Auto: u.Auto, Told: u.Notify}
	if !u.Edited.IsZero() {
		at := v.at(u.Edited)
		row.Edited = &at
	}
	if v.actor.May(model.Editor) {
		row.Edit = s.paths.ManageUpdate(v.page, u, "/edit")
		if len(t.Updates) > 1 {
			row.Delete = s.paths.ManageUpdate(v.page, u, "/delete")
		}
	}
	return row
}

// addFirings puts what was fired in an incident among its updates.
func (s *Site) addFirings(v *visit, id model.IncidentID, page *incidentPage) error {
	firings, err := s.App.FiringsOfIncident(v.c.Request().Context(), v.actor, id)
	if err != nil || len(firings) == 0 {
		return err
	}
	rows, err := s.firingLog(v).withTargets(firings)
	for i := range rows {
		page.Updates = append(page.Updates, updateRow{Firing: &rows[i], When: firings[i].Started})
	}
	slices.SortStableFunc(page.Updates, func(a, b updateRow) int { return b.When.Compare(a.When) })
	return err
}

// unwellRow is a check that is down or slow.
type unwellRow struct {
	Status   status.Status
	Why, URL string
	At       stamp
}

// unwell are the checks behind an open incident that are down or slow.
func (s *Site) unwell(v *visit, t model.Timeline) (rows []unwellRow, err error) {
	if !t.Open() {
		return nil, nil
	}
	now, err := s.App.PageNow(v.c.Request().Context(), v.actor, v.page.ID)
	if err != nil {
		return nil, err
	}
	about := map[model.ComponentID]bool{}
	for _, id := range model.AffectedIDs(t.Affected) {
		about[id] = true
	}
	for _, c := range now {
		if len(about) > 0 && !about[c.ID] {
			continue
		}
		for _, k := range c.Checks {
			if why := v.whyCheck(k); why != "" {
				rows = append(rows, unwellRow{k.Status, why, s.paths.Check(v.page, k.ID, ""), v.shortly(k.Latest.At)})
			}
		}
	}
	return rows, nil
}

func (s *Site) postUpdate(v *visit, t model.Timeline) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.previewed() {
		return s.showIncident(v, f, t)
	}
	ctx := v.c.Request().Context()
	u, err := s.App.PostUpdate(ctx, v.actor, t.ID, f.typedUpdate, app.IfUnchangedSince(f.seen()))
	if !f.refuseText(err, "body") {
		if err != nil {
			return err
		}
		return v.goTo(s.paths.ManageIncident(v.page, t.ID, ""), postedWords(t.Status, u.Status))
	}
	if isStale(err) {
		return s.overtaken(v, f, t.ID)
	}
	return s.showIncident(v, f, t)
}

// overtaken shows what was typed beside the timeline as somebody else has left it: sent again, it is posted.
func (s *Site) overtaken(v *visit, f *form, id model.IncidentID) error {
	t, err := s.App.Incident(v.c.Request().Context(), v.actor, id)
	if err != nil {
		return err
	}
	f.values.Set("seen", seenAt(t.Updated).Get("seen"))
	f.whole = v.t("incident.overtaken")
	return s.showIncident(v, f, t)
}

// isStale says that somebody else has changed what a form shows.
func isStale(err error) bool {
	var conflict model.Conflict
	return errors.As(err, &conflict) && conflict.Code == "stale"
}

// postedWords names what an update has done.
func postedWords(before, after incident.Status) string {
	switch {
	case after == incident.Resolved && before != after:
		return "incident-resolved"
	case before == incident.Resolved && after != before:
		return "incident-reopened"
	}
	return "update-posted"
}

// nextStep asks for the words of a step that is one press away; they are there already.
type nextStep struct {
	frame
	Title, Text string
	To          incident.Status
	Back        string // URL
	Submit      string
	updatePost
}

func (s *Site) askResolve(v *visit, t model.Timeline) error {
	return s.askStep(v, t, "resolve", incident.Resolved)
}

func (s *Site) askReopen(v *visit, t model.Timeline) error {
	return s.askStep(v, t, "reopen", incident.Investigating)
}

func (s *Site) askStep(v *visit, t model.Timeline, step string, to incident.Status) error {
	if t.Open() == (to != incident.Resolved) {
		return s.toIncident(v, t)
	}
	values := seenAt(t.Updated)
	values.Set("status", to.String())
	values.Set("notify", "on")
	setText(values, "body", s.inEvery("incident.body."+step))
	post, err := s.updatePost(v, v.filled(values), t)
	if err != nil {
		return err
	}
	title := v.t("incident.ask." + step)
	return v.show("dashboard/incidents/step.html", nextStep{
		frame: s.pageFrame(v, "incidents", title), Title: title, Text: v.line(t.Title).Text, To: to, updatePost: *post,
		Back: s.paths.ManageIncident(v.page, t.ID, ""), Submit: title,
	})
}
