package email

import (
	"crypto/tls"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Settings say which mail server takes our mail, and who we are to it. The zero value is none.
type Settings struct {
	Host     string
	Port     int
	Security Security
	User     string // "": no sign-in
	Password Secret
	From     mail.Address
	Hello    string // the name we greet with; "": the address that we come from, as RFC 5321 §4.1.3 wants it
	DKIM     *Key   // nil: unsigned
}

// Security is how a connection is protected.
type Security uint8

// The ways to protect a connection.
const (
	StartTLS Security = iota // begins in clear; nothing is sent before TLS
	TLS                      // from the first byte
	None                     // never with a password
)

// String is the way's name in URLs.
func (s Security) String() string {
	return [...]string{"starttls", "tls", "none"}[s]
}

// Secret is a password. It prints as "set" wherever it is printed.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "set"
}

// GoString hides the secret.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Invalid is what is wrong with settings or a URL that holds them. It is an error whose text holds nothing of them.
type Invalid struct {
	Field   string // "url", "host", "port", "tls", "user", "password", "from", "hello"
	Code    string // names the problem
	Problem string // in English, with what to do
}

// Error is a sentence.
func (i Invalid) Error() string { return i.Problem }

// What can be wrong. The texts hold nothing that was given: a URL that cannot be read may have its password anywhere.
var (
	errURL       = Invalid{"url", "url", "not a URL such as smtp://user:password@mail.example.com:587?from=status@example.com; characters such as / ? # @ % in user and password are written as %2F %3F %23 %40 %25"}
	errScheme    = Invalid{"url", "scheme", "the URL must begin with smtp:// or smtps://"}
	errPath      = Invalid{"url", "path", "nothing may follow host and port but ?from=... (a / ? # in user or password is written as %2F %3F %23)"}
	errParameter = Invalid{"url", "parameter", "the URL knows the parameters from, tls and hello, each once"}
	errHost      = Invalid{"host", "host", "the mail server's host name is missing or none"}
	errPort      = Invalid{"port", "port", "the port is a number from 1 to 65535, usually 587 or 465"}
	errTLS       = Invalid{"tls", "tls", "tls is starttls or none; for TLS from the first byte use smtps://"}
	errClear     = Invalid{"tls", "clear", "without TLS no password is sent: choose STARTTLS or TLS, or leave user and password out"}
	errUser      = Invalid{"user", "user", "a password needs a user name"}
	errPassword  = Invalid{"password", "password", "a user name needs a password"}
	errControl   = Invalid{"user", "control", "user name and password cannot hold line breaks or other control characters"}
	errFrom      = Invalid{"from", "from", "the sender's address is missing or none: write it as ?from=status@example.com"}
	errHello     = Invalid{"hello", "hello", "the name to greet with is a host name such as status.example.com"}
)

// ParseURL reads settings from a URL: smtp://user:password@host:587?from=status@example.com, smtps:// for TLS from the first byte, and
// with tls=none for none. smtp:// to another machine means STARTTLS unless told otherwise; to this one it does with a password. The
// parameter hello is the name to greet with. The error is an Invalid and holds nothing of the URL.
func ParseURL(raw string) (Settings, error) {
	u, err := url.Parse(raw) // whose error shows the URL
	switch {
	case err != nil:
		return Settings{}, errURL
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return Settings{}, errScheme
	case u.Opaque != "":
		return Settings{}, errURL
	case u.Path != "" && u.Path != "/", u.Fragment != "":
		return Settings{}, errPath
	}
	s := Settings{Host: u.Hostname()}
	s.User = u.User.Username()
	password, _ := u.User.Password()
	s.Password = Secret(password)
	for _, read := range []func(*url.URL) error{s.readPort, s.readQuery} {
		if err := read(u); err != nil {
			return Settings{}, err
		}
	}
	return s.Checked()
}

func (s *Settings) readPort(u *url.URL) error {
	if u.Port() == "" {
		s.Port = map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
		return nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return errPort
	}
	s.Port = port
	return nil
}

func (s *Settings) readQuery(u *url.URL) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errParameter
	}
	for name, values := range q {
		if name != "from" && name != "tls" && name != "hello" || len(values) != 1 {
			return errParameter
		}
	}
	from, err := mail.ParseAddress(q.Get("from"))
	if err != nil {
		return errFrom
	}
	s.From, s.Hello = *from, q.Get("hello")
	return s.readSecurity(u.Scheme, q.Get("tls"))
}

func (s *Settings) readSecurity(scheme, word string) error {
	switch {
	case scheme == "smtps" && (word == "" || word == "tls"):
		s.Security = TLS
	case scheme == "smtp" && word == "none", scheme == "smtp" && word == "" && loopback(s.Host) && s.User == "":
		s.Security = None
	case scheme == "smtp" && (word == "" || word == "starttls"):
		s.Security = StartTLS
	default:
		return errTLS
	}
	return nil
}

// loopback says that a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() || strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}

// Checked returns the settings in their usual form, international names in ASCII, or says what is wrong with them: an Invalid.
func (s Settings) Checked() (Settings, error) {
	host, ok := hostname(s.Host)
	if !ok {
		return s, errHost
	}
	from, ok := Address(s.From.Address)
	switch {
	case s.Port < 1 || s.Port > 65535:
		return s, errPort
	case s.Security > None:
		return s, errTLS
	case s.User == "" && s.Password != "":
		return s, errUser
	case s.User != "" && s.Password == "":
		return s, errPassword
	case s.User != "" && s.Security == None:
		return s, errClear
	case hasControl(s.User), hasControl(string(s.Password)):
		return s, errControl
	case !ok || !ascii(from):
		return s, errFrom
	}
	s.Host, s.From = host, mail.Address{Name: clean(s.From.Name), Address: from}
	if s.Hello != "" {
		if s.Hello, ok = hostname(s.Hello); !ok {
			return s, errHello
		}
	}
	return s, nil
}

// Set says that there is a mail server.
func (s Settings) Set() bool { return s.Host != "" }

func (s Settings) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s Settings) tls(o Options) *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: o.Roots, Time: o.Now, MinVersion: tls.VersionTLS12}
}
