package dashboard

import (
	"statusd/app/model"
	"statusd/app/web/view"
)

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
