package dashboard

import (
	"net/http"

	"statusd/app/model"
	"statusd/app/web/view"
)

// What the screens about people share: accounts, members, tokens, workspaces, the instance.

// confirm is an act that asks first: a button that opens the question, and in it the one that does it. It needs no script.
type confirm struct {
	Open     string // the word that opens it
	Of       string // what it is about, for those who do not see beside what it stands; "" when that is plain
	Question string
	Text     string // what is lost
	Action   string
	Submit   string
}

// once is a secret that is shown this one time: it is in the answer to the POST that made it, and nowhere else.
type once struct {
	Title, Text string
	Secret      snippet
	More        *snippet
	Done        string // URL of "I have stored it"
}

// roleField asks for a role, the weakest first.
func (f *form) roleField(name string) view.Field {
	field := f.field(name, "field.role", "field.role.help")
	return f.choice(field, f.v.roleOptions()...)
}

func (v *visit) roleOptions() (out []view.Option) {
	for r := model.Viewer; r <= model.Owner; r++ {
		out = append(out, view.Option{Value: r.String(), Label: v.roleName(r)})
	}
	return out
}

func (v *visit) roleName(r model.Role) string { return v.t("role." + r.String()) }

// role reads a role; what is none is refused by the use case.
func (f *form) role(name string) model.Role {
	r, _ := model.ParseRole(f.get(name))
	return r
}

// password is a field for one: its value is never shown again.
func (f *form) password(name, label, help, autocomplete string) view.Field {
	field := f.field(name, label, help)
	field.Type, field.Autocomplete = "password", autocomplete
	return field
}

// asOwner lets only those in who own the workspace of the path.
func (s *Site) asOwner(h handler) handler {
	return s.inWorkspace(func(v *visit) error {
		if !v.actor.May(model.Owner) {
			return model.ErrForbidden
		}
		return h(v)
	})
}

// workspaceFrame is the frame of a screen of a workspace. key is the one that is shown: "pages", "members", "tokens", "audit", "settings".
// Only owners see more than the pages, so only they have tabs.
func (s *Site) workspaceFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.workspace.Name)
	if !v.actor.May(model.Owner) {
		return f
	}
	for _, t := range []struct{ key, name, rest string }{
		{"pages", "pages.title", ""}, {"members", "members.title", "/members"},
		{"tokens", "tokens.title", "/tokens"}, {"audit", "settings.audit", "/audit"}, {"settings", "tab.settings", "/settings"},
	} {
		f.Tabs = append(f.Tabs, tab{Name: v.t(t.name), URL: s.paths.Workspace(v.workspace.ID, t.rest), Current: t.key == key})
	}
	return f
}

// instanceFrame is the frame of a screen of the instance. key is the one that is shown: "general", "workspaces" ...
func (s *Site) instanceFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.t("instance.title"))
	f.Workspace = &crumb{Name: v.t("instance.title"), URL: s.paths.Instance("")}
	for _, t := range []struct{ key, name, rest string }{
		{"general", "instance.general", ""}, {"workspaces", "workspaces.title", "/workspaces"}, {"users", "users.title", "/users"},
		{"backup", "backup.title", "/backup"}, {"about", "about.title", "/about"},
	} {
		f.Tabs = append(f.Tabs, tab{Name: v.t(t.name), URL: s.paths.Instance(t.rest), Current: t.key == key})
	}
	return f
}

// baseURL is the public URL, or while nobody has said it where the visitor is: good for what is copied elsewhere.
func (s *Site) baseURL(v *visit) string {
	if known := s.App.BaseURL(); known != "" {
		return known
	}
	return s.guessBaseURL(v)
}

// absolute makes a path of ours a URL that works elsewhere.
func (s *Site) absolute(v *visit, path string) string {
	place := s.Place
	if place.BaseURL = s.App.BaseURL(); place.BaseURL == "" {
		return s.guessBaseURL(v) + path
	}
	return view.Paths{Place: place}.Absolute(path)
}

// refused is the status of a form that is shown again.
const refused = http.StatusUnprocessableEntity
