package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
)

// refusal is an error that HTTP itself has a status for.
type refusal struct {
	status int
	detail string // an English sentence for whoever wrote the client
}

// Error is the sentence.
func (r refusal) Error() string { return r.detail }

// problem is the body of every error (RFC 9457 §3.1).
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []fieldProblem `json:"errors,omitempty"`
}

// fieldProblem says what is wrong with one field.
type fieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// refuse answers an error. A client that has gone away is answered nothing.
func (a *API) refuse(c echo.Context, err error) error {
	r := c.Request()
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	p := a.problemOf(err)
	if p.Status == http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", c.Path(), "err", err)
	}
	if p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden {
		a.Log.InfoContext(r.Context(), "refused", "method", r.Method, "route", c.Path(), "client", c.RealIP(), "why", err)
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	var tooMany model.TooMany
	if errors.As(err, &tooMany) {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(tooMany.Retry.Seconds()))))
	}
	c.Response().WriteHeader(p.Status)
	return json.NewEncoder(c.Response()).Encode(p)
}

// problemOf finds the kind of an error. What is of no known kind is told without detail: it may hold anything.
func (a *API) problemOf(err error) problem {
	var refused refusal
	var conflict model.Conflict
	var tooMany model.TooMany
	invalid, isInvalid := model.AsInvalid(err)
	switch {
	case errors.As(err, &refused):
		return newProblem(refused.status, refused.detail)
	case isInvalid:
		return a.invalid(invalid)
	case errors.As(err, &conflict):
		return newProblem(http.StatusConflict, a.Words("conflict", conflict.Code, conflict.Args))
	case errors.As(err, &tooMany):
		return newProblem(http.StatusTooManyRequests, "This was tried too often: see Retry-After.")
	case errors.Is(err, model.ErrNotFound):
		return newProblem(http.StatusNotFound, "There is no such thing, or it is not yours to see.")
	case errors.Is(err, model.ErrUnauthorized):
		return newProblem(http.StatusUnauthorized, "This needs the header \"Authorization: Bearer\" with a token of this instance.")
	case errors.Is(err, model.ErrForbidden):
		return newProblem(http.StatusForbidden, "This token may not do that.")
	case app.Full(err):
		return newProblem(http.StatusInsufficientStorage, "The server's disk is full: nothing was changed.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(http.StatusServiceUnavailable, "The server could not answer in time.")
	}
	return newProblem(http.StatusInternalServerError, "")
}

func newProblem(status int, detail string) problem {
	return problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func (a *API) invalid(v model.Invalid) problem {
	p := newProblem(http.StatusUnprocessableEntity, "Nothing was changed: see errors for what is wrong with which field.")
	p.Errors = make([]fieldProblem, len(v))
	for i, one := range v {
		p.Errors[i] = fieldProblem{one.Field, a.Words("invalid", one.Code, one.Args)}
	}
	return p
}
