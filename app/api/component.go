package api

import (
	"context"
	"net/http"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
)

// componentJSON is a component as the management API shows it.
type componentJSON struct {
	ID           model.ComponentID `json:"id"`
	PageID       model.PageID      `json:"pageId"`
	Name         string            `json:"name"`
	Description  *string           `json:"description"`
	Group        *string           `json:"group"`
	Position     int               `json:"position"`
	ManualStatus *status.Status    `json:"manualStatus"`
	Status       status.Status     `json:"status"`
	CreatedAt    seconds           `json:"createdAt"`
	UpdatedAt    seconds           `json:"updatedAt"`
}

// componentFields are the fields of a component that may be written (SPEC §8). A position of null leaves the component where it
// is, which is the end of the page for a new one.
var componentFields = fields[model.Component]{
	"name":         func(c *model.Component, g given) { g.text(&c.Name, "") },
	"description":  func(c *model.Component, g given) { g.text(&c.Description, "") },
	"group":        func(c *model.Component, g given) { g.text(&c.Group, "") },
	"position":     func(c *model.Component, g given) { g.integer(&c.Position, c.Position) },
	"manualStatus": setManualStatus,
}

func setManualStatus(c *model.Component, g given) {
	var word string
	g.text(&word, "")
	if g.null() {
		c.ManualStatus = status.NoData
		return
	}
	s, ok := status.Parse(word)
	switch {
	case g.wrong.Has(g.path):
	case !ok || s == status.NoData:
		g.refuse("choice", "choices", "operational, degraded, down")
	default:
		c.ManualStatus = s
	}
}

func showComponent(c model.Component, now status.Status) componentJSON {
	out := componentJSON{
		ID: c.ID, PageID: c.Page, Name: c.Name, Description: orNull(c.Description), Group: orNull(c.Group), Position: c.Position,
		Status: now, CreatedAt: seconds(c.Created), UpdatedAt: seconds(c.Updated),
	}
	if c.ManualStatus != status.NoData {
		out.ManualStatus = &c.ManualStatus
	}
	return out
}

// current shows a component with its status of now.
func (a *API) current(c model.Component) componentJSON {
	return showComponent(c, a.App.ComponentStatus(c.ID))
}

func (a *API) createComponent(ctx context.Context, in call) (app.Answer, error) {
	fill, err := componentFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	page, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	c, err := a.App.CreateComponent(ctx, in.by, page, fill)
	if err != nil {
		return app.Answer{}, err
	}
	// Without checks it is what was set by hand; the watch may learn of it only after this answer is kept.
	return answered(http.StatusCreated, a.location(ctx, "components", c.ID), showComponent(c, c.ManualStatus))
}
