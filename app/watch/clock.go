package watch

import (
	"time"

	"statusd/app/status"
)

// Now is the present on the ruler.
func (w *Watch) Now() status.Instant {
	now, _ := w.Present()
	return now
}

// Present is the present on the ruler, and up to when anything is known: less than that when nobody was looking just before,
// which the next commit will record.
func (w *Watch) Present() (now, known status.Instant) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	reading := w.ruler.Clone().Read(w.wall(), w.mono())
	if w.loaded && !reading.Gap.Empty() {
		return reading.Now, reading.Gap.From
	}
	return reading.Now, reading.Now
}

// Settled says that the clock has been believed for an hour.
func (w *Watch) Settled() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.ruler.Settled(w.mono())
}

// glance reads the clock without recording anything: whoever keeps results in memory because the disk takes none has been
// looking all the time. What can only be believed together with a record of it, a gap or a cut, waits for that record.
func (w *Watch) glance() {
	w.mu.Lock()
	defer w.mu.Unlock()
	ruler := w.ruler.Clone()
	if reading := ruler.Read(w.wall(), w.mono()); reading.Cut == 0 && reading.Gap.Empty() {
		w.ruler = ruler
	}
}

func (w *Watch) tell(r status.Reading) {
	log := w.cfg.Log
	switch {
	case r.Cut != 0:
		log.Warn("the clock was set back: what was recorded after it is taken back", "now", r.Now.Time())
	case r.Behind:
		w.tellBehind(r.Now)
	case !r.Gap.Empty():
		log.Info("nobody was looking: no data", "from", r.Gap.From.Time(), "to", r.Gap.To.Time())
	}
}

// worthTelling is how far the clock may be behind before people should know: clocks are corrected by less every day.
const worthTelling = time.Minute

// tellBehind warns, every so often, that time stands still.
func (w *Watch) tellBehind(recorded status.Instant) {
	now := w.mono()
	if recorded.Sub(w.wall()) < worthTelling || w.toldBehind != 0 && now-w.toldBehind < time.Hour {
		return
	}
	w.toldBehind = now
	w.cfg.Log.Warn("the clock is behind what is recorded: time stands still until it has caught up; is it right?",
		"recorded", recorded.Time(), "clock", w.wall().Time())
}

// wall reads the wall clock.
func (w *Watch) wall() status.Instant { return status.At(w.cfg.Now()) }

// mono is the monotonic clock: time since New.
func (w *Watch) mono() time.Duration { return time.Since(w.began) }
