package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
)

// instance is a data folder and the App on it.
type instance struct {
	*app.App
	dir string
}

func openInstance(t *testing.T, dir string) instance {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it before
	a, err := app.New(t.Context(), app.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return instance{a, dir}
}

// filled is an instance that has some of everything, and is closed.
func filled(t *testing.T) string {
	t.Helper()
	in := openInstance(t, filepath.Join(t.TempDir(), "data"))
	for i := range 20 {
		if _, _, err := in.CreateToken(t.Context(), app.NewToken{Name: fmt.Sprint("token ", i), Role: model.Owner}); err != nil {
			t.Fatal(err)
		}
	}
	tokens, err := in.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by := model.Actor{Workspace: tokens[0].Workspace, Role: model.Owner}
	for i := range 5 {
		page, err := in.CreatePage(t.Context(), by, func(p *model.Page) error {
			p.Name, p.Slug, p.TimeZone = "Page", fmt.Sprint("page-", i), "Europe/Istanbul"
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		component, err := in.CreateComponent(t.Context(), by, page.ID, func(c *model.Component) error { c.Name = "API"; return nil })
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			_, err := in.CreateCheck(t.Context(), by, component.ID, func(c *model.Check) error {
				c.Name, c.URL, c.Headers = "health", "https://example.org/"+strings.Repeat("x", 200), map[string]model.Secret{"X-Key": "secret"}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := in.Store.Close(); err != nil {
		t.Fatal(err)
	}
	return in.dir
}

func export(t *testing.T, dir string) []byte {
	t.Helper()
	in := openInstance(t, dir)
	var out bytes.Buffer
	if _, err := in.Export(t.Context(), &out, app.ExportOptions{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := in.Store.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func restoreInto(t *testing.T, tar []byte, dir string) error {
	t.Helper()
	_, err := app.Restore(t.Context(), bytes.NewReader(tar), app.RestoreOptions{Dir: dir})
	return err
}

// refused checks that a restore fails and leaves nothing.
func refused(t *testing.T, tar []byte, what string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	if err := restoreInto(t, tar, dir); err == nil {
		t.Fatalf("%s: restored all the same", what)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) > 0 {
		t.Fatalf("%s: left %v", what, left)
	}
}

func TestEveryFlippedByteOfAnExportIsNoticed(t *testing.T) {
	tar := export(t, filled(t))
	random := rand.New(rand.NewPCG(5, 1))
	for range 100 {
		at, bit := random.IntN(len(tar)), byte(1)<<random.IntN(8)
		tar[at] ^= bit
		refused(t, tar, fmt.Sprintf("byte %d ^ %#x", at, bit))
		tar[at] ^= bit
	}
	for at := 0; at < 1024; at += 8 { // the header and the beginning of the manifest
		tar[at] ^= 1
		refused(t, tar, fmt.Sprintf("byte %d", at))
		tar[at] ^= 1
	}
}

func TestEveryTruncationOfAnExportIsNoticed(t *testing.T) {
	tar := export(t, filled(t))
	for n := 0; n < len(tar); n += 4096 {
		refused(t, tar[:n], fmt.Sprintf("cut at %d", n))
	}
	for n := len(tar) - 1100; n < len(tar); n += 50 {
		refused(t, tar[:n], fmt.Sprintf("cut at %d", n))
	}
}

// RELIABILITY A5: whatever happened to the file, opening it is refused with a sentence or works, and nothing panics.
func TestADamagedDatabaseIsRefusedOrWorksAndNeverPanics(t *testing.T) {
	from := filled(t)
	database, err := os.ReadFile(filepath.Join(from, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(from, store.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 120 // of four flips each
	random := rand.New(rand.NewPCG(5, 2))
	opened := 0
	for round := range rounds {
		dir := t.TempDir()
		damaged := bytes.Clone(database)
		for range 4 {
			at := random.IntN(len(damaged))
			if round%5 == 0 {
				at = random.IntN(4096) // the header and the schema decide more than their share
			}
			damaged[at] ^= byte(1 + random.IntN(255))
		}
		write(t, filepath.Join(dir, store.DatabaseFile), damaged)
		write(t, filepath.Join(dir, store.KeyFile), key)
		if useDamaged(t, dir, round%8 == 0) {
			opened++
		} else if after, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile)); err != nil || !bytes.Equal(after, damaged) {
			t.Errorf("round %d: a refused database was changed (%v)", round, err)
		}
	}
	t.Logf("%d of %d opened", opened, rounds)
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// useDamaged opens a folder as a server does and reads all of it; false when it is refused.
func useDamaged(t *testing.T, dir string, andRestore bool) bool {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Serve: true})
	if err != nil {
		return false
	}
	defer s.Close()
	a, err := app.New(t.Context(), app.Config{Store: s})
	if err != nil {
		return true
	}
	_, _ = a.Tokens(t.Context())
	_, _ = a.Users(t.Context())
	_ = s.Read(t.Context(), func(v store.View) error {
		_, err1 := v.EveryCheck(t.Context())
		_, err2 := v.EveryComponent(t.Context())
		return errors.Join(err1, err2)
	})
	var out bytes.Buffer
	if _, err := a.Export(t.Context(), &out, app.ExportOptions{}); err == nil && andRestore {
		if err := restoreInto(t, out.Bytes(), filepath.Join(dir, "restored")); err != nil {
			t.Errorf("what was exported is not restored: %v", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".statusd-export-*")); len(left) > 0 {
		t.Errorf("an export left %v", left)
	}
	return true
}

// RELIABILITY A8: an export beside a writer holds the rows up to one instant, no more and none missing.
func TestAnExportBesideAWriterIsOneInstant(t *testing.T) {
	in := openInstance(t, filepath.Join(t.TempDir(), "data"))
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	var mu sync.Mutex
	acknowledged := 0
	begun := make(chan struct{})
	allowed := make(chan struct{}, 200) // for each export, so that the last ones are not much larger than the first
	allow(allowed)
	writer.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-allowed:
			case <-ctx.Done():
				return
			}
			err := in.Store.Write(t.Context(), store.Relaxed, func(tx *store.Tx) error {
				for _, half := range []string{"a", "b"} {
					w := model.Workspace{ID: model.NewWorkspaceID(), Name: fmt.Sprintf("%06d%s", n, half), Created: in.Now()}
					if err := tx.AddWorkspace(ctx, w); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				if ctx.Err() == nil {
					t.Error(err)
				}
				return
			}
			mu.Lock()
			acknowledged = n + 1
			mu.Unlock()
			if n == 0 {
				close(begun)
			}
		}
	})
	<-begun
	written := func() int { mu.Lock(); defer mu.Unlock(); return acknowledged }
	for round := range 20 {
		before := written()
		allow(allowed)
		var tar bytes.Buffer
		if _, err := in.Export(t.Context(), &tar, app.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		after := written() + 1 // one may be committed and not counted yet
		dir := filepath.Join(t.TempDir(), "restored")
		if err := restoreInto(t, tar.Bytes(), dir); err != nil {
			t.Fatal(err)
		}
		if got := pairs(t, dir); got < before || got > after {
			t.Fatalf("round %d: %d rows exported, %d were there before and %d after", round, got, before, after)
		}
	}
	stop()
	writer.Wait()
}

// allow fills the channel up.
func allow(permits chan struct{}) {
	for {
		select {
		case permits <- struct{}{}:
		default:
			return
		}
	}
}

// pairs counts the rows that the writer wrote, which must be all of them up to some number.
func pairs(t *testing.T, dir string) int {
	t.Helper()
	in := openInstance(t, dir)
	defer in.Store.Close()
	all, err := in.Workspaces(t.Context())
	if err != nil || len(all)%2 != 0 {
		t.Fatalf("%d rows: half a transaction was exported (%v)", len(all), err)
	}
	for i, w := range all {
		if want := fmt.Sprintf("%06d%c", i/2, "ab"[i%2]); w.Name != want {
			t.Fatalf("row %d is %s, want %s", i, w.Name, want)
		}
	}
	return len(all) / 2
}

func TestExportedAndRestoredIsTheSameInstance(t *testing.T) {
	from := filled(t)
	dir := filepath.Join(t.TempDir(), "new")
	if err := restoreInto(t, export(t, from), dir); err != nil {
		t.Fatal(err)
	}
	a, b := openInstance(t, from), openInstance(t, dir)
	if got, want := everything(t, b), everything(t, a); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

// everything is what an instance holds, secrets included.
func everything(t *testing.T, in instance) string {
	t.Helper()
	var out strings.Builder
	err := in.Store.Read(t.Context(), func(v store.View) error {
		tokens, err1 := v.Tokens(t.Context())
		components, err2 := v.EveryComponent(t.Context())
		checks, err3 := v.EveryCheck(t.Context())
		fmt.Fprintf(&out, "%v\n%v\n%v\n", tokens, components, checks)
		for _, c := range checks {
			fmt.Fprintln(&out, c.Headers["X-Key"].Reveal())
		}
		return errors.Join(err1, err2, err3)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestACutOffExportLeavesNothing(t *testing.T) {
	in := openInstance(t, filled(t))
	if _, err := in.Export(t.Context(), fullDisk{}, app.ExportOptions{}); err == nil {
		t.Fatal("no error")
	}
	entries, err := os.ReadDir(in.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("left %s", e.Name())
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, fs.ErrInvalid }

func TestARestoreThatIsCancelledLeavesNothing(t *testing.T) {
	tar := export(t, filled(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "new")
	_, err := app.Restore(ctx, bytes.NewReader(tar), app.RestoreOptions{Dir: dir})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the folder was made: %v", err)
	}
}

// FuzzRestore feeds strangers' files: none panics, none is restored.
func FuzzRestore(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n-> scrypt x 18\n"))
	f.Add([]byte("manifest.json"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := app.Restore(t.Context(), bytes.NewReader(text), app.RestoreOptions{Dir: filepath.Join(t.TempDir(), "new"), Passphrase: "x"})
		if err == nil {
			t.Fatal("restored")
		}
	})
}
