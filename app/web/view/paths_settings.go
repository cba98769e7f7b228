package view

import (
	"net/url"
	"strings"

	"statusd/app/model"
)

// Preview is a page as the dashboard frames it. Values are what it would look like with, "" and all that are missing as it is.
func (p Paths) Preview(page model.Page, values url.Values) string {
	path := p.Manage(page, "/preview")
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// PreviewBrand is the style sheet of a colour (#rrggbb) that a page need not have.
func (p Paths) PreviewBrand(page model.Page, color string) string {
	return p.Manage(page, "/preview/brand-"+strings.ToLower(strings.TrimPrefix(color, "#"))+".css")
}

// AuditAfter is a page's audit trail from a cursor on.
func (p Paths) AuditAfter(page model.Page, cursor string) string {
	return p.Manage(page, "/settings/audit") + "?" + url.Values{"cursor": {cursor}}.Encode()
}

// WorkspaceAuditAfter is the audit trail of a whole workspace from a cursor on; "" for the newest entries.
func (p Paths) WorkspaceAuditAfter(id model.WorkspaceID, cursor string) string {
	path := p.Workspace(id, "/audit")
	if cursor == "" {
		return path
	}
	return path + "?" + url.Values{"cursor": {cursor}}.Encode()
}

// AskDomain is where a proxy asks whether to get a certificate for a name.
func (p Paths) AskDomain() string { return p.below("/api/v1/domains/ask") }
