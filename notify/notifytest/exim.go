package notifytest

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"statusd/probe/probetest"
)

// eximConfig is a mail server for example.org that nobody but who signs in may use for anywhere else.
const eximConfig = `
primary_hostname = mx.example.org
spool_directory = DIR/spool
log_file_path = DIR/log/%s
pid_file_path = DIR/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
keep_environment =
deliver_drop_privilege = true
trusted_users = root : Debian-exim
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  deny  local_parts = unknown
        message = 5.1.1 no such user here
  defer local_parts = greylisted
        message = 4.7.1 greylisted, come back later
  accept domains = example.org
  accept authenticated = *
  deny  message = relay not permitted
data:
  deny  condition = ${if match{$h_subject:}{unwanted}}
        message = 5.7.1 we do not like this
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = DIR/box
  user = EXIMUSER
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{statusd}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
`

// eximUser is whom Debian's exim becomes.
const eximUser = "Debian-exim"

// Exim is Debian's mail server, for example.org, with a configuration, spool and log of its own. Signed in to it is statusd with the
// password secret. It knows no mailbox "unknown", defers "greylisted", and refuses what is "unwanted" by its subject.
type Exim struct {
	Port  int
	Roots *x509.CertPool // of its certificate

	box string
}

// NewExim starts one. It ends with the test, which is skipped where exim is missing or cannot be run; in CI it fails.
func NewExim(t testing.TB) *Exim {
	t.Helper()
	program, err := exec.LookPath("exim4")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("exim4 is missing: %v", err)
	case err != nil:
		t.Skip("exim4 is not installed; .ci/tools does it")
	case os.Getuid() != 0 && os.Getenv("CI") != "true":
		t.Skip("exim gives up root for each delivery; only root can have it do so")
	}
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, exec.Command("install", "-d", "-o", eximUser, "-g", eximUser, dir+"/spool", dir+"/log").Run())
	authority := probetest.NewAuthority(t, "root")
	certificate(t, authority, dir)
	must(t, exec.Command("chown", "-R", eximUser+":"+eximUser, dir).Run())
	e := &Exim{Port: freePort(t), Roots: authority.Pool(), box: dir + "/box"}
	config := strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(e.Port), "EXIMUSER", eximUser).Replace(eximConfig)
	must(t, os.WriteFile(dir+"/exim.conf", []byte(config), 0o644))
	cmd := exec.Command(program, "-C", dir+"/exim.conf", "-bdf", "-q1m")
	cmd.Stderr = &testLog{t}
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	eventually(t, "exim answers", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.Port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return e
}

// Box is the mailbox into which everything goes, once it holds a number of whole mails of two parts.
func (e *Exim) Box(t testing.TB, mails int) string {
	t.Helper()
	var text string
	eventually(t, "the mails are in their box", func() bool {
		bytes, err := os.ReadFile(e.box)
		text = string(bytes)
		return err == nil && strings.Count(text, "--\n\n") >= mails && strings.HasSuffix(text, "--\n\n")
	})
	return text
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

type testLog struct{ t testing.TB }

// Write puts what a program says into the test's log.
func (l *testLog) Write(p []byte) (int, error) {
	l.t.Logf("exim: %s", p)
	return len(p), nil
}

func certificate(t testing.TB, authority *probetest.Authority, dir string) {
	t.Helper()
	leaf := authority.Issue(probetest.Leaf{})
	key, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	must(t, err)
	must(t, os.WriteFile(dir+"/key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	must(t, os.WriteFile(dir+"/cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what another process does.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if is() {
			return
		}
		<-tick.C
	}
	t.Fatalf("%s: not within 20 s", what)
}
