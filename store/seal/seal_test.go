package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"statusd/store/seal"
)

func sealer(t *testing.T, k seal.Key) *seal.Sealer {
	t.Helper()
	s, err := seal.New(k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedValuesOpenOnlyWhereTheyBelong(t *testing.T) {
	s := sealer(t, seal.NewKey())
	sealed := s.Seal("check.headers", 7, []byte("secret"))
	if bytes.Contains(sealed, []byte("secret")) {
		t.Fatal("the secret is readable")
	}
	plain, err := s.Open("check.headers", 7, sealed)
	if err != nil || string(plain) != "secret" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	for _, moved := range []struct {
		purpose string
		row     int64
	}{{"check.headers", 8}, {"check.body", 7}, {"check.header", 7}} {
		if _, err := s.Open(moved.purpose, moved.row, sealed); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("opened as %s of row %d: %v", moved.purpose, moved.row, err)
		}
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	s := sealer(t, seal.NewKey())
	sealed := s.Seal("p", 1, []byte("secret"))
	for i := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := s.Open("p", 1, changed); err == nil {
			t.Fatalf("bit %d flipped and not noticed", i)
		}
	}
	for n := range len(sealed) {
		if _, err := s.Open("p", 1, sealed[:n]); err == nil {
			t.Fatalf("cut to %d bytes and not noticed", n)
		}
	}
}

func TestAnotherKeyIsToldApartFromDamage(t *testing.T) {
	sealed := sealer(t, seal.NewKey()).Seal("p", 1, []byte("secret"))
	if _, err := sealer(t, seal.NewKey()).Open("p", 1, sealed); !errors.Is(err, seal.ErrWrongKey) {
		t.Fatalf("err = %v", err)
	}
}

func TestKeyFilesAreWholePrivateAndNeverReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "statusd.key")
	k := seal.NewKey()
	if err := seal.WriteKey(file, k); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	read, err := seal.ReadKey(file)
	if err != nil || read != k {
		t.Fatalf("read %v, %v", read, err)
	}
	if err := seal.WriteKey(file, seal.NewKey()); err == nil {
		t.Fatal("a key file was replaced")
	}
}

func TestKeysAreReadFromLinesAndRefusedWithWords(t *testing.T) {
	k := seal.NewKey()
	_, bare, _ := strings.Cut(strings.TrimSpace(k.Text()), " ")
	for _, good := range []string{k.Text(), bare, bare + "\n"} {
		if got, err := seal.ParseKey(good); err != nil || got != k {
			t.Errorf("ParseKey(%q) = %v, %v", good, got, err)
		}
	}
	for _, bad := range []string{"", "x", bare[:20], "0011223344556677 " + bare, bare + " " + bare + " " + bare} {
		if _, err := seal.ParseKey(bad); err == nil {
			t.Errorf("ParseKey(%q) was taken", bad)
		}
	}
	if out := fmt.Sprintf("%v %+v %s", k, k, k); strings.Contains(out, bare[:10]) {
		t.Error("a key prints its bytes")
	}
}

func FuzzOpen(f *testing.F) {
	s, err := seal.New(seal.NewKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Seal("p", 1, []byte("x")), int64(2))
	f.Fuzz(func(t *testing.T, sealed []byte, row int64) {
		if _, err := s.Open("q", row, sealed); err == nil {
			t.Fatal("a foreign value was opened")
		}
	})
}
