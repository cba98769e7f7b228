package dashboard

import (
	"io"
	"net/http"
	"time"

	"statusd/app/web/view"
)

// How a screen that is open hears of changes: server-sent events, each of which says only that there is something to fetch.
const (
	liveBeat    = 20 * time.Second // between signs of life, which keep proxies from hanging up
	liveApart   = time.Second      // between two events at least
	livePatient = 30 * time.Second // for a client that takes nothing any more
	liveStreams = 256              // most at once: each holds a connection, of which there are 2,048
)

// proxies buffer what they take for a document.
var liveHeaders = view.NewHeaders("Content-Type", "text/event-stream", "X-Accel-Buffering", "no")

// liveness is how a screen that is open keeps itself up to date; the zero value is that it does not.
type liveness struct{ Stream, Self string } // URLs: of events, and of the screen as it is

// following is the liveness of a screen of the page.
func (s *Site) following(v *visit, self string) liveness {
	return liveness{Stream: s.paths.Live(v.page), Self: self}
}

// live tells of changes of a page until the visitor goes, may not see it any more, or the process stops.
func (s *Site) live(v *visit) error {
	if s.streams.Add(1) > int64(s.Streams) {
		s.streams.Add(-1)
		v.c.Response().Header().Set("Retry-After", "15")
		return v.c.String(http.StatusServiceUnavailable, "too many screens are open: ask for the page now and then instead\n")
	}
	defer s.streams.Add(-1)
	changed, stop := s.App.Follow(v.page)
	defer stop()
	out := &stream{v: v, patience: s.Heartbeat + livePatient, control: http.NewResponseController(v.c.Response())}
	if err := out.begin(); err != nil {
		return err
	}
	s.tell(out, changed)
	return nil
}

// tell writes events until there is nobody to tell or nothing more to come.
func (s *Site) tell(out *stream, changed <-chan struct{}) {
	beat := time.NewTicker(s.Heartbeat)
	defer beat.Stop()
	pause := time.NewTimer(liveApart)
	defer pause.Stop()
	gone := out.v.c.Request().Context().Done()
	out.write("retry: 3000\n\n")
	for news, pausing := false, true; out.err == nil; {
		select {
		case <-gone:
			return
		case _, going := <-changed:
			if !going {
				return
			}
			news = true
		case <-pause.C:
			pausing = false
		case <-beat.C:
			if !s.stillMay(out.v) {
				return
			}
			out.write(":\n\n")
		}
		if news && !pausing {
			out.write("event: changed\ndata:\n\n")
			news, pausing = false, true
			pause.Reset(liveApart)
		}
	}
}

// stillMay asks anew whether whoever made a request may see its page: sessions end and roles are taken while streams run.
func (s *Site) stillMay(v *visit) bool {
	return s.onPage(func(*visit) error { return nil })(s.visitOf(v.c)) == nil
}

// stream is an answer without an end.
type stream struct {
	v        *visit
	patience time.Duration
	control  *http.ResponseController
	err      error // of the first write that failed: the visitor has gone
}

// begin sends the headers. The server's time-outs are for answers that end: reading now waits for ever, for the visitor to hang up.
func (o *stream) begin() error {
	if err := o.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	liveHeaders.Set(o.v.c.Response().Header())
	o.v.c.Response().WriteHeader(http.StatusOK)
	return nil
}

func (o *stream) write(text string) {
	if o.err = o.control.SetWriteDeadline(time.Now().Add(o.patience)); o.err != nil {
		return
	}
	if _, o.err = io.WriteString(o.v.c.Response(), text); o.err == nil {
		o.err = o.control.Flush()
	}
}
