package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/web/view"
)

// exportSubscribers sends those that the filter takes as a file. It is a POST as that of a backup is: no other site may start it.
func (s *Site) exportSubscribers(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	out := &download{v: v, kind: "text/csv; charset=utf-8; header=present", name: "subscribers-" + v.page.Slug + "-" + s.App.Now().UTC().Format("2006-01-02") + ".csv"}
	err = s.App.ExportSubscribers(v.c.Request().Context(), v.actor, v.page.ID, filterOf(f.values), out)
	switch {
	case err == nil || !out.begun:
		return err
	case !errors.Is(err, context.Canceled):
		s.Log.Error("export was cut off", "request", v.requestID(), "err", err)
	}
	panic(http.ErrAbortHandler) // the browser must not take what it has for the whole
}

// importPage takes a list of addresses, and says what became of the one before.
type importPage struct {
	frame
	Form                        *form
	Back, Action                string
	File, List, Consent, Locale view.Field
	NoMail, NoMailURL           string
	Report                      *importReport
}

// importReport is what became of a list.
type importReport struct {
	Added, Known, Count string // Count: of the refused lines; "" for none
	Refused             []refusedLine
	More                string // how many are not shown; "" for none
}

type refusedLine struct{ Line, Text, Why string }

// refusedShown is how many refused lines are listed; all of them are in the form, to be corrected.
const refusedShown = 100

func (s *Site) askImport(v *visit) error {
	return s.importForm(v, v.filled(url.Values{"locale": {v.lang}}), nil)
}

func (s *Site) importForm(v *visit, f *form, report *importReport) error {
	page := importPage{
		frame: s.pageFrame(v, "subscribers", v.t("import.title")), Form: f, Back: s.paths.Manage(v.page, "/subscribers"),
		Action: s.paths.Manage(v.page, "/subscribers/import"), Report: report,
		File: f.optional(f.field("file", "import.file", "import.file.help")), List: f.field("list", "import.list", "import.list.help"),
		Consent: f.field("consent", "import.consent", "import.consent.help"),
		Locale:  f.choice(f.field("locale", "import.language", ""), v.languages()...),
	}
	page.List.Rows, page.List.Mono, page.Consent.MaxLength, page.Consent.Placeholder = 8, true, 300, v.t("import.consent.example")
	page.NoMail, page.NoMailURL = s.mailOff(v)
	return v.render(f.code(), "dashboard/subscribers/import.html", page)
}

// languages are those that subscribers can be written to in.
func (v *visit) languages() (out []view.Option) {
	for _, lang := range v.site.Locales.Languages() {
		out = append(out, view.Option{Value: lang, Label: v.site.Locales.Words(lang).T("language.name")})
	}
	return out
}

func (s *Site) importSubscribers(v *visit) error {
	f, err := v.importTyped()
	if err != nil {
		return err
	}
	if !f.ok() {
		return s.importForm(v, f, nil)
	}
	got, err := s.App.ImportSubscribers(v.c.Request().Context(), v.actor, v.page.ID, app.SubscriberImport{
		List: f.raw("list"), Consent: f.get("consent"), Locale: f.get("locale"),
	})
	if f.refuse(err) {
		return s.importForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	left := make([]string, len(got.Refused))
	for i, l := range got.Refused {
		left[i] = strings.ToValidUTF8(l.Text, "?")
	}
	f.values.Set("list", strings.Join(left, "\n"))
	return s.importForm(v, f, v.importReport(got))
}

// maxImport is what is read of a list, in MiB.
const maxImport = 1

// importTyped reads the form. A file goes before what was typed.
func (v *visit) importTyped() (*form, error) {
	r := v.c.Request()
	err := r.ParseMultipartForm(maxImport << 20)
	f := v.filled(r.PostForm)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		f.values = url.Values{"locale": {v.lang}}
		f.problems.Add("file", "import_large", "max", maxImport)
		return f, nil
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	if r.MultipartForm == nil {
		return f, nil
	}
	defer r.MultipartForm.RemoveAll()
	text, err := formFile(r, "file")
	if err == nil && len(text) > 0 {
		f.values.Set("list", string(text))
	}
	return f, nil
}

func (v *visit) importReport(got app.Imported) *importReport {
	out := &importReport{Added: v.n("import.added", got.Added), Known: v.n("import.known", got.Known)}
	if len(got.Refused) == 0 {
		return out
	}
	out.Count = v.n("import.refused", len(got.Refused))
	for _, l := range got.Refused[:min(len(got.Refused), refusedShown)] {
		out.Refused = append(out.Refused, refusedLine{v.t("import.line", "N", v.words.Number(l.Line)), view.InSentence(shortened(l.Text)), v.t("import.why." + l.Code)})
	}
	if more := len(got.Refused) - refusedShown; more > 0 {
		out.More = v.n("import.more", more)
	}
	return out
}

// shortened is enough of a line to find it again.
func shortened(text string) string {
	if r := []rune(text); len(r) > longestName {
		return string(r[:longestName]) + "…"
	}
	return text
}
