package restart

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"statusd/probe/probetest"
)

// host is a real sshd that lets a key in, and a target for it. Tests of one go on beside each other: they wait for it most of the time.
func host(t *testing.T, types ...string) (*probetest.SSHD, SSH) {
	t.Helper()
	t.Parallel()
	return hostAlone(t, types...)
}

// hostAlone is host for a test that measures what the whole process takes.
func hostAlone(t testing.TB, types ...string) (*probetest.SSHD, SSH) {
	t.Helper()
	s := probetest.NewSSHD(t, types...)
	private, public := probetest.SSHKey(t, "", "-t", "ed25519")
	s.Authorize(t, public)
	return s, SSH{Host: s.Host, Port: s.Port, User: s.User, PrivateKey: Secret(private), Command: "echo done", Timeout: 20 * time.Second}
}

func TestACommandRunsAndItsOutputIsKept(t *testing.T) {
	s, target := host(t)
	target.Command = "echo restarted; echo careful >&2"
	f := fire(t, target)
	wantSuccess(t, f)
	if f.ExitCode == nil || *f.ExitCode != 0 || f.StatusCode != nil || !strings.Contains(f.Output, "restarted\n") || !strings.Contains(f.Output, "careful\n") || f.Took <= 0 {
		t.Errorf("%+v", f)
	}
	if want := s.HostKey(t, "ed25519"); !strings.HasPrefix(want, f.HostKey+" ") {
		t.Errorf("recorded %q, and ssh would record %q", f.HostKey, want)
	}
	target.HostKey = f.HostKey
	wantSuccess(t, fire(t, target))
	if strings.Contains(s.Log(), "keyboard-interactive") || strings.Contains(s.Log(), "Failed") {
		t.Errorf("something else than the key was tried:\n%s", s.Log())
	}
}

func TestEveryKindOfUserKeySignsIn(t *testing.T) {
	s, target := host(t)
	for _, c := range []struct {
		passphrase string
		args       []string
	}{
		{"", []string{"-t", "rsa", "-b", "2048"}},
		{"", []string{"-t", "ecdsa"}},
		{"", []string{"-t", "ecdsa", "-b", "521"}},
		{"", []string{"-t", "rsa", "-b", "2048", "-m", "PKCS8"}},
		{"correct horse", []string{"-t", "ed25519"}},
		{"correct horse", []string{"-t", "rsa", "-b", "2048", "-m", "PEM"}},
	} {
		private, public := probetest.SSHKey(t, c.passphrase, c.args...)
		line, err := ParsePrivateKey(Secret(private), Secret(c.passphrase))
		if err != nil || !strings.HasPrefix(public, line) {
			t.Fatalf("%v: %q, %v", c.args, line, err)
		}
		s.Authorize(t, line)
		target.PrivateKey, target.Passphrase = Secret(private), Secret(c.passphrase)
		if f := fire(t, target); f.Outcome != Success {
			t.Errorf("%v: %v", c.args, f.Reason)
		}
	}
	target.Passphrase = ""
	wantFailed(t, fire(t, target), "", "this key is encrypted: its passphrase is needed")
}

func TestAKeyThatIsNotAuthorizedIsRefused(t *testing.T) {
	_, target := host(t)
	private, public := probetest.SSHKey(t, "", "-t", "ed25519")
	p, err := parsePin(public)
	if err != nil {
		t.Fatal(err)
	}
	target.PrivateKey = Secret(private)
	want := "the host refuses to let " + target.User + " in with this key: its public half (" + p.String() +
		") must be in that user's authorized_keys, and the user be allowed to sign in"
	f := fire(t, target)
	wantFailed(t, f, "", want)
	if f.HostKey != "" {
		t.Error("a key was recorded of a host that let nobody in")
	}
	got := firer(t).Check(t.Context(), target)
	if got.OK || got.Detail.String() != want || got.Fingerprint == "" {
		t.Errorf("%+v", got)
	}
}

func TestTheFingerprintOfWhicheverOfTheHostsKeysIsFound(t *testing.T) {
	s, target := host(t)
	for _, kind := range probetest.HostKeyTypes {
		key := s.HostKey(t, kind)
		p, err := parsePin(key)
		if err != nil {
			t.Fatal(err)
		}
		known := fmt.Sprintf("[%s]:%d %s", s.Host, s.Port, key)
		for _, form := range []string{p.fingerprint, s.Fingerprint(t, kind), key, known, "|1|c2FsdA==|aGFzaA== " + key} {
			target.HostKey = form
			f := fire(t, target)
			if f.Outcome != Success || !strings.HasPrefix(key, f.HostKey+" ") {
				t.Errorf("%s, pinned as %q: %v because %q, recorded %q", kind, form, f.Outcome, f.Reason, f.HostKey)
			}
		}
	}
}

func TestAHostKeyThatChangedIsRefusedBeforeAnythingIsSent(t *testing.T) {
	s, target := host(t)
	_, stranger := probetest.SSHKey(t, "", "-t", "ed25519")
	_, strangeRSA := probetest.SSHKey(t, "", "-t", "rsa", "-b", "2048")
	print := func(line string) pin {
		p, err := parsePin(line)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	now := func(kind string) string { return print(s.HostKey(t, kind)).String() }
	for _, c := range []struct{ pinned, has, want string }{
		{stranger, now("ed25519"), print(stranger).String()},
		{strangeRSA, now("rsa"), print(strangeRSA).String()},
		{print(stranger).fingerprint, now("ed25519"), print(stranger).fingerprint},
	} {
		target.HostKey = c.pinned
		want := "the host's key is " + c.has + ", not the pinned " + c.want +
			": if the host was set up anew, pin its new key; if not, somebody may be in between. Nothing was sent"
		f := fire(t, target)
		wantFailed(t, f, "", want)
		if f.HostKey != "" {
			t.Error("the strange key would be recorded")
		}
		if got := firer(t).Check(t.Context(), target); got.OK || got.Detail.String() != want || got.HostKey == "" || !strings.HasPrefix(c.has, got.Fingerprint) {
			t.Errorf("%+v", got)
		}
	}
	if strings.Contains(s.Log(), "Accepted") {
		t.Error("somebody signed in")
	}
}

func TestAPinnedTypeThatTheHostNoLongerHasIsAChangedKey(t *testing.T) {
	s, target := host(t, "rsa")
	_, target.HostKey = probetest.SSHKey(t, "", "-t", "ed25519")
	pinned, err := parsePin(target.HostKey)
	if err != nil {
		t.Fatal(err)
	}
	has, err := parsePin(s.HostKey(t, "rsa"))
	if err != nil {
		t.Fatal(err)
	}
	f := fire(t, target)
	if f.Outcome != Failed || f.Reason.Code != HostKeyChanged || f.Reason.Args[0] != has.String() || f.Reason.Args[1] != pinned.String() {
		t.Errorf("%v because %v", f.Outcome, f.Reason)
	}
	target.HostKey = ""
	if f := fire(t, target); f.Outcome != Success || !strings.HasPrefix(f.HostKey, "ssh-rsa ") {
		t.Errorf("%v because %v, recorded %q", f.Outcome, f.Reason, f.HostKey)
	}
}

func TestHowACommandEndedIsToldApart(t *testing.T) {
	_, target := host(t)
	for command, want := range map[string]struct {
		reason string
		code   int // -1: none
	}{
		"exit 3":                   {"the command ended with exit code 3", 3},
		"exit 255":                 {"the command ended with exit code 255", 255},
		"no-such-program":          {"exit code 127: the host does not find the command (give its full path)", 127},
		"kill -TERM $$":            {"the command was killed by signal TERM", -1},
		"kill -KILL $$":            {"the command was killed by signal KILL", -1},
		"kill -KILL $PPID":         {"the connection ended before the command did: whether it did its work is not known (did the host itself restart?)", -1},
		"cat; tty && exit 1; true": {"", 0}, // nothing to read, and no terminal
	} {
		target.Command = command
		f := fire(t, target)
		if want.reason == "" {
			wantSuccess(t, f)
		} else {
			wantFailed(t, f, "", want.reason)
		}
		if (f.ExitCode == nil) != (want.code < 0) || f.ExitCode != nil && *f.ExitCode != want.code {
			t.Errorf("%s: exit code %v, want %d", command, f.ExitCode, want.code)
		}
	}
}

func TestACommandThatHangsIsLeftAloneInTime(t *testing.T) {
	_, target := host(t)
	file := filepath.Join(t.TempDir(), "pid")
	target.Command = "echo begun; echo $$ > " + file + "; exec sleep 60"
	target.Timeout = 3 * time.Second
	f := fire(t, target)
	wantFailed(t, f, "", "the command did not end in 3 s; it may go on running on the host")
	if f.ExitCode != nil || f.Output != "begun\n" || f.HostKey == "" || f.Took < 2900*time.Millisecond || f.Took > 10*time.Second {
		t.Errorf("%+v", f)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	if !probetest.Alive(pid) {
		t.Error("the sentence is wrong: it no longer runs")
	}
	syscall.Kill(pid, syscall.SIGKILL)
}

func TestAStopInTheMiddleOfACommandIsAnInterruption(t *testing.T) {
	_, target := host(t)
	file := filepath.Join(t.TempDir(), "begun")
	target.Command = "touch " + file + "; exec sleep 5"
	ctx, cancel := context.WithCancel(t.Context())
	f := firer(t)
	ended := make(chan Firing)
	go func() { ended <- f.Fire(ctx, target) }()
	probetest.Eventually(t, "the command begins", func() bool { _, err := os.Stat(file); return err == nil })
	cancel()
	if out := <-ended; out.Outcome != Interrupted || out.Reason.Code != BrokenOff || out.Took > 5*time.Second {
		t.Errorf("%v because %v after %v", out.Outcome, out.Reason, out.Took)
	}
}

func TestACommandThatFloodsCostsNoMemory(t *testing.T) {
	_, target := hostAlone(t)
	target.Command = "head -c 20000000 /dev/zero | tr '\\0' x; head -c 5000000 /dev/zero | tr '\\0' y >&2; exit 4"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := fire(t, target)
	runtime.ReadMemStats(&after)
	wantFailed(t, f, "", "the command ended with exit code 4")
	if len(f.Output) != maxOutput || after.HeapAlloc > before.HeapAlloc+16<<20 {
		t.Errorf("%d bytes are kept, the heap grew from %d to %d", len(f.Output), before.HeapAlloc, after.HeapAlloc)
	}
}

func TestWhatIsStartedInTheBackgroundIsNotWaitedFor(t *testing.T) {
	_, target := host(t)
	file := filepath.Join(t.TempDir(), "pid")
	target.Command = "sleep 60 & echo $! > " + file + "; echo started"
	f := fire(t, target)
	wantSuccess(t, f)
	if f.Output != "started\n" || f.Took > 15*time.Second {
		t.Errorf("%q after %v", f.Output, f.Took)
	}
	text, _ := os.ReadFile(file)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	if pid == 0 || !probetest.Alive(pid) {
		t.Error("it was killed")
	}
	syscall.Kill(pid, syscall.SIGKILL)
}

func TestAForcedCommandTakesThePlaceOfOurs(t *testing.T) {
	s, target := host(t)
	private, public := probetest.SSHKey(t, "", "-t", "ed25519")
	s.Authorize(t, `restrict,command="echo forced; echo asked for $SSH_ORIGINAL_COMMAND; exit 7" `+public)
	target.PrivateKey, target.Command = Secret(private), "rm -rf x"
	f := fire(t, target)
	wantFailed(t, f, "", "the command ended with exit code 7")
	if f.Output != "forced\nasked for rm -rf x\n" {
		t.Errorf("%q", f.Output)
	}
}

func TestACheckedConnectionSignsInAndRunsNothing(t *testing.T) {
	s, target := host(t)
	file := filepath.Join(t.TempDir(), "ran")
	target.Command = "touch " + file
	got := firer(t).Check(t.Context(), target)
	if !got.OK || got.Detail.String() != "signed in as "+s.User+"; nothing was run" ||
		!strings.HasPrefix(s.HostKey(t, "ed25519"), got.HostKey+" ") || !strings.Contains(s.Fingerprint(t, "ed25519"), got.Fingerprint) {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(file); err == nil || strings.Contains(s.Log(), "Starting session") {
		t.Error("the command ran")
	}
}

func TestNoSecretOfAnSSHTargetComesBack(t *testing.T) {
	s, target := host(t)
	private, public := probetest.SSHKey(t, "correct horse", "-t", "ecdsa", "-a", "1") // quick to open
	s.Authorize(t, public)
	target.PrivateKey, target.Passphrase = Secret(private), "correct horse"
	dir := t.TempDir()
	for name, text := range map[string]string{"key": private, "pass": "correct horse"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var inner []string // what is in the key, without what every key of its kind begins with
	for _, l := range strings.Split(strings.TrimSpace(private), "\n")[2:] {
		if !strings.HasPrefix(l, "-") {
			inner = append(inner, l)
		}
	}
	for _, show := range []string{"cat", "base64", "base64 -w0", "od -An -tx1", "xxd -p", "base64 -w0 DIR/key | base64"} {
		target.Command = "cd " + dir + "; for f in key pass; do " + strings.ReplaceAll(show, "DIR", dir) + " $f; done; true"
		f := fire(t, target)
		wantSuccess(t, f)
		for _, l := range append(inner, "correct horse", "Y29ycmVjdCBob3Jz", "63 6f 72 72", "636f7272") {
			if strings.Contains(f.Output, l) {
				t.Errorf("%s shows %q:\n%s", show, l, f.Output)
			}
			whole := strings.ToLower(strings.Join(strings.Fields(f.Output), ""))
			for _, form := range []string{hex.EncodeToString([]byte(l)), string(base64Core(l, 0)), string(base64Core(l, 1)), string(base64Core(l, 2))} {
				if strings.Contains(whole, form) {
					t.Errorf("%s shows %q as %s", show, l, form)
				}
			}
		}
	}
}
