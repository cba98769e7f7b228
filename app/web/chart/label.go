package chart

import (
	"strings"
	"time"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

func title(l model.Latencies, words *locale.Words) string {
	return words.T("chart.label", "Name", view.InSentence(l.Component.Name), "Range", words.T("chart.range."+l.Range.String()))
}

// label says in words what the drawing shows.
func label(l model.Latencies, words *locale.Words, zone *time.Location) string {
	said := []string{title(l, words)}
	for _, s := range l.Series {
		said = append(said, labelOf(s, words))
	}
	said = append(said, labelOfTimes("chart.maintenance.", maintained(l), l, words, zone))
	said = append(said, labelOfTimes("chart.down.", l.Down, l, words, zone))
	return strings.TrimSpace(strings.Join(said, " "))
}

func labelOf(s model.Series, words *locale.Words) string {
	var all tally
	for _, p := range s.Points {
		all.add(p)
	}
	if all.answered == 0 {
		return words.T("chart.unanswered", "Name", view.InSentence(s.Name))
	}
	return words.T("chart.series", "Name", view.InSentence(s.Name), "Mean", words.Millis(all.mean()), "Slowest", words.Millis(all.slowest))
}

// labelOfTimes tells of one interval when it was, of more how many they are and how long in all; "" for none.
func labelOfTimes(key string, times []status.Interval, l model.Latencies, words *locale.Words, zone *time.Location) string {
	write := func(at status.Instant) string {
		if l.Range == model.Day {
			return words.Clock(at.Time(), zone)
		}
		return words.DateTime(at.Time(), zone)
	}
	switch {
	case len(times) == 0:
		return ""
	case len(times) > 1:
		var all time.Duration
		for _, v := range times {
			all += v.Duration()
		}
		return words.N(key+"many", len(times), "Span", words.Span(all))
	case l.Window.To.Sub(times[0].To) < time.Second: // the window ends now
		return words.T(key+"since", "From", write(times[0].From))
	}
	return words.T(key+"once", "From", write(times[0].From), "To", write(times[0].To))
}
