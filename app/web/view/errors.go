package view

import (
	"net/http"

	"statusd/app/snapshot"
	"statusd/app/status"
)

// errorPage is what a reader sees when there is no page to show.
type errorPage struct {
	Head
	Title, Text string
	Request     string // id to find the log line by; "" for none
}

// ErrorHeaders keep an error out of caches: the page may exist, or work, a moment later.
var ErrorHeaders = NewHeaders(
	"Cache-Control", "no-store",
	"Content-Security-Policy", CSP,
	"Vary", "Accept-Language, Accept-Encoding",
	"Referrer-Policy", "same-origin",
)

// NotFound answers 404 in the reader's language.
func (v *View) NotFound(w http.ResponseWriter, r *http.Request, lang string, place Place) error {
	doc, err := v.errors.Document(errorKey(lang, place), func(snapshot.Facts) (snapshot.Content, error) {
		words := v.Locales.Words(lang)
		return v.errorPage(lang, place, errorPage{Title: words.T("error.notFound"), Text: words.T("error.notFound.text")})
	})
	if err != nil {
		return err
	}
	return v.answer(w, r, http.StatusNotFound, doc)
}

// errorKey keeps one page for each language and base path; both are few.
func errorKey(lang string, place Place) snapshot.Key {
	return snapshot.Key{Kind: "404 " + place.BasePath, Lang: lang}
}

// Failed answers 500 with the id under which the log tells why.
func (v *View) Failed(w http.ResponseWriter, r *http.Request, lang string, place Place, request string) error {
	words := v.Locales.Words(lang)
	content, err := v.errorPage(lang, place, errorPage{
		Title: words.T("error.failed"), Text: words.T("error.failed.text"), Request: request,
	})
	if err != nil {
		return err
	}
	doc, err := snapshot.Finish(content)
	if err != nil {
		return err
	}
	return v.answer(w, r, http.StatusInternalServerError, doc)
}

func (v *View) errorPage(lang string, place Place, page errorPage) (snapshot.Content, error) {
	paths := Paths{place}
	page.Head = Head{
		Lang:    lang,
		Title:   page.Title,
		Icon:    v.Icon(paths, status.NoData),
		Styles:  []string{paths.Asset(v.Assets.Name("message.css"))},
		NoIndex: true,
	}
	body, err := v.Render(lang, "shared/error.html", page)
	return snapshot.Content{Type: HTML, Body: body}, err
}

func (v *View) answer(w http.ResponseWriter, r *http.Request, code int, doc *snapshot.Document) error {
	ErrorHeaders.Set(w.Header())
	doc.ServeStatus(w, r, code)
	return nil
}
