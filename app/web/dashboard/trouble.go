package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"statusd/app/model"
)

// trouble is a page about what went wrong.
type trouble struct {
	frame
	Code        int
	Title, Text string
	Back        string // URL of where the person came from; "" when that is not known, or not ours
	Request     string // to find the log line by
}

// answer turns an error into the page that says so.
func (s *Site) answer(v *visit, err error) error {
	if v.c.Response().Committed { // most likely the visitor has gone; at any rate it is too late for another page
		s.Log.Debug("answer not finished", "route", v.c.Path(), "request", v.requestID(), "err", err)
		return nil
	}
	if errors.Is(err, model.ErrUnauthorized) {
		return s.askToSignIn(v)
	}
	t := v.troubleOf(err)
	if t.Code == http.StatusInternalServerError {
		s.Log.Error("dashboard failed", "method", v.c.Request().Method, "route", v.c.Path(), "request", v.requestID(), "err", err)
	}
	if t.Code == http.StatusForbidden {
		s.Log.Info("refused", "user", v.user.ID, "method", v.c.Request().Method, "route", v.c.Path(), "client", v.c.RealIP(), "why", err)
	}
	return s.trouble(v, t)
}

// troubleOf words an error.
func (v *visit) troubleOf(err error) trouble {
	var many model.TooMany
	var conflict model.Conflict
	var large *http.MaxBytesError
	var garbled url.EscapeError
	switch {
	case errors.Is(err, model.ErrNotFound):
		return trouble{Code: http.StatusNotFound, Title: v.t("error.notFound"), Text: v.t("error.gone.text")}
	case errors.Is(err, model.ErrForbidden):
		return trouble{Code: http.StatusForbidden, Title: v.t("error.forbidden"), Text: v.t("error.forbidden.text")}
	case errors.Is(err, errCrossOrigin):
		return trouble{Code: http.StatusForbidden, Title: v.t("error.crossOrigin"), Text: v.t("error.crossOrigin.text")}
	case errors.As(err, &conflict):
		return trouble{Code: http.StatusConflict, Title: v.t("error.conflict"), Text: v.words.Conflict(conflict.Code, conflict.Args)}
	case errors.As(err, &large):
		return trouble{Code: http.StatusRequestEntityTooLarge, Title: v.t("error.tooLarge"), Text: v.t("error.unread.text")}
	case errors.As(err, &garbled):
		return trouble{Code: http.StatusBadRequest, Title: v.t("error.garbled"), Text: v.t("error.unread.text")}
	case errors.As(err, &many):
		return trouble{Code: http.StatusTooManyRequests, Title: v.t("error.tooMany"), Text: v.tooMany(many)}
	}
	return trouble{Code: http.StatusInternalServerError, Title: v.t("error.failed"), Text: v.t("error.failed.text")}
}

// tooMany says when to try again, to people and in the header to programs.
func (v *visit) tooMany(many model.TooMany) string {
	v.c.Response().Header().Set("Retry-After", strconv.Itoa(int(many.Retry.Seconds())+1))
	return v.n("error.tooMany.text", max(1, int(many.Retry.Minutes()+0.999)))
}

func (s *Site) trouble(v *visit, t trouble) error {
	t.Request, t.Back = v.requestID(), s.cameFrom(v)
	t.frame = s.frame(v, t.Title)
	return v.render(t.Code, "dashboard/trouble.html", t)
}

// cameFrom is the screen on which the person pressed what led here.
func (s *Site) cameFrom(v *visit) string {
	r := v.c.Request()
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return ""
	}
	path := u.RequestURI()
	if !s.local(path) || path == s.paths.BasePath+r.URL.RequestURI() {
		return ""
	}
	return path
}
