package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"statusd/store/seal"
)

// newKeyFile is where a new key waits until the database is sealed with it.
const newKeyFile = KeyFile + ".new"

// settleKey ends a change of the key that was cut off: a new key takes the old one's place when the database needs it, and goes when
// the database needs the old one.
func (s *Store) settleKey(ctx context.Context) error {
	if _, err := os.Lstat(s.file(newKeyFile)); errors.Is(err, fs.ErrNotExist) {
		return s.sweepKeys()
	}
	if s.lock == nil {
		return fmt.Errorf("another statusd%s is changing the key of %s: wait until it has ended", lockOwner(s.file(lockFile)), s.opts.Dir)
	}
	if err := s.judgeKey(ctx); err != nil {
		return err
	}
	return s.sweepKeys()
}

func (s *Store) judgeKey(ctx context.Context) error {
	proof, err := s.storedProof(ctx)
	if err != nil {
		return fmt.Errorf("a change of the key was cut off (there is a %s), and the database does not tell which key it needs: %w; nothing was changed",
			s.file(newKeyFile), err)
	}
	if opens(proof)(readKey("", s.file(newKeyFile))) {
		s.opts.Log.Info("a change of the master key that was cut off is ended: the new one is in its place", "file", s.file(KeyFile))
		return s.replaceKey()
	}
	if opens(proof)(readKey(s.opts.Key, s.file(KeyFile))) {
		s.opts.Log.Info("a change of the master key was cut off before it counted: the old one stays", "file", s.file(KeyFile))
		return os.Remove(s.file(newKeyFile))
	}
	return fmt.Errorf("a change of the key was cut off, and the database was written with neither %[1]s nor %[2]s: put the right key into %[1]s and remove %[2]s; nothing was changed",
		s.file(KeyFile), s.file(newKeyFile))
}

// storedProof is what the database says about its key. It is read without changing a byte of the database.
func (s *Store) storedProof(ctx context.Context) ([]byte, error) {
	if !s.exists() {
		return nil, fmt.Errorf("there is no %s", s.path())
	}
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return instanceValue(ctx, db, "key_check")
}

// opens says of a key, or of the failure to read it, whether it is the one of a proof.
func opens(proof []byte) func(seal.Key, error) bool {
	return func(key seal.Key, err error) bool {
		if err != nil {
			return false
		}
		sealer, err := seal.New(key)
		return err == nil && proven(sealer, proof) == nil
	}
}

// replaceKey puts the new key in the place of the old one, for good.
func (s *Store) replaceKey() error {
	if err := os.Rename(s.file(newKeyFile), s.file(KeyFile)); err != nil {
		return fmt.Errorf("the database needs the new key, which does not get to its place (%w): write what %s holds to %s and remove the former", err, s.file(newKeyFile), s.file(KeyFile))
	}
	return syncFolder(s.opts.Dir)
}

// sweepKeys removes what a new key was being written to when that was cut off.
func (s *Store) sweepKeys() error {
	if s.lock == nil {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(escapeGlob(s.opts.Dir), "."+newKeyFile+"-*"))
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// sameKey refuses to write under a key that was changed since the store was opened. Whoever serves holds the folder: nobody can have.
func (s *Store) sameKey(ctx context.Context, q querier) error {
	if s.opts.Serve {
		return nil
	}
	proof, err := instanceValue(ctx, q, "key_check")
	if err != nil || proven(s.sealer, proof) == nil {
		return nil // an error: there is none yet
	}
	return errors.New("the master key was changed in the meantime, and nothing else: run the command again")
}
