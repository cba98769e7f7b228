package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

// pythonReads reads CSV with an independent implementation.
func pythonReads(t *testing.T, text string) (rows [][]string) {
	t.Helper()
	cmd := exec.Command("python3", "-c", `import csv,json,sys,io
print(json.dumps(list(csv.reader(io.StringIO(sys.stdin.buffer.read().decode("utf-8-sig"), newline=""), strict=True))))`)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// hostileCells are what spreadsheets compute, and what breaks CSV that is written carelessly.
var hostileCells = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "\ttab", "\rcr", "\nlf", "＝1", `a "quoted" one`, "two\r\nlines\nand\rone", "a,b;c", "'=already", "ğüşİ 🙂", "plain", "",
	`=HYPERLINK("http://x","y")`,
}

// TestAnExportIsNoFormulaAndReadBackEqual is RELIABILITY E7.
func TestAnExportIsNoFormulaAndReadBackEqual(t *testing.T) {
	a, by := postOffice(t, nil)
	page := onlyPage(t, a, by)
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	storetest.Write(t, a.Store, func(tx *store.Tx) error {
		for i, text := range hostileCells {
			err := tx.In(by.Workspace).AddSubscriber(bg, model.Subscriber{
				ID: model.SubscriberID(i + 1), Page: page.ID, Channel: model.Email, State: model.Active, Topic: model.TopicAll, Locale: "en",
				Address: model.Secret(text + "x"), Consent: text, Created: at, Active: at,
			}, fmt.Append(nil, i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	var out bytes.Buffer
	if err := a.ExportSubscribers(bg, by, page.ID, app.SubscriberFilter{}, &out); err != nil {
		t.Fatal(err)
	}
	rows := pythonReads(t, out.String())
	if len(rows) != len(hostileCells)+1 || strings.Join(rows[0], ",") != "channel,address,topic,components,language,state,subscribed at,confirmed at,consent" {
		t.Fatalf("%d rows, the first is %q", len(rows), rows[0])
	}
	defused := func(text string) string {
		if text != "" && strings.ContainsRune("=+-@\t\r\n＝", []rune(text)[0]) {
			return "'" + text
		}
		return text
	}
	for i, row := range rows[1:] {
		want := []string{"email", defused(hostileCells[i] + "x"), "all", "", "en", "active", "2026-05-04T03:02:01Z", "2026-05-04T03:02:01Z", defused(hostileCells[i])}
		if !slices.Equal(row, want) {
			t.Errorf("%q, not %q", row, want)
		}
	}
}

func onlyPage(t *testing.T, a *app.App, by model.Actor) model.Page {
	t.Helper()
	list, err := a.Pages(bg, by, model.Window{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items[0]
}

func imports(t *testing.T, list string) (*app.App, model.Actor, model.Page, app.Imported) {
	t.Helper()
	a, by := postOffice(t, nil)
	page := onlyPage(t, a, by)
	got, err := a.ImportSubscribers(bg, by, page.ID, app.SubscriberImport{List: list, Consent: " Form of May ", Locale: "tr"})
	if err != nil {
		t.Fatal(err)
	}
	return a, by, page, got
}

func addresses(t *testing.T, a *app.App, by model.Actor, page model.Page) (out []string) {
	t.Helper()
	list, err := a.Subscribers(bg, by, page.ID, app.SubscriberFilter{}, model.Window{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Items {
		out = append(out, s.Address.Reveal())
	}
	slices.Sort(out)
	return out
}

func TestAnImportTakesWhatIsGoodAndNamesTheLinesOfTheRest(t *testing.T) {
	a, by, page, got := imports(t, "\ufeffa@example.org\r\n\r\nnobody\r\nb@EXAMPLE.org\r\na@example.org\r\n\"half\r\n")
	want := app.Imported{Added: 2, Known: 1, Refused: []app.RefusedLine{{Line: 3, Text: "nobody", Code: "email"}, {Line: 6, Text: `"half`, Code: "quote"}}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
	if got := addresses(t, a, by, page); !slices.Equal(got, []string{"a@example.org", "b@example.org"}) {
		t.Errorf("%q", got)
	}
	list, err := a.Subscribers(bg, by, page.ID, app.SubscriberFilter{Channel: model.Email, State: model.Active}, model.Window{})
	if err != nil || len(list.Items) != 2 {
		t.Errorf("%d, %v", len(list.Items), err)
	}
	for _, s := range list.Items {
		if s.Consent != "Form of May" || s.Locale != "tr" || s.Active.IsZero() || s.Asked != 0 {
			t.Errorf("%+v", s)
		}
	}
	log, err := a.Deliveries(bg, by, page.ID, app.DeliveryFilter{}, model.Window{})
	if err != nil || len(log.Items) != 0 {
		t.Errorf("somebody was written to: %v, %v", log.Items, err)
	}
	trail, err := a.Audit(bg, by, app.AuditFilter{})
	if text := fmt.Sprintf("%+v", trail.Items); err != nil || len(trail.Items) != 1 || strings.Contains(text, "a@") {
		t.Errorf("the trail says %s, %v", text, err)
	}
}

func TestAnImportFindsTheColumnOfAddresses(t *testing.T) {
	for name, list := range map[string]string{
		"header":     "Name,E-mail\nAda,a@example.org\n\"Lovelace, Ada\",b@example.org\n",
		"semicolons": "E-posta;Ad\na@example.org;Ada\nb@example.org;\"B; c\"\n",
		"tabs":       "name\taddress\n\ta@example.org\nB\tb@example.org",
		"no header":  "a@example.org,Ada\nb@example.org,Bob",
		"one a line": "  a@example.org  \nb@example.org",
	} {
		a, by, page, got := imports(t, list)
		if found := addresses(t, a, by, page); got.Added != 2 || len(got.Refused) != 0 || !slices.Equal(found, []string{"a@example.org", "b@example.org"}) {
			t.Errorf("%s: %+v, %q", name, got, found)
		}
	}
}

func TestAnExportCanBeImported(t *testing.T) {
	a, by, page, _ := imports(t, "+plus@example.org\nplain@example.org\n'tick@example.org")
	storetest.Write(t, a.Store, func(tx *store.Tx) error {
		return tx.In(by.Workspace).AddSubscriber(bg, model.Subscriber{
			ID: 1 << 60, Page: page.ID, Channel: model.Telegram, State: model.Active, Topic: model.TopicAll, Locale: "en", Address: "-1001",
		}, []byte("h"))
	})
	var out bytes.Buffer
	if err := a.ExportSubscribers(bg, by, page.ID, app.SubscriberFilter{}, &out); err != nil || !strings.Contains(out.String(), `"'-1001"`) {
		t.Fatalf("%s, %v", out.String(), err)
	}
	b, other, elsewhere, got := imports(t, out.String())
	if found := addresses(t, b, other, elsewhere); got.Added != 3 || !slices.Equal(found, []string{"'tick@example.org", "+plus@example.org", "plain@example.org"}) {
		t.Errorf("%+v, %q", got, found)
	}
	if len(got.Refused) != 1 || got.Refused[0].Code != "channel" {
		t.Errorf("%+v", got.Refused)
	}
}

func TestWhatAnImportNeeds(t *testing.T) {
	a, by := postOffice(t, nil)
	page := onlyPage(t, a, by)
	good := app.SubscriberImport{List: "a@example.org", Consent: "Form", Locale: "en"}
	for field, change := range map[string]func(*app.SubscriberImport){
		"consent": func(i *app.SubscriberImport) { i.Consent = " " },
		"locale":  func(i *app.SubscriberImport) { i.Locale = "xx" },
		"list":    func(i *app.SubscriberImport) { i.List = strings.Repeat("a@example.org\n", 10_001) },
	} {
		in := good
		change(&in)
		_, err := a.ImportSubscribers(bg, by, page.ID, in)
		if v, ok := model.AsInvalid(err); !ok || len(v) != 1 || !v.Has(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := addresses(t, a, by, page); len(got) != 0 {
		t.Errorf("somebody was subscribed: %q", got)
	}
}

func TestTheListsOfAddressesAreForEditors(t *testing.T) {
	a, by := postOffice(t, nil)
	page := onlyPage(t, a, by)
	good := app.SubscriberImport{List: "a@example.org", Consent: "Form", Locale: "en"}
	viewer, stranger := by, by
	viewer.Role, stranger.Workspace = model.Viewer, model.NewWorkspaceID()
	var out bytes.Buffer
	_, err1 := a.ImportSubscribers(bg, viewer, page.ID, good)
	err2 := a.ExportSubscribers(bg, viewer, page.ID, app.SubscriberFilter{}, &out)
	_, err3 := a.PersonalData(bg, viewer, "a@example.org")
	_, err4 := a.ErasePerson(bg, viewer, "a@example.org")
	for what, err := range map[string]error{"imports": err1, "exports": err2, "asks": err3, "erases": err4} {
		if !errors.Is(err, model.ErrForbidden) {
			t.Errorf("a viewer %s: %v", what, err)
		}
	}
	_, err1 = a.ImportSubscribers(bg, stranger, page.ID, good)
	err2 = a.ExportSubscribers(bg, stranger, page.ID, app.SubscriberFilter{}, &out)
	if !errors.Is(err1, model.ErrNotFound) || !errors.Is(err2, model.ErrNotFound) || out.Len() != 0 {
		t.Errorf("%v, %v, %q", err1, err2, out.String())
	}
}

func TestAnImportConfirmsWhoHasNotYetAndAPersonCanBeErased(t *testing.T) {
	a, by := postOffice(t, nil)
	page := onlyPage(t, a, by)
	if _, err := a.SetMailServer(bg, by, server("127.0.0.1", 9)); err != nil {
		t.Fatal(err)
	}
	_, err := a.Subscribe(bg, page.Slug, func(d *app.SubscribeDraft) error {
		d.Channel, d.Email, d.From = model.Email, "a@example.org", "192.0.2.1"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.ImportSubscribers(bg, by, page.ID, app.SubscriberImport{List: "a@example.org", Consent: "Form", Locale: "en"})
	if err != nil || got.Added != 1 || got.Known != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	found, err := a.PersonalData(bg, by, " a@example.org ")
	if err != nil || len(found) != 1 || found[0].Subscriber.State != model.Active || found[0].Subscriber.Consent != "Form" || len(found[0].Deliveries) != 1 || found[0].Subscriber.Token != "" {
		t.Fatalf("%+v, %v", found, err)
	}
	if n, err := a.ErasePerson(bg, by, "a@EXAMPLE.org"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if found, err := a.PersonalData(bg, by, "a@example.org"); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestTenThousandAreImported(t *testing.T) {
	var list strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&list, "somebody-%d@example.org\n", i)
	}
	began := time.Now()
	if _, _, _, got := imports(t, list.String()); got.Added != 10_000 {
		t.Errorf("%+v", got)
	}
	t.Logf("took %v", time.Since(began))
}

func FuzzImport(f *testing.F) {
	for _, text := range []string{"a@example.org", "email;x\na@b.c;\"", "\"\n\"\n", "'=a@b.c", "\ufeff,,\n\t"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range app.ReadList(text) {
			if l.Line < 1 || l.Line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d of %q", l.Line, text)
			}
		}
	})
}
