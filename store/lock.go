package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lock is the exclusive hold on a data folder. It dies with the process, however that ends.
type lock struct{ file *os.File }

// takeLock takes the lock, or returns nil when another process holds it. The file stays: its name is the lock, its text tells
// people who holds it.
func takeLock(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, f.Close()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid()))); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return &lock{f}, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

func (l *lock) release() { _ = l.file.Close() } // closing gives the lock back

// lockOwner is " (process 123)", or "" when the file does not say.
func lockOwner(path string) string {
	text, err := os.ReadFile(path)
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return ""
	}
	return " (process " + pid + ")"
}

// InUse says whether a server holds the data folder.
func InUse(dir string) (bool, error) {
	path := dir + string(os.PathSeparator) + lockFile
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	held, err := takeLock(path)
	if held != nil {
		held.release()
	}
	return held == nil && err == nil, err
}
