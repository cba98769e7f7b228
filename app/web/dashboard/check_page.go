package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
	"statusd/probe"
)

// checkPage is one check: what it showed last, what it has shown, and what it is.
type checkPage struct {
	frame
	May                    bool
	Title, Text, Back      string
	Run, Enable, Duplicate string // URLs of acts
	Edit, Delete           string // URLs
	Enabled                bool
	Trial                  *trial // of a run just now
	Latest                 *trial
	LatestAt               stamp
	Results                []resultRow
	Failures               bool // only they are shown
	All, OnlyFailures      string
	Newest, Older          string // URLs; "" at the ends
	Kept                   string // how long results are kept, in words
	Facts                  []fact
	Fired                  *checkFirings // nil: it is not bound, and never was
}

// fact is a name and a value.
type fact struct{ Name, Value string }

// resultRow is one look.
type resultRow struct {
	At           stamp
	Status       status.Status
	Took, Code   string
	Reason, Hand string // in words, "" for none
}

func (s *Site) check(v *visit, c model.Check) error { return s.showCheckPage(v, c, nil) }

// afterRun is where reloading the answer of a run leads.
func (s *Site) afterRun(v *visit, c model.Check) error {
	return v.goTo(s.paths.Check(v.page, c.ID, ""), "")
}

// runCheck looks now, and answers with what was found: it is in the list of results a second later.
func (s *Site) runCheck(v *visit, c model.Check) error {
	found, _, err := s.App.RunCheckFully(v.c.Request().Context(), v.actor, c.ID)
	if err != nil {
		return err
	}
	tried := v.trial(found)
	tried.Saved = true
	return s.showCheckPage(v, c, tried)
}

func (s *Site) showCheckPage(v *visit, c model.Check, tried *trial) error {
	of, err := s.App.Component(v.c.Request().Context(), v.actor, c.Component)
	if err != nil {
		return err
	}
	here := func(rest string) string { return s.paths.Check(v.page, c.ID, rest) }
	page := checkPage{
		frame: s.pageFrame(v, "checks", c.Name), May: v.actor.May(model.Editor), Title: c.Name,
		Text: v.t("check.of", "Name", view.InSentence(of.Name)), Back: s.paths.Manage(v.page, "/checks"),
		Run: here("/run"), Enable: here("/enable"), Duplicate: here("/duplicate"), Edit: here("/edit"), Delete: here("/delete"),
		Enabled: c.Enabled, Trial: tried, All: here(""), OnlyFailures: here("?only=failures"), Failures: v.c.QueryParam("only") == "failures",
		Kept: v.n("check.kept", int(s.App.Retention/(24*time.Hour))), Facts: s.checkFacts(v, c),
	}
	page.Latest, page.LatestAt = s.latest(v, c)
	if page.Fired, err = s.checkFirings(v, c); err != nil {
		return err
	}
	return s.withResults(v, c, page)
}

// latest is what the check showed last that counts; nil when there is none.
func (s *Site) latest(v *visit, c model.Check) (*trial, stamp) {
	latest, now := s.App.Latest(c.ID)
	if latest.At.IsZero() {
		return nil, stamp{}
	}
	t := &trial{Status: now, Total: v.words.Millis(latest.Latency), Saved: true, Phases: v.phases(probe.Phases(latest.Phases))}
	t.Sentence = v.t("status." + now.String())
	if latest.Reason != "" {
		t.Sentence = v.t("check.because", "Status", t.Sentence, "Reason", v.words.Reason(latest.Reason))
	} else if now != status.NoData {
		t.Sentence = v.t("check.answered", "Status", t.Sentence, "Code", latest.StatusCode, "Took", t.Total)
	}
	return t, v.exact(latest.At)
}

// shownResults is how many are on one screen.
const shownResults = 50

// withResults shows the page with a part of its results, newest first; ?cursor= goes on from an older one.
func (s *Site) withResults(v *visit, c model.Check, page checkPage) error {
	cursor := v.c.QueryParam("cursor")
	list, err := s.App.Results(v.c.Request().Context(), v.actor, c.ID, model.Wanted{
		Window: model.Window{Limit: shownResults, Cursor: cursor}, Failed: page.Failures,
	})
	if _, ok := model.AsInvalid(err); ok {
		return model.ErrNotFound // a cursor that we did not write
	}
	if err != nil {
		return err
	}
	for _, r := range list.Items {
		page.Results = append(page.Results, v.resultRow(r))
	}
	values := url.Values{}
	if page.Failures {
		values.Set("only", "failures")
	}
	if cursor != "" {
		page.Newest = page.All
		if page.Failures {
			page.Newest = page.OnlyFailures
		}
	}
	if list.Next != "" {
		values.Set("cursor", list.Next)
		page.Older = page.All + "?" + values.Encode()
	}
	return v.render(http.StatusOK, "dashboard/checks/check.html", page)
}

func (v *visit) resultRow(r model.Result) resultRow {
	row := resultRow{At: v.exact(r.At), Status: r.Status, Took: v.words.Millis(r.Latency), Reason: v.words.Reason(r.Reason)}
	if r.StatusCode != 0 {
		row.Code = strconv.Itoa(r.StatusCode)
	}
	if r.Manual {
		row.Hand = v.t("check.manual")
	}
	return row
}

// checkFacts says what the check does.
func (s *Site) checkFacts(v *visit, c model.Check) []fact {
	facts := []fact{
		{v.t("field.url"), c.URL},
		{v.t("field.method"), c.Method},
		{v.t("field.interval"), v.n("check.every", int(c.Interval/time.Second))},
		{v.t("check.expects"), v.t("check.range", "Low", c.ExpectedStatusMin, "High", c.ExpectedStatusMax)},
		{v.t("field.timeout"), v.words.Millis(c.Timeout)},
	}
	if c.ExpectedBodyContains != "" {
		facts = append(facts, fact{v.t("field.contains"), c.ExpectedBodyContains})
	}
	if c.DegradedLatency != 0 {
		facts = append(facts, fact{v.t("field.degraded"), v.words.Millis(c.DegradedLatency)})
	}
	if c.InsecureSkipVerify {
		facts = append(facts, fact{v.t("field.insecure"), v.t("check.insecure")})
	}
	return facts
}

func (s *Site) askDeleteCheck(v *visit, c model.Check) error {
	return s.checkDeletion(v, v.filled(url.Values{}), c)
}

func (s *Site) checkDeletion(v *visit, f *form, c model.Check) error {
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "checks", v.t("check.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(c.Name)), Text: v.t("check.delete.text"), Typed: f.typedName(c.Name),
		Action: s.paths.Check(v.page, c.ID, "/delete"), Back: s.paths.Check(v.page, c.ID, ""), Submit: v.t("check.delete"),
	})
}

func (s *Site) deleteCheck(v *visit, c model.Check) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(c.Name) {
		return s.checkDeletion(v, f, c)
	}
	if err := s.App.DeleteCheck(v.c.Request().Context(), v.actor, c.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/checks"), "check-deleted")
}
