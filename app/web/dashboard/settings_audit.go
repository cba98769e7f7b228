package dashboard

import (
	"fmt"
	"slices"
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
	At            stamp
	Who           string
	Page          string // on which page, in the trail of a workspace; "" for the workspace itself and for a page that is gone
	What, Subject string
	Changes       []auditChange
	Count         string // of a long list, which is closed at first; "" for a short one
}

// auditChange is a field's values in words; "" for the side that does not count.
type auditChange struct{ Field, From, To string }

// auditPageSize is how many entries are shown at once, auditOpen how many changes of one are seen without asking.
const auditPageSize, auditOpen = 50, 4

// trailOf is the part of a page's trail, or of a workspace's (0), that the address asks for.
func (s *Site) trailOf(v *visit, page model.PageID) (model.List[model.Audit], error) {
	list, err := s.App.Audit(v.c.Request().Context(), v.actor, app.AuditFilter{
		Page: page, Window: model.Window{Limit: auditPageSize, Cursor: v.c.QueryParam("cursor")},
	})
	if _, invalid := model.AsInvalid(err); invalid {
		return list, model.ErrNotFound // a cursor that nobody was given
	}
	return list, err
}

func (s *Site) auditTrail(v *visit) error {
	list, err := s.trailOf(v, v.page.ID)
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
	if v.c.QueryParam("cursor") != "" {
		page.First = s.paths.Manage(v.page, "/settings/audit")
	}
	if list.Next != "" {
		page.Older = s.paths.AuditAfter(v.page, list.Next)
	}
	return v.show("dashboard/settings/audit.html", page)
}

// workspaceTrail is the trail of everything in a workspace, its pages included. It has no zone of its own, so times are in UTC.
func (s *Site) workspaceTrail(v *visit) error {
	list, err := s.trailOf(v, 0)
	if err != nil {
		return err
	}
	pages, err := s.pageNames(v)
	if err != nil {
		return err
	}
	page := auditPage{settings: settings{Title: v.t("settings.audit"), Text: v.t("audit.text")}, Zone: v.t("page.zone", "Zone", time.UTC)}
	page.frame = s.workspaceFrame(v, "audit", page.Title)
	for _, e := range list.Items {
		entry := v.auditEntry(e, time.UTC)
		if e.Subject.Kind == model.SubjectPage {
			entry.Subject = view.InSentence(e.Subject.Name)
		} else {
			entry.Page = pages[e.Page]
		}
		page.Entries = append(page.Entries, entry)
	}
	if v.c.QueryParam("cursor") != "" {
		page.First = s.paths.WorkspaceAuditAfter(v.workspace.ID, "")
	}
	if list.Next != "" {
		page.Older = s.paths.WorkspaceAuditAfter(v.workspace.ID, list.Next)
	}
	return v.show("dashboard/settings/audit.html", page)
}

// pageNames are the names of the workspace's pages.
func (s *Site) pageNames(v *visit) (map[model.PageID]string, error) {
	list, err := s.App.Pages(v.c.Request().Context(), v.actor, model.Window{Limit: most})
	names := map[model.PageID]string{}
	for _, p := range list.Items {
		names[p.ID] = view.InSentence(p.Name)
	}
	return names, err
}

func (v *visit) auditEntry(e model.Audit, zone *time.Location) auditEntry {
	out := auditEntry{
		At:  newStamp(e.At, v.words.DateTime(e.At, zone), "long"),
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
const secretHeader, secretBody, secretPassword, secretKey = "headers.", "body", "password", "mail.dkim"

func (v *visit) fieldName(field string) string {
	if name, ok := strings.CutPrefix(field, secretHeader); ok {
		return v.t("changed.header", "Name", view.InSentence(name))
	}
	if base, lang, ok := v.inLanguage(field); ok {
		return v.t("audit.language", "Field", v.known("changed.", base, base), "Language", v.site.Locales.Words(lang).T("language.name"))
	}
	return v.known("changed.", field, field)
}

// inLanguage cuts the field of a localised text, like title.en, into the text and its language.
func (v *visit) inLanguage(field string) (base, lang string, ok bool) {
	i := strings.LastIndexByte(field, '.')
	if i < 0 || !slices.Contains(v.site.Locales.Languages(), field[i+1:]) {
		return "", "", false
	}
	if base = field[:i]; base == "body" {
		base = "update" // the body of a check is something else
	}
	return base, field[i+1:], true
}

func (v *visit) auditValue(field string, value any) string {
	secret := field == secretBody || strings.HasSuffix(field, secretPassword) || field == secretKey || strings.HasPrefix(field, secretHeader)
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
		case field == "role":
			return v.known("role.", value, value)
		case field == "status":
			return v.known("incident.status.", value, v.known("maintenance.state.", value, value))
		case field == "impact":
			return v.known("incident.impact.", value, value)
		case field == "expires" || field == "scheduledStart" || field == "scheduledEnd":
			return v.instant(value)
		case value == "":
			return v.t("settings.unset")
		}
		return view.InSentence(value)
	default:
		return fmt.Sprint(value)
	}
}

// instant words a time as the trail keeps it, in UTC: those of an invitation or a token are of no page and so of no other zone.
func (v *visit) instant(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return view.InSentence(text)
	}
	return v.words.DateTime(at, time.UTC)
}

// known is the text of a key when there is one: the trail outlives the program that wrote it, so it may name what this one does not.
func (v *visit) known(family, rest, otherwise string) string {
	if v.site.Locales.Has(family + rest) {
		return v.t(family + rest)
	}
	return otherwise
}
