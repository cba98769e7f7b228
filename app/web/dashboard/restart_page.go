package dashboard

import (
	"net/url"
	"strconv"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
	"statusd/probe/restart"
)

// targetPage is one restart target: what it is, what is bound to it, and its log.
type targetPage struct {
	frame
	targetRow
	liveness      // none while it tells what a check of the connection found
	May           bool
	Back          string // URL
	Edit, Delete  string // URLs
	Found         *connection
	Key           *hostKey // nil: it has none
	Facts         []fact
	Checks        []boundRow
	Log           []firingRow
	Newest, Older string // URLs; "" at the ends
	Zone          string
}

// connection is what a check of the connection found.
type connection struct {
	Status      status.Status
	Sentence    string
	Fingerprint string // that an SSH host showed; "" for none
}

// hostKey is by what an SSH host is known.
type hostKey struct {
	Pinned      bool   // somebody said so; else it was recorded on first use
	Fingerprint string // "": nothing is known
	Seen        *stamp // when it was recorded
	Judge       string // URL where it is pinned or forgotten; "" for who may not
}

// boundRow is a check that is bound to the target.
type boundRow struct{ Name, Page, URL string }

// shownFirings is how many are on one screen.
const shownFirings = 50

func (s *Site) target(v *visit, r model.RestartTarget) error { return s.showTarget(v, r, nil) }

// toTarget is where reloading the answer to a check of the connection leads.
func (s *Site) toTarget(v *visit, r model.RestartTarget) error {
	return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "")
}

func (s *Site) showTarget(v *visit, r model.RestartTarget, found *connection) (err error) {
	here := func(rest string) string { return s.paths.RestartTarget(v.page, r.ID, rest) }
	page := targetPage{
		frame: s.pageFrame(v, "restarts", r.Name), targetRow: s.targetRow(v, r), May: v.actor.May(model.Editor), Back: s.paths.Manage(v.page, "/restart-targets"),
		Edit: here("/edit"), Delete: here("/delete"), Found: found, Zone: v.t("page.zone", "Zone", v.zone()),
	}
	if found == nil && v.c.QueryParam("cursor") == "" {
		page.liveness = s.following(v, here(""))
	}
	if r.Type == model.RestartSSH {
		page.Key = s.hostKey(v, r)
	}
	tallies, err := s.App.FiringTallies(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	page.Rate = v.successRate(tallies[r.ID])
	page.Facts = v.targetFacts(r)
	if page.Checks, err = s.boundRows(v, r.ID); err != nil {
		return err
	}
	if err := s.addLog(v, r.ID, &page); err != nil {
		return err
	}
	return v.show("dashboard/restarts/target.html", page)
}

// addLog reads a part of the log, newest first; ?cursor= goes on from an older one.
func (s *Site) addLog(v *visit, id model.RestartTargetID, page *targetPage) error {
	cursor, here := v.c.QueryParam("cursor"), s.paths.RestartTarget(v.page, id, "")
	list, err := s.App.Firings(v.c.Request().Context(), v.actor, id, model.Window{Limit: shownFirings, Cursor: cursor})
	if err != nil {
		return unknownCursor(err)
	}
	page.Log = s.firingLog(v).rows(list.Items)
	if cursor != "" {
		page.Newest = here
	}
	if list.Next != "" {
		page.Older = here + "?" + url.Values{"cursor": {list.Next}}.Encode()
	}
	return nil
}

func (s *Site) boundRows(v *visit, id model.RestartTargetID) (rows []boundRow, err error) {
	bound, err := s.App.BoundChecks(v.c.Request().Context(), v.actor, id)
	for _, c := range bound {
		row := boundRow{Name: view.Name(c.Name), URL: s.paths.Check(model.Page{ID: c.Page, Workspace: v.workspace.ID}, c.ID, "")}
		if c.Page != v.page.ID {
			row.Page = view.Name(c.PageName)
		}
		rows = append(rows, row)
	}
	return rows, err
}

// hostKey says by what a host is known.
func (s *Site) hostKey(v *visit, r model.RestartTarget) *hostKey {
	k := &hostKey{Pinned: r.SSH.HostKey != "", Fingerprint: restart.Fingerprint(r.SSH.HostKey)}
	if k.Pinned {
		return k
	}
	k.Fingerprint = restart.Fingerprint(r.SSH.Seen)
	if !r.SSH.SeenAt.IsZero() {
		at := v.at(r.SSH.SeenAt)
		k.Seen = &at
	}
	if v.actor.May(model.Editor) && k.Fingerprint != "" {
		k.Judge = s.paths.RestartTarget(v.page, r.ID, "/host-key")
	}
	return k
}

// targetFacts says what the target does.
func (v *visit) targetFacts(r model.RestartTarget) []fact {
	switch r.Type {
	case model.RestartHTTP:
		facts := []fact{
			{v.t("field.url"), r.HTTP.URL}, {v.t("field.method"), r.HTTP.Method},
			{v.t("check.expects"), v.t("check.range", "Low", r.HTTP.ExpectedStatusMin, "High", r.HTTP.ExpectedStatusMax)},
		}
		if r.HTTP.AuthHeaderName != "" {
			facts = append(facts, fact{v.t("target.header"), v.t("secret.header", "Name", r.HTTP.AuthHeaderName)})
		}
		if r.HTTP.Body != "" {
			facts = append(facts, fact{v.t("field.body"), v.t("secret.body")})
		}
		return append(facts, fact{v.t("target.timeout"), v.words.Lasting(r.Timeout)})
	case model.RestartSSH:
		return []fact{
			{v.t("target.command"), r.SSH.Command}, {v.t("target.user"), r.SSH.User}, {v.t("target.host"), r.SSH.Host},
			{v.t("target.port"), strconv.Itoa(r.SSH.Port)}, {v.t("target.timeout"), v.words.Lasting(r.Timeout)},
		}
	}
	return []fact{
		{v.t("target.baseUrl"), r.Coolify.BaseURL}, {v.t("target.uuid"), r.Coolify.ResourceUUID}, {v.t("target.force"), v.yesNo(r.Coolify.Force)},
	}
}

// checkConnection signs in to the target and says what it found.
func (s *Site) checkConnection(v *visit, r model.RestartTarget) error {
	ctx := v.c.Request().Context()
	got, err := s.App.CheckConnection(ctx, v.actor, r.ID)
	if err != nil {
		return err
	}
	found := &connection{Status: status.Down, Sentence: v.t("target.unconnected", "Reason", v.words.Restart(got.Detail)), Fingerprint: got.Fingerprint}
	if got.OK {
		found.Status, found.Sentence = status.Operational, v.t("target.connected", "Reason", v.words.Restart(got.Detail))
		if r, err = s.App.RestartTarget(ctx, v.actor, r.ID); err != nil { // its host may be known by now
			return err
		}
	}
	return s.showTarget(v, r, found)
}

// judgeHostKey pins or forgets the key that the host showed, which must still be the one that the person saw.
func (s *Site) judgeHostKey(v *visit, r model.RestartTarget) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	pin := f.raw("do") == "pin"
	_, err = s.App.UpdateRestartTarget(v.c.Request().Context(), v.actor, r.ID, func(r *model.RestartTarget) error {
		if r.SSH.Seen == "" || restart.Fingerprint(r.SSH.Seen) != f.raw("fingerprint") {
			return model.Conflict{Code: "stale"}
		}
		if pin {
			r.SSH.HostKey = r.SSH.Seen
		}
		r.SSH.Seen = ""
		return nil
	})
	if err != nil {
		return err
	}
	if pin {
		return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "host-key-pinned")
	}
	return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "host-key-forgotten")
}

// fireQuestion asks before a target is called for real.
type fireQuestion struct {
	frame
	Title, Where string
	Action, Back string
}

func (s *Site) askFire(v *visit, r model.RestartTarget) error {
	if r.Type != model.RestartHTTP {
		return model.Conflict{Code: "target_scheduled_only"}
	}
	return v.show("dashboard/restarts/fire.html", fireQuestion{
		frame: s.pageFrame(v, "restarts", v.t("target.fire")), Title: v.t("target.fire.ask", "Name", view.InSentence(r.Name)),
		Where: r.HTTP.Method + " " + r.HTTP.URL, Action: s.paths.RestartTarget(v.page, r.ID, "/fire"), Back: s.paths.RestartTarget(v.page, r.ID, ""),
	})
}

func (s *Site) fireTarget(v *visit, r model.RestartTarget) error {
	f, err := s.App.TestFire(v.c.Request().Context(), v.actor, r.ID)
	if err != nil {
		return err
	}
	return v.goTo(s.paths.RestartTarget(v.page, r.ID, ""), "fired-"+f.Outcome.String())
}

func (s *Site) askDeleteTarget(v *visit, r model.RestartTarget) error {
	return s.targetDeletion(v, v.filled(seenAt(r.Updated)), r)
}

func (s *Site) targetDeletion(v *visit, f *form, r model.RestartTarget) error {
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "restarts", v.t("target.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(r.Name)), Text: v.t("target.delete.text"), Typed: f.typedName(r.Name),
		Action: s.paths.RestartTarget(v.page, r.ID, "/delete"), Back: s.paths.RestartTarget(v.page, r.ID, ""), Submit: v.t("target.delete"),
	})
}

// deleteTarget is refused while checks are bound, and says which.
func (s *Site) deleteTarget(v *visit, r model.RestartTarget) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(r.Name) {
		return s.targetDeletion(v, f, r)
	}
	err = s.App.DeleteRestartTarget(v.c.Request().Context(), v.actor, r.ID)
	if f.refuse(err) {
		return s.targetDeletion(v, f, r)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/restart-targets"), "target-deleted")
}
