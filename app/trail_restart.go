package app

import "statusd/app/model"

// restartTrail names two fields otherwise than the API does: words of the trail belong to one field, and those of checks and of the
// instance are others.
var restartTrail = trail[model.RestartTarget]{
	created: model.RestartTargetCreated, changed: model.RestartTargetChanged, deleted: model.RestartTargetDeleted,
	subject: func(r model.RestartTarget) model.Subject {
		return model.Subject{Kind: model.SubjectRestartTarget, ID: r.ID.String(), Name: r.Name}
	},
	fields: []traced[model.RestartTarget]{
		{"name", func(r model.RestartTarget) any { return orNil(r.Name) }},
		{"type", func(r model.RestartTarget) any { return r.Type.String() }},
		{"restart.timeoutMs", func(r model.RestartTarget) any { return orNil(r.Timeout.Milliseconds()) }},
		{"url", func(r model.RestartTarget) any { return orNil(r.HTTP.URL) }},
		{"method", func(r model.RestartTarget) any { return orNil(r.HTTP.Method) }},
		{"authHeaderName", func(r model.RestartTarget) any { return orNil(r.HTTP.AuthHeaderName) }},
		{"expectedStatusMin", func(r model.RestartTarget) any { return orNil(int64(r.HTTP.ExpectedStatusMin)) }},
		{"expectedStatusMax", func(r model.RestartTarget) any { return orNil(int64(r.HTTP.ExpectedStatusMax)) }},
		{"host", func(r model.RestartTarget) any { return orNil(r.SSH.Host) }},
		{"port", func(r model.RestartTarget) any { return orNil(int64(r.SSH.Port)) }},
		{"user", func(r model.RestartTarget) any { return orNil(r.SSH.User) }},
		{"command", func(r model.RestartTarget) any { return orNil(r.SSH.Command) }},
		{"hostKey", func(r model.RestartTarget) any { return orNil(r.SSH.HostKey) }},
		{"seenHostKey", func(r model.RestartTarget) any { return orNil(r.SSH.Seen) }},
		{"coolify.baseUrl", func(r model.RestartTarget) any { return orNil(r.Coolify.BaseURL) }},
		{"resourceUuid", func(r model.RestartTarget) any { return orNil(r.Coolify.ResourceUUID) }},
		{"force", func(r model.RestartTarget) any { return orNil(r.Coolify.Force) }},
	},
	secrets: func(from, to model.RestartTarget) (out []model.Change) {
		for _, s := range []struct {
			field    string
			from, to model.Secret
		}{
			{"authHeaderValue", from.HTTP.AuthHeaderValue, to.HTTP.AuthHeaderValue},
			{"body", from.HTTP.Body, to.HTTP.Body},
			{"privateKey", from.SSH.PrivateKey, to.SSH.PrivateKey},
			{"passphrase", from.SSH.Passphrase, to.SSH.Passphrase},
			{"apiToken", from.Coolify.APIToken, to.Coolify.APIToken},
		} {
			out = append(out, secretChanges(s.field, s.from, s.to)...)
		}
		return out
	},
}

// idOrNil is the id of another row, as the API shows it.
func idOrNil[K any](id model.ID[K]) any {
	if id == 0 {
		return nil
	}
	return id.String()
}
