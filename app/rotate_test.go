package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

// atRest is an App that holds its folder alone, as a command that changes the key does.
func atRest(t *testing.T, dir string) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{Store: storetest.Open(t, dir)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAChangeOfTheKeyIsRecorded(t *testing.T) {
	dir := filled(t)
	a := atRest(t, dir)
	r, err := a.RotateKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Workspaces(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, w := range all {
		list, err := a.Audit(t.Context(), model.Actor{Workspace: w.ID, Role: model.Owner}, app.AuditFilter{Window: model.Window{Limit: 1}})
		if err != nil {
			t.Fatal(err)
		}
		e := list.Items[0]
		same(t, e.Changes, []model.Change{{Field: "key", From: r.Old, To: r.New}})
		if e.Action != model.KeyRotated || e.By.Kind != model.ByCLI {
			t.Errorf("%+v", e)
		}
	}
}

func TestAChangeOfTheKeyThatCannotBeRecordedIsNotDone(t *testing.T) {
	dir := filled(t)
	file := filepath.Join(dir, store.KeyFile)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := atRest(t, dir)
	heal := storetest.Break(t, dir, "audit")
	_, err = a.RotateKey(t.Context())
	heal()
	after, err2 := os.ReadFile(file)
	if err == nil || err2 != nil || !bytes.Equal(before, after) {
		t.Errorf("%v %v: the key was changed without a record", err, err2)
	}
}

// A command may have begun before the key was changed: what it would write nobody could restore.
func TestAnExportUnderAnotherKeyIsNotWritten(t *testing.T) {
	in := openInstance(t, filled(t))
	if _, err := atRest(t, in.dir).RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err := in.Export(t.Context(), &out, app.ExportOptions{})
	if err == nil || !strings.Contains(err.Error(), "nothing was exported: the key") || out.Len() > 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
}
