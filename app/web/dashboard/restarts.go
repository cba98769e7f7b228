package dashboard

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// The tab Restart targets: what is called when a check keeps failing. Targets belong to the workspace, so each of its pages shows all.
func (s *Site) registerRestarts(e *echo.Echo) {
	const all, one = "/d/w/:ws/p/:page/restart-targets", "/d/w/:ws/p/:page/restart-targets/:target"
	s.screen(e, all, s.onPage(s.restarts))
	s.screen(e, all+"/new", s.editing(s.newTarget))
	s.act(e, all+"/new", s.editing(s.createTarget))
	s.screen(e, one, s.onTarget(s.target))
	s.screen(e, one+"/edit", s.editTarget(s.targetForm))
	s.act(e, one+"/edit", s.editTarget(s.saveTarget))
	s.screen(e, one+"/delete", s.editTarget(s.askDeleteTarget))
	s.act(e, one+"/delete", s.editTarget(s.deleteTarget))
	s.screen(e, one+"/fire", s.editTarget(s.askFire))
	s.act(e, one+"/fire", s.editTarget(s.fireTarget))
	s.screen(e, one+"/connection", s.onTarget(s.toTarget))
	s.act(e, one+"/connection", s.editTarget(s.checkConnection))
	s.act(e, one+"/host-key", s.editTarget(s.judgeHostKey))
}

// onTarget finds the restart target of the path, which is the workspace's.
func (s *Site) onTarget(h func(*visit, model.RestartTarget) error) handler {
	return s.onPage(func(v *visit) error {
		var id model.RestartTargetID
		if err := v.id("target", &id); err != nil {
			return err
		}
		r, err := s.App.RestartTarget(v.c.Request().Context(), v.actor, id)
		if err != nil {
			return err
		}
		return h(v, r)
	})
}

// editTarget is onTarget for those who may change it.
func (s *Site) editTarget(h func(*visit, model.RestartTarget) error) handler {
	return s.onTarget(func(v *visit, r model.RestartTarget) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, r)
	})
}

// restartList is the restart targets of the workspace.
type restartList struct {
	frame
	liveness
	May   bool
	New   string // URL
	About string
	Rows  []targetRow
	Zone  string
}

// targetRow is a restart target with what its firings have come to.
type targetRow struct {
	Name, URL   string
	Picture     string // an icon of the sprite
	Type, Where string
	Bound, Rate string     // in words; Rate is "" before it fired
	Last        *firingRow // nil: it never fired
	Fire, Check string     // URLs; "" for who may not, and where that cannot be
}

// targetPictures are the pictures of the types.
var targetPictures = map[model.TargetType]string{model.RestartHTTP: "webhook", model.RestartSSH: "terminal", model.RestartCoolify: "server"}

func (s *Site) restarts(v *visit) error {
	targets, err := s.restartTargets(v)
	if err != nil {
		return err
	}
	page := restartList{
		frame: s.pageFrame(v, "restarts", v.t("tab.restarts")), liveness: s.following(v, s.paths.Manage(v.page, "/restart-targets")),
		May: v.actor.May(model.Editor), New: s.paths.NewRestartTarget(v.page, ""), Zone: v.t("page.zone", "Zone", v.zone()),
		About: v.t("restarts.text", "Name", view.InSentence(v.workspace.Name)),
	}
	if page.Rows, err = s.targetRows(v, targets); err != nil {
		return err
	}
	return v.show("dashboard/restarts/restarts.html", page)
}

// restartTargets are all of the workspace's.
func (s *Site) restartTargets(v *visit) ([]model.RestartTarget, error) {
	return entire(func(w model.Window) (model.List[model.RestartTarget], error) {
		return s.App.RestartTargets(v.c.Request().Context(), v.actor, w)
	})
}

func (s *Site) targetRows(v *visit, targets []model.RestartTarget) (rows []targetRow, err error) {
	ctx := v.c.Request().Context()
	tallies, err := s.App.FiringTallies(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	bound, err := s.App.CountBound(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	newest, err := s.App.NewestOfTargets(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	log := s.firingLog(v)
	for _, r := range targets {
		row := s.targetRow(v, r)
		row.Bound, row.Rate = v.n("restarts.checks", bound[r.ID]), v.successRate(tallies[r.ID])
		if last, fired := newest[r.ID]; fired {
			f := log.row(last)
			f.At = v.shortly(last.Started)
			row.Last = &f
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Site) targetRow(v *visit, r model.RestartTarget) targetRow {
	row := targetRow{
		Name: view.Name(r.Name), URL: s.paths.RestartTarget(v.page, r.ID, ""), Picture: targetPictures[r.Type],
		Type: v.t("target.type." + r.Type.String()), Where: leadsTo(r),
	}
	switch {
	case !v.actor.May(model.Editor):
	case r.Type == model.RestartHTTP:
		row.Fire = s.paths.RestartTarget(v.page, r.ID, "/fire")
	default:
		row.Check = s.paths.RestartTarget(v.page, r.ID, "/connection")
	}
	return row
}

// leadsTo says where a call goes, as shortly as a row has room for.
func leadsTo(r model.RestartTarget) string {
	switch r.Type {
	case model.RestartHTTP:
		return r.HTTP.Method + " " + hostOf(r.HTTP.URL)
	case model.RestartSSH:
		host := r.SSH.Host
		if r.SSH.Port != 22 {
			host += ":" + strconv.Itoa(r.SSH.Port)
		}
		return r.SSH.User + "@" + host
	}
	return hostOf(r.Coolify.BaseURL)
}

// successRate says how many calls on schedule succeeded; "" before there was one.
func (v *visit) successRate(t model.FiringTally) string {
	if t.Firings == 0 {
		return ""
	}
	return v.n("restarts.rate", t.Firings, "Percent", v.t("format.percent", "Number", 100*t.Succeeded/t.Firings), "Good", v.words.Number(t.Succeeded))
}

// firingStatus is how an outcome looks.
var firingStatus = map[model.FiringOutcome]status.Status{
	model.FiringRuns: status.NoData, model.FiringSucceeded: status.Operational, model.FiringFailed: status.Down, model.FiringInterrupted: status.Degraded,
}
