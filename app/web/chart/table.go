package chart

import (
	"time"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// Table tells the same as the drawing: hours of a day, else days, the newest first.
type Table struct {
	Zone  string   // whose hours or days these are, in words
	Heads []string // of the columns after the first
	Rows  []Row
}

// Row is an hour or a day.
type Row struct {
	At    string   // RFC 3339, of its beginning
	When  string   // in words
	Cells []string // for each check its mean and its slowest; a dash where nothing was answered
}

// dash stands for what is not known.
const dash = "–"

func tableOf(l model.Latencies, words *locale.Words, zone *time.Location) Table {
	t := Table{Zone: words.T("page.zone", "Zone", zoneOf(l, zone))}
	for _, s := range l.Series {
		name := view.InSentence(s.Name)
		t.Heads = append(t.Heads, words.T("chart.table.mean", "Name", name), words.T("chart.table.slowest", "Name", name))
	}
	if l.Range == model.Quarter {
		zone = time.UTC // what is kept for so long is kept by days of UTC
	}
	rows := map[time.Time][]tally{}
	var order []time.Time
	for at := l.Window.From; at < l.Window.To; at = at.Add(l.Step) {
		if row := rowOf(at, l.Range, zone); rows[row] == nil {
			rows[row] = make([]tally, len(l.Series))
			order = append(order, row)
		}
	}
	for i, s := range l.Series {
		for _, p := range s.Points {
			if row := rows[rowOf(p.At, l.Range, zone)]; row != nil {
				row[i].add(p)
			}
		}
	}
	for i := len(order) - 1; i >= 0; i-- {
		t.Rows = append(t.Rows, write(order[i], rows[order[i]], l.Range, words, zone))
	}
	return t
}

func zoneOf(l model.Latencies, zone *time.Location) string {
	if l.Range == model.Quarter {
		return time.UTC.String()
	}
	return zone.String()
}

func write(at time.Time, sums []tally, r model.Range, words *locale.Words, zone *time.Location) Row {
	row := Row{At: at.Format(time.RFC3339), When: words.Date(at)}
	if r == model.Day {
		row.When = words.DateTime(at, zone)
	}
	for _, sum := range sums {
		mean, slowest := dash, dash
		if sum.answered > 0 {
			mean, slowest = words.Millis(sum.mean()), words.Millis(sum.slowest)
		}
		row.Cells = append(row.Cells, mean, slowest)
	}
	return row
}

// rowOf is the beginning of the hour or day in a zone. An hour that comes twice has two rows.
func rowOf(at status.Instant, r model.Range, zone *time.Location) time.Time {
	t := at.Time().In(zone)
	if r == model.Day {
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	}
	return beginning(t.Year(), t.Month(), t.Day(), zone)
}

// tally is what several points come to.
type tally struct {
	answered int
	sum      time.Duration
	slowest  time.Duration
}

func (t *tally) add(p model.Point) {
	t.answered += p.Answered
	t.sum += p.Mean * time.Duration(p.Answered)
	t.slowest = max(t.slowest, p.Slowest)
}

func (t *tally) mean() time.Duration { return t.sum / time.Duration(t.answered) }
