package dashboard

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// checkList is the checks of a page, by component.
type checkList struct {
	frame
	May                 bool
	Found               bool   // something is shown
	Query               string // what is searched for
	Action, New, Enable string // URLs
	Components          []checkGroup
}

// checkGroup is the checks of a component.
type checkGroup struct {
	ID, Name, Group, Add string
	Status               status.Status
	Hidden               bool // so are all of its checks
	Rows                 []checkRow
}

// checkRow is one check with what it showed last.
type checkRow struct {
	May                  bool
	ID, Name, Target     string
	Every, Reason, Took  string // in words
	URL, Edit, Duplicate string // URLs
	Enabled, Hidden      bool
	Status               status.Status
}

func (s *Site) checks(v *visit) error {
	list, err := s.services(v)
	if err != nil {
		return err
	}
	if len(list) == 0 && v.actor.May(model.Editor) && v.c.QueryParam("done") == "" {
		return v.goTo(s.paths.Manage(v.page, "/components"), "")
	}
	page := checkList{
		frame: s.pageFrame(v, "checks", v.t("tab.checks")), May: v.actor.May(model.Editor), Query: strings.TrimSpace(v.c.QueryParam("q")),
		Action: s.paths.Manage(v.page, "/checks"), New: s.paths.Manage(v.page, "/checks/new"), Enable: s.paths.Manage(v.page, "/checks/enable"),
	}
	for _, e := range entries(list) {
		for _, m := range e.members {
			if len(m.checks) > 0 {
				g := s.checkGroup(v, m, page.Query)
				page.Found = page.Found || !g.Hidden
				page.Components = append(page.Components, g)
			}
		}
	}
	return v.show("dashboard/checks/checks.html", page)
}

// checkGroup is the checks of a component. Those in which the query is not found are hidden, so that a script can show them when
// the query changes.
func (s *Site) checkGroup(v *visit, c service, query string) checkGroup {
	g := checkGroup{ID: c.ID.String(), Name: c.Name, Group: c.Group, Status: s.App.ComponentStatus(c.ID), Add: s.addCheck(v, c.ID), Hidden: true}
	for _, one := range c.checks {
		row := s.checkRow(v, one)
		row.Hidden = !found(query, c.Name, c.Group, one.Name, one.URL)
		g.Hidden = g.Hidden && row.Hidden
		g.Rows = append(g.Rows, row)
	}
	return g
}

// found says whether every word of a query is in one of the texts, accents and case aside (as filter.js does).
func found(query string, texts ...string) bool {
	all := plain(strings.Join(texts, "\n"))
	for word := range strings.FieldsSeq(plain(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

func plain(text string) string { return strings.ToLower(toASCII(text)) }

func (s *Site) checkRow(v *visit, c model.Check) checkRow {
	latest, now := s.App.Latest(c.ID)
	row := checkRow{
		May: v.actor.May(model.Editor), ID: c.ID.String(), Name: c.Name, Target: c.URL, Enabled: c.Enabled, Status: now,
		Every: v.n("check.every", int(c.Interval/time.Second)),
		URL:   s.paths.Check(v.page, c.ID, ""), Edit: s.paths.Check(v.page, c.ID, "/edit"), Duplicate: s.paths.Check(v.page, c.ID, "/duplicate"),
	}
	if c.Enabled && now != status.NoData {
		row.Reason = v.words.Reason(latest.Reason)
		row.Took = v.words.Millis(latest.Latency)
	}
	return row
}

// enableChecks enables or disables the checks that are ticked, as the button says.
func (s *Site) enableChecks(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	ids := make([]model.CheckID, len(f.values["id"]))
	for i, text := range f.values["id"] {
		if ids[i].UnmarshalText([]byte(text)) != nil {
			return model.ErrNotFound
		}
	}
	on := f.raw("do") == "enable"
	if err := s.App.EnableChecks(v.c.Request().Context(), v.actor, v.page.ID, ids, on); err != nil {
		return unfit(err)
	}
	back := s.paths.Manage(v.page, "/checks")
	if q := f.get("q"); q != "" {
		back += "?" + url.Values{"q": {q}}.Encode()
	}
	return v.goTo(back, enabledWords(on, len(ids)))
}

// unfit turns problems that belong to no form into a conflict: a check whose limits have changed since cannot be enabled as it is.
func unfit(err error) error {
	if _, ok := model.AsInvalid(err); ok {
		return errors.Join(model.Conflict{Code: "unfit"}, err)
	}
	return err
}

func enabledWords(on bool, n int) string {
	switch {
	case n == 0:
		return "none-chosen"
	case on:
		return "checks-enabled"
	}
	return "checks-disabled"
}

func (s *Site) enableCheck(v *visit, c model.Check) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	on := f.raw("do") == "enable"
	if err := s.App.EnableChecks(v.c.Request().Context(), v.actor, v.page.ID, []model.CheckID{c.ID}, on); err != nil {
		return unfit(err)
	}
	return v.goTo(s.paths.Check(v.page, c.ID, ""), enabledWords(on, 1))
}

func (s *Site) duplicateCheck(v *visit, c model.Check) error {
	made, err := s.App.DuplicateCheck(v.c.Request().Context(), v.actor, c.ID)
	if err != nil {
		return unfit(err)
	}
	return v.goTo(s.paths.Check(v.page, made.ID, "/edit"), "check-duplicated")
}
