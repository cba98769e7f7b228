package probetest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// SSHD is OpenSSH's server on loopback, with host keys and authorized_keys of its own; whoever runs the test may sign in.
type SSHD struct {
	Host string // 127.0.0.1
	Port int
	User string

	dir string
	mu  sync.Mutex
	log strings.Builder
}

// HostKeyTypes are the types of the host keys that a new SSHD has unless told otherwise.
var HostKeyTypes = []string{"ed25519", "ecdsa", "rsa"}

// NewSSHD starts a server with a host key of each type. In CI it is a failure that there is no sshd, elsewhere the test is skipped.
func NewSSHD(t testing.TB, types ...string) *SSHD {
	t.Helper()
	program := needed(t, "sshd")
	if len(types) == 0 {
		types = HostKeyTypes
	}
	me, err := user.Current()
	must(t, err)
	s := &SSHD{Host: "127.0.0.1", User: me.Username, dir: t.TempDir()}
	if os.Getuid() == 0 {
		must(t, os.MkdirAll("/run/sshd", 0o755)) // where it locks itself in before it knows whom it talks to
	}
	for _, kind := range types {
		s.hostKey(t, kind)
	}
	for range 3 { // the port is free when it is picked, and a moment later may not be
		if s.start(t, program, types) {
			return s
		}
	}
	t.Fatalf("sshd did not start:\n%s", s.Log())
	return nil
}

func (s *SSHD) start(t testing.TB, program string, types []string) bool {
	s.Port = freePort(t)
	config := fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nPidFile none\nAuthorizedKeysFile %s/authorized_keys\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUseDNS no\nLogLevel VERBOSE\n", s.Port, s.dir)
	for _, kind := range types {
		config += fmt.Sprintf("HostKey %s/host_%s\n", s.dir, kind)
	}
	must(t, os.WriteFile(s.dir+"/sshd_config", []byte(config), 0o600))
	cmd := exec.Command(program, "-D", "-e", "-f", s.dir+"/sshd_config")
	stderr, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	listening, ended := make(chan bool, 1), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(listening)
		s.follow(stderr, listening)
		cmd.Wait()
	}()
	stop := func() { cmd.Process.Kill(); stderr.Close(); <-ended }
	if !<-listening {
		stop()
		return false
	}
	t.Cleanup(stop)
	return true
}

// follow keeps the log and says when the server listens.
func (s *SSHD) follow(stderr io.Reader, listening chan<- bool) {
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		s.mu.Lock()
		s.log.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
		if strings.HasPrefix(lines.Text(), "Server listening") {
			select {
			case listening <- true:
			default:
			}
		}
	}
}

// Log is what the server has written.
func (s *SSHD) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// Authorize lets the holder of a key in: a line of authorized_keys.
func (s *SSHD) Authorize(t testing.TB, line string) {
	t.Helper()
	f, err := os.OpenFile(s.dir+"/authorized_keys", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = fmt.Fprintln(f, strings.TrimSpace(line))
	must(t, errors.Join(err, f.Close()))
}

// HostKey is the public host key of a type, as its file has it: type, key, comment.
func (s *SSHD) HostKey(t testing.TB, kind string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("%s/host_%s.pub", s.dir, kind))
	must(t, err)
	return strings.TrimSpace(string(text))
}

// Fingerprint is what ssh-keygen -l says of the host key of a type: "256 SHA256:... comment (ED25519)".
func (s *SSHD) Fingerprint(t testing.TB, kind string) string {
	t.Helper()
	out, err := exec.Command(needed(t, "ssh-keygen"), "-l", "-f", fmt.Sprintf("%s/host_%s.pub", s.dir, kind)).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

func (s *SSHD) hostKey(t testing.TB, kind string) {
	args := []string{"-t", kind}
	if kind == "rsa" {
		args = append(args, "-b", "2048") // quick to make, and enough
	}
	keygen(t, fmt.Sprintf("%s/host_%s", s.dir, kind), append(args, "-N", "")...)
}

// SSHKey makes a key pair with ssh-keygen: the private file's text, and the public line.
func SSHKey(t testing.TB, passphrase string, args ...string) (private, public string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	keygen(t, path, append(slices.Clone(args), "-N", passphrase)...)
	text, err := os.ReadFile(path)
	must(t, err)
	line, err := os.ReadFile(path + ".pub")
	must(t, err)
	return string(text), strings.TrimSpace(string(line))
}

func keygen(t testing.TB, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(needed(t, "ssh-keygen"), append([]string{"-q", "-C", "test", "-f", path}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen %v: %v\n%s", args, err, out)
	}
}

// needed finds a program of OpenSSH, which .ci/tools installs; in CI it is a failure that there is none.
func needed(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil { // an ordinary user's PATH has no sbin
		path = "/usr/sbin/" + program
		_, err = os.Stat(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "true":
		t.Fatalf("%s is missing", program)
	case err != nil:
		t.Skipf("%s is not installed; .ci/tools does it", program)
	}
	return path
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Alive says whether a process of this number runs.
func Alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// Eventually waits for something that another process does.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: it did not come about", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
