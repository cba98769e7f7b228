package app

import (
	"crypto/rand"
	"net/url"
	"strings"

	"statusd/app/model"
)

// standIns tell which stored secrets a change leaves as they are, and which it enters anew, if only as they were: while it is applied they
// are in the place of the secrets. What was entered for one host goes to no other by itself: whoever may change an address could have the
// secret sent to a place of his own.
type standIns map[model.Secret]model.Secret // stand-in to secret

// hide puts a stand-in in the place of a secret.
func (k standIns) hide(s *model.Secret) {
	if *s != "" {
		standIn := model.Secret(rand.Text())
		k[standIn], *s = *s, standIn
	}
}

// show puts a secret back where its stand-in is still there, and says whether it is.
func (k standIns) show(s *model.Secret) bool {
	stored, ok := k[*s]
	if ok {
		*s = stored
	}
	return ok
}

// sameReceiver says that a secret which goes to one URL may go to another: they have one host and port, and it is not sent in the clear
// where it was not before.
func sameReceiver(before, after string) bool {
	a, err := url.Parse(before)
	if err != nil {
		return false
	}
	b, err := url.Parse(after)
	if err != nil || !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	standard := func(u *url.URL) bool {
		return u.Port() == "" || u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443"
	}
	switch {
	case a.Scheme == b.Scheme, a.Scheme == "http" && b.Scheme == "https":
		return a.Port() == b.Port() || standard(a) && standard(b)
	}
	return false
}

// receiver is the host of a URL, as a sentence names it.
func receiver(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Host
}

// goesElsewhere refuses to send a secret that is kept to another host than the one it was entered for.
func goesElsewhere(v *model.Invalid, field string, kept bool, enteredFor string) {
	if kept && !v.Has(field) {
		v.Add(field, "secret_elsewhere", "host", receiver(enteredFor))
	}
}
