package app_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
)

func TestVitalsAreForAdminsAndKnowTheLastBackup(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		admin, owner := model.Actor{Admin: true, Name: "ada"}, model.Actor{Role: model.Owner}
		if _, err := l.a.Vitals(bg, owner); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("an owner: %v", err)
		}
		if _, err := l.a.Backup(bg, owner, io.Discard, app.ExportOptions{}); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("an owner: %v", err)
		}
		v, err := l.a.Vitals(bg, admin)
		l.must(err)
		if v.DataDir == "" || v.Database <= 0 || v.Memory == 0 || v.Lag != 0 || v.Probes != 0 || !v.LastBackup.IsZero() {
			t.Errorf("at the start: %+v", v)
		}
		l.a.Late(10 * time.Millisecond)
		for range 99 {
			l.a.Late(time.Millisecond)
		}
		var file bytes.Buffer
		m, err := l.a.Backup(bg, admin, &file, app.ExportOptions{})
		l.must(err)
		v, err = l.a.Vitals(bg, admin)
		l.must(err)
		if !v.LastBackup.Equal(m.Created) || file.Len() == 0 {
			t.Errorf("last backup %v, wanted %v", v.LastBackup, m.Created)
		}
		if v.Probes != 100 || v.Lag < time.Millisecond || v.Lag > 2*time.Millisecond {
			t.Errorf("%d probes, 99 of 100 at most %v late", v.Probes, v.Lag)
		}
		l.a.Late(10 * time.Millisecond)
		if v, err = l.a.Vitals(bg, admin); err != nil || v.Lag < 10*time.Millisecond || v.Lag > 12*time.Millisecond {
			t.Errorf("two of 101 were 10 ms late, 99 of 100 at most %v (%v)", v.Lag, err)
		}
		if _, err := l.a.Backup(bg, admin, broken{}, app.ExportOptions{}); err == nil {
			t.Error("a backup that nobody received succeeded")
		}
	})
}

// broken is a connection that went.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
