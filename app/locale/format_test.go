package locale_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/locale"
)

// written is everything a language writes in its own way.
func written(w *locale.Words) map[string]string {
	at := time.Date(2026, 5, 18, 22, 4, 0, 0, time.UTC)
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		return z
	}
	return map[string]string{
		"number":        w.Number(1234567) + " " + w.Number(999) + " " + w.Number(0) + " " + w.Number(-1000),
		"percent":       w.Percent(9998) + " " + w.Percent(9905) + " " + w.Percent(5),
		"whole percent": w.Percent(10000) + " " + w.Percent(0),
		"latency":       w.Millis(4210*time.Millisecond) + " " + w.Millis(200*time.Microsecond),
		"short latency": w.Latency(400*time.Millisecond) + "; " + w.Latency(1200*time.Millisecond) + "; " + w.Latency(2*time.Second) + "; " + w.Latency(1_250_400*time.Millisecond),
		"lasting":       w.Lasting(0) + "; " + w.Lasting(320*time.Millisecond) + "; " + w.Lasting(5*time.Second+999*time.Millisecond) + "; " + w.Lasting(50*time.Hour+61*time.Second),
		"span":          w.Span(30*time.Second) + "; " + w.Span(time.Minute) + "; " + w.Span(134*time.Minute) + "; " + w.Span(2*time.Hour) + "; " + w.Span(47*time.Hour) + "; " + w.Span(48*time.Hour) + "; " + w.Span(77*time.Hour+time.Minute),
		"date":          w.Date(at) + "; " + w.DayMonth(at) + "; " + w.Month(at) + "; " + w.DayTime(at, zone("Europe/Istanbul")),
		"clock":         w.Clock(at, time.UTC) + "; " + w.Clock(at, zone("Europe/Berlin")),
		"nameless zone": w.Clock(at, zone("Europe/Istanbul")) + "; " + w.Clock(at, zone("Asia/Kolkata")) + "; " + w.Clock(at, zone("America/Sao_Paulo")),
		"next day":      w.DateTime(at, zone("Europe/Istanbul")),
		"list":          w.List(nil) + w.List([]string{"A"}) + "; " + w.List([]string{"A", "B"}) + "; " + w.List([]string{"A", "B", "C"}),
	}
}

func TestEnglishWritesItsWay(t *testing.T) {
	want := map[string]string{
		"number":        "1,234,567 999 0 -1,000",
		"percent":       "99.98% 99.05% 0.05%",
		"whole percent": "100% 0%",
		"latency":       "4,210 ms 1 ms",
		"short latency": "400 ms; 1.2 s; 2 s; 1,250.4 s",
		"lasting":       "0 s; 320 ms; 5\u00a0s; 2\u00a0d 2\u00a0h 1\u00a0min 1\u00a0s",
		"span":          "less than a minute; 1 minute; 2 hours 14 minutes; 2 hours; 47 hours; 2 days; 3 days 5 hours",
		"date":          "18 May 2026; 18 May; May 2026; 19 May, 01:04 UTC+3",
		"clock":         "22:04 UTC; 00:04 CEST",
		"nameless zone": "01:04 UTC+3; 03:34 IST; 19:04 UTC-3",
		"next day":      "19 May 2026, 01:04 UTC+3",
		"list":          "A; A and B; A, B and C",
	}
	if diff := cmp.Diff(want, written(load(t).Words("en"))); diff != "" {
		t.Error(diff)
	}
}

func TestTurkishWritesItsWay(t *testing.T) {
	want := map[string]string{
		"number":        "1.234.567 999 0 -1.000",
		"percent":       "%99,98 %99,05 %0,05",
		"whole percent": "%100 %0",
		"latency":       "4.210 ms 1 ms",
		"short latency": "400 ms; 1,2 sn; 2 sn; 1.250,4 sn",
		"lasting":       "0 sn; 320 ms; 5\u00a0sn; 2\u00a0gün 2\u00a0sa 1\u00a0dk 1\u00a0sn",
		"span":          "bir dakikadan kısa; 1 dakika; 2 saat 14 dakika; 2 saat; 47 saat; 2 gün; 3 gün 5 saat",
		"date":          "18 Mayıs 2026; 18 Mayıs; Mayıs 2026; 19 Mayıs 01:04 UTC+3",
		"clock":         "22:04 UTC; 00:04 CEST",
		"nameless zone": "01:04 UTC+3; 03:34 IST; 19:04 UTC-3",
		"next day":      "19 Mayıs 2026 01:04 UTC+3",
		"list":          "A; A ve B; A, B ve C",
	}
	if diff := cmp.Diff(want, written(load(t).Words("tr"))); diff != "" {
		t.Error(diff)
	}
}
