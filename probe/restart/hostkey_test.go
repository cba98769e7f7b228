package restart

import (
	"errors"
	"strings"
	"testing"

	"statusd/probe/probetest"
)

// Two public keys, one of them without the name of its type too, and a fingerprint of neither.
const (
	edKey   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBx0Hnm5xJqOaFMVbLdKmiBFcPq6TtlkDN1hVdZyyDPb"
	edBare  = "AAAAC3NzaC1lZDI1NTE5AAAAIBx0Hnm5xJqOaFMVbLdKmiBFcPq6TtlkDN1hVdZyyDPb"
	otherED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
	aPrint  = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"
)

func TestAHostKeyIsPinnedInEveryForm(t *testing.T) {
	for _, text := range []string{
		"", "  \n", aPrint, aPrint + "=", " " + aPrint + "\n", "256 " + aPrint + " root@host (ED25519)", "256 " + aPrint + " no comment (ECDSA)",
		"ED25519 key fingerprint is " + aPrint,
		edKey, edKey + " root@host with a comment", edBare,
		"host.example,192.0.2.1 " + edKey, "[host.example]:2222 " + edKey + "\r\n", "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= " + edKey,
		"# host.example:22 SSH-2.0-OpenSSH_9.2\nhost.example " + edKey + "\n# host.example:22 SSH-2.0-OpenSSH_9.2\n",
		edKey + "\nhost " + edKey, `restrict,command="echo hi" ` + edKey,
	} {
		wantInvalid(t, ParseHostKey(text), "")
	}
}

func TestWhatPinsNoHostKeyIsRefusedWithTheReason(t *testing.T) {
	for text, want := range map[string]Code{
		"hunter2": PinUnreadable, "SHA256:short": PinUnreadable, "SHA256:" + strings.Repeat("!", 43): PinUnreadable, "# a comment": PinUnreadable,
		"ssh-ed25519": PinUnreadable, "ssh-ed25519 AAAA": PinUnreadable, "ssh-rsa " + edBare: PinUnreadable, edKey[:len(edKey)-4]: PinUnreadable,
		aPrint + "x":                                          PinUnreadable,
		edKey + "\n" + otherED:                                PinMany,
		edKey + "\nnonsense":                                  PinMany,
		aPrint + "\n" + edKey:                                 PinMany,
		"@revoked host " + edKey:                              PinRevoked,
		"@cert-authority *.example.com " + edKey:              PinAuthority,
		"16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48":     PinMD5,
		"MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48": PinMD5,
		"2048 MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 root (RSA)":          PinMD5,
		"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----": PinPrivate,
		"ssh-dss AAAAB3NzaC1kc3MAAAAA":                                                 PinUnsupported,
		"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAA":      PinUnsupported,
		strings.Repeat(edKey+"\n", 1000):                                               PinUnreadable,
	} {
		t.Run(text[:min(len(text), 40)], func(t *testing.T) { wantInvalid(t, ParseHostKey(text), want) })
	}
}

func TestOnlyThePinnedKeyFits(t *testing.T) {
	mine, _ := parsePin(edKey)
	other, _ := parsePin(otherED)
	print, _ := parsePin(mine.fingerprint)
	if mine.key == nil || other.key == nil || !mine.fits(mine.key) || mine.fits(other.key) || !print.fits(mine.key) || print.fits(other.key) || !(pin{}).fits(other.key) {
		t.Error("the wrong keys fit")
	}
	// The last character of a fingerprint carries two bits that do not count.
	loose := mine.fingerprint[:len(mine.fingerprint)-1] + string(mine.fingerprint[len(mine.fingerprint)-1]+1)
	if p, err := parsePin(loose); err != nil || !p.fits(mine.key) {
		t.Errorf("%s: %v", loose, err)
	}
}

func TestFingerprintsAreThoseOfSSHKeygen(t *testing.T) {
	s := probetest.NewSSHD(t)
	for _, kind := range probetest.HostKeyTypes {
		p, err := parsePin(s.HostKey(t, kind))
		if err != nil || !strings.Contains(s.Fingerprint(t, kind), p.fingerprint+" ") || !strings.HasSuffix(s.Fingerprint(t, kind), strings.SplitN(p.String(), " ", 2)[1]) {
			t.Errorf("%s: %s, ssh-keygen says %s (%v)", kind, p, s.Fingerprint(t, kind), err)
		}
		if got := Fingerprint(s.HostKey(t, kind)); got != p.fingerprint {
			t.Errorf("%s: got %q, want %q", kind, got, p.fingerprint)
		}
	}
	if got := Fingerprint("") + Fingerprint("hunter2"); got != "" {
		t.Errorf("of no key: %q", got)
	}
}

func FuzzHostKey(f *testing.F) {
	for _, text := range []string{edKey, edBare, aPrint, "host " + edKey, "@revoked " + edKey, "256 " + aPrint + " x (ED25519)",
		"16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "ssh-dss AAAAB3NzaC1kc3MAAAAA", edKey + "\n" + otherED} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePin(text)
		var inv *Invalid
		switch {
		case err != nil && (!errors.As(err, &inv) || !inv.Reason.Known()):
			t.Errorf("no words for %v", err)
		case err == nil && strings.TrimSpace(text) != "" && p.fingerprint == "":
			t.Errorf("%q pins nothing", text)
		case err == nil && p.fingerprint != "":
			if again, err := parsePin(p.String()); err != nil || again.fingerprint != p.fingerprint {
				t.Errorf("%q reads as %q, and that as %v", text, p, err)
			}
		}
	})
}
