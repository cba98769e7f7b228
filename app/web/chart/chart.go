// Package chart draws the latency chart of a component: from a series of points to the numbers, paths and words of a template.
// It asks no database and no clock; the same latencies, language and zone always give the same drawing, in two widths.
// Start with New, then Plot (what is drawn), ticks.go (where the axes have their words) and table.go (the same as a table).
//
// Implements SPEC §8, the chart of the overview; DESIGN.md, "Latency chart". The template is assets/dashboard/chart.html.
package chart

import (
	"slices"
	"strconv"
	"time"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// Chart is what the template dashboard/chart.html shows.
type Chart struct {
	Title string // whose latency, and over which time
	Label string // the same, and what the drawing tells
	Empty bool   // nothing was answered
	Plots []Plot // wide and narrow; the style sheet shows one of them
	Key   []Entry
	Table Table
}

// Plot is one drawing. Coordinates are texts in units of the view box.
type Plot struct {
	Class         string
	Width, Height int
	Bands         []Band
	Grid          string // path
	YTicks        []Tick
	XTicks        []Tick
	Limits        []string // paths
	Lines         []Line   // the first check's is the last, on top
}

// Band is a time in which the component was down, or under maintenance.
type Band struct {
	Status                     status.Status
	X, Width                   string
	Top, Height, Foot, FootTop int
}

// Tick is a word at an axis.
type Tick struct{ X, Y, Anchor, Text string }

// Line is the latency of one check.
type Line struct{ Class, Path string }

// Entry is an entry of the key: a line, a limit or a band, and its words.
type Entry struct {
	Class  string        // of a line or a limit; "" for a band
	Status status.Status // of a band
	Text   string
}

// The drawing's box, in units of its view box.
const (
	wide, narrow, height = 720, 330, 216

	left, margin = 56, 8 // of the plot within the box
	top, bottom  = 12, 186
	foot         = 3 // of a band
	underAxis    = 208
)

// New draws latencies in the words of a language, with times of a zone.
func New(l model.Latencies, words *locale.Words, zone *time.Location) Chart {
	s := scaleOf(l)
	c := Chart{Title: title(l, words), Label: label(l, words, zone), Empty: !answered(l), Key: keyOf(l, s, words), Table: tableOf(l, words, zone)}
	for _, p := range []struct {
		class string
		width int
	}{{"chart-wide", wide}, {"chart-narrow", narrow}} {
		f := frame{window: l.Window, width: p.width, top: s}
		c.Plots = append(c.Plots, Plot{
			Class: p.class, Width: p.width, Height: height,
			Bands: append(f.bands(status.Maintenance, maintained(l)), f.bands(status.Down, l.Down)...),
			Grid:  f.grid(), YTicks: f.yTicks(words), XTicks: f.xTicks(l.Range, words, zone),
			Limits: f.limits(l), Lines: f.lines(l),
		})
	}
	return c
}

func maintained(l model.Latencies) []status.Interval {
	out := make([]status.Interval, len(l.Maintenances))
	for i, m := range l.Maintenances {
		out[i] = m.Interval
	}
	return out
}

// answered says that anything was: in no time at all, perhaps.
func answered(l model.Latencies) bool {
	return slices.ContainsFunc(l.Series, func(s model.Series) bool {
		return slices.ContainsFunc(s.Points, func(p model.Point) bool { return p.Answered > 0 })
	})
}

// slowest is the slowest mean of all series; 0 when nothing took any time.
func slowest(l model.Latencies) (d time.Duration) {
	for _, s := range l.Series {
		for _, p := range s.Points {
			d = max(d, p.Mean)
		}
	}
	return d
}

// intervals is how many parts the grid has.
const intervals = 4

// scaleOf is the latency at the upper edge: a round figure above every point, and above a limit that is not far above them.
func scaleOf(l model.Latencies) time.Duration {
	peak := slowest(l)
	if peak == 0 {
		return intervals * 100 * time.Millisecond
	}
	upper := peak
	for _, s := range l.Series {
		if s.Limit <= 2*peak {
			upper = max(upper, s.Limit)
		}
	}
	return intervals * roundUp((upper+intervals-1)/intervals)
}

// roundUp is the next figure that is easy to read, in whole milliseconds.
func roundUp(d time.Duration) time.Duration {
	for unit := time.Millisecond; ; unit *= 10 {
		for _, tenths := range []time.Duration{10, 15, 20, 25, 30, 40, 50, 60, 80} {
			if step := unit * tenths / 10; step >= d && step%time.Millisecond == 0 {
				return step
			}
		}
	}
}

// frame turns instants and latencies into places.
type frame struct {
	window status.Interval
	width  int
	top    time.Duration // at the upper edge
}

func (f frame) right() float64 { return float64(f.width - margin) }

func (f frame) x(at status.Instant) float64 {
	at = min(max(at, f.window.From), f.window.To)
	return left + (f.right()-left)*float64(at-f.window.From)/float64(f.window.To-f.window.From)
}

func (f frame) y(d time.Duration) float64 {
	return bottom - (bottom-top)*float64(d)/float64(f.top)
}

// place writes a coordinate: a tenth is finer than a pixel.
func place(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func (f frame) across(y float64) string {
	return "M" + strconv.Itoa(left) + " " + place(y) + "H" + strconv.Itoa(f.width-margin)
}

func (f frame) grid() (path string) {
	for i := range intervals + 1 {
		path += f.across(f.y(f.top * time.Duration(i) / intervals))
	}
	return path
}

// limitsOf are the latencies above which checks are degraded, each once, as far as they are in the drawing.
func limitsOf(l model.Latencies, top time.Duration) (out []time.Duration) {
	for _, s := range l.Series {
		if s.Limit > 0 && s.Limit <= top && !slices.Contains(out, s.Limit) {
			out = append(out, s.Limit)
		}
	}
	slices.Sort(out)
	return out
}

func (f frame) limits(l model.Latencies) (paths []string) {
	for _, d := range limitsOf(l, f.top) {
		paths = append(paths, f.across(f.y(d)))
	}
	return paths
}

// classes tell lines apart without a second colour.
var classes = []string{"chart-line", "chart-line chart-line-2", "chart-line chart-line-3", "chart-line chart-line-4"}

func classOf(i int) string { return classes[min(i, len(classes)-1)] }

func (f frame) lines(l model.Latencies) (out []Line) {
	for i, s := range l.Series {
		if path := f.path(s.Points, l.Step); path != "" {
			out = append(out, Line{classOf(i), path})
		}
	}
	slices.Reverse(out)
	return out
}

// path draws points in the middle of their steps, and nothing over a gap.
func (f frame) path(points []model.Point, step time.Duration) string {
	var out []byte
	drawing := false
	for i, p := range points {
		if p.Answered == 0 {
			drawing = false
			continue
		}
		command := byte('L')
		if !drawing {
			command = 'M'
		}
		end := min(p.At.Add(step), f.window.To)
		out = append(out, command)
		out = strconv.AppendFloat(out, f.x(p.At+(end-p.At)/2), 'f', 1, 64)
		out = append(out, ' ')
		out = strconv.AppendFloat(out, f.y(p.Mean), 'f', 1, 64)
		if !drawing && (i+1 == len(points) || points[i+1].Answered == 0) {
			out = append(out, "h2"...) // a point alone would not be seen
		}
		drawing = true
	}
	return string(out)
}

// thinnest is how wide a band is at least, so that a minute of a month is seen.
const thinnest = 2

// bands draws intervals; those that would touch are one.
func (f frame) bands(s status.Status, intervals []status.Interval) (out []Band) {
	var from, to float64
	add := func() {
		if to > from {
			out = append(out, Band{s, place(from), place(to - from), top, bottom - top, foot, bottom})
		}
	}
	for _, v := range intervals {
		if v = v.Clip(f.window); v.Empty() {
			continue
		}
		a := min(f.x(v.From), f.right()-thinnest)
		b := max(f.x(v.To), a+thinnest)
		if to > from && a <= to {
			to = max(to, b)
			continue
		}
		add()
		from, to = a, b
	}
	add()
	return out
}

// keyOf explains what is drawn.
func keyOf(l model.Latencies, top time.Duration, words *locale.Words) (out []Entry) {
	for i, s := range l.Series {
		out = append(out, Entry{Class: classOf(i), Text: view.Name(s.Name)})
	}
	for _, d := range limitsOf(l, top) {
		out = append(out, Entry{Class: "chart-limit", Text: words.T("chart.key.limit", "Limit", words.Latency(d))})
	}
	if len(l.Down) > 0 {
		out = append(out, Entry{Status: status.Down, Text: words.T("status." + status.Down.String())})
	}
	if len(l.Maintenances) > 0 {
		out = append(out, Entry{Status: status.Maintenance, Text: words.T("status." + status.Maintenance.String())})
	}
	return out
}
