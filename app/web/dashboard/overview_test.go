package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
)

// past is a page with a history of 90 days, whose checks look at nothing.
type past struct {
	*stage
	now time.Time
}

// newPast has API, which was down twice today and is not looked at since ten minutes; Web, always well; and Docs, never looked at.
func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{now: time.Now().UTC().Truncate(time.Second)}
	st := &stage{}
	st.lab = newLabWith(t, extra{before: func(l *lab) {
		l.member("owner@example.org", model.Owner)
		l.member("editor@example.org", model.Editor)
		l.member("viewer@example.org", model.Viewer)
		st.lab, st.page, st.by = l, l.page("acme", "API", "Web", "Docs"), l.ownerOf("Default")
		st.read()
		_, err := l.app.UpdatePage(t.Context(), st.by, st.page.ID, func(p *model.Page) error { p.TimeZone = "Europe/Istanbul"; return nil })
		l.must(err)
		l.must(l.app.ImportHistory(t.Context(), st.by, p.histories(st)))
	}})
	st.editor, st.viewer = st.as("editor@example.org"), st.as("viewer@example.org")
	p.stage = st
	return p
}

func (p *past) ago(d time.Duration) status.Instant { return status.At(p.now.Add(-d)) }

func (p *past) span(from, to time.Duration, s status.Status) status.Span {
	return status.Span{Interval: status.Interval{From: p.ago(from), To: p.ago(to)}, Status: s}
}

func (p *past) histories(st *stage) []app.History {
	const day = 24 * time.Hour
	api := app.History{Component: st.components[0].ID, Checks: []app.CheckHistory{{Check: st.checks[0].ID, Results: p.results()}}}
	for d := 89 * day; d > 2*day; d -= 12 * time.Hour { // up and slow by turns
		s := status.Operational
		if d%day != 0 {
			s = status.Degraded
		}
		api.Spans = append(api.Spans, p.span(d, d-12*time.Hour, s))
	}
	api.Spans = append(api.Spans,
		p.span(12*time.Hour, 6*time.Hour, status.Operational), p.span(6*time.Hour, 5*time.Hour, status.Down),
		p.span(5*time.Hour, 40*time.Minute, status.Operational), p.span(40*time.Minute, 10*time.Minute, status.Down))
	web := app.History{Component: st.components[1].ID, Spans: []status.Span{p.span(60*day, 0, status.Operational)}}
	return []app.History{api, web}
}

// results are those of API in the last six hours.
func (p *past) results() (out []model.Result) {
	why := func(code string) string {
		return probe.Reason{Code: "status", Args: []string{code, "200-299"}}.Encode()
	}
	for ago := 6*time.Hour + 3*time.Minute; ago > 10*time.Minute; ago -= time.Minute {
		r := model.Result{At: p.now.Add(-ago), Status: status.Operational, Latency: 142 * time.Millisecond, StatusCode: 200}
		if ago <= 6*time.Hour && ago > 5*time.Hour {
			r.Status, r.StatusCode, r.Reason = status.Down, 502, why("502")
		}
		if ago <= 40*time.Minute {
			r.Status, r.StatusCode, r.Reason = status.Down, 503, why("503")
		}
		out = append(out, r)
	}
	return out
}

func (p *past) spansPath(i int, query string) string { return p.componentPath(i, "/spans"+query) }

func TestTheOverviewShowsHowThingsAreAndWereAndWhy(t *testing.T) {
	p := newPast(t)
	for _, c := range []*client{p.viewer, p.editor} {
		r := c.wants(c.get(p.path("")), 200,
			"Uptime, 24 hours", "API, the lowest", "0 <small>of 3 enabled", "No check is enabled",
			"API went down", "API is operational again", "Before: Operational, 4\u00a0h 20\u00a0min", "status 503, expected 200-299",
			"status 502, expected 200-299", "?only=failures", "Times in Europe/Istanbul",
			`href="`+p.spansPath(0, "?window=24h")+`"`, "&lt;iframe", "[![acme](", "badge.svg", `data-stream="`+p.path("/live")+`"`)
		if strings.Contains(r.body, "http://127.0.0.1:9/") {
			t.Error("it shows addresses that are probed")
		}
	}
	r := p.viewer.wants(p.viewer.get(p.path("?component="+p.components[0].ID.String()+"&range=7d")), 200, "Latency, API", "<svg class=\"chart chart-wide\"", "142 ms", "Show as table")
	if !regexp.MustCompile(`range=7d[^>]*aria-current="page"`).MatchString(r.body) {
		t.Error("it does not say which range is shown")
	}
	p.viewer.wants(p.viewer.get(p.path("?component="+p.components[2].ID.String())), 200, "Latency, Docs", "Nothing was answered in this time.")
}

func TestAWrongAddressOfTheOverviewIsNotFound(t *testing.T) {
	p := newPast(t)
	other := p.pageIn("Default", "other", "Theirs")
	list, err := p.app.Components(t.Context(), p.by, other.ID, model.Window{})
	p.must(err)
	theirs := list.Items[0].ID.String()
	for _, path := range []string{
		p.path("?component=" + theirs), p.path("?component=zzzzzzzz"), p.path("?range=1y"), p.path("/components/" + theirs + "/spans"),
		p.spansPath(0, "?window=1y"), p.path("/components/zzzzzzzz/spans"),
	} {
		if r := p.viewer.get(path); r.code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, r.code)
		}
	}
	p.viewer.wants(p.viewer.get(p.path("?component=")), 200)
}

func TestTheSpansBehindAFigureAreShownAndAddUp(t *testing.T) {
	p := newPast(t)
	// Of the last day 11 h 50 min are known, of which it was down for 90 min.
	p.viewer.wants(p.viewer.get(p.spansPath(0, "?window=24h")), 200,
		"Uptime of API", "<dd>87.32%</dd>", "49.3", "little: take the figure with care", "10\u00a0h 20\u00a0min ÷ 11\u00a0h 50\u00a0min = 87.32%",
		"divided by the time operational", "Times in Europe/Istanbul", "UTC&#43;3", "4\u00a0h 20\u00a0min", "30\u00a0min", "12\u00a0h", "None.")
	p.viewer.wants(p.viewer.get(p.spansPath(1, "?window=30d")), 200, "<dd>100%</dd>", "all of the window")
	p.viewer.wants(p.viewer.get(p.spansPath(2, "")), 200, "nothing, so there is no figure", "–", "No data")
}

func TestALongListOfSpansHasPages(t *testing.T) {
	p := newPast(t)
	older := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	rows := regexp.MustCompile(`<tr role="row"><td role="cell" class="lead">`)
	path, total, pages := p.spansPath(0, "?window=90d"), 0, 0
	for path != "" && pages < 10 {
		r := p.viewer.wants(p.viewer.get(path), 200)
		n := len(rows.FindAllString(r.body, -1))
		if n == 0 || n > 100 {
			t.Errorf("%d rows", n)
		}
		total, pages, path = total+n, pages+1, ""
		if m := older.FindStringSubmatch(r.body); m != nil {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	const want = 1 + 174 + 1 + 4 + 1 // nothing before the first, half days, a hole, four spans, nothing since
	if total != want || pages != 2 {
		t.Errorf("%d rows on %d pages, want %d", total, pages, want)
	}
}

func TestAPageWithoutComponentsSaysWhatToDo(t *testing.T) {
	st := newStage(t)
	st.editor.wants(st.editor.get(st.path("")), 200, "Nothing is monitored", st.path("/components/new"))
	if r := st.viewer.wants(st.viewer.get(st.path("")), 200, "Nothing is monitored"); strings.Contains(r.body, st.path("/components/new")) {
		t.Error("a viewer is sent to where nothing is allowed")
	}
}

func TestNamesOnTheOverviewAreTextAndTheBadgeStaysInItsBrackets(t *testing.T) {
	st := newStage(t, `<b>"API"</b>`)
	_, err := st.app.UpdatePage(t.Context(), st.by, st.page.ID, func(p *model.Page) error { p.Name = "[x](javascript:1) <i>`"; return nil })
	st.must(err)
	for _, path := range []string{st.path(""), st.componentPath(0, "/spans")} {
		r := st.viewer.wants(st.viewer.get(path), 200, "&lt;b&gt;")
		if strings.Contains(r.body, "<b>") || strings.Contains(r.body, "<i>") {
			t.Errorf("%s: a name is markup", path)
		}
	}
	st.viewer.wants(st.viewer.get(st.path("")), 200, `[![\[x\](javascript:1) \&lt;i&gt;\`)
}
