package app

import (
	"context"
	"io"
	"runtime/metrics"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// Vitals is what the process is doing, as an admin sees it.
type Vitals struct {
	DataDir    string
	Database   int64 // bytes, the write-ahead log included
	Uptime     time.Duration
	Checks     int           // that are being probed
	Late       time.Duration // by how much the most overdue probe is late right now
	Lag        time.Duration // 99 of 100 probes since the start began at most so late; meaningless without Probes
	Probes     uint64        // since the start
	Skipped    int           // slots passed over since the start
	Memory     uint64        // bytes that the process holds
	LastBackup time.Time     // taken from the dashboard; zero: not known
}

// Vitals looks at the process; an admin may.
func (a *App) Vitals(ctx context.Context, by model.Actor) (v Vitals, err error) {
	if !by.Admin {
		return v, model.ErrForbidden
	}
	st := a.watch.Stats()
	v = Vitals{
		DataDir: a.Store.Dir(), Uptime: a.mono(), Checks: st.Entries, Late: st.MaxLate, Skipped: st.Skipped, Memory: memoryHeld(),
	}
	v.Lag, v.Probes = a.watch.Lag(0.99)
	if v.Database, err = a.Store.Size(); err != nil {
		return v, err
	}
	err = a.read(ctx, func(view store.View) error {
		text, err := view.InstanceValue(ctx, backupName)
		if at, bad := time.Parse(time.RFC3339, text); bad == nil {
			v.LastBackup = at
		}
		return err
	})
	return v, err
}

// backupName is what the instance's table calls the time of the last backup.
const backupName = "backup_at"

// Backup is Export for somebody at the dashboard; an admin may. Once all of it is written, when is remembered, and by whom is logged
// and recorded.
func (a *App) Backup(ctx context.Context, by model.Actor, w io.Writer, o ExportOptions) (m Manifest, err error) {
	if !by.Admin {
		return m, model.ErrForbidden
	}
	if m, err = a.Export(ctx, w, o); err != nil {
		return m, err
	}
	a.Log.Info("backup downloaded", "by", by.Name, "rows", m.Total(), "encrypted", o.Passphrase != "")
	return m, a.write(ctx, func(tx *store.Tx) error {
		if err := tx.SetInstanceValue(ctx, backupName, m.Created.Format(time.RFC3339)); err != nil {
			return err
		}
		return a.auditedEverywhere(ctx, tx, by, model.BackupTaken, model.Change{Field: "encrypted", To: o.Passphrase != ""})
	})
}

// memoryHeld is how many bytes the runtime has from the system and has not given back.
func memoryHeld() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
