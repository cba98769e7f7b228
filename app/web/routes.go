package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"statusd/app/web/view"
)

// healthz says that the process answers at all.
func (s *Site) healthz(c echo.Context) error { return s.plain(c, http.StatusOK, "ok\n") }

// readyz says that it can do its work, or why not.
func (s *Site) readyz(c echo.Context) error {
	if err := s.App.Ready(c.Request().Context()); err != nil {
		return s.plain(c, http.StatusServiceUnavailable, err.Error()+"\n")
	}
	return s.plain(c, http.StatusOK, "ok\n")
}

func (s *Site) plain(c echo.Context, code int, text string) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.String(code, text)
}

func (s *Site) metrics(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	s.App.WriteMetrics(c.Response())
	s.Counter.Set.WritePrometheus(c.Response())
	return nil
}

// robots keeps crawlers away from what is for programs; each page says for itself whether it may be indexed.
func (s *Site) robots(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.String(http.StatusOK, "User-agent: *\nDisallow: "+s.basePath+"/api/\n")
}

// root leads to the only page when there is one, else to the dashboard (SPEC §7).
func (s *Site) root(c echo.Context) error {
	slug, err := s.App.OnlyPage(c.Request().Context())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	if slug == "" {
		return c.Redirect(http.StatusFound, s.basePath+"/d")
	}
	return c.Redirect(http.StatusFound, s.basePath+"/p/"+slug)
}

var errPlain = errors.New("answered in plain words")

// branded answers with the page for what went wrong, if there is one.
func (s *Site) branded(c echo.Context, code int) error {
	r, w := c.Request(), c.Response()
	lang := s.View.Locales.Match("", r.Header["Accept-Language"])
	place, ok := view.PlaceOf(r.Context())
	if !ok {
		place = s.Place()
	}
	switch {
	case code == http.StatusNotFound:
		return s.View.NotFound(w, r, lang, place)
	case code >= http.StatusInternalServerError:
		return s.View.Failed(w, r, lang, place, w.Header().Get("X-Request-Id"))
	}
	return errPlain
}

// unhandled answers what no handler did: unknown routes, wrong methods, and errors that are nobody's fault but ours.
func (s *Site) unhandled(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	code := http.StatusInternalServerError
	var known *echo.HTTPError
	if errors.As(err, &known) {
		code = known.Code
	}
	if code >= 500 && c.Request().Context().Err() == nil {
		s.Log.Error("request failed", "method", c.Request().Method, "path", c.Request().URL.Path,
			"request", c.Response().Header().Get("X-Request-Id"), "err", err)
	}
	if s.View != nil && s.branded(c, code) == nil {
		return
	}
	text := http.StatusText(code) + "\n"
	if code >= 500 {
		text = http.StatusText(code) + ", request " + c.Response().Header().Get("X-Request-Id") + "\n"
	}
	_ = s.plain(c, code, text) // the client is gone; nobody is left to tell
}
