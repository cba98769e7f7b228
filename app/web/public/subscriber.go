package public

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

// Subscriptions are the use cases of those who want to be told. A token is the right to the subscription that it belongs to.
type Subscriptions interface {
	AdmitStranger(from netip.Addr) error // a model.TooMany refuses
	OffersChannel(c model.Channel) bool
	Subscribe(ctx context.Context, slug string, fill func(*app.SubscribeDraft) error) (app.Subscribed, error)
	Subscription(ctx context.Context, slug, token string) (model.Page, model.Subscriber, error)
	ChangeSubscription(ctx context.Context, slug, token string, change func(*app.Wishes) error) (model.Subscriber, error)
	Confirm(ctx context.Context, slug, token string) (model.Subscriber, error)
	Unsubscribe(ctx context.Context, slug, token string) error
}

// registerSubscribers adds the screens of subscribers: GET shows, POST acts.
func (s *Site) registerSubscribers(e *echo.Echo) {
	get := []string{http.MethodGet, http.MethodHead}
	e.Match(get, "/p/:slug/subscribe", s.subscribing(s.subscribeScreen))
	e.POST("/p/:slug/subscribe", s.subscribing(s.guarded(s.subscribe)))
	e.Match(get, "/p/:slug/confirm", s.subscribing(s.confirmScreen))
	e.POST("/p/:slug/confirm", s.subscribing(s.confirm))
	e.Match(get, "/p/:slug/preferences", s.subscribing(s.preferences))
	e.POST("/p/:slug/preferences", s.subscribing(s.guarded(s.savePreferences)))
	e.Match(get, "/p/:slug/unsubscribe", s.subscribing(s.unsubscribeScreen))
	e.POST("/p/:slug/unsubscribe", s.subscribing(s.unsubscribe)) // RFC 8058: without cookie or Origin, from anywhere
}

// asking is one request of a subscriber, or of somebody who may become one.
type asking struct {
	c     echo.Context
	who   reader
	facts snapshot.Facts
	token string
	form  wishes
}

// subscriberHeaders keep what only its reader may see out of caches, referrers and search engines.
var subscriberHeaders = view.NewHeaders(
	"Cache-Control", "no-store",
	"Content-Security-Policy", view.CSP,
	"Referrer-Policy", "same-origin",
	"X-Robots-Tag", "noindex",
)

func (s *Site) subscribing(h func(*asking) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		subscriberHeaders.Set(c.Response().Header())
		who := s.readerOf(c.Request())
		snap, err := s.snapshot(c, who, s.notFound)
		if snap == nil {
			return err
		}
		a := &asking{c: c, who: who, facts: snap.Facts, token: c.QueryParam("token")}
		if err := h(a); err != nil {
			return s.refused(a, err)
		}
		return nil
	}
}

// crossOrigin finds requests that another site made a browser send (Fetch metadata, Origin).
var crossOrigin = http.NewCrossOriginProtection()

var errCrossOrigin = errors.New("sent from another site")

// guarded lets a form in that is ours, and of one client not too many.
func (s *Site) guarded(h func(*asking) error) func(*asking) error {
	return func(a *asking) error {
		if crossOrigin.Check(a.c.Request()) != nil {
			return errCrossOrigin
		}
		if err := s.admit(a); err != nil {
			return err
		}
		if err := a.c.Request().ParseForm(); err != nil {
			return err
		}
		a.form.values = a.c.Request().PostForm
		return h(a)
	}
}

func (s *Site) admit(a *asking) error { return s.subscriptions.AdmitStranger(a.client()) }

// client is the address that a request came from; none for a unix socket, all of which is one client.
func (a *asking) client() netip.Addr {
	from, _ := netip.ParseAddr(a.c.RealIP())
	return from
}

// guessed counts requests with a token that is none. A right one is never too many: behind one address there may be everybody's mail.
func (s *Site) guessed(a *asking, err error) error {
	if errors.Is(err, model.ErrNotFound) {
		if many := s.admit(a); many != nil {
			return many
		}
	}
	return err
}

// frame is what stands around a subscriber's screen.
type frame struct {
	view.Head
	Masthead    masthead
	Colophon    colophon
	Title, Lead string
	Back        back
}

// frame has a title; path is where the same screen is, without a language.
func (s *Site) frame(a *asking, title, path string) frame {
	scene := newScene(a.facts, a.who)
	out := frame{
		Head:     s.head(scene, newVerdict(scene).Status, title, "page"),
		Masthead: newMasthead(scene),
		Colophon: s.newColophon(scene, path),
		Title:    title,
		Back:     scene.back(),
	}
	assets := s.view.Assets
	out.Styles = append(out.Styles, scene.paths.Asset(assets.Name("subscribe.css")))
	out.Scripts = []string{scene.paths.Asset(assets.Name("subscribe.js"))}
	out.NoIndex = true
	out.Masthead.Subscribe = ""
	return out
}

// notice is a screen that says one thing.
type notice struct {
	frame
	Text   string
	Help   string // "" for none
	Action string // URL of the form with one button; "" for none
	Submit string
	Button string // its kind: "brand", "danger"
	Again  string // URL to subscribe at; "" for none
}

func (s *Site) notice(a *asking, code int, n notice) error {
	return s.render(a, code, "public/subscribe/notice.html", n)
}

func (s *Site) render(a *asking, code int, name string, page any) error {
	body, err := s.view.Render(a.who.lang, name, page)
	if err != nil {
		return err
	}
	return a.c.HTMLBlob(code, body)
}

// refused words an error that no form shows.
func (s *Site) refused(a *asking, err error) error {
	words := a.who.words
	say := func(code int, title, text string) error {
		n := notice{frame: s.frame(a, title, a.home("")), Text: text}
		if (code == http.StatusNotFound || code == http.StatusOK) && a.facts.Page.SubscribersEnabled {
			n.Again = a.home(a.who.lang)
		}
		return s.notice(a, code, n)
	}
	var many model.TooMany
	var large *http.MaxBytesError
	var garbled url.EscapeError
	switch {
	case errors.Is(err, model.ErrNotFound):
		return say(http.StatusNotFound, words.T("subscriber.unknown"), words.T("subscriber.unknown.text"))
	case errors.Is(err, errEnded):
		return say(http.StatusOK, words.T("subscriber.unknown"), words.T("subscriber.unknown.text"))
	case errors.Is(err, errLinkOver):
		return say(http.StatusNotFound, words.T("confirm.unknown"), words.T("confirm.unknown.text"))
	case errors.Is(err, model.ErrForbidden):
		return say(http.StatusForbidden, words.T("subscriber.off"), words.T("subscriber.off.text"))
	case errors.Is(err, errCrossOrigin):
		return say(http.StatusForbidden, words.T("error.crossOrigin"), words.T("subscriber.crossOrigin.text"))
	case errors.As(err, &large):
		return say(http.StatusRequestEntityTooLarge, words.T("error.tooLarge"), words.T("error.unread.text"))
	case errors.As(err, &garbled):
		return say(http.StatusBadRequest, words.T("error.garbled"), words.T("error.unread.text"))
	case errors.As(err, &many):
		a.c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(many.Retry.Seconds()))))
		return say(http.StatusTooManyRequests, words.T("error.tooMany"), words.N("error.tooMany.text", int(math.Ceil(many.Retry.Minutes()))))
	}
	return s.failed(a.c, a.who, err)
}

// home is where one subscribes, in a language.
func (a *asking) home(lang string) string { return a.who.paths.Subscribe(a.facts.Page.Slug, lang) }

func (a *asking) confirmation(lang string) string {
	return a.who.paths.Confirm(a.facts.Page.Slug, a.token, lang)
}

func (a *asking) preferences(lang string) string {
	return a.who.paths.Preferences(a.facts.Page.Slug, a.token, lang)
}

func (a *asking) unsubscribe(lang string) string {
	return a.who.paths.Unsubscribe(a.facts.Page.Slug, a.token, lang)
}
