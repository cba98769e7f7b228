package chart

import (
	"strconv"
	"time"
	"unicode/utf8"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
)

func (f frame) yTicks(words *locale.Words) (out []Tick) {
	for i := range intervals + 1 {
		d := f.top * time.Duration(i) / intervals
		text := "0"
		if d > 0 {
			text = words.Latency(d)
		}
		out = append(out, Tick{X: strconv.Itoa(left - 8), Y: place(f.y(d) + 4), Anchor: "end", Text: text})
	}
	return out
}

const (
	letter   = 6.6 // how wide a letter or digit is, about
	mayShift = 12  // how far a word may stand beside its instant to stay within the box
)

// xTicks are words below instants that are round in the zone: hours of a day, else midnights.
func (f frame) xTicks(r model.Range, words *locale.Words, zone *time.Location) (out []Tick) {
	instants, write := midnights, words.DayMonth
	if r == model.Day {
		instants, write = hours, func(t time.Time) string { return t.Format("15:04") }
	}
	for _, t := range instants(f.window, f.every(r), zone) {
		text := write(t)
		half := letter * float64(utf8.RuneCountInString(text)) / 2
		at := f.x(status.At(t))
		x := min(max(at, half), float64(f.width)-half)
		if shift := at - x; shift > mayShift || shift < -mayShift {
			continue
		}
		out = append(out, Tick{X: place(x), Y: strconv.Itoa(underAxis), Anchor: "middle", Text: text})
	}
	return out
}

// every is how far words are apart, in hours of a day or in days, so that they do not touch.
func (f frame) every(r model.Range) int {
	apart := [model.Ranges][2]int{model.Day: {4, 8}, model.Week: {1, 3}, model.Month: {5, 10}, model.Quarter: {15, 30}}[r]
	if f.width == wide {
		return apart[0]
	}
	return apart[1]
}

// hours are the instants of a window at which clocks show a multiple of so many hours. One that is left out when clocks are set
// forward has none; of one that comes twice the first counts.
func hours(w status.Interval, every int, zone *time.Location) (out []time.Time) {
	eachDay(w, zone, func(year int, month time.Month, day int) {
		for hour := 0; hour < 24; hour += every {
			t := time.Date(year, month, day, hour, 0, 0, 0, zone)
			if at := status.At(t); t.Hour() == hour && at >= w.From && at <= w.To {
				out = append(out, t)
			}
		}
	})
	return out
}

// midnights are the instants of a window at which every so manieth day begins.
func midnights(w status.Interval, every int, zone *time.Location) (out []time.Time) {
	n := 0
	eachDay(w, zone, func(year int, month time.Month, day int) {
		t := beginning(year, month, day, zone)
		if at := status.At(t); at < w.From || at > w.To {
			return
		}
		if n%every == 0 {
			out = append(out, t)
		}
		n++
	})
	return out
}

// eachDay calls f for every day of the calendar that a window touches.
func eachDay(w status.Interval, zone *time.Location, f func(year int, month time.Month, day int)) {
	first, last := w.From.Time().In(zone), w.To.Time().In(zone)
	noon := time.Date(first.Year(), first.Month(), first.Day(), 12, 0, 0, 0, time.UTC) // a calendar without clocks
	end := time.Date(last.Year(), last.Month(), last.Day(), 12, 0, 0, 0, time.UTC)
	for ; !noon.After(end); noon = noon.AddDate(0, 0, 1) {
		f(noon.Date())
	}
}

// beginning is when a day begins: at midnight, or an hour later where clocks are set forward at midnight.
func beginning(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if t.Day() != day {
		t = t.Add(time.Hour)
	}
	return t
}
