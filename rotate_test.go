package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

// The real binary, killed at each of its writes while it changes the master key.

// writing are the system calls that change files; strace counts each by itself.
var writing = []string{"write", "fsync", "fdatasync", "linkat", "renameat", "renameat2", "unlinkat", "ftruncate", "pwrite64"}

// mostWrites bounds how many of one kind are tried: a change of the key on a small instance takes about a hundred.
const mostWrites = 400

// keyed is an instance with a secret in every kind of place.
type keyed struct {
	dir   string
	key   []byte // the file
	world storetest.World
	hook  model.Subscriber
}

func newKeyed(t *testing.T) keyed {
	t.Helper()
	s := storetest.New(t)
	k := keyed{dir: s.Dir(), world: storetest.Fill(t, s, "acme", "api: health")}
	check := k.world.Checks[0]
	check.Method, check.Headers, check.Body = "POST", map[string]model.Secret{"X-Key": "hush"}, "quiet"
	k.hook = model.Subscriber{
		ID: model.NewSubscriberID(), Workspace: k.world.Workspace.ID, Page: k.world.Page.ID, Channel: model.Webhook, State: model.Active,
		Topic: model.TopicAll, Address: "https://example.org/hook", Key: "key", Created: storetest.Began, Updated: storetest.Began,
	}
	storetest.Write(t, s, func(tx *store.Tx) error {
		own := tx.In(k.world.Workspace.ID)
		return errors.Join(own.SetCheck(t.Context(), check), own.AddSubscriber(t.Context(), k.hook, []byte("token")))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.key, err = os.ReadFile(filepath.Join(k.dir, store.KeyFile)); err != nil {
		t.Fatal(err)
	}
	return k
}

// copied is the instance in a folder of its own.
func (k keyed) copied(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(k.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// readable opens a copy as a server does and reads all of its secrets.
func (k keyed) readable(t *testing.T, dir string) error {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Serve: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Read(context.WithoutCancel(t.Context()), func(v store.View) error {
		checks, err := v.EveryCheck(t.Context())
		if err != nil {
			return err
		}
		hook, err := v.AnySubscriber(t.Context(), k.hook.ID)
		if err != nil {
			return err
		}
		found, err := v.CountAddress(t.Context(), k.hook.Page, k.hook.Channel, k.hook.Address)
		if checks[0].Headers["X-Key"] != "hush" || checks[0].Body != "quiet" || hook.Address != k.hook.Address || hook.Key != k.hook.Key || found != 1 {
			err = errors.Join(err, fmt.Errorf("%+v %+v, found %d times", checks[0], hook, found))
		}
		return err
	})
}

// killedAt runs rotate-key and kills it at its nth write of a kind. It says whether it came to its end before.
func killedAt(t *testing.T, tracer, dir, call string, n int) (ended bool) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tracer, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+call, "-e", "inject="+call+":signal=KILL:when="+strconv.Itoa(n),
		file, "rotate-key", "--data", dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return false
		}
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return true
}

// The moments at which a kill found the change of the key, in order.
var moments = []string{"before there was a new key", "before the database had it", "before it was in its place", "afterwards"}

// moment says which it was, by the key files as the kill left them and as the next start settled them.
func moment(waiting bool, old, settled []byte) string {
	switch {
	case bytes.Equal(old, settled) && !waiting:
		return moments[0]
	case bytes.Equal(old, settled):
		return moments[1]
	case waiting:
		return moments[2]
	}
	return moments[3]
}

func TestAChangeOfTheKeyMayBeKilledAtEachWrite(t *testing.T) {
	t.Parallel()
	tracer, err := exec.LookPath("strace")
	if err != nil {
		missing(t, "strace")
	}
	k := newKeyed(t)
	seen := map[string]int{}
	for _, call := range writing {
		for n := 1; ; n += 1 + seen[moments[3]]/5 { // what comes afterwards is long, and SQLite's alone
			dir := k.copied(t)
			ended := killedAt(t, tracer, dir, call, n)
			seen[k.settled(t, dir)]++
			if t.Failed() {
				t.Fatalf("killed at %s number %d", call, n)
			}
			if ended {
				break
			}
			if n > mostWrites {
				t.Fatalf("it was killed at %s %d times and never came to its end", call, n)
			}
		}
	}
	t.Logf("killed: %v", seen)
	if slices.ContainsFunc(moments, func(m string) bool { return seen[m] == 0 }) {
		t.Error("not every moment was met: the test proves too little")
	}
}

// settled starts on what a kill has left, and says at which moment it came.
func (k keyed) settled(t *testing.T, dir string) string {
	t.Helper()
	_, err := os.Lstat(filepath.Join(dir, store.KeyFile+".new"))
	waiting := err == nil
	if err := k.readable(t, dir); err != nil {
		t.Error(err)
	}
	judge(t, dir)
	if left, _ := filepath.Glob(filepath.Join(dir, "*.key.new*")); left != nil {
		t.Errorf("%v are left", left)
	}
	key, err := os.ReadFile(filepath.Join(dir, store.KeyFile))
	if err != nil {
		t.Error(err)
	}
	return moment(waiting, k.key, key)
}
