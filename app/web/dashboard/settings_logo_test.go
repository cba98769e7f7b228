package dashboard_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"statusd/app/model"
)

func pixels(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload sends a file as the form does.
func (c *client) upload(path string, file []byte) reply {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("logo", `"><script>alert(1)</script>.png`)
	c.must(err)
	_, err = part.Write(file)
	c.must(err)
	c.must(form.Close())
	res, err := c.http.Post(c.url+path, form.FormDataContentType(), &body)
	return c.read(res, err)
}

func TestALogoIsUploadedShownAndRemoved(t *testing.T) {
	l := newSettingsLab(t)
	c := l.like(model.Editor)
	at := l.at("/settings/branding/logo")
	r := c.wants(c.upload(at, pixels(t, 96, 64)), 303)
	c.wants(c.get(r.location), 200, "Logo saved", `src="/p/my-app/logo-`, `width="48" height="32"`, "Remove logo")
	c.wants(c.get(l.at("/preview")), 200, `src="/p/my-app/logo-`)
	r = c.wants(c.post(at, "do", "remove"), 422) // not the form of an upload
	r = c.wants(c.remove(at), 303)
	if body := c.wants(c.get(r.location), 200, "Logo removed").body; strings.Contains(body, "/p/my-app/logo-") {
		t.Error("the logo is still shown")
	}
	c.wants(c.get(l.at("/settings/audit")), 200, "<dt>Logo</dt>", "png, 96 x 64")
	c.wants(c.get(at), 303)
}

// remove presses the button beside the upload.
func (c *client) remove(path string) reply {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	c.must(form.WriteField("do", "remove"))
	c.must(form.Close())
	res, err := c.http.Post(c.url+path, form.FormDataContentType(), &body)
	return c.read(res, err)
}

func TestWhatIsNoLogoIsRefusedBesideTheField(t *testing.T) {
	l := newSettingsLab(t)
	at := l.at("/settings/branding/logo")
	for what, file := range map[string][]byte{
		"This is no image": []byte("<html><script>alert(1)</script>"), "This is required": {},
		"at most 512 KiB": bytes.Repeat([]byte("x"), 600<<10), "may be at most": bytes.Repeat([]byte("x"), 2<<20),
	} {
		l.admin.wants(l.admin.upload(at, file), 422, what, `id="f-logo-error"`)
	}
	viewer := l.like(model.Viewer)
	viewer.wants(viewer.upload(at, pixels(t, 9, 9)), 403)
	viewer.wants(viewer.remove(at), 403)
	theirs := l.pageIn("Others", "theirs")
	l.admin.wants(l.admin.upload("/d/w/"+theirs.Workspace.String()+"/p/"+theirs.ID.String()+"/settings/branding/logo", pixels(t, 9, 9)), 404)
	if l.now().Updated != l.page.Updated {
		t.Error("something was stored")
	}
}

func TestALogoURLIsFetchedAndItsFailureIsToldInTheReadersLanguage(t *testing.T) {
	l := newSettingsLab(t)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/logo.png" {
			_, _ = w.Write(pixels(t, 32, 32))
			return
		}
		http.NotFound(w, r)
	}))
	defer target.Close()
	c := l.admin
	l.speak("admin@example.org", "tr")
	save := func(url string) reply {
		return c.post(l.at("/settings/branding"), "branding.logoUrl", url, "seen", l.seen(c, l.at("/settings/branding")))
	}
	c.wants(save(target.URL+"/missing.png"), 422, "Logo alınamadı: durum 404, beklenen 200", `id="f-branding-logoUrl-error"`, "/missing.png")
	c.wants(save(target.URL+"/logo.png"), 303)
	c.wants(c.get(l.at("/settings/branding")), 200, `src="/p/my-app/logo-`)
	if body := c.get(l.at("/preview") + query("branding.logoUrl", "")).body; strings.Contains(body, "/logo-") {
		t.Error("the preview shows a logo that would go")
	}
}
