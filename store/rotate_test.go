package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"statusd/app/model"
	"statusd/store"
	"statusd/store/seal"
	"statusd/store/storetest"
)

// sealedWorld is a folder with something in every place, and how to see that all of it can be read.
type sealedWorld struct {
	storetest.World
	dir         string
	check       model.Check
	target      model.RestartTarget
	subscribers []model.Subscriber
}

// manySubscribers are more than are sealed again at once.
const manySubscribers = 230

func fillSealed(t *testing.T, s *store.Store) sealedWorld {
	t.Helper()
	w := sealedWorld{World: storetest.Fill(t, s, "acme", "api: health"), dir: s.Dir()}
	w.check = w.Checks[0]
	w.check.Method, w.check.Headers, w.check.Body = "POST", map[string]model.Secret{"X-Key": "hush"}, "quiet"
	w.target = targetsOf(w.World)[1]
	storetest.Write(t, s, func(tx *store.Tx) error {
		own := tx.In(w.Workspace.ID)
		errs := []error{own.AddRestartTarget(bg, w.target), own.SetCheck(bg, w.check), tx.SetMailSettings(bg, "mail settings"), tx.SetDKIMKey(bg, "dkim key")}
		for i := range manySubscribers {
			sub := model.Subscriber{
				ID: model.NewSubscriberID(), Workspace: w.Workspace.ID, Page: w.Page.ID, Channel: model.Email, State: model.Active, Topic: model.TopicAll,
				Address: model.Secret(fmt.Sprint(i, "@example.org")), Token: model.Secret(fmt.Sprint("token ", i)), Created: storetest.Began, Active: storetest.Began, Updated: storetest.Began,
			}
			if i%2 == 0 {
				sub.Channel, sub.Address, sub.Key = model.Webhook, model.Secret(fmt.Sprint("https://example.org/", i)), model.Secret(fmt.Sprint("key ", i))
				sub.Token = sub.Key
			}
			w.subscribers = append(w.subscribers, sub)
			errs = append(errs, own.AddSubscriber(bg, sub, []byte(fmt.Sprint("token ", i))))
		}
		return errors.Join(errs...)
	})
	slices.SortFunc(w.subscribers, func(a, b model.Subscriber) int { return int(min(1, max(-1, a.ID-b.ID))) })
	return w
}

// readable checks that every secret is what it was, and that every address is found.
func (w sealedWorld) readable(t *testing.T, s *store.Store) {
	t.Helper()
	same(t, get(t, s, func(v store.View) ([]model.Check, error) { return v.EveryCheck(bg) }), []model.Check{w.check})
	same(t, get(t, s, func(v store.View) ([]model.Subscriber, error) {
		return v.In(w.Workspace.ID).Subscribers(bg, w.Page.ID, store.After{}, 2*manySubscribers)
	}), w.subscribers)
	same(t, get(t, s, func(v store.View) (model.RestartTarget, error) { return v.AnyRestartTarget(bg, w.target.ID) }), w.target)
	same(t, get(t, s, func(v store.View) ([]string, error) {
		mail, err1 := v.MailSettings(bg)
		key, err2 := v.DKIMKey(bg)
		return []string{mail.Reveal(), key.Reveal()}, errors.Join(err1, err2)
	}), []string{"mail settings", "dkim key"})
	for _, sub := range w.subscribers {
		n := get(t, s, func(v store.View) (int, error) { return v.CountAddress(bg, w.Page.ID, sub.Channel, sub.Address) })
		if n != 1 {
			t.Fatalf("%s %s is found %d times", sub.Channel, sub.Address.Reveal(), n)
		}
	}
}

// file reads one of the world's folder; nil when it is not there.
func (w sealedWorld) file(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return text
}

func (w sealedWorld) put(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

const newKey = store.KeyFile + ".new"

func rotate(t *testing.T, s *store.Store) store.Rotation {
	t.Helper()
	r, err := s.RotateKey(bg, func(*store.Tx, store.Rotation) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestANewKeyOpensEverythingAndTheOldOneNothing(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	before := w.file(t, store.KeyFile)
	r := rotate(t, s)
	w.readable(t, s)
	if want := 5 + 2*manySubscribers; r.Values != want || !strings.HasPrefix(string(before), r.Old+" ") {
		t.Errorf("%+v, want %d values", r, want)
	}
	closed(t, s)
	w.readable(t, storetest.Open(t, w.dir))
	if after := w.file(t, store.KeyFile); !strings.HasPrefix(string(after), r.New+" ") || w.file(t, newKey) != nil {
		t.Errorf("the key file does not hold %s", r.New)
	}
	info, err := os.Stat(filepath.Join(w.dir, store.KeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := store.Open(bg, store.Options{Dir: w.dir, Key: string(before)}); err == nil || !strings.Contains(err.Error(), "is not the one that this database was written with") {
		t.Errorf("the old key: %v", err)
	}
}

// Every sealed value begins with the id of its key.
func TestNothingUnderTheOldKeyIsLeftInTheFiles(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	r := rotate(t, s)
	if err := s.Rewrite(bg); err != nil {
		t.Fatal(err)
	}
	w.readable(t, s)
	closed(t, s)
	id, err := hex.DecodeString(r.Old)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{store.DatabaseFile, store.DatabaseFile + "-wal", store.KeyFile} {
		if n := bytes.Count(w.file(t, name), id); n > 0 {
			t.Errorf("%s holds %d values under the old key", name, n)
		}
	}
}

func TestAChangeOfTheKeyThatFailsLeavesAllAsItWas(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	before := w.file(t, store.KeyFile)
	unchanged := func(err error, words string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Fatalf("err = %v", err)
		}
		if !bytes.Equal(w.file(t, store.KeyFile), before) || w.file(t, newKey) != nil {
			t.Error("the key files were changed")
		}
		w.readable(t, s)
	}
	attempt := func() error {
		_, err := s.RotateKey(bg, func(*store.Tx, store.Rotation) error { return nil })
		return err
	}
	_, err := s.RotateKey(bg, func(*store.Tx, store.Rotation) error { return errors.New("boom") })
	unchanged(err, "boom")
	heal := storetest.Break(t, w.dir, "subscribers")
	err = attempt()
	heal()
	unchanged(err, "broken for a test")
	heal = storetest.BreakCommit(t, w.dir, "checks")
	err = attempt()
	heal()
	unchanged(err, "commit")
	storetest.Exec(t, w.dir, `UPDATE checks SET headers = body`)
	if err := attempt(); err == nil || !strings.Contains(err.Error(), "nothing was changed: check.headers of row") {
		t.Errorf("a damaged value: %v", err)
	}
	if !bytes.Equal(w.file(t, store.KeyFile), before) || w.file(t, newKey) != nil {
		t.Error("the key files were changed")
	}
}

func TestWhatACutOffChangeOfTheKeyLeftIsSettled(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	before := w.file(t, store.KeyFile)
	rotate(t, s)
	closed(t, s)
	after := w.file(t, store.KeyFile)
	for name, c := range map[string]struct{ old, new []byte }{
		"before the database had the new key": {after, []byte(seal.NewKey().Text())},
		"after it had":                        {before, after},
		"after it had, without the old one":   {nil, after},
		"in the file of the new key":          {after, after[:20]},
	} {
		t.Run(name, func(t *testing.T) {
			w.put(t, store.KeyFile, c.old)
			if c.old == nil {
				_ = os.Remove(filepath.Join(w.dir, store.KeyFile))
			}
			w.put(t, newKey, c.new)
			w.put(t, "."+newKey+"-123", c.new)
			s := storetest.Open(t, w.dir)
			w.readable(t, s)
			closed(t, s)
			if !bytes.Equal(w.file(t, store.KeyFile), after) || w.file(t, newKey) != nil || w.file(t, "."+newKey+"-123") != nil {
				t.Error("the key files are not those of an instance that was never cut off")
			}
		})
	}
}

func TestTwoWrongKeysAreToldAndLeftAlone(t *testing.T) {
	dir := storetest.Folder(t)
	w := sealedWorld{dir: dir}
	one, two := []byte(seal.NewKey().Text()), []byte(seal.NewKey().Text())
	w.put(t, store.KeyFile, one)
	w.put(t, newKey, two)
	database := w.file(t, store.DatabaseFile)
	_, err := store.Open(bg, store.Options{Dir: dir, Serve: true})
	if err == nil || !strings.Contains(err.Error(), "was written with neither") {
		t.Errorf("err = %v", err)
	}
	if !bytes.Equal(w.file(t, store.KeyFile), one) || !bytes.Equal(w.file(t, newKey), two) || !bytes.Equal(w.file(t, store.DatabaseFile), database) {
		t.Error("the files were changed")
	}
	if err := os.Remove(filepath.Join(dir, store.DatabaseFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(bg, store.Options{Dir: dir, Serve: true}); err == nil || !strings.Contains(err.Error(), "does not tell which key it needs") {
		t.Errorf("without a database: %v", err)
	}
}

func TestCommandsBesideAChangeOfTheKeyAreRefused(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	early, err := store.Open(bg, store.Options{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	_, err = s.RotateKey(bg, func(*store.Tx, store.Rotation) error {
		_, err := store.Open(bg, store.Options{Dir: w.dir})
		if err == nil || !strings.Contains(err.Error(), "is changing the key of") {
			t.Errorf("opened during the change: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := early.Write(bg, store.Synced, set("1")); err == nil || !strings.Contains(err.Error(), "run the command again") {
		t.Errorf("opened before it: %v", err)
	}
	w.readable(t, s)
}

func TestAKeyThatIsNotInTheFolderIsNotChanged(t *testing.T) {
	dir := storetest.Folder(t)
	refused := func(o store.Options, words string) {
		t.Helper()
		o.Dir = dir
		s, err := store.Open(bg, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, err = s.RotateKey(bg, func(*store.Tx, store.Rotation) error { return nil })
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("err = %v", err)
		}
	}
	file := filepath.Join(dir, store.KeyFile)
	key, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused(store.Options{}, "holds the data folder")
	refused(store.Options{Serve: true, Key: string(key)}, "does not come from the data folder")
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := errors.Join(os.Rename(file, elsewhere), os.Symlink(elsewhere, file)); err != nil {
		t.Fatal(err)
	}
	refused(store.Options{Serve: true}, "leads to another file")
}

// What docs/keys.md says about a lost key is tried here.
func TestAnInstanceGoesOnWithoutItsLostKey(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	closed(t, s)
	if err := os.Remove(filepath.Join(w.dir, store.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(bg, store.Options{Dir: w.dir, Serve: true}); err == nil || !strings.Contains(err.Error(), "statusd.key is missing") {
		t.Fatalf("err = %v", err)
	}
	doc, err := os.ReadFile("../docs/keys.md")
	if err != nil {
		t.Fatal(err)
	}
	_, recipe, _ := strings.Cut(string(doc), `sqlite3 statusd.db "`)
	recipe, _, found := strings.Cut(recipe, `"`)
	if !found {
		t.Fatal("docs/keys.md has no recipe")
	}
	storetest.Exec(t, w.dir, recipe)
	w.put(t, store.KeyFile, []byte(base64.StdEncoding.EncodeToString(make([]byte, seal.KeySize))+"\n"))
	s = storetest.Open(t, w.dir)
	w.check.Headers, w.check.Body = nil, ""
	same(t, get(t, s, func(v store.View) ([]model.Check, error) { return v.EveryCheck(bg) }), []model.Check{w.check})
	w.target.SSH.PrivateKey, w.target.SSH.Passphrase = "", ""
	same(t, get(t, s, func(v store.View) (model.RestartTarget, error) { return v.AnyRestartTarget(bg, w.target.ID) }), w.target)
	rotate(t, s)
}

func TestAKeyFileThatCannotBeReplacedIsToldWithWhatToDo(t *testing.T) {
	s := storetest.New(t)
	w := fillSealed(t, s)
	file := filepath.Join(w.dir, store.KeyFile)
	_, err := s.RotateKey(bg, func(*store.Tx, store.Rotation) error {
		return errors.Join(os.Remove(file), os.MkdirAll(filepath.Join(file, "x"), 0o700)) // as unmovable as a mount
	})
	if err == nil || !strings.Contains(err.Error(), "and remove the former") {
		t.Fatalf("err = %v", err)
	}
	closed(t, s)
	if _, err := store.Open(bg, store.Options{Dir: w.dir, Serve: true}); err == nil || !strings.Contains(err.Error(), "and remove the former") {
		t.Errorf("the next start: %v", err)
	}
	if err := errors.Join(os.RemoveAll(file), os.Rename(filepath.Join(w.dir, newKey), file)); err != nil {
		t.Fatal(err)
	}
	w.readable(t, storetest.Open(t, w.dir))
}
