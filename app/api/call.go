package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
)

// call is a request to the management API: who asks, about what, with which body.
type call struct {
	by    model.Actor
	id    string // in the path; "" when the path has none
	query url.Values
	body  []byte
}

// act answers a call. Its context may carry a transaction that everything takes part in.
type act func(context.Context, call) (app.Answer, error)

// keep answers a repeated POST as the first time: App.Once or App.Replay.
type keep func(ctx context.Context, by model.Actor, key string, fingerprint []byte, do func(context.Context) (app.Answer, error)) (app.Answer, error)

// managed makes a handler of an act: it authenticates, reads the body, and keeps the answer when the client asks for that.
func (a *API) managed(do act, kept keep) echo.HandlerFunc {
	return func(c echo.Context) error {
		by, err := a.authenticate(c)
		if err != nil {
			return a.refuse(c, err)
		}
		in := call{by: by, id: c.Param("id"), query: c.QueryParams()}
		if in.body, err = readBody(c); err != nil {
			return a.refuse(c, err)
		}
		key, err := idempotencyKey(c.Request(), kept != nil)
		if err != nil {
			return a.refuse(c, err)
		}
		answer, err := a.perform(c, in, key, do, kept)
		if err != nil {
			return a.refuse(c, err)
		}
		return reply(c, answer)
	}
}

// perform carries out an act, or finds what it was answered before.
func (a *API) perform(c echo.Context, in call, key string, do act, kept keep) (app.Answer, error) {
	ctx := c.Request().Context()
	if key == "" {
		return do(ctx, in)
	}
	ran := false
	answer, err := kept(ctx, in.by, key, fingerprint(c.Request(), in.body), func(ctx context.Context) (app.Answer, error) {
		ran = true
		return do(ctx, in)
	})
	if err == nil && !ran {
		c.Response().Header().Set("Idempotency-Replayed", "true")
	}
	return answer, err
}

func fingerprint(r *http.Request, body []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", r.Method, r.URL.Path)
	h.Write(body)
	return h.Sum(nil)
}

func reply(c echo.Context, answer app.Answer) error {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	if answer.Location != "" {
		h.Set("Location", answer.Location)
	}
	if len(answer.Body) == 0 {
		return c.NoContent(answer.Status)
	}
	return c.Blob(answer.Status, "application/json", answer.Body)
}

// authenticate reads the bearer token (RFC 6750 §2.1).
func (a *API) authenticate(c echo.Context) (model.Actor, error) {
	lines := c.Request().Header.Values("Authorization")
	challenge := `Bearer realm="statusd"`
	if len(lines) == 1 {
		scheme, token, _ := strings.Cut(lines[0], " ")
		if strings.EqualFold(scheme, "Bearer") {
			by, err := a.App.Authenticate(c.Request().Context(), strings.TrimSpace(token))
			if !errors.Is(err, model.ErrUnauthorized) {
				return by, err
			}
			challenge += `, error="invalid_token"`
		}
	}
	c.Response().Header().Set("WWW-Authenticate", challenge)
	return model.Actor{}, model.ErrUnauthorized
}

// maxBody is the longest body that is read (SPEC §8).
const maxBody = 1 << 20

// readBody reads the body of a method that has one. Without one the content type does not matter: an act that needs a body says so.
func readBody(c echo.Context) ([]byte, error) {
	r := c.Request()
	if r.Method != http.MethodPost && r.Method != http.MethodPatch {
		return nil, nil
	}
	tooLarge := refusal{http.StatusRequestEntityTooLarge, "The body is longer than 1 MiB."}
	if r.ContentLength > maxBody {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxBody))
	var exceeded *http.MaxBytesError
	switch {
	case errors.As(err, &exceeded):
		return nil, tooLarge
	case err != nil:
		return nil, refusal{http.StatusBadRequest, "The body could not be read to its end."}
	case len(body) > 0 && !isJSON(r.Header.Get("Content-Type")):
		return nil, refusal{http.StatusUnsupportedMediaType, "The body must be sent as application/json."}
	}
	return body, nil
}

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// idempotencyKey reads the header of the same name; on what is no POST it means nothing.
func idempotencyKey(r *http.Request, counts bool) (string, error) {
	lines := r.Header.Values("Idempotency-Key")
	if !counts || len(lines) == 0 {
		return "", nil
	}
	visible := !strings.ContainsFunc(lines[0], func(r rune) bool { return r < 0x21 || r > 0x7e })
	if len(lines) > 1 || lines[0] == "" || len(lines[0]) > 255 || !visible {
		return "", refusal{http.StatusBadRequest, "Idempotency-Key must be one line of 1 to 255 visible ASCII characters."}
	}
	return lines[0], nil
}

// answered renders a value.
func answered(status int, location string, value any) (app.Answer, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return app.Answer{Status: status, Location: location, Body: body.Bytes()}, err
}

// found renders a value that was asked for, unless there was an error.
func found(value any, err error) (app.Answer, error) {
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusOK, "", value)
}

// listing is one page of a list.
type listing[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// listed renders a page of a list, each row by show.
func listed[T, J any](l model.List[T], err error, show func(T) J) (app.Answer, error) {
	return found(listing[J]{Items: each(l.Items, show), Next: orNull(l.Next)}, err)
}

// each shows every row of a list; one without rows is [] in JSON.
func each[T, J any](rows []T, show func(T) J) []J {
	out := make([]J, len(rows))
	for i, row := range rows {
		out[i] = show(row)
	}
	return out
}

// orNull is how a text that may be missing is shown.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
