package restart

import (
	"fmt"
	"slices"
	"strings"

	"statusd/probe"
)

// Reason says what came of a firing or what is wrong with a setting, in a form that every language can word: a code and its arguments.
// The code is one of Codes, or, when it was the connection that failed, one of probe.Codes. Arguments may name a host and repeat what it
// said, so they are for those who run the page; they never hold a secret of the target.
type Reason struct {
	Code Code
	Args []string // as many as the code's sentence takes
}

// Code names a reason.
type Code string

// The codes. Once released, a code is stored in databases: add, never rename.
const (
	BrokenOff Code = "broken_off"
	Internal  Code = "internal_error"
	NotRead   Code = "not_read" // nothing was called

	HTTPRedirect Code = "http_redirect"

	HostKeyChanged  Code = "ssh_host_key_changed"
	HostKeyUnknown  Code = "ssh_host_key_unknown"
	NotSSH          Code = "ssh_not_ssh"
	SSHSilent       Code = "ssh_silent"
	SSHClosed       Code = "ssh_closed"
	SSHDisconnected Code = "ssh_disconnected"
	SSHNoCommon     Code = "ssh_no_common"
	SSHBroken       Code = "ssh_broken"
	SSHKeyRefused   Code = "ssh_key_refused"
	SSHSignInTime   Code = "ssh_sign_in_timeout"
	SSHSignInClosed Code = "ssh_sign_in_closed"
	SSHNoSession    Code = "ssh_no_session"
	SSHSessionTime  Code = "ssh_session_timeout"
	SSHNoCommand    Code = "ssh_no_command"
	SSHExit         Code = "ssh_exit"
	SSHNotFound     Code = "ssh_not_found"
	SSHSignal       Code = "ssh_signal"
	SSHNoStatus     Code = "ssh_no_status"
	SSHTimeout      Code = "ssh_timeout"
	SSHConnected    Code = "ssh_connected"

	KeyMissing       Code = "key_missing"
	KeyPublic        Code = "key_public"
	KeyCertificate   Code = "key_certificate"
	KeyPuTTY         Code = "key_putty"
	KeySecurity      Code = "key_security"
	KeyUnsupported   Code = "key_unsupported"
	KeyShort         Code = "key_short"
	KeyDamaged       Code = "key_damaged"
	KeyPKCS8         Code = "key_pkcs8_encrypted"
	PassphraseNeeded Code = "key_passphrase_needed"
	PassphraseWrong  Code = "key_passphrase_wrong"

	PinUnreadable  Code = "pin_unreadable"
	PinMany        Code = "pin_many"
	PinMD5         Code = "pin_md5"
	PinRevoked     Code = "pin_revoked"
	PinAuthority   Code = "pin_authority"
	PinUnsupported Code = "pin_unsupported"
	PinPrivate     Code = "pin_private"

	CoolifyUUID        Code = "coolify_uuid"
	CoolifyURL         Code = "coolify_url"
	CoolifyUnnamed     Code = "coolify_unnamed"
	CoolifyPolicy      Code = "coolify_policy"
	CoolifyUnknown     Code = "coolify_unknown"
	CoolifyToken       Code = "coolify_token"
	CoolifyTeam        Code = "coolify_team"
	CoolifyPermission  Code = "coolify_permission"
	CoolifyRole        Code = "coolify_role"
	CoolifyDisabled    Code = "coolify_disabled"
	CoolifyAddress     Code = "coolify_address"
	CoolifyQueueFull   Code = "coolify_queue_full"
	CoolifyPace        Code = "coolify_pace"
	CoolifyPath        Code = "coolify_path"
	CoolifyRedirect    Code = "coolify_redirect"
	CoolifyMaintenance Code = "coolify_maintenance"
	CoolifyAway        Code = "coolify_away"
	CoolifyProxy       Code = "coolify_proxy"
	CoolifyStrange     Code = "coolify_strange"
	CoolifyRefused     Code = "coolify_refused"
	CoolifyStatus      Code = "coolify_status"
	CoolifyConnected   Code = "coolify_connected"
)

// wording is a code with its English sentence.
type wording struct {
	code    Code
	english string
}

// Source: SPEC.md section 5, INTEROP.md sections 1 and 6.
var wordings = []wording{
	{BrokenOff, "statusd was stopped before it knew how this ended"},
	{Internal, "statusd failed while it called the target (a bug: please report it)"},
	{NotRead, "statusd could not read the target from its database, so nothing was called"},

	{HTTPRedirect, "status {0} leads to {1}, and redirects are not followed: enter the final URL"},

	{HostKeyChanged, "the host's key is {0}, not the pinned {1}: if the host was set up anew, pin its new key; if not, somebody may be in between. Nothing was sent"},
	{HostKeyUnknown, "the host offers no kind of key that statusd knows ({0})"},
	{NotSSH, "what answers there is not SSH (it begins with \"{0}\")"},
	{SSHSilent, "connected, but no SSH handshake in {0}"},
	{SSHClosed, "the host closed the connection before the handshake was done (too many connections, or a ban as by fail2ban?)"},
	{SSHDisconnected, "the host ended the connection and said: {0}"},
	{SSHNoCommon, "statusd and the host know no common {0}: the host's SSH server is very old or set up very strictly"},
	{SSHBroken, "the SSH connection failed ({0})"},
	{SSHKeyRefused, "the host refuses to let {0} in with this key: its public half ({1}) must be in that user's authorized_keys, and the user be allowed to sign in"},
	{SSHSignInTime, "the host did not decide about the sign-in in {0}"},
	{SSHSignInClosed, "the host closed the connection during the sign-in"},
	{SSHNoSession, "signed in, but the host opens no session ({0})"},
	{SSHSessionTime, "signed in, but the host opened no session in {0}"},
	{SSHNoCommand, "signed in, but the host refuses to run a command"},
	{SSHExit, "the command ended with exit code {0}"},
	{SSHNotFound, "exit code 127: the host does not find the command (give its full path)"},
	{SSHSignal, "the command was killed by signal {0}"},
	{SSHNoStatus, "the connection ended before the command did: whether it did its work is not known (did the host itself restart?)"},
	{SSHTimeout, "the command did not end in {0}; it may go on running on the host"},
	{SSHConnected, "signed in as {0}; nothing was run"},

	{KeyMissing, "this is not a private key: paste the whole file, with its BEGIN and END lines and its line breaks"},
	{KeyPublic, "this is a public key; the private one is in the file of the same name without .pub"},
	{KeyCertificate, "this is a certificate and not a private key"},
	{KeyPuTTY, "this is a PuTTY key: in PuTTYgen choose Conversions, then Export OpenSSH key"},
	{KeySecurity, "a key on a security key (sk-) wants to be touched at every use and cannot work unattended: make an Ed25519 key for statusd"},
	{KeyUnsupported, "this kind of key is not supported ({0}): use Ed25519, ECDSA or RSA"},
	{KeyShort, "an RSA key of {0} bits is too weak: use Ed25519, or RSA with at least 2048"},
	{KeyDamaged, "the key is damaged: paste the whole file, unchanged"},
	{KeyPKCS8, "encrypted PKCS#8 keys are not supported: make a copy of the file, run ssh-keygen -p -f COPY, and paste the copy"},
	{PassphraseNeeded, "this key is encrypted: its passphrase is needed"},
	{PassphraseWrong, "the passphrase does not open this key"},

	{PinUnreadable, "this is no host key: give a fingerprint (SHA256:...), a line of known_hosts or a public key (ssh-ed25519 AAAA...)"},
	{PinMany, "these are several keys: give one of them"},
	{PinMD5, "an MD5 fingerprint proves too little: give the SHA256 one, as ssh-keygen -l shows it"},
	{PinRevoked, "this line says that the key is revoked"},
	{PinAuthority, "certificate authorities for hosts are not supported: give the host's own key"},
	{PinUnsupported, "this kind of host key is not supported ({0}): use the host's Ed25519, ECDSA or RSA key"},
	{PinPrivate, "this is a private key: never give it away. The host's public key is in the file with .pub"},

	{CoolifyUUID, "this is not the uuid of one Coolify resource: it is the last part of the resource's address in Coolify, letters and digits only"},
	{CoolifyURL, "this is not the address of a Coolify: give it as https://coolify.example.com"},
	{CoolifyUnnamed, "Coolify answered 200 but started nothing for {0}: does the uuid belong to the token's team?"},
	{CoolifyPolicy, "Coolify refuses to deploy this resource for the token's owner (\"{0}\"): the owner must be an admin of the resource's team"},
	{CoolifyUnknown, "Coolify knows no resource {0} in the token's team: compare the uuid with the last part of the resource's address in Coolify"},
	{CoolifyToken, "Coolify does not accept the token (wrong, deleted or expired): create one under Keys & Tokens, API tokens, and enter it whole, with the number and the |"},
	{CoolifyTeam, "the token's owner no longer belongs to the team for which it was made: let somebody of the team create a new one"},
	{CoolifyPermission, "the token lacks a permission (\"{0}\"): create one with the permission deploy"},
	{CoolifyRole, "the token's owner is only a member of the team: an admin or owner of the team must create it"},
	{CoolifyDisabled, "Coolify's API is switched off: switch it on under Settings, Advanced, API Access"},
	{CoolifyAddress, "Coolify's API does not allow statusd's address: add it under Settings, Advanced, Allowed IPs"},
	{CoolifyQueueFull, "Coolify's deployment queue is full: wait for the running deployments, or cancel some"},
	{CoolifyPace, "Coolify takes no more requests just now (its API rate limit)"},
	{CoolifyPath, "there is no such path: the address must be that under which Coolify is opened in a browser, without anything behind the host"},
	{CoolifyRedirect, "status {0} leads to {1}, which is not followed: enter the address under which Coolify itself answers (is it https?)"},
	{CoolifyMaintenance, "Coolify is in maintenance mode (status {0}): wait until its update is done"},
	{CoolifyAway, "the proxy in front answers that no Coolify runs at this address (status {0})"},
	{CoolifyProxy, "a proxy in front of Coolify gives up (status {0})"},
	{CoolifyStrange, "this is not the Coolify API (status {0}, the answer begins with \"{1}\"): is the address that of Coolify itself?"},
	{CoolifyRefused, "Coolify refuses with status {0}: {1}"},
	{CoolifyStatus, "Coolify answers with status {0} and no word why"},
	{CoolifyConnected, "Coolify accepts the token and lets it deploy; nothing was started, and whether the uuid is right shows only then"},
}

// Because makes a Reason.
func Because(code Code, args ...string) Reason { return Reason{Code: code, Args: args} }

// connection is a reason of probe's as one of ours.
func connection(r probe.Reason) Reason { return Reason{Code: Code(r.Code), Args: r.Args} }

// Connection is the reason as one of probe's, when it was the connection that failed: probe has the words for it.
func (r Reason) Connection() (probe.Reason, bool) {
	out := probe.Reason{Code: string(r.Code), Args: r.Args}
	return out, r.Code.English() == "" && out.Known()
}

// String words the reason in English; "" for none.
func (r Reason) String() string {
	if !r.ours() {
		return probe.Reason{Code: string(r.Code), Args: r.Args}.String()
	}
	pairs := make([]string, 0, 2*len(r.Args))
	for i, arg := range r.Args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i), arg)
	}
	return strings.NewReplacer(pairs...).Replace(r.Code.English())
}

// Known says that this version has words for the reason: its code is in the list, or in probe's, and has as many arguments as the
// sentence takes.
func (r Reason) Known() bool {
	_, theirs := r.Connection()
	return theirs || r.ours()
}

func (r Reason) ours() bool {
	sentence := r.Code.English()
	return sentence != "" && strings.Count(sentence, "{") == len(r.Args)
}

// Measured says that the arguments are quantities with a unit, such as "10 s", and not names or foreign texts.
func (r Reason) Measured() bool {
	theirs, ok := r.Connection()
	return ok && theirs.Measured() || slices.Contains([]Code{SSHTimeout, SSHSilent, SSHSignInTime, SSHSessionTime}, r.Code)
}

// Encode returns compact text for storage, in probe's form; "" for none.
func (r Reason) Encode() string { return probe.Reason{Code: string(r.Code), Args: r.Args}.Encode() }

// DecodeReason reads what Encode wrote. It accepts any text: what Encode never writes becomes some Reason, not an error.
func DecodeReason(text string) Reason { return connection(probe.DecodeReason(text)) }

// Codes returns every code of our own that a Reason may have.
func Codes() []Code {
	codes := make([]Code, len(wordings))
	for i, w := range wordings {
		codes[i] = w.code
	}
	return codes
}

// English returns the code's sentence with {0}, {1} where the arguments go; "" for a code that is not one of Codes.
func (c Code) English() string {
	for _, w := range wordings {
		if w.code == c {
			return w.english
		}
	}
	return ""
}

// Invalid is what is wrong with a setting: an error that can be worded, without a secret in it.
type Invalid struct{ Reason Reason }

// Error is the reason in English.
func (e *Invalid) Error() string { return e.Reason.String() }

func invalid(code Code, args ...string) error { return &Invalid{Because(code, args...)} }
