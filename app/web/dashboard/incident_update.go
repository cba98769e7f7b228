package dashboard

import (
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"statusd/app/incident"
	"statusd/app/model"
)

// updateForm is where the words of an update are corrected.
type updateForm struct {
	frame
	Form         *form
	Status       incident.Status
	At           stamp
	Action, Back string // URLs
	Body         wording
}

// editUpdate finds the update of the path, which is the incident's, for those who may change it.
func (s *Site) editUpdate(h func(*visit, model.Timeline, model.Update) error) handler {
	return s.onIncident(func(v *visit, t model.Timeline) error {
		var id model.UpdateID
		if err := v.id("update", &id); err != nil {
			return err
		}
		at := slices.IndexFunc(t.Updates, func(u model.Update) bool { return u.ID == id })
		if at < 0 {
			return model.ErrNotFound
		}
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, t, t.Updates[at])
	})
}

func (s *Site) updateForm(v *visit, _ model.Timeline, u model.Update) error {
	values := url.Values{"was": {fingerprint(u.Body)}}
	setText(values, "body", u.Body)
	return s.showUpdateForm(v, v.filled(values), u)
}

func (s *Site) showUpdateForm(v *visit, f *form, u model.Update) error {
	return v.render(f.code(), "dashboard/incidents/update.html", updateForm{
		frame: s.pageFrame(v, "incidents", v.t("update.edit")), Form: f, Status: u.Status, At: v.at(u.Created),
		Action: s.paths.ManageUpdate(v.page, u, "/edit"), Back: s.paths.ManageIncident(v.page, u.Incident, ""), Body: f.body("body", "field.message", "", 8),
	})
}

func (s *Site) saveUpdate(v *visit, _ model.Timeline, u model.Update) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.previewed() {
		return s.showUpdateForm(v, f, u)
	}
	_, err = s.App.EditUpdate(v.c.Request().Context(), v.actor, u.ID, func(body *model.Text) error {
		if fingerprint(*body) != f.raw("was") {
			return model.Conflict{Code: "stale"}
		}
		*body = f.text("body")
		return nil
	})
	if f.refuseText(err, "body") {
		return s.showUpdateForm(v, f, u)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.ManageIncident(v.page, u.Incident, ""), "update-saved")
}

// Was is the hidden field that keeps a form from overwriting words that somebody else has changed meanwhile.
func (p updateForm) Was() string { return p.Form.raw("was") }

// fingerprint tells whether two texts are the same, within a form that is open for an hour.
func fingerprint(text model.Text) string {
	h := fnv.New64a()
	text = text.Cleaned()
	for _, lang := range slices.Sorted(maps.Keys(text)) {
		_, _ = h.Write([]byte(lang + "\x00" + text[lang] + "\x00"))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

func (s *Site) askDeleteUpdate(v *visit, t model.Timeline, u model.Update) error {
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "incidents", v.t("update.delete")), Form: v.filled(url.Values{}),
		Title: v.t("update.delete.title", "Status", v.t("incident.status."+u.Status.String()), "Time", v.at(u.Created).Text), Text: s.withoutUpdate(v, t, u),
		Action: s.paths.ManageUpdate(v.page, u, "/delete"), Back: s.paths.ManageIncident(v.page, t.ID, ""), Submit: v.t("update.delete"),
	})
}

// withoutUpdate says what becomes of an incident when an update goes.
func (s *Site) withoutUpdate(v *visit, t model.Timeline, u model.Update) string {
	if len(t.Updates) < 2 || t.Updates[0].ID != u.ID || t.Updates[1].Status == u.Status {
		return v.t("update.delete.text")
	}
	return v.t("update.delete.moves", "Status", v.t("incident.status."+t.Updates[1].Status.String()))
}

func (s *Site) deleteUpdate(v *visit, t model.Timeline, u model.Update) error {
	if err := s.App.DeleteUpdate(v.c.Request().Context(), v.actor, u.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.ManageIncident(v.page, t.ID, ""), "update-deleted")
}
