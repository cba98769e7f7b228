package api

import (
	"bytes"
	_ "embed"
	"encoding/json"

	"github.com/labstack/echo/v4"

	"statusd/app/snapshot"
)

// openapi describes every route, by hand. The contract test holds it and the router together.
//
//go:embed openapi.json
var openapi []byte

// What the document says where only a running process knows better.
const (
	anyVersion = `"version": "0.0.0"`
	anyServer  = `"url": "/"`
)

// openAPI answers the OpenAPI document of the API.
func (a *API) openAPI(c echo.Context) error {
	base := a.Path(c.Request().Context())
	doc, err := a.documents.Document(snapshot.Key{Kind: "openapi", Lang: base}, func(snapshot.Facts) (snapshot.Content, error) {
		return snapshot.Content{Type: "application/json", Body: a.describe(base)}, nil
	})
	if err != nil {
		return a.refuse(c, err)
	}
	h := c.Response().Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Vary", "Accept-Encoding")
	doc.ServeHTTP(c.Response(), c.Request())
	return nil
}

func (a *API) describe(base string) []byte {
	text := openapi
	if a.Version != "" {
		text = replaced(text, anyVersion, `"version": `, a.Version)
	}
	if base != "" {
		text = replaced(text, anyServer, `"url": `, base)
	}
	return text
}

func replaced(text []byte, old, name, value string) []byte {
	quoted, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return bytes.Replace(text, []byte(old), append([]byte(name), quoted...), 1)
}
