package dashboard

// overviewPage is a page's first tab.
type overviewPage struct {
	frame
	Embed snippet
}

func (s *Site) overview(v *visit) error {
	return v.show("dashboard/overview/overview.html", overviewPage{frame: s.pageFrame(v, "overview", v.t("tab.overview")), Embed: s.embedSnippet(v)})
}
