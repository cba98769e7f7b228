package store_test

import (
	"errors"
	"testing"

	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

func TestLogosBelongToTheirPage(t *testing.T) {
	s := storetest.New(t)
	w, other := storetest.Fill(t, s, "acme", "api: health"), storetest.Fill(t, s, "other", "api: health")
	first := model.Logo{Hash: "aa", Type: "image/png", Width: 3, Height: 4, Plate: true}
	second := model.Logo{Hash: "bb", Type: "image/svg+xml", Width: 5, Height: 6}
	logo := func() model.Logo {
		return get(t, s, func(v store.View) (model.Logo, error) { return v.Logo(bg, w.Page.ID) })
	}
	bytes := func(hash string) string {
		var text []byte
		err := s.Read(bg, func(v store.View) (err error) { text, err = v.LogoBytes(bg, w.Page.ID, hash); return err })
		if err != nil && !errors.Is(err, store.ErrNone) {
			t.Error(err)
		}
		return string(text)
	}
	same(t, logo(), model.Logo{})
	for _, l := range []model.Logo{first, second} {
		storetest.Write(t, s, func(tx *store.Tx) error {
			return tx.In(w.Workspace.ID).SetLogo(bg, w.Page.ID, l, []byte("bytes of "+l.Hash))
		})
		same(t, logo(), l)
		same(t, bytes(l.Hash), "bytes of "+l.Hash)
	}
	same(t, bytes("aa"), "")
	err := s.Write(bg, store.Synced, func(tx *store.Tx) error {
		return tx.In(other.Workspace.ID).SetLogo(bg, w.Page.ID, first, []byte("x"))
	})
	if !errors.Is(err, store.ErrNone) {
		t.Errorf("a logo for another workspace's page: %v", err)
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(other.Workspace.ID).DropLogo(bg, w.Page.ID) })
	same(t, logo(), second)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DropLogo(bg, w.Page.ID) })
	same(t, logo(), model.Logo{})
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.In(w.Workspace.ID).SetLogo(bg, w.Page.ID, first, []byte("x")), tx.In(w.Workspace.ID).DeletePage(bg, w.Page.ID))
	})
	if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM logos`); n != 0 {
		t.Error("a deleted page's logo is left")
	}
}
