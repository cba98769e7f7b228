package chart_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/chart"
	"statusd/app/web/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

var assets = os.DirFS("../../../assets")

func load(t testing.TB) *view.View {
	t.Helper()
	words, err := locale.Load(assets)
	if err != nil {
		t.Fatal(err)
	}
	words.Missing = func(lang, key string, err error) { t.Errorf("%s: %s: %v", lang, key, err) }
	v, err := view.New(assets, words)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(text string) status.Instant {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return status.At(t)
}

const ms = time.Millisecond

// latencies are those of a component whose window ends at an instant, with a point for every step that wave answers.
func latencies(r model.Range, now status.Instant, waves ...func(i int) time.Duration) model.Latencies {
	step := [model.Ranges]time.Duration{5 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour}[r]
	unit := status.Instant(step.Milliseconds())
	from := now - now%unit + unit - status.Instant(r.Back().Milliseconds())
	l := model.Latencies{Component: model.Component{Name: "API"}, Range: r, Step: step, Window: status.Interval{From: from, To: now}}
	for n, wave := range waves {
		s := model.Series{Name: []string{"Health endpoint", "Create invoice", "Search", "Export", "Import"}[n], Check: model.CheckID(n + 1)}
		for i := 0; from.Add(time.Duration(i)*step) < now; i++ {
			p := model.Point{At: from.Add(time.Duration(i) * step)}
			if p.Mean = wave(i); p.Mean > 0 {
				p.Slowest, p.Answered = 2*p.Mean, 10
			} else {
				p.Failed = 10
			}
			s.Points = append(s.Points, p)
		}
		l.Series = append(l.Series, s)
	}
	return l
}

func noisy(base, swing time.Duration, gapFrom, gapTo int) func(int) time.Duration {
	r := rand.New(rand.NewPCG(7, uint64(base)))
	return func(i int) time.Duration {
		if i >= gapFrom && i < gapTo {
			return 0
		}
		return base + time.Duration(r.Int64N(int64(swing)))
	}
}

// cases are charts as they come.
func cases(t testing.TB) map[string]struct {
	model.Latencies
	zone *time.Location
} {
	noon := at("2026-05-18T12:02:00Z")
	outage := latencies(model.Day, noon, noisy(150*ms, 30*ms, 260, 289), noisy(330*ms, 60*ms, 100, 110))
	outage.Series[0].Limit, outage.Series[1].Limit = 400*ms, 30*time.Second
	outage.Down = []status.Interval{{From: at("2026-05-18T09:42:00Z"), To: noon}}
	outage.Maintenances = []model.Maintained{{Interval: status.Interval{From: at("2026-05-17T18:20:00Z"), To: at("2026-05-17T19:20:00Z")}}}
	month := latencies(model.Month, noon, noisy(1100*ms, 900*ms, 40, 60))
	month.Down = []status.Interval{{From: at("2026-05-01T10:00:00Z"), To: at("2026-05-01T10:00:20Z")}, {From: at("2026-05-10T10:00:00Z"), To: at("2026-05-10T14:00:00Z")}}
	many := latencies(model.Week, noon, noisy(20*ms, 5*ms, 0, 0), noisy(30*ms, 5*ms, 0, 0), noisy(40*ms, 5*ms, 0, 0), noisy(50*ms, 5*ms, 0, 0), noisy(60*ms, 5*ms, 0, 100))
	many.Component.Name = `<b>"API" & </svg>`
	many.Series[0].Name = `"><script>alert(1)</script>`
	quarter := latencies(model.Quarter, noon, noisy(8*ms, 2*ms, 0, 30))
	type drawn = struct {
		model.Latencies
		zone *time.Location
	}
	return map[string]drawn{
		"outage":  {outage, zone(t, "Europe/Istanbul")},
		"month":   {month, zone(t, "Europe/Berlin")},
		"many":    {many, time.UTC},
		"quarter": {quarter, zone(t, "America/New_York")},
		"empty":   {latencies(model.Day, noon, func(int) time.Duration { return 0 }), time.UTC},
	}
}

func render(t testing.TB, v *view.View, lang string, l model.Latencies, z *time.Location) string {
	t.Helper()
	out, err := v.Render(lang, "dashboard/chart.html", chart.New(l, v.Locales.Words(lang), z))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestChartsAreAsAgreed(t *testing.T) {
	v := load(t)
	for name, c := range cases(t) {
		for _, lang := range []string{"en", "tr"} {
			got := render(t, v, lang, c.Latencies, c.zone)
			for _, wrong := range []string{"<script", "</svg>\"", "style=", "NaN", "Inf", "ZgotmplZ"} {
				if strings.Contains(got, wrong) {
					t.Errorf("%s in %s holds %s", name, lang, wrong)
				}
			}
			if lang == "tr" && name != "outage" {
				continue // its words are seen once
			}
			file := filepath.Join("testdata", name+"."+lang+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
			}
		}
	}
}

func words(t testing.TB, lang string) *locale.Words {
	t.Helper()
	b, err := locale.Load(assets)
	if err != nil {
		t.Fatal(err)
	}
	return b.Words(lang)
}

func texts(ticks []chart.Tick) (out []string) {
	for _, tick := range ticks {
		out = append(out, tick.Text)
	}
	return out
}

func TestTheScaleIsRoundAndHoldsEverything(t *testing.T) {
	en := words(t, "en")
	for _, c := range []struct {
		slowest, limit time.Duration
		want           string
	}{
		{1 * ms, 0, "0 1 ms 2 ms 3 ms 4 ms"},
		{5 * ms, 0, "0 2 ms 4 ms 6 ms 8 ms"},
		{39 * ms, 0, "0 10 ms 20 ms 30 ms 40 ms"},
		{150 * ms, 0, "0 40 ms 80 ms 120 ms 160 ms"},
		{1260 * ms, 0, "0 400 ms 800 ms 1.2 s 1.6 s"},
		{1260 * ms, 1800 * ms, "0 500 ms 1 s 1.5 s 2 s"},
		{1260 * ms, 9 * time.Second, "0 400 ms 800 ms 1.2 s 1.6 s"}, // a limit far above would flatten the line
		{59 * time.Second, 0, "0 15 s 30 s 45 s 60 s"},
	} {
		l := latencies(model.Day, at("2026-05-18T12:00:00Z"), func(int) time.Duration { return c.slowest })
		l.Series[0].Limit = c.limit
		got := chart.New(l, en, time.UTC).Plots[0]
		if text := strings.Join(texts(got.YTicks), " "); text != c.want {
			t.Errorf("%v, limit %v: %s, want %s", c.slowest, c.limit, text, c.want)
		}
		if drawn := len(got.Limits) == 1; drawn != (c.limit > 0 && c.limit <= 2*c.slowest) {
			t.Errorf("limit %v over %v: drawn %v", c.limit, c.slowest, drawn)
		}
	}
}

// Days on which clocks are changed have 23 or 25 hours; the axis is of instants, its words are of the zone.
func TestHoursAndDaysAreThoseOfTheZone(t *testing.T) {
	en := words(t, "en")
	for name, c := range map[string]struct {
		r         model.Range
		now, zone string
		want      string
	}{
		"a day":              {model.Day, "2026-05-18T12:02:00Z", "UTC", "16:00 20:00 00:00 04:00 08:00 12:00"},
		"ahead":              {model.Day, "2026-05-18T12:02:00Z", "Asia/Kolkata", "20:00 00:00 04:00 08:00 12:00 16:00"},
		"clocks go forward":  {model.Day, "2026-03-29T10:00:00Z", "Europe/Berlin", "12:00 16:00 20:00 00:00 04:00 08:00 12:00"},
		"clocks go back":     {model.Day, "2026-10-25T11:00:00Z", "Europe/Berlin", "16:00 20:00 00:00 04:00 08:00 12:00"},
		"no midnight":        {model.Day, "2026-04-24T10:00:00Z", "Africa/Cairo", "16:00 20:00 04:00 08:00 12:00"},
		"a week":             {model.Week, "2026-05-18T12:02:00Z", "UTC", "12 May 13 May 14 May 15 May 16 May 17 May 18 May"},
		"a week of changes":  {model.Week, "2026-03-31T10:00:00Z", "Europe/Berlin", "25 March 26 March 27 March 28 March 29 March 30 March 31 March"},
		"days without start": {model.Week, "2026-04-27T12:00:00Z", "Africa/Cairo", "21 April 22 April 23 April 24 April 25 April 26 April 27 April"},
		"a month":            {model.Month, "2026-05-18T12:02:00Z", "UTC", "19 April 24 April 29 April 4 May 9 May 14 May"},
		"a quarter":          {model.Quarter, "2026-05-18T12:02:00Z", "Europe/Berlin", "19 February 6 March 21 March 5 April 20 April 5 May"},
	} {
		l := latencies(c.r, at(c.now), func(int) time.Duration { return 10 * ms })
		plots := chart.New(l, en, zone(t, c.zone)).Plots
		if got := strings.Join(texts(plots[0].XTicks), " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		for _, p := range plots {
			apart(t, name+" "+p.Class, p)
		}
	}
}

// apart looks whether words below the axis touch or leave the box.
func apart(t *testing.T, name string, p chart.Plot) {
	t.Helper()
	end := 0.0
	for _, tick := range p.XTicks {
		x, err := strconv.ParseFloat(tick.X, 64)
		half := 6.6 * float64(len(tick.Text)) / 2
		if err != nil || x-half < end-0.1 || x+half > float64(p.Width)+0.1 {
			t.Errorf("%s: %q at %s after %.1f", name, tick.Text, tick.X, end)
		}
		end = x + half + 4
	}
	if len(p.XTicks) < 2 {
		t.Errorf("%s: %d words", name, len(p.XTicks))
	}
}

func TestLinesBreakWhereNothingWasAnswered(t *testing.T) {
	en := words(t, "en")
	draw := func(answers string) string {
		l := latencies(model.Week, at("2026-05-18T12:00:00Z"), func(i int) time.Duration {
			if i < len(answers) && answers[i] == 'x' {
				return 4 * ms
			}
			return 0
		})
		lines := chart.New(l, en, time.UTC).Plots[0].Lines
		if len(lines) == 0 {
			return ""
		}
		return regexp.MustCompile(`[0-9. ]+`).ReplaceAllString(strings.ReplaceAll(lines[0].Path, "h2", "h"), "")
	}
	for answers, want := range map[string]string{"": "", "xxx": "MLL", "x.x": "MhMh", "xx..xx": "MLML", ".x": "Mh", "xx.x": "MLMh"} {
		if got := draw(answers); got != want {
			t.Errorf("%q is drawn %s, want %s", answers, got, want)
		}
	}
}

func TestBandsAreSeenAndDoNotTouch(t *testing.T) {
	now := at("2026-05-18T12:00:00Z")
	l := latencies(model.Month, now, func(int) time.Duration { return ms })
	for i := range status.Instant(200) { // a check that flaps every minute, and one long ago
		l.Down = append(l.Down, status.Interval{From: now - 1_000_000_000 + i*60_000, To: now - 1_000_000_000 + i*60_000 + 10_000})
	}
	l.Down = append(l.Down, status.Interval{From: now - 5, To: now + 5}, status.Interval{From: now + 10, To: now + 20})
	for _, p := range chart.New(l, words(t, "en"), time.UTC).Plots {
		end := 0.0
		for _, b := range p.Bands {
			x, _ := strconv.ParseFloat(b.X, 64)
			w, _ := strconv.ParseFloat(b.Width, 64)
			if x <= end || w < 2 || x+w > float64(p.Width-8)+0.1 {
				t.Errorf("%s: a band of %v at %v after %v", p.Class, w, x, end)
			}
			end = x + w
		}
		if len(p.Bands) != 2 {
			t.Errorf("%s: %d bands", p.Class, len(p.Bands))
		}
	}
}

func TestTheLabelTellsWhatIsDrawn(t *testing.T) {
	c := cases(t)
	for lang, want := range map[string]string{
		"en": "Latency of API over 24 hours. Health endpoint: 165 ms on average, 359 ms at most. Create invoice: 359 ms on average, 779 ms at most. " +
			"Maintenance from 21:20 UTC+3 to 22:20 UTC+3. Down since 12:42 UTC+3.",
		"tr": "Gecikme, son 24 saat: API. Health endpoint: ortalama 165 ms, en çok 359 ms. Create invoice: ortalama 359 ms, en çok 779 ms. " +
			"Bakım: 21:20 UTC+3 ile 22:20 UTC+3 arası. Kesinti sürüyor; başlangıcı: 12:42 UTC+3.",
	} {
		if got := chart.New(c["outage"].Latencies, words(t, lang), c["outage"].zone).Label; got != want {
			t.Errorf("%s: %s\nwant %s", lang, got, want)
		}
	}
	got := chart.New(c["month"].Latencies, words(t, "en"), c["month"].zone).Label
	if want := "Down 2 times, 4 hours in all."; !strings.HasSuffix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTheTableHasEveryHourAndDayOnce(t *testing.T) {
	en := words(t, "en")
	for name, c := range map[string]struct {
		r           model.Range
		now, zone   string
		rows        int
		newest, old string
	}{
		"a day":                    {model.Day, "2026-05-18T12:02:00Z", "UTC", 25, "18 May 2026, 12:00 UTC", "17 May 2026, 12:00 UTC"},
		"half hours":               {model.Day, "2026-05-18T12:02:00Z", "Asia/Kolkata", 25, "18 May 2026, 17:00 IST", "17 May 2026, 17:00 IST"},
		"a week":                   {model.Week, "2026-05-18T12:02:00Z", "Europe/Berlin", 8, "18 May 2026", "11 May 2026"},
		"a quarter, in UTC":        {model.Quarter, "2026-05-18T12:02:00Z", "America/New_York", 90, "18 May 2026", "18 February 2026"},
		"an hour that comes twice": {model.Day, "2026-10-25T10:02:00Z", "Europe/Berlin", 25, "25 October 2026, 11:00 CET", "24 October 2026, 12:00 CEST"},
	} {
		l := latencies(c.r, at(c.now), func(i int) time.Duration { return time.Duration(i%2+1) * 10 * ms })
		table := chart.New(l, en, zone(t, c.zone)).Table
		if n := len(table.Rows); n != c.rows || table.Rows[0].When != c.newest || table.Rows[n-1].When != c.old {
			t.Errorf("%s: %d rows from %q to %q", name, n, table.Rows[0].When, table.Rows[n-1].When)
		}
		seen := map[string]bool{}
		for _, row := range table.Rows {
			if seen[row.At] || seen[row.When] || len(row.Cells) != 2 {
				t.Errorf("%s: %+v", name, row)
			}
			seen[row.At], seen[row.When] = true, true
		}
	}
}

func TestAMeanCountsEveryAnswer(t *testing.T) {
	l := latencies(model.Day, at("2026-05-18T12:02:00Z"))
	l.Series = []model.Series{{Name: "k", Points: []model.Point{
		{At: at("2026-05-18T10:00:00Z"), Mean: 10 * ms, Slowest: 90 * ms, Answered: 9},
		{At: at("2026-05-18T10:05:00Z"), Mean: 110 * ms, Slowest: 1200 * ms, Answered: 1, Failed: 8},
		{At: at("2026-05-18T10:10:00Z"), Failed: 10},
	}}}
	row := chart.New(l, words(t, "en"), time.UTC).Table.Rows[2]
	if diff := cmp.Diff(chart.Row{At: "2026-05-18T10:00:00Z", When: "18 May 2026, 10:00 UTC", Cells: []string{"20 ms", "1,200 ms"}}, row); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerInNoTimeIsAnAnswer(t *testing.T) {
	words := load(t).Locales.Words("en")
	l := latencies(model.Day, at("2026-05-18T12:00:00Z"), func(int) time.Duration { return 0 })
	if !chart.New(l, words, time.UTC).Empty {
		t.Error("gaps are told as answers")
	}
	l.Series[0].Points[3].Answered = 1
	if chart.New(l, words, time.UTC).Empty {
		t.Error("an answer that took less than a millisecond is told as none")
	}
}
