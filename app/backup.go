package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"statusd/app/model"
	"statusd/store"
)

// ExportOptions say how to write an export.
type ExportOptions struct {
	Passphrase model.Secret // encrypts it; "": whoever has the file can read every secret
	Version    string       // of this program, for the manifest
}

// Export writes a consistent backup of the instance, running or not: the database as it is at one instant, and the key.
// It refuses to write one of a damaged database.
func (a *App) Export(ctx context.Context, w io.Writer, o ExportOptions) (Manifest, error) {
	sweepExports(a.Store.Dir(), a.Now())
	file := filepath.Join(a.Store.Dir(), exportPrefix+rand.Text())
	defer os.Remove(file)
	if err := a.Store.Copy(ctx, file); err != nil {
		return Manifest{}, err
	}
	manifest, err := a.describe(ctx, file, o.Version)
	if err != nil {
		return manifest, err
	}
	f, err := os.Open(file)
	if err != nil {
		return manifest, err
	}
	defer f.Close()
	_ = os.Remove(file) // it stays readable to us; a kill leaves nothing
	sealed, err := sealedWriter(w, o.Passphrase)
	if err != nil {
		return manifest, err
	}
	text, err := manifest.encode()
	if err == nil {
		err = writeArchive(sealed, text, manifest.Created, withContext(ctx, f), manifest.Parts[0].Size, a.Store.KeyText())
	}
	return manifest, errors.Join(err, sealed.Close())
}

// describe makes the manifest of a copy of the database, after looking at whether it is sound.
func (a *App) describe(ctx context.Context, file, version string) (Manifest, error) {
	inside, err := store.Inspect(ctx, file)
	if err != nil {
		return Manifest{}, fmt.Errorf("nothing was exported: %w", err)
	}
	key := a.Store.KeyText()
	if err := store.ProveKey(ctx, file, key); err != nil { // it was changed since this command has begun
		return Manifest{}, fmt.Errorf("nothing was exported: %w", err)
	}
	database, err := partOf(file)
	return Manifest{
		Format: exportFormat, Statusd: version, Schema: inside.Schema, Created: a.Now().UTC().Truncate(time.Second), Rows: inside.Counts,
		Parts: []Part{database, {store.KeyFile, int64(len(key)), digest([]byte(key))}},
	}, err
}

func partOf(file string) (Part, error) {
	f, err := os.Open(file)
	if err != nil {
		return Part{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return Part{store.DatabaseFile, n, hex.EncodeToString(sum.Sum(nil))}, err
}

// exportPrefix begins the name of the copy that an export reads from.
const exportPrefix = ".statusd-export-"

// sweepExports removes the copies of exports that were killed: those that nobody has written to for an hour.
func sweepExports(dir string, now time.Time) {
	entries, _ := os.ReadDir(dir) // what cannot be read now is swept another time
	for _, e := range entries {
		if ok, _ := filepath.Match(exportPrefix+"*", e.Name()); !ok {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// sealedWriter encrypts what is written, with age and a passphrase, or leaves it as it is.
func sealedWriter(w io.Writer, passphrase model.Secret) (io.WriteCloser, error) {
	if passphrase == "" {
		return open{w}, nil
	}
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	return age.Encrypt(w, recipient)
}

type open struct{ io.Writer }

func (open) Close() error { return nil }
