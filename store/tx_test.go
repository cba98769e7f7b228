package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"statusd/store"
	"statusd/store/storetest"
)

func value(t *testing.T, s *store.Store) string {
	t.Helper()
	return get(t, s, func(v store.View) (string, error) { return v.InstanceValue(bg, "n") })
}

func set(n string) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.SetInstanceValue(bg, "n", n) }
}

func TestWhatFailsHasNotHappened(t *testing.T) {
	s := storetest.New(t)
	storetest.Write(t, s, set("1"))
	boom := errors.New("boom")
	late := false
	err := s.Write(bg, store.Synced, func(tx *store.Tx) error {
		tx.AfterCommit(func() { late = true })
		return errors.Join(set("2")(tx), boom)
	})
	if !errors.Is(err, boom) || late || value(t, s) != "1" {
		t.Errorf("%v, after commit ran: %v, value %q", err, late, value(t, s))
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.Write(bg, store.Synced, func(tx *store.Tx) error { _ = set("3")(tx); panic("in the middle") })
	}()
	if value(t, s) != "1" {
		t.Error("a panic committed")
	}
	storetest.Write(t, s, set("4")) // and the store goes on
	heal := storetest.BreakCommit(t, s.Dir(), "life")
	err = s.Write(bg, store.Relaxed, func(tx *store.Tx) error {
		tx.AfterCommit(func() { late = true })
		return errors.Join(set("5")(tx), tx.SeenAlive(bg, 1))
	})
	if err == nil || !strings.HasPrefix(err.Error(), "commit: ") || late || value(t, s) != "4" {
		t.Errorf("a commit that fails: %v, after commit ran: %v, value %q", err, late, value(t, s))
	}
	storetest.Write(t, s, set("6"))
	heal()
	storetest.Write(t, s, func(tx *store.Tx) error { return errors.Join(set("7")(tx), tx.SeenAlive(bg, 1)) })
	if value(t, s) != "7" {
		t.Errorf("value %q", value(t, s))
	}
}

func TestWhoGoesAwayInTheLineIsNotServed(t *testing.T) {
	dir := storetest.Folder(t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, dir)
		storetest.Write(t, s, func(tx *store.Tx) error { // takes until all others wait
			ctx, leave := context.WithCancel(bg)
			served := false
			errs := make(chan error, 2)
			go func() {
				errs <- s.Write(ctx, store.Synced, func(tx *store.Tx) error { served = true; return set("gone")(tx) })
			}()
			go func() { errs <- s.Optimise(ctx) }()
			synctest.Wait()
			leave()
			for range cap(errs) {
				if err := <-errs; !errors.Is(err, context.Canceled) || served {
					t.Errorf("%v, served: %v", err, served)
				}
			}
			return set("1")(tx)
		})
		if got := value(t, s); got != "1" {
			t.Error(got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The one who writes may have to wait for another process, by the bubble's clock: so whoever waits for the turn must let it run.
func TestWaitingForAnotherProcessLetsTimePass(t *testing.T) {
	dir := storetest.Folder(t)
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, dir)
		release := storetest.Hold(t, dir)
		time.AfterFunc(time.Second, release)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { storetest.Write(t, s, set("1")) })
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAfterCommitRunsInTheOrderOfCommits(t *testing.T) {
	s := storetest.New(t)
	var order []string // unguarded: the store is what keeps them apart
	committed := ""
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			storetest.Write(t, s, func(tx *store.Tx) error {
				n := fmt.Sprint(i)
				tx.AfterCommit(func() { order = append(order, n) })
				tx.AfterCommit(func() { committed = n })
				return set(n)(tx)
			})
		})
	}
	wg.Wait()
	if last := order[len(order)-1]; len(order) != 50 || last != committed || last != value(t, s) {
		t.Errorf("%d ran, the last of %s, the database says %s", len(order), last, value(t, s))
	}
}

func TestAClientThatGoesAwayDoesNotUndo(t *testing.T) {
	s := storetest.New(t)
	ctx, cancel := context.WithCancel(bg)
	err := s.Write(ctx, store.Synced, func(tx *store.Tx) error {
		cancel()
		return set("1")(tx)
	})
	if err != nil || value(t, s) != "1" {
		t.Errorf("%v, value %q", err, value(t, s))
	}
	if err := s.Write(ctx, store.Synced, set("2")); !errors.Is(err, context.Canceled) || value(t, s) != "1" {
		t.Errorf("%v, value %q", err, value(t, s))
	}
}

func TestAReaderSeesOneState(t *testing.T) {
	s := storetest.New(t)
	storetest.Write(t, s, set("1"))
	storetest.Read(t, s, func(v store.View) error {
		before, _ := v.InstanceValue(bg, "n")
		storetest.Write(t, s, set("2"))
		after, err := v.InstanceValue(bg, "n")
		if before != "1" || after != "1" {
			t.Errorf("%q, then %q", before, after)
		}
		return err
	})
}

func TestOneServerCommandsBesideIt(t *testing.T) {
	s := storetest.New(t)
	if _, err := store.Open(bg, store.Options{Dir: s.Dir(), Serve: true}); err == nil || !strings.Contains(err.Error(), "is in use by another statusd (process ") {
		t.Errorf("a second server: %v", err)
	}
	if used, err := store.InUse(s.Dir()); !used || err != nil {
		t.Errorf("in use: %v %v", used, err)
	}
	command, err := store.Open(bg, store.Options{Dir: s.Dir()})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, command, set("by command"))
	if err := command.Close(); err != nil || value(t, s) != "by command" {
		t.Errorf("%v, value %q", err, value(t, s))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if used, err := store.InUse(s.Dir()); used || err != nil {
		t.Errorf("in use after close: %v %v", used, err)
	}
	for _, name := range []string{store.DatabaseFile, store.KeyFile} {
		info, err := os.Stat(filepath.Join(s.Dir(), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func TestAFolderThatIsNotOursToOpen(t *testing.T) {
	fresh := func() string {
		s := storetest.New(t)
		storetest.Write(t, s, set("1"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return s.Dir()
	}
	stranger := storetest.Open(t, t.TempDir()) // with a key of its own
	other, err := os.ReadFile(filepath.Join(stranger.Dir(), store.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(dir string) error{
		"is not the one that this database was written with": func(dir string) error { return os.WriteFile(filepath.Join(dir, store.KeyFile), other, 0o600) },
		"put the key file back":                              func(dir string) error { return os.Remove(filepath.Join(dir, store.KeyFile)) },
		"is damaged": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, store.DatabaseFile), []byte(strings.Repeat("no database ", 999)), 0o600)
		},
		"was written by a newer release": func(dir string) error {
			storetest.Exec(t, dir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
			return nil
		},
	} {
		dir := fresh()
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
		s, err := store.Open(bg, store.Options{Dir: dir, Serve: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
			_ = s.Close()
		}
		if after, _ := os.ReadFile(filepath.Join(dir, store.DatabaseFile)); string(after) != string(before) {
			t.Errorf("%s: the database was changed", want)
		}
	}
}

func TestACopyIsWholeAndSoundAndTriggersAreNoticed(t *testing.T) {
	s := storetest.New(t)
	storetest.Fill(t, s, "acme", "api: a b; web: c")
	target := filepath.Join(t.TempDir(), "it's a copy.db")
	if err := s.Copy(bg, target); err != nil {
		t.Fatal(err)
	}
	if err := s.Copy(bg, target); err == nil {
		t.Error("a copy overwrites")
	}
	found, err := store.Inspect(bg, target)
	if err != nil || found.Schema != store.SchemaVersion() || found.Counts["checks"] != 3 || found.Counts["components"] != 2 {
		t.Errorf("%v %v", found, err)
	}
	data, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Inspect(bg, target); err == nil {
		t.Error("half a database is sound")
	}
}

// TestLibcIsInStep: the driver is translated for one version of its C library and may break with any other.
func TestLibcIsInStep(t *testing.T) {
	list := func(format, module string) string {
		out, err := exec.Command("go", "list", "-m", "-f", format, module).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	pins, err := os.ReadFile(list("{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(pins)
	if got := list("{{.Version}}", "modernc.org/libc"); want == nil || got != string(want[1]) {
		t.Errorf("modernc.org/libc is %s, the driver wants %s", got, want)
	}
}
