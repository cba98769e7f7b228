package dashboard

import (
	"slices"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/status"
)

// The tabs Components and Checks: what a page consists of, and what watches it.
func (s *Site) registerServices(e *echo.Echo) {
	const components, checks = "/d/w/:ws/p/:page/components", "/d/w/:ws/p/:page/checks"
	s.screen(e, components, s.onPage(s.components))
	s.act(e, components+"/order", s.editing(s.reorder))
	s.screen(e, components+"/new", s.editing(s.newComponent))
	s.act(e, components+"/new", s.editing(s.createComponent))
	s.screen(e, components+"/:component", s.editComponent(s.componentForm))
	s.act(e, components+"/:component", s.editComponent(s.saveComponent))
	s.screen(e, components+"/:component/delete", s.editComponent(s.askDeleteComponent))
	s.act(e, components+"/:component/delete", s.editComponent(s.deleteComponent))

	s.screen(e, checks, s.onPage(s.checks))
	s.act(e, checks+"/enable", s.editing(s.enableChecks))
	s.screen(e, checks+"/new", s.editing(s.newCheck))
	s.act(e, checks+"/new", s.editing(s.createCheck))
	s.screen(e, checks+"/:check", s.onCheck(s.check))
	s.screen(e, checks+"/:check/run", s.onCheck(s.afterRun))
	s.act(e, checks+"/:check/run", s.editCheck(s.runCheck))
	s.act(e, checks+"/:check/duplicate", s.editCheck(s.duplicateCheck))
	s.act(e, checks+"/:check/enable", s.editCheck(s.enableCheck))
	s.screen(e, checks+"/:check/edit", s.editCheck(s.checkForm))
	s.act(e, checks+"/:check/edit", s.editCheck(s.saveCheck))
	s.screen(e, checks+"/:check/delete", s.editCheck(s.askDeleteCheck))
	s.act(e, checks+"/:check/delete", s.editCheck(s.deleteCheck))
}

// onCheck finds the check of the path, which is the page's.
func (s *Site) onCheck(h func(*visit, model.Check) error) handler {
	return s.onPage(func(v *visit) error {
		var id model.CheckID
		if err := v.id("check", &id); err != nil {
			return err
		}
		c, err := s.App.Check(v.c.Request().Context(), v.actor, id)
		if err == nil && c.Page != v.page.ID {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return h(v, c)
	})
}

// editCheck is onCheck for those who may change it.
func (s *Site) editCheck(h func(*visit, model.Check) error) handler {
	return s.onCheck(func(v *visit, c model.Check) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, c)
	})
}

// onComponent finds the component of the path, which is the page's.
func (s *Site) onComponent(h func(*visit, model.Component) error) handler {
	return s.onPage(func(v *visit) error {
		var id model.ComponentID
		if err := v.id("component", &id); err != nil {
			return err
		}
		c, err := s.App.Component(v.c.Request().Context(), v.actor, id)
		if err == nil && c.Page != v.page.ID {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return h(v, c)
	})
}

// editComponent is onComponent for those who may change it.
func (s *Site) editComponent(h func(*visit, model.Component) error) handler {
	return s.onComponent(func(v *visit, c model.Component) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, c)
	})
}

// service is a component with its checks.
type service struct {
	model.Component
	checks []model.Check
}

// watched says that its checks decide its status.
func (s service) watched() bool {
	return slices.ContainsFunc(s.checks, func(c model.Check) bool { return c.Enabled })
}

// services reads the page's components in their order, with their checks.
func (s *Site) services(v *visit) ([]service, error) {
	components, err := s.componentsOf(v)
	if err != nil {
		return nil, err
	}
	out := make([]service, len(components))
	for i, c := range components {
		out[i].Component = c
		if out[i].checks, err = s.checksOf(v, c.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Site) componentsOf(v *visit) ([]model.Component, error) {
	return entire(func(w model.Window) (model.List[model.Component], error) {
		return s.App.Components(v.c.Request().Context(), v.actor, v.page.ID, w)
	})
}

func (s *Site) checksOf(v *visit, id model.ComponentID) ([]model.Check, error) {
	return entire(func(w model.Window) (model.List[model.Check], error) {
		return s.App.Checks(v.c.Request().Context(), v.actor, id, w)
	})
}

// entire reads every part of a listing.
func entire[T any](list func(model.Window) (model.List[T], error)) (all []T, err error) {
	for w := (model.Window{Limit: most}); ; {
		part, err := list(w)
		if err != nil {
			return nil, err
		}
		all = append(all, part.Items...)
		if part.Next == "" {
			return all, nil
		}
		w.Cursor = part.Next
	}
}

// entry is a component of its own, or a group of them, as the public page shows them one after the other.
type entry struct {
	group   string // "" for a component of its own
	members []service
}

// status is the worst of the members.
func (e entry) status(s *Site) (worst status.Status) {
	for _, m := range e.members {
		worst = max(worst, s.App.ComponentStatus(m.ID))
	}
	return worst
}

// entries puts groups where their first member stands.
func entries(list []service) []entry {
	var out []entry
	at := map[string]int{}
	for _, one := range list {
		if i, known := at[one.Group]; known && one.Group != "" {
			out[i].members = append(out[i].members, one)
			continue
		}
		at[one.Group] = len(out)
		out = append(out, entry{one.Group, []service{one}})
	}
	return out
}

// order is the ids of the entries' components.
func order(list []entry) (ids []model.ComponentID) {
	for _, e := range list {
		for _, m := range e.members {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
