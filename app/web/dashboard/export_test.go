package dashboard

import (
	"time"

	"github.com/labstack/echo/v4"
)

// Fail makes a handler for whoever is signed in that fails.
func (s *Site) Fail(err error) echo.HandlerFunc {
	return s.handle(s.signedIn(func(*visit) error { return err }))
}

// LocalTime is the instant at which the clocks of a zone show a time; false and the jump, as the clocks show its ends, when none does.
func LocalTime(wall time.Time, zone *time.Location) (t time.Time, ok bool, from, to string) {
	t, jump := localTime(wall, zone)
	if jump != nil {
		return t, false, jump.From.Format("15:04"), jump.To.Format("15:04")
	}
	return t, true, "", ""
}

// TurnsBack is when the clocks of a zone are turned back next, within a year.
func TurnsBack(now time.Time, zone *time.Location) (time.Time, bool) { return turnsBack(now, zone) }
