package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"

	"filippo.io/age"

	"statusd/app/model"
	"statusd/store"
)

// RestoreOptions say what to do with an export.
type RestoreOptions struct {
	Dir        string       // the data folder: empty, or not there yet
	Passphrase model.Secret // of an encrypted export
}

// The refusals that name no more than their kind.
var (
	errDamaged    = errors.New("the export is damaged")
	errNoExport   = errors.New("this is no export of statusd")
	errPassphrase = errors.New("the passphrase is wrong, or the export is damaged")
)

// ErrEncrypted says that an export needs a passphrase.
var ErrEncrypted = errors.New("the export is encrypted")

// Restore makes a data folder of an export. Everything is looked at first, in a temporary folder: the archive, its checksums,
// the database, and whether key and database belong together. When anything is wrong the data folder is not touched.
func Restore(ctx context.Context, r io.Reader, o RestoreOptions) (m Manifest, err error) {
	if err := store.Vacant(o.Dir); err != nil {
		return m, err
	}
	plain, err := decrypted(r, o.Passphrase)
	if err != nil {
		return m, err
	}
	stage, err := store.Stage(o.Dir)
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(stage)
	u, err := unpack(ctx, plain, filepath.Join(stage, store.DatabaseFile))
	if err != nil {
		return m, err
	}
	if err := u.verify(ctx); err != nil {
		return m, err
	}
	return u.Manifest, u.moveInto(o.Dir)
}

// verify looks into the database.
func (u unpacked) verify(ctx context.Context) error {
	inside, err := store.Inspect(ctx, u.database)
	if err != nil {
		return err
	}
	if inside.Schema != u.Schema || !maps.Equal(inside.Counts, u.Rows) {
		return fmt.Errorf("%w: the database does not hold what the manifest says", errDamaged)
	}
	if err := store.ProveKey(ctx, u.database, u.key); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

func (u unpacked) moveInto(dir string) error {
	f, err := os.Open(u.database)
	if err != nil {
		return err
	}
	defer f.Close()
	folder, err := store.BeginRestore(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Put(f, u.key)
}

// ageIntro begins every file of age.
const ageIntro = "age-encryption.org/"

// decrypted recognises an encrypted export and decrypts it.
func decrypted(r io.Reader, passphrase model.Secret) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	intro, err := buffered.Peek(len(ageIntro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(intro, []byte(ageIntro)) {
		return buffered, nil
	}
	if passphrase == "" {
		return nil, ErrEncrypted
	}
	identity, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(buffered, identity)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, errPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return ageReader{plain}, nil
}

// ageReader tells a part that does not decrypt from an error of the disk.
type ageReader struct{ io.Reader }

func (a ageReader) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errDamaged, err)
	}
	return n, err
}

// unreadable words what archive/tar says.
func unreadable(err error) error {
	switch {
	case errors.Is(err, errDamaged), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it is cut short", errDamaged)
	case isPathError(err):
		return err
	}
	return fmt.Errorf("%w, or it is damaged (%w)", errNoExport, err)
}

func isPathError(err error) bool {
	var path *os.PathError
	return errors.As(err, &path)
}

// seenBytes counts and sums what is read through it.
type seenBytes struct {
	r   io.Reader
	sum hash.Hash
	n   int64
}

func (s *seenBytes) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

// writtenBytes counts and sums what is written to it.
type writtenBytes struct {
	sum hash.Hash
	n   int64
}

func (w *writtenBytes) Write(p []byte) (int, error) {
	w.n += int64(len(p))
	return w.sum.Write(p)
}

// readOnly hides everything but Read, so that io.Copy has no way around a TeeReader.
type readOnly struct{ io.Reader }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// withContext ends reading when the context does.
func withContext(ctx context.Context, r io.Reader) io.Reader { return contextReader{ctx, r} }

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
