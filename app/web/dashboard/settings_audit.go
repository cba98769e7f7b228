package dashboard

import (
	"fmt"
	"strings"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// auditPage is who did what, newest first.
type auditPage struct {
	settings
	Zone    string
	Entries []auditEntry
	First   string // URL of the newest ones; "" when these are
	Older   string // URL; "" for none
}

type auditEntry struct {
	Machine, When string
	Who           string
	What, Subject string
	Changes       []auditChange
	Count         string // of a long list, which is closed at first; "" for a short one
}

// auditChange is a field's values in words; "" for the side that does not count.
type auditChange struct{ Field, From, To string }

// auditPageSize is how many entries are shown at once, auditOpen how many changes of one are seen without asking.
const auditPageSize, auditOpen = 50, 4

func (s *Site) auditTrail(v *visit) error {
	cursor := v.c.QueryParam("cursor")
	list, err := s.App.Audit(v.c.Request().Context(), v.actor, app.AuditFilter{
		Page: v.page.ID, Window: model.Window{Limit: auditPageSize, Cursor: cursor},
	})
	if _, invalid := model.AsInvalid(err); invalid {
		return model.ErrNotFound // a cursor that nobody was given
	}
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(v.page.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	page := auditPage{settings: s.settings(v, "/audit", nil), Zone: v.t("page.zone", "Zone", zone)}
	for _, e := range list.Items {
		page.Entries = append(page.Entries, v.auditEntry(e, zone))
	}
	if cursor != "" {
		page.First = s.paths.Manage(v.page, "/settings/audit")
	}
	if list.Next != "" {
		page.Older = s.paths.AuditAfter(v.page, list.Next)
	}
	return v.show("dashboard/settings/audit.html", page)
}

func (v *visit) auditEntry(e model.Audit, zone *time.Location) auditEntry {
	out := auditEntry{
		Machine: e.At.UTC().Format(time.RFC3339), When: v.words.DateTime(e.At, zone),
		Who: v.actorName(e.By), What: v.known("audit.", string(e.Action), string(e.Action)),
	}
	if e.Subject.Kind != model.SubjectPage {
		out.Subject = view.InSentence(e.Subject.Name)
	}
	for _, c := range e.Changes {
		out.Changes = append(out.Changes, v.auditChange(c))
	}
	if len(out.Changes) > auditOpen {
		out.Count = v.n("audit.fields", len(out.Changes))
	}
	return out
}

// actorName says who it was. A person is an address; the rest says what it is.
func (v *visit) actorName(who model.Who) string {
	switch name := view.InSentence(who.Name); who.Kind {
	case model.ByToken:
		return v.t("by.token", "Name", name)
	case model.ByCLI:
		return v.t("by.cli")
	case model.BySystem:
		return "statusd"
	default:
		return name
	}
}

func (v *visit) auditChange(c model.Change) auditChange {
	return auditChange{Field: v.fieldName(c.Field), From: v.auditValue(c.Field, c.From), To: v.auditValue(c.Field, c.To)}
}

// secretFields are told as set or changed, never as what they are.
const secretHeader, secretBody = "headers.", "body"

func (v *visit) fieldName(field string) string {
	if name, ok := strings.CutPrefix(field, secretHeader); ok {
		return v.t("changed.header", "Name", view.InSentence(name))
	}
	return v.known("changed.", field, field)
}

func (v *visit) auditValue(field string, value any) string {
	secret := field == secretBody || strings.HasPrefix(field, secretHeader)
	switch value := value.(type) {
	case nil:
		return ""
	case bool:
		return v.yesNo(value)
	case []string:
		return v.words.List(value)
	case string:
		switch {
		case secret:
			return v.known("secret.", value, value)
		case field == "manualStatus":
			return v.known("status.", value, value)
		case value == "":
			return v.t("settings.unset")
		}
		return view.InSentence(value)
	default:
		return fmt.Sprint(value)
	}
}

// known is the text of a key when there is one: the trail outlives the program that wrote it, so it may name what this one does not.
func (v *visit) known(family, rest, otherwise string) string {
	if v.site.Locales.Has(family + rest) {
		return v.t(family + rest)
	}
	return otherwise
}
