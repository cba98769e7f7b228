package dashboard_test

import (
	"statusd/app/model"
)

// target makes an HTTP target of a workspace.
func (l *lab) target(by model.Actor, url string) model.RestartTarget {
	l.t.Helper()
	r, err := l.app.CreateRestartTarget(l.t.Context(), by, model.RestartHTTP, func(r *model.RestartTarget) error {
		r.Name, r.HTTP.URL = "Restart hook", url
		return nil
	})
	l.must(err)
	return r
}
