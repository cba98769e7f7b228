package dashboard

import (
	"net/url"
	"strconv"
	"time"

	"statusd/app/model"
	"statusd/app/web/view"
)

// The names of the form's fields are those of the API, so that what is wrong finds its place.
const (
	fieldTarget     = "restart.targetId"
	fieldThreshold  = "restart.threshold"
	fieldCooldown   = "restart.cooldownSeconds"
	fieldMaxFirings = "restart.maxFirings"
)

// bindingFields is the section of a check's form that says what is called when it keeps failing.
type bindingFields struct {
	Target                          view.Field // without a name: there is no target to choose
	Threshold, Cooldown, MaxFirings view.Field
	New                             string // URL where a target is made
	Last                            *firingRow
	Log                             string // URL of the target's log
}

// setBinding writes a binding into a form's values; of none the defaults, for whoever chooses a target.
func setBinding(values url.Values, b model.Binding) {
	if b.Bound() {
		values.Set(fieldTarget, b.Target.String())
	} else {
		b = model.NewBinding(0)
	}
	values.Set(fieldThreshold, strconv.Itoa(b.Threshold))
	values.Set(fieldCooldown, strconv.FormatInt(int64(b.Cooldown/time.Second), 10))
	values.Set(fieldMaxFirings, strconv.Itoa(b.MaxFirings))
}

// typedBinding reads how a check is bound. Without a target nothing else counts; a form without the section leaves it as it is.
func (f *form) typedBinding() func(*model.Check, *model.Invalid) {
	if !f.values.Has(fieldTarget) {
		return func(*model.Check, *model.Invalid) {}
	}
	var b model.Binding
	unknown := false
	if id := f.get(fieldTarget); id != "" {
		unknown = b.Target.UnmarshalText([]byte(id)) != nil
		b.Threshold, b.Cooldown, b.MaxFirings = f.number(fieldThreshold), f.duration(fieldCooldown, time.Second), f.number(fieldMaxFirings)
	}
	return func(c *model.Check, wrong *model.Invalid) {
		if unknown {
			wrong.Add(fieldTarget, "unknown_target")
		}
		c.Restart = b
	}
}

// bindingFields makes the section of a check, of which id is 0 while it is being made.
func (s *Site) bindingFields(v *visit, f *form, c model.Check) (out bindingFields, err error) {
	out.New = s.paths.NewRestartTarget(v.page, "")
	targets, err := s.restartTargets(v)
	if err != nil || len(targets) == 0 {
		return out, err
	}
	options := []view.Option{{Label: v.t("binding.none")}}
	for _, r := range targets {
		options = append(options, view.Option{Value: r.ID.String(), Label: v.t("binding.target", "Name", view.Name(r.Name), "Type", v.t("target.type."+r.Type.String()))})
	}
	out.Target = f.choice(f.field(fieldTarget, "binding.which", ""), options...)
	out.Threshold = f.unit(f.field(fieldThreshold, "binding.threshold", ""), "form.failures")
	out.Cooldown = f.unit(f.field(fieldCooldown, "binding.cooldown", "binding.cooldown.help"), "form.seconds")
	out.MaxFirings = f.unit(f.field(fieldMaxFirings, "binding.max", "binding.max.help"), "form.times")
	if c.Restart.Bound() {
		out.Log = s.paths.RestartTarget(v.page, c.Restart.Target, "")
		out.Last, err = s.lastFired(v, c.ID)
	}
	return out, err
}

// lastFired is what was fired last for a check; nil for nothing.
func (s *Site) lastFired(v *visit, id model.CheckID) (*firingRow, error) {
	list, err := s.App.FiringsOfCheck(v.c.Request().Context(), v.actor, id, model.Window{Limit: 1})
	if err != nil || len(list.Items) == 0 {
		return nil, err
	}
	row := s.firingLog(v).row(list.Items[0])
	return &row, nil
}

// checkFirings is what was fired for a check, on its page.
type checkFirings struct {
	Target, URL string // of the target that it is bound to; "" for none
	When        string // in words: after how many failures it fires, and how often
	Log         []firingRow
	More        string // URL of the rest; "" when all are shown
}

// firingsOnCheck is how many a check's page shows; its target's log has them all.
const firingsOnCheck = 5

// checkFirings is nil for a check that is not bound, and for which nothing was fired.
func (s *Site) checkFirings(v *visit, c model.Check) (*checkFirings, error) {
	ctx := v.c.Request().Context()
	list, err := s.App.FiringsOfCheck(ctx, v.actor, c.ID, model.Window{Limit: firingsOnCheck})
	if err != nil || len(list.Items) == 0 && !c.Restart.Bound() {
		return nil, err
	}
	out := &checkFirings{}
	if b := c.Restart; b.Bound() {
		r, err := s.App.RestartTarget(ctx, v.actor, b.Target)
		if err != nil {
			return nil, err
		}
		out.Target, out.URL = view.Name(r.Name), s.paths.RestartTarget(v.page, r.ID, "")
		out.When = v.n("binding.when", b.Threshold, "Cooldown", v.words.Lasting(b.Cooldown), "Most", v.n("binding.most", b.MaxFirings))
		if list.Next != "" {
			out.More = out.URL
		}
	}
	out.Log, err = s.firingLog(v).withTargets(list.Items)
	for i := range out.Log {
		out.Log[i].Cause = "" // it is this check
	}
	return out, err
}
