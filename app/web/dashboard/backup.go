package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// backupPage offers the whole instance as one file.
type backupPage struct {
	frame
	Form              *form
	Passphrase, Again view.Field
	Action            string
	Last              *stamp
	Restore           snippet // how to use the file
}

func (s *Site) backup(v *visit) error { return s.backupForm(v, v.filled(url.Values{})) }

func (s *Site) backupForm(v *visit, f *form) error {
	now, err := s.App.Vitals(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	page := backupPage{
		frame: s.instanceFrame(v, "backup", v.t("backup.title")), Form: f, Action: s.paths.Instance("/backup"),
		Passphrase: f.optional(f.password("passphrase", "field.passphrase", "field.passphrase.help", "new-password")),
		Again:      f.password("passphraseAgain", "field.passphrase.again", "", "new-password"),
		Restore: snippet{
			Language: v.t("tokens.example.language"), Label: v.t("snippet.command"),
			Code: "statusd restore " + backupFile(s.App.Now(), false) + " --data DIR",
		},
	}
	if !now.LastBackup.IsZero() {
		last := v.stamp(now.LastBackup)
		page.Last = &last
	}
	return v.render(f.code(), "dashboard/instance/backup.html", page)
}

// downloadBackup sends the file. It is a POST, though it changes little: it holds every secret, and no other site may start it.
func (s *Site) downloadBackup(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.raw("passphrase") != f.raw("passphraseAgain") {
		f.problems.Add("passphraseAgain", "repeat")
		return s.backupForm(v, f)
	}
	passphrase := model.Secret(f.raw("passphrase"))
	out := &download{v: v, kind: "application/octet-stream", name: backupFile(s.App.Now(), passphrase != "")}
	out.patient(prepare)
	_, err = s.App.Backup(v.c.Request().Context(), v.actor, out, app.ExportOptions{Passphrase: passphrase, Version: s.Version})
	switch {
	case err == nil:
		return nil
	case !out.begun:
		return err
	case !errors.Is(err, context.Canceled):
		s.Log.Error("backup was cut off", "request", v.requestID(), "err", err)
	}
	panic(http.ErrAbortHandler) // the browser must not take what it has for the whole
}

func backupFile(now time.Time, encrypted bool) string {
	name := "statusd-" + now.UTC().Format("2006-01-02") + ".tar"
	if encrypted {
		name += ".age"
	}
	return name
}

// How long a download may take before its first byte, and from one piece to the next.
const (
	prepare = 15 * time.Minute // a big database is copied and checked first
	stalled = time.Minute
)

// download is a file that is sent as it is made. Its headers go out with the first byte, so that what fails before is a page.
type download struct {
	v     *visit
	kind  string // its media type
	name  string
	begun bool
}

// Write sends a piece. The connection's deadlines are for pages; here each piece has its own.
func (d *download) Write(p []byte) (int, error) {
	d.patient(stalled)
	res := d.v.c.Response()
	if !d.begun {
		d.begun = true
		res.Header().Set("Content-Type", d.kind)
		res.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		res.WriteHeader(http.StatusOK)
	}
	return res.Write(p)
}

// patient moves both deadlines: a read that times out while an answer is made would cancel the request.
func (d *download) patient(within time.Duration) {
	rc, until := http.NewResponseController(d.v.c.Response()), time.Now().Add(within)
	_ = errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)) // at worst it is cut off as any other answer
}
