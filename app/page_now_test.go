package app_test

import (
	"errors"
	"testing"

	"statusd/app/model"
)

func TestWhatAPageConsistsOfIsToldToItsWorkspaceOnly(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		api := l.component("api")
		k := l.check(api)
		now, err := l.a.PageNow(bg, l.by, l.page.ID)
		l.must(err)
		if len(now) != 1 || now[0].ID != api.ID || len(now[0].Checks) != 1 || now[0].Checks[0].ID != k.ID {
			t.Errorf("got %+v", now)
		}
		w, err := l.a.AddWorkspace(bg, "Other")
		l.must(err)
		if now, err := l.a.PageNow(bg, model.Actor{Workspace: w.ID, Role: model.Owner}, l.page.ID); !errors.Is(err, model.ErrNotFound) || now != nil {
			t.Errorf("a stranger got %v, %v", now, err)
		}
	})
}
