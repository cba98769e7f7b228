package api

import (
	"context"

	"statusd/app"
	"statusd/app/model"
)

// auditJSON is one entry of the audit trail.
type auditJSON struct {
	At      seconds      `json:"at"`
	Actor   actorJSON    `json:"actor"`
	Action  model.Action `json:"action"`
	Subject subjectJSON  `json:"subject"`
	Changes []changeJSON `json:"changes"`
}

type actorJSON struct {
	Kind model.WhoKind `json:"kind"`
	ID   *string       `json:"id"`
	Name *string       `json:"name"`
}

type subjectJSON struct {
	Kind model.SubjectKind `json:"kind"`
	ID   string            `json:"id"`
	Name string            `json:"name"`
}

type changeJSON struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

func showAudit(e model.Audit) auditJSON {
	return auditJSON{
		At: seconds(e.At), Actor: actorJSON{e.By.Kind, orNull(e.By.ID), orNull(e.By.Name)},
		Action: e.Action, Subject: subjectJSON(e.Subject), Changes: each(e.Changes, func(c model.Change) changeJSON { return changeJSON(c) }),
	}
}

func (a *API) listAudit(ctx context.Context, in call) (app.Answer, error) {
	w, err := in.window()
	if err != nil {
		return app.Answer{}, err
	}
	id, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	l, err := a.App.Audit(ctx, in.by, app.AuditFilter{Page: id, Window: w})
	return listed(l, err, showAudit)
}
