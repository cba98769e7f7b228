package view

import "statusd/app/model"

// RestartTarget is a restart target in the dashboard, below the page from which the person came: targets belong to the workspace.
func (p Paths) RestartTarget(page model.Page, id model.RestartTargetID, rest string) string {
	return p.Manage(page, "/restart-targets/"+id.String()+rest)
}

// NewRestartTarget is where a restart target is made; kind "" asks of which type.
func (p Paths) NewRestartTarget(page model.Page, kind string) string {
	path := p.Manage(page, "/restart-targets/new")
	if kind == "" {
		return path
	}
	return path + "?type=" + kind
}
