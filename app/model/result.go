package model

import (
	"time"

	"statusd/app/status"
)

// Result is one recorded look of a check, as the API and the dashboard list it.
type Result struct {
	At         time.Time // start of the attempt that decided, milliseconds
	Status     status.Status
	Latency    time.Duration
	StatusCode int    // 0: no answer
	Reason     string // encoded by probe.Reason; "" when good
	Manual     bool   // asked for by a person: shown, never judged
}

// Latest is what a check showed last.
type Latest struct {
	At         time.Time // zero: never
	Status     status.Status
	Latency    time.Duration
	StatusCode int
	Reason     string
	Phases     Phases // zero when it was seen by an earlier run
}

// Phases are where the last request of a look spent its time; zero for what did not happen.
type Phases struct {
	DNS       time.Duration
	Connect   time.Duration
	TLS       time.Duration
	FirstByte time.Duration
	Body      time.Duration
}

// Spans is what a component's uptime over a window was computed from.
type Spans struct {
	Window       status.Interval
	Spans        []status.Span
	Maintenances []Maintained
	Totals       status.Totals
}

// List is one page of a listing; Next continues it and is "" at the end.
type List[T any] struct {
	Items []T
	Next  string
}

// Wanted says which results of a check are wanted. The zero value is the newest of all that are kept.
type Wanted struct {
	Window
	Within status.Interval // 0 for an end that does not matter
	Failed bool            // only those that were down
}

// Window says which part of a listing is wanted.
type Window struct {
	Limit  int    // 1 to 200
	Cursor string // List.Next of the page before; "" from the start
}
