package dashboard

import (
	"net/http"
	"net/url"
	"strings"

	"statusd/app/web/view"
)

// A session may end while somebody fills in a form. What was typed then travels through the sign-in form as hidden fields and is
// offered to be sent again: not sent by itself, because meanwhile it may no longer be what the person wants.

// keptPrefix marks what belongs to the form that waits.
const keptPrefix = "kept."

// keptForm is a form that waits for somebody to sign in.
type keptForm struct {
	Path   string
	Fields []view.Field
}

// askToSignIn shows the sign-in form to somebody who is not signed in, and leads back.
func (s *Site) askToSignIn(v *visit) error {
	r := v.c.Request()
	if r.Method != http.MethodPost {
		return v.c.Redirect(http.StatusSeeOther, s.paths.LoginFor(s.paths.BasePath+r.URL.RequestURI()))
	}
	f, err := v.posted()
	if err != nil {
		return err
	}
	values := url.Values{"next": {s.paths.BasePath + r.URL.RequestURI()}}
	for name, list := range f.values {
		if !secret(name) {
			values[keptPrefix+name] = list
		}
	}
	return s.loginForm(v, http.StatusUnauthorized, v.filled(values), v.t("login.ended"))
}

// secret says whether a value is never written into a page.
func secret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"password", "passphrase", "secret", "header.value", "authheadervalue", "privatekey", "apitoken"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "body"
}

// kept finds the form that waited; nil when there was none.
func (s *Site) kept(f *form) *keptForm {
	k := keptForm{Path: f.raw("next")}
	if !s.local(k.Path) {
		return nil
	}
	for name, list := range f.values {
		rest, ok := strings.CutPrefix(name, keptPrefix)
		if !ok {
			continue
		}
		for _, value := range list {
			k.Fields = append(k.Fields, view.Field{Name: rest, Value: value})
		}
	}
	if len(k.Fields) == 0 {
		return nil
	}
	return &k
}

// again offers to send a form that waited.
type again struct {
	frame
	keptForm
}

func (s *Site) sendAgain(v *visit, k keptForm) error {
	return v.show("dashboard/door/again.html", again{frame: s.frame(v, v.t("again.title")), keptForm: k})
}
