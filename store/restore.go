package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"statusd/store/seal"
)

// restoringFile stands in a data folder while a restore moves its parts in. A folder that has it is not whole.
const restoringFile = "statusd.restoring"

const restoringText = "A restore into this folder has not come to its end. Run statusd restore again, or empty the folder.\n"

// stagePrefix begins the names of what a restore lays down beside or in a folder before it is known to be good.
const stagePrefix = ".statusd-restore-"

// interrupted refuses a folder in which a restore was cut off.
func interrupted(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, restoringFile)); err != nil {
		return nil
	}
	return fmt.Errorf("a restore into %s was cut off before its end: run statusd restore again, or empty the folder; nothing was changed", dir)
}

// Vacant refuses a data folder that a restore must not touch: one that holds anything, or is in use. It changes nothing.
func Vacant(dir string) error {
	busy, err := InUse(dir)
	if err != nil {
		return err
	}
	if busy {
		return fmt.Errorf("%s is in use by another statusd%s: stop it first", dir, lockOwner(filepath.Join(dir, lockFile)))
	}
	return empty(dir)
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	again := interrupted(dir) != nil
	for _, e := range entries {
		if !negligible(e.Name(), again) {
			return fmt.Errorf("%s is not empty (%s): a restore never overwrites; choose another folder with --data, or move this one away", dir, e.Name())
		}
	}
	return nil
}

// negligible says whether a file may be in an "empty" folder: a lock, what a mount brings, the rest of an interrupted restore.
func negligible(name string, again bool) bool {
	switch {
	case name == lockFile, name == restoringFile, name == "lost+found", strings.HasPrefix(name, stagePrefix):
		return true
	}
	return again && (name == DatabaseFile || name == KeyFile || strings.HasPrefix(name, ".statusd."))
}

// Stage makes a folder in which parts can be laid down and looked at before a restore: beside the data folder, or inside it where
// nothing else can be written (a container). The caller removes it.
func Stage(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if stage, err := os.MkdirTemp(filepath.Dir(dir), stagePrefix+"*"); err == nil {
		return stage, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return os.MkdirTemp(dir, stagePrefix+"*")
}

// Restoring is an empty data folder that is held while parts are moved in.
type Restoring struct {
	dir  string
	lock *lock
}

// BeginRestore takes an empty data folder, making it if there is none.
func BeginRestore(dir string) (*Restoring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	held, err := takeLock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, err
	}
	if held == nil {
		return nil, fmt.Errorf("%s is in use by another statusd: stop it first", dir)
	}
	if err := empty(dir); err != nil {
		held.release()
		return nil, err
	}
	return &Restoring{dir, held}, nil
}

// Close gives the folder free.
func (r *Restoring) Close() { r.lock.release() }

// Put moves the parts in, the key first and the database last, each synced to disk. When it is cut off at any point the folder
// holds nothing, or says that it is not whole; when it fails it leaves nothing.
func (r *Restoring) Put(database io.Reader, keyText string) error {
	if err := writeWhole(r.path(restoringFile), strings.NewReader(restoringText)); err != nil {
		return err
	}
	err := r.put(database, keyText)
	if err != nil {
		err = errors.Join(fmt.Errorf("restore into %s: %w", r.dir, err), r.clear())
	}
	return errors.Join(err, os.Remove(r.path(restoringFile)), syncFolder(r.dir))
}

func (r *Restoring) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Restoring) put(database io.Reader, keyText string) error {
	if err := r.clear(); err != nil {
		return err
	}
	key, err := seal.ParseKey(keyText)
	if err != nil {
		return err
	}
	if err := seal.WriteKey(r.path(KeyFile), key); err != nil {
		return err
	}
	return writeWhole(r.path(DatabaseFile), database)
}

// clear removes what an earlier attempt left.
func (r *Restoring) clear() error {
	var errs []error
	for _, pattern := range []string{DatabaseFile, KeyFile, ".statusd.*"} {
		files, err := filepath.Glob(filepath.Join(escapeGlob(r.dir), pattern))
		errs = append(errs, err)
		for _, file := range files {
			errs = append(errs, os.Remove(file))
		}
	}
	return errors.Join(errs...)
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// writeWhole writes a private file that is either whole or not there, also after a power loss.
func writeWhole(file string, text io.Reader) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone after the rename
	_, err = io.Copy(tmp, text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
