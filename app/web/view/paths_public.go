package view

import "statusd/app/model"

// What belongs to a public page has the page's path before it; on the page's custom domain it stands alone.
func (p Paths) ofPage(slug, rest string) string {
	if p.CustomDomain {
		return rest
	}
	return p.below("/p/" + slug + rest)
}

// Incident is one incident of a page.
func (p Paths) Incident(slug string, id model.IncidentID) string {
	return p.ofPage(slug, "/incidents/"+id.String())
}
