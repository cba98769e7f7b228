package dashboard

import "github.com/labstack/echo/v4"

// Fail makes a handler for whoever is signed in that fails.
func (s *Site) Fail(err error) echo.HandlerFunc {
	return s.handle(s.signedIn(func(*visit) error { return err }))
}
