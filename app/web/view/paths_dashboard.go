package view

import (
	"net/url"
	"strconv"

	"statusd/app/model"
)

// Setup is where the first account is made.
func (p Paths) Setup() string { return p.below("/setup") }

// Login is where people sign in.
func (p Paths) Login() string { return p.below("/login") }

// LoginFor is where people sign in to go on to a path of this place.
func (p Paths) LoginFor(next string) string {
	return p.Login() + "?" + url.Values{"next": {next}}.Encode()
}

// Logout ends a session.
func (p Paths) Logout() string { return p.below("/logout") }

// Invite is where an invitation is accepted.
func (p Paths) Invite(token string) string {
	return p.below("/invite") + "?" + url.Values{"token": {token}}.Encode()
}

// Dashboard is where everything begins for somebody who is signed in.
func (p Paths) Dashboard() string { return p.below("/d") }

// Account is everybody's own settings.
func (p Paths) Account(rest string) string { return p.below("/d/account" + rest) }

// Instance is the settings of the whole instance.
func (p Paths) Instance(rest string) string { return p.below("/d/instance" + rest) }

// Workspace is what belongs to a workspace: its pages, and with a rest its members, tokens, settings.
func (p Paths) Workspace(id model.WorkspaceID, rest string) string {
	return p.below("/d/w/" + id.String() + rest)
}

// Manage is a page in the dashboard, and with a rest one of its tabs.
func (p Paths) Manage(page model.Page, rest string) string {
	return p.Workspace(page.Workspace, "/p/"+page.ID.String()+rest)
}

// Component is a component's form in the dashboard.
func (p Paths) Component(page model.Page, id model.ComponentID, rest string) string {
	return p.Manage(page, "/components/"+id.String()+rest)
}

// Overview is a page's first tab, with the latencies of a component over a range ("24h") in its chart.
func (p Paths) Overview(page model.Page, id model.ComponentID, over string) string {
	return p.Manage(page, "") + "?" + url.Values{"component": {id.String()}, "range": {over}}.Encode()
}

// Live is where the dashboard hears that something about a page has changed.
func (p Paths) Live(page model.Page) string { return p.Manage(page, "/live") }

// Spans is what a component's uptime over a window ("30d") was computed from; before is an instant to go on from, 0 for the newest.
func (p Paths) Spans(page model.Page, id model.ComponentID, window string, before int64) string {
	query := url.Values{"window": {window}}
	if before != 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return p.Component(page, id, "/spans?"+query.Encode())
}

// Check is a check's form in the dashboard.
func (p Paths) Check(page model.Page, id model.CheckID, rest string) string {
	return p.Manage(page, "/checks/"+id.String()+rest)
}

// Jump answers what is typed into the command palette, asked from a workspace and a page of it; 0 for none.
func (p Paths) Jump(ws model.WorkspaceID, page model.PageID) string {
	q := url.Values{}
	if ws != 0 {
		q.Set("ws", ws.String())
	}
	if page != 0 {
		q.Set("page", page.String())
	}
	return p.below("/d/jump") + "?" + q.Encode()
}

// Shortcuts lists the keyboard's.
func (p Paths) Shortcuts() string { return p.below("/d/shortcuts") }

// PagesAPI is where programs list the pages of their workspace.
func (p Paths) PagesAPI() string { return p.below("/api/v1/pages") }
