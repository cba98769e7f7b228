package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"statusd/app/model"
	"statusd/app/web/view"
)

// fieldAffected is the name of the field as use cases know it; each box that is ticked sends a "component".
const fieldAffected = "affectedComponentIds"

// affectedField asks which components an incident or a window is about: those of the page, and of those that are gone the ones
// that it names already.
func (s *Site) affectedField(v *visit, f *form, before []model.Affected) (view.Field, error) {
	list, err := s.componentsOf(v)
	if err != nil {
		return view.Field{}, err
	}
	field := f.field(fieldAffected, "field.affected", "field.affected.help")
	ticked := f.values["component"]
	here := map[model.ComponentID]bool{}
	for _, c := range list {
		here[c.ID] = true
		id := c.ID.String()
		field.Options = append(field.Options, view.Option{Value: id, Label: view.Name(c.Name), Help: view.Name(c.Group), Chosen: slices.Contains(ticked, id)})
	}
	for _, a := range before {
		if id := a.ID.String(); !here[a.ID] {
			field.Options = append(field.Options, view.Option{Value: id, Label: view.Name(a.Name), Help: v.t("affected.gone"), Chosen: slices.Contains(ticked, id)})
		}
	}
	return field, nil
}

// affectedValues are the boxes that are ticked for what is stored.
func affectedValues(list []model.Affected) (ids []string) {
	for _, a := range list {
		ids = append(ids, a.ID.String())
	}
	return ids
}

// affected names components; all of them when there are none.
func (v *visit) affected(list []model.Affected) string {
	if len(list) == 0 {
		return v.t("affected.all")
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = view.InSentence(a.Name)
	}
	return v.words.List(names)
}

// notifyField is whether subscribers are told, and how many that would be.
type notifyField struct {
	view.Field        // its help is the number
	Reach      string // URL that answers with the number for other components; "" when they are fixed
}

// notifyField asks whether to tell those who would hear of components; fixed says that the form does not choose them.
func (s *Site) notifyField(v *visit, f *form, label string, topic model.Topic, components []model.ComponentID, fixed bool) (n notifyField, err error) {
	n.Field = f.field("notify", label, "")
	n.Help, err = s.reachWords(v, topic, components)
	if !fixed {
		n.Reach = s.paths.Reach(v.page, topic)
	}
	return n, err
}

// reachWords says how many subscribers hear of components.
func (s *Site) reachWords(v *visit, topic model.Topic, components []model.ComponentID) (string, error) {
	n, err := s.App.Reach(v.c.Request().Context(), v.actor, v.page.ID, topic, components)
	if err != nil || n == 0 {
		return v.t("reach.nobody"), err
	}
	return v.n("reach.count", n), nil
}

// reach answers with how many subscribers hear of the components that are ticked, in words.
func (s *Site) reach(v *visit) error {
	topic, ok := model.ParseTopic(v.c.QueryParam("topic"))
	if !ok {
		return model.ErrNotFound
	}
	ids, err := componentIDs(v.c.QueryParams()["component"])
	if err != nil {
		return err
	}
	words, err := s.reachWords(v, topic, ids)
	if err != nil {
		return err
	}
	return v.c.String(http.StatusOK, words)
}

// ticked are the components that a form has chosen.
func (f *form) ticked() ([]model.ComponentID, error) { return componentIDs(f.values["component"]) }

// seenAt begins the values of a form with when what it shows was last changed.
func seenAt(updated time.Time) url.Values {
	return url.Values{"seen": {strconv.FormatInt(updated.UnixMilli(), 10)}}
}
