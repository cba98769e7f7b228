package dashboard_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"statusd/app"
	"statusd/app/model"
)

// list imports addresses.
func (st *stage) list(addresses ...string) {
	st.t.Helper()
	_, err := st.app.ImportSubscribers(st.t.Context(), st.by, st.page.ID, app.SubscriberImport{List: strings.Join(addresses, "\n"), Consent: "Form", Locale: "tr"})
	st.must(err)
}

// sendList sends a form with a file.
func (c *client) sendList(path, field string, file []byte, pairs ...string) reply {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		c.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := form.CreateFormFile(field, "list.csv")
	c.must(err)
	_, err = part.Write(file)
	c.must(err)
	c.must(form.Close())
	res, err := c.http.Post(c.url+path, form.FormDataContentType(), &body)
	return c.read(res, err)
}

func TestAllChannelsAreListedAndFiltered(t *testing.T) {
	st := newStage(t, "API")
	st.hook(st.page, "http://127.0.0.1:1024/hook", nil)
	st.list("reader@example.org")
	st.editor.wants(st.editor.get(st.path("/subscribers")), 200, "1 by email, 0 by Telegram, 1 by webhook", "reader@example.org", "Email, Türkçe", "#i-mail", "#i-webhook")
	r := st.editor.wants(st.editor.get(st.path("/subscribers?channel=email")), 200, "reader@example.org")
	lacks(t, r, "1024/hook")
	lacks(t, st.editor.get(st.path("/subscribers?channel=webhook")), "reader@")
	lacks(t, st.viewer.wants(st.viewer.get(st.path("/subscribers?channel=email")), 200, "Email, Türkçe"), "reader@", "/export", "/import", "/person")
}

func TestSubscribersAreDownloadedAsCSV(t *testing.T) {
	st := newStage(t, "API")
	st.hook(st.page, "http://127.0.0.1:1024/hook", nil)
	st.list("+plus@example.org", "reader@example.org")
	res, err := st.editor.http.PostForm(st.url+st.path("/subscribers/export"), map[string][]string{"channel": {"email"}, "q": {"PLUS"}})
	st.must(err)
	if got := res.Header.Get("Content-Type") + " " + res.Header.Get("Content-Disposition") + " " + res.Header.Get("X-Content-Type-Options"); !strings.Contains(got, "text/csv") || !strings.Contains(got, `attachment; filename="subscribers-acme-`) || !strings.Contains(got, "nosniff") {
		t.Errorf("%q", got)
	}
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Error("it may be kept")
	}
	r := st.editor.wants(st.editor.read(res, nil), 200, "\ufeffchannel,address,", `"email","'+plus@example.org","all","","tr","active",`, `"Form"`)
	lacks(t, r, "reader@", "hook")
	st.viewer.wants(st.viewer.post(st.path("/subscribers/export")), 403)
}

func TestAddressesAreImportedFromAFileOrTheForm(t *testing.T) {
	st := newStage(t, "API")
	at := st.path("/subscribers/import")
	st.editor.wants(st.editor.get(at), 200, "How and when they agreed", `value="en" selected`)
	st.editor.wants(st.editor.post(at, "list", "a@example.org", "locale", "en", "consent", ""), 422, "f-consent-error", "a@example.org")
	r := st.editor.wants(st.editor.sendList(at, "file", []byte("Name;E-mail\nAda;a@example.org\nBob;<b>\nCarl;a@example.org"), "locale", "tr", "consent", "Form of May"), 200,
		"1 address added, 1 was there already, 1 line refused.", "Line 3", "&lt;b&gt;", "This is no email address.", `value="Form of May"`)
	lacks(t, r, ">a@example.org", "<b>")
	st.editor.wants(st.editor.post(at, "list", "b@example.org", "locale", "tr", "consent", "Form of May"), 200, "1 address added, 0 were there already.")
	if n := len(st.subscribers()); n != 2 {
		t.Errorf("%d subscribers", n)
	}
	var many strings.Builder
	for i := range 10_001 {
		fmt.Fprintln(&many, i)
	}
	st.editor.wants(st.editor.post(at, "list", many.String(), "locale", "tr", "consent", "Form"), 422, "At most 10000 lines")
	st.editor.wants(st.editor.sendList(at, "file", bytes.Repeat([]byte("a"), 2<<20), "locale", "tr", "consent", "Form"), 422, "At most 1 MiB at a time")
	st.editor.wants(st.editor.post(at, "list", strings.Repeat("nobody\n", 150), "locale", "tr", "consent", "Form"), 200, "150 lines refused", "And 50 more lines")
	st.editor.wants(st.editor.get(st.path("/settings/audit")), 200, "Subscribers imported")
	st.viewer.wants(st.viewer.get(at), 403)
	st.viewer.wants(st.viewer.post(at, "list", "c@example.org", "locale", "tr", "consent", "Form"), 403)
}

func TestWhatIsStoredOfAPersonIsHandedOutAndErased(t *testing.T) {
	st := newStage(t, "API")
	st.list("reader@example.org", "other@example.org")
	st.delivery(st.page, st.subscribers()[0].ID, func(d *model.Delivery) { d.Channel, d.Reason = model.Email, "mailbox_unknown|550" })
	address := st.subscribers()[0].Address.Reveal()
	at := st.path("/subscribers/person")
	st.editor.wants(st.editor.get(at), 200, "One person")
	st.editor.wants(st.editor.post(at, "address", " "), 422, "f-address-error")
	st.editor.wants(st.editor.post(at, "address", "nobody@example.org"), 200, "Nothing is stored of this address.")
	st.editor.wants(st.editor.post(at, "address", strings.Replace(address, "example", "EXAMPLE", 1)), 200, "acme", "Email, Türkçe", "1 delivery", at+"/download", at+"/erase")
	res, err := st.editor.http.PostForm(st.url+at+"/download", map[string][]string{"address": {address}})
	st.must(err)
	if res.Header.Get("Content-Type") != "application/json; charset=utf-8" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%v", res.Header)
	}
	var got struct {
		Address       string
		Subscriptions []struct {
			Page, Channel, Consent, Language string
			Deliveries                       []struct{ Event, Reason string }
		}
	}
	st.must(json.NewDecoder(res.Body).Decode(&got))
	res.Body.Close()
	if s := got.Subscriptions; got.Address != address || len(s) != 1 || s[0].Page != "acme" || s[0].Channel != "email" || s[0].Consent != "Form" || s[0].Language != "tr" || len(s[0].Deliveries) != 1 ||
		s[0].Deliveries[0].Reason != "there is no such mailbox: 550" {
		t.Errorf("%+v", got)
	}
	for _, rest := range []string{"", "/download", "/erase"} {
		lacks(t, st.viewer.wants(st.viewer.post(at+rest, "address", address), 403), address)
	}
	if r := st.editor.post(at+"/erase", "address", address); r.code != http.StatusSeeOther || r.location != at+"?done=person-erased" {
		t.Errorf("%d to %s", r.code, r.location)
	}
	st.editor.wants(st.editor.post(at+"/erase", "address", address), 404)
	if left := st.subscribers(); len(left) != 1 || left[0].Address.Reveal() == address {
		t.Errorf("%d are left", len(left))
	}
}

func TestAPersonOfAnotherWorkspaceIsNobody(t *testing.T) {
	st := newStage(t, "API")
	other := st.pageIn("Other", "elsewhere", "API")
	_, err := st.app.ImportSubscribers(t.Context(), st.ownerOf("Other"), other.ID, app.SubscriberImport{List: "reader@example.org", Consent: "Form", Locale: "en"})
	st.must(err)
	st.editor.wants(st.editor.post(st.path("/subscribers/person"), "address", "reader@example.org"), 200, "Nothing is stored")
	st.editor.wants(st.editor.post(st.path("/subscribers/person/erase"), "address", "reader@example.org"), 404)
}
