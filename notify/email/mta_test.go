package email_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/notify"
	"statusd/notify/email"
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

// exim starts Debian's mail server with a configuration, spool and log of its own.
func exim(t *testing.T) (port int, box string, roots *x509.CertPool) {
	t.Helper()
	program := needs(t, "exim4")
	if os.Getuid() != 0 && os.Getenv("CI") != "true" {
		t.Skip("exim gives up root for each delivery; only root can have it do so")
	}
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, exec.Command("install", "-d", "-o", eximUser, "-g", eximUser, dir+"/spool", dir+"/log").Run())
	authority := probetest.NewAuthority(t, "root")
	certificate(t, authority, dir)
	must(t, exec.Command("chown", "-R", eximUser+":"+eximUser, dir).Run())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	port = l.Addr().(*net.TCPAddr).Port
	must(t, l.Close())
	config := strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(port), "EXIMUSER", eximUser).Replace(eximConfig)
	must(t, os.WriteFile(dir+"/exim.conf", []byte(config), 0o644))
	cmd := exec.Command(program, "-C", dir+"/exim.conf", "-bdf", "-q1m")
	cmd.Stderr = &testLog{t}
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	eventually(t, "exim answers", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return port, dir + "/box", authority.Pool()
}

type testLog struct{ t *testing.T }

// Write puts what a program says into the test's log.
func (l *testLog) Write(p []byte) (int, error) {
	l.t.Logf("exim: %s", p)
	return len(p), nil
}

func certificate(t *testing.T, authority *probetest.Authority, dir string) {
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
func eventually(t *testing.T, what string, is func() bool) {
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

func TestARealMailServerTakesWhatWeSendAndRefusesWhatItShould(t *testing.T) {
	port, box, roots := exim(t)
	settings := email.Settings{
		Host: "127.0.0.1", Port: port, User: "statusd", Password: "secret", From: mail.Address{Name: "Durum", Address: "status@example.com"},
	}
	s := newSender(t, settings, email.Options{Roots: roots})
	unwanted := to("someone@example.org")
	unwanted.Subject = "an unwanted one"
	for want, m := range map[string]email.Mail{
		"success ": full8(), "permanent mailbox_unknown|550 5.1.1": to("unknown@example.org"),
		"temporary smtp_later|451 4.7.1": to("greylisted@example.org"), "permanent mail_refused|550 5.7.1": unwanted,
	} {
		if out := s.Send(t.Context(), m); shown(out) != want {
			t.Errorf("%s: %s, want %s", m.To, shown(out), want)
		}
	}
	eventually(t, "the mail is in its box", func() bool {
		text, err := os.ReadFile(box)
		return err == nil && strings.HasSuffix(string(text), "--\n\n")
	})
	text, err := os.ReadFile(box)
	must(t, err)
	_, raw, _ := strings.Cut(string(text), "\n") // the line that separates mails in a box
	head := regexp.MustCompile(`(?ms)^(Return-path|Envelope-to|Delivery-date|Received): .*?\n(\S)`)
	for head.MatchString(raw) {
		raw = head.ReplaceAllString(raw, "$2")
	}
	got := read(t, []byte(strings.ReplaceAll(strings.ReplaceAll(raw, "\n>From", "\nFrom"), "\n", "\r\n")))
	want := read(t, compose(t, full8()))
	want.From = `Çağrı Durum|status@example.com`
	if got.Subject != want.Subject || got.From != want.From || got.Text != want.Text || got.HTML != want.HTML || got.ListID != want.ListID {
		t.Errorf("got %+v\nwant %+v", got, want)
	}

	settings.User, settings.Password = "", ""
	s.Use(settings)
	for i, kind := range []notify.Kind{notify.Temporary, notify.Temporary, notify.Broken} {
		out := s.Send(t.Context(), to(fmt.Sprintf("stranger%d@example.net", i)))
		if out.Kind != kind || out.Reason.Code != notify.PolicyRefused {
			t.Errorf("relaying: %s", shown(out))
		}
	}
	settings.User, settings.Password = "statusd", "wrong"
	s.Use(settings)
	if out := s.Send(t.Context(), plain()); out.Kind != notify.Broken || out.Reason.Code != notify.BadSignIn {
		t.Error(shown(out))
	}
	if tr := s.Trouble(); !tr.Stands || !strings.HasPrefix(tr.Answer, "535 ") {
		t.Errorf("%+v", tr)
	}
	answer, out := s.Test(t.Context(), settings, plain())
	if out.Reason.Code != notify.BadSignIn || !strings.HasPrefix(answer, "535 ") {
		t.Errorf("%q, %s", answer, shown(out))
	}
}

// full8 is the full mail to somebody with an address of ASCII.
func full8() email.Mail {
	m := full()
	m.To = "someone@example.org"
	return m
}
