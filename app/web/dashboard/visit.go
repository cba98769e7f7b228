package dashboard

import (
	"encoding"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
)

// visit is one request: who makes it, in which language, and what it is about as far as that is known.
type visit struct {
	c       echo.Context
	site    *Site
	words   *locale.Words
	lang    string
	session model.Session
	user    model.User  // zero before signedIn
	actor   model.Actor // zero outside a workspace

	workspace model.Workspace
	page      model.Page // zero outside a page
	told      *pageNews  // nil before somebody asked
}

// visitOf is a request before anybody looked who makes it.
func (s *Site) visitOf(c echo.Context) *visit {
	lang := s.Locales.Match(c.QueryParam("lang"), c.Request().Header["Accept-Language"])
	return &visit{c: c, site: s, lang: lang, words: s.Locales.Words(lang)}
}

func (v *visit) t(key string, args ...any) string { return v.words.T(key, args...) }

func (v *visit) n(key string, n int, args ...any) string { return v.words.N(key, n, args...) }

func (v *visit) requestID() string { return v.c.Response().Header().Get(echo.HeaderXRequestID) }

// signedIn finds out who makes the request; model.ErrUnauthorized when nobody is signed in.
func (s *Site) signedIn(h handler) handler {
	return func(v *visit) (err error) {
		token := s.sessionToken(v.c.Request())
		if token == "" {
			return model.ErrUnauthorized
		}
		if v.session, v.user, err = s.App.Session(v.c.Request().Context(), token); err != nil {
			return err
		}
		if v.user.Language != "" {
			v.lang = v.user.Language
			v.words = s.Locales.Words(v.lang)
		}
		v.actor = model.Actor{Admin: v.user.Admin, User: v.user.ID, Name: v.user.Email}
		return h(v)
	}
}

// inWorkspace finds out what the person may do in the workspace of the path.
func (s *Site) inWorkspace(h handler) handler {
	return s.signedIn(func(v *visit) error {
		var id model.WorkspaceID
		if err := v.id("ws", &id); err != nil {
			return err
		}
		if err := s.enter(v, id); err != nil {
			return err
		}
		return h(v)
	})
}

// enter makes the visit one to a workspace; model.ErrNotFound to somebody who is not in it.
func (s *Site) enter(v *visit, id model.WorkspaceID) (err error) {
	ctx := v.c.Request().Context()
	if v.actor, err = s.App.ActorOf(ctx, v.user.ID, id); err != nil {
		return err
	}
	v.workspace, err = s.App.Workspace(ctx, v.actor)
	return err
}

// onPage finds the page of the path.
func (s *Site) onPage(h handler) handler {
	return s.inWorkspace(func(v *visit) (err error) {
		var id model.PageID
		if err := v.id("page", &id); err != nil {
			return err
		}
		if v.page, err = s.App.Page(v.c.Request().Context(), v.actor, id); err != nil {
			return err
		}
		return h(v)
	})
}

// editing is onPage for those who may change the page.
func (s *Site) editing(h handler) handler {
	return s.onPage(func(v *visit) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v)
	})
}

// asAdmin lets only those in who may change the instance.
func (s *Site) asAdmin(h handler) handler {
	return s.signedIn(func(v *visit) error {
		if !v.user.Admin {
			return model.ErrForbidden
		}
		return h(v)
	})
}

// asOwner lets only those in who own the workspace of the path.
func (s *Site) asOwner(h handler) handler {
	return s.inWorkspace(func(v *visit) error {
		if !v.actor.May(model.Owner) {
			return model.ErrForbidden
		}
		return h(v)
	})
}

// render answers with a template of the assets.
func (v *visit) render(code int, name string, page any) error {
	body, err := v.site.View.Render(v.lang, name, page)
	if err != nil {
		return err
	}
	return v.c.HTMLBlob(code, body)
}

// show is render with 200.
func (v *visit) show(name string, page any) error { return v.render(http.StatusOK, name, page) }

// goTo redirects after a POST. Said names what was done ("done." keys of the locale files), which the next screen tells.
func (v *visit) goTo(path, said string) error {
	if said != "" {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + "done=" + said
	}
	return v.c.Redirect(http.StatusSeeOther, path)
}

// client is who the visitor is to the limit of guesses and to the list of sessions.
func (v *visit) client() app.Client {
	address, err := netip.ParseAddr(v.c.RealIP())
	if err != nil {
		address = netip.Addr{} // a unix socket: all of it is one client
	}
	return app.Client{Address: address, Agent: v.c.Request().UserAgent(), Session: v.site.sessionToken(v.c.Request())}
}

// The session's cookie. A browser refuses one whose prefix it does not deserve (RFC 6265bis §4.1.3).
const (
	cookiePlain  = "statusd"
	cookieSecure = "__Secure-statusd" // below a path
	cookieHost   = "__Host-statusd"
)

func (s *Site) cookieName(r *http.Request) string {
	switch {
	case !s.Secure(r):
		return cookiePlain
	case s.cookie == "/":
		return cookieHost
	}
	return cookieSecure
}

func (s *Site) sessionToken(r *http.Request) string {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// longest is how long a session lasts at most (SPEC §8); the server ends it earlier when it idles.
const longest = 30 * 24 * time.Hour

func (v *visit) setSession(token string) { v.setCookie(token, int(longest.Seconds())) }

func (v *visit) dropSession() { v.setCookie("", -1) }

func (v *visit) setCookie(value string, age int) {
	r := v.c.Request()
	v.c.SetCookie(&http.Cookie{
		Name: v.site.cookieName(r), Value: value, Path: v.site.cookie, MaxAge: age,
		HttpOnly: true, Secure: v.site.Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// id reads an id of the path; another text names nothing.
func (v *visit) id(param string, into encoding.TextUnmarshaler) error {
	if into.UnmarshalText([]byte(v.c.Param(param))) != nil {
		return model.ErrNotFound
	}
	return nil
}
