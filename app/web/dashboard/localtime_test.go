package dashboard_test

import (
	"testing"
	"time"

	"statusd/app/web/dashboard"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestALocalTimeIsTheInstantAtWhichTheClocksShowIt(t *testing.T) {
	for _, one := range []struct {
		zone, wall string
		want       string // UTC; "" when there is none
		from, to   string // of the clocks that jump over it
	}{
		{"Europe/Berlin", "2026-01-15T12:00", "2026-01-15T11:00", "", ""},
		{"Europe/Berlin", "2026-07-15T12:00", "2026-07-15T10:00", "", ""},
		{"Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59", "", ""},
		{"Europe/Berlin", "2026-03-29T02:00", "", "02:00", "03:00"},
		{"Europe/Berlin", "2026-03-29T02:30", "", "02:00", "03:00"},
		{"Europe/Berlin", "2026-03-29T02:59", "", "02:00", "03:00"},
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00", "", ""},
		{"Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59", "", ""},
		{"Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00", "", ""}, // comes twice
		{"Europe/Berlin", "2026-10-25T02:59", "2026-10-25T00:59", "", ""}, // comes twice
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00", "", ""},
		{"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59", "", ""},
		{"America/New_York", "2026-03-08T02:00", "", "02:00", "03:00"},
		{"America/New_York", "2026-03-08T02:30", "", "02:00", "03:00"},
		{"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00", "", ""},
		{"America/New_York", "2026-11-01T00:59", "2026-11-01T04:59", "", ""},
		{"America/New_York", "2026-11-01T01:00", "2026-11-01T05:00", "", ""}, // comes twice
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", "", ""}, // comes twice
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00", "", ""},
		{"Europe/Istanbul", "2026-03-29T03:30", "2026-03-29T00:30", "", ""}, // no such changes
		{"Australia/Lord_Howe", "2026-10-04T02:15", "", "02:00", "02:30"},
		{"Pacific/Apia", "2011-12-30T12:00", "", "00:00", "00:00"}, // a day that was left out
		{"UTC", "2026-03-29T02:30", "2026-03-29T02:30", "", ""},
	} {
		wall, err := time.Parse("2006-01-02T15:04", one.wall)
		if err != nil {
			t.Fatal(err)
		}
		got, ok, from, to := dashboard.LocalTime(wall, zoneOf(t, one.zone))
		text := ""
		if ok {
			text = got.UTC().Format("2006-01-02T15:04")
		}
		if text != one.want || from != one.from || to != one.to {
			t.Errorf("%s in %s is %q (%s to %s), wanted %q (%s to %s)", one.wall, one.zone, text, from, to, one.want, one.from, one.to)
		}
	}
}

// TestEveryLocalTimeOfAYearIsRight holds all quarters of an hour against the clocks of zones that change.
func TestEveryLocalTimeOfAYearIsRight(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"} {
		zone := zoneOf(t, name)
		first := map[string]time.Time{} // what the clocks show, and when they first do
		for at := time.Date(2025, 12, 30, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(15 * time.Minute) {
			if shown := at.In(zone).Format("2006-01-02T15:04"); first[shown].IsZero() {
				first[shown] = at
			}
		}
		for wall := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); wall.Year() < 2027; wall = wall.Add(15 * time.Minute) {
			got, ok, _, _ := dashboard.LocalTime(wall, zone)
			want := first[wall.Format("2006-01-02T15:04")]
			if ok == want.IsZero() || ok && !got.Equal(want) {
				t.Fatalf("%v in %s: %v %v, wanted %v", wall, name, got.UTC(), ok, want)
			}
		}
	}
}

func TestAFormKnowsWhenTheClocksGoBack(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"Europe/Berlin": "2026-10-25 03:00", "America/New_York": "2026-11-01 02:00", "Europe/Istanbul": "", "UTC": "",
	} {
		got := ""
		if at, ok := dashboard.TurnsBack(now, zoneOf(t, name)); ok {
			got = at.Format("2006-01-02 15:04")
		}
		if got != want {
			t.Errorf("%s: %q, wanted %q", name, got, want)
		}
	}
}
