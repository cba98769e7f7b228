package announce

import (
	"statusd/app/locale"
	"statusd/app/markdown"
	"statusd/app/model"
)

// Title is the title of a component's automatic incident.
func (h *Herald) Title(component string) model.Text {
	return h.each(component, func(w *locale.Words) string { return w.T("auto.title", "Component", component) })
}

// Opened is its first update; checks are the names of those that failed.
func (h *Herald) Opened(component string, checks []string) model.Text {
	return h.each(component, func(w *locale.Words) string {
		return w.N("auto.opened", len(checks), "Component", markdown.Escape(component), "Checks", markdown.Escape(w.List(checks)))
	})
}

// Joined is the update that one more check fails.
func (h *Herald) Joined(component, check string) model.Text {
	return h.about("auto.joined", component, check)
}

// Relapsed is the update that a check fails again.
func (h *Herald) Relapsed(component, check string) model.Text {
	return h.about("auto.relapsed", component, check)
}

// Recovered is the update that nothing fails any more.
func (h *Herald) Recovered(component string) model.Text {
	return h.about("auto.recovered", component, "")
}

// Resolved is the update that all has been good for long enough.
func (h *Herald) Resolved(component string) model.Text {
	return h.about("auto.resolved", component, "")
}

// Removed is the update that the component is not on the page any more.
func (h *Herald) Removed(component string) model.Text {
	return h.about("auto.removed", component, "")
}

func (h *Herald) about(key, component, check string) model.Text {
	args := []any{"Component", markdown.Escape(component)}
	if check != "" {
		args = append(args, "Check", markdown.Escape(check))
	}
	return h.each(component, func(w *locale.Words) string { return w.T(key, args...) })
}

func (h *Herald) each(component string, say func(*locale.Words) string) model.Text {
	out := make(model.Text, len(h.languages))
	for _, lang := range h.languages {
		out[lang] = component
		if h.words != nil {
			out[lang] = say(h.words.Words(lang))
		}
	}
	return out
}
