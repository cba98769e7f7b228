package app

import (
	"fmt"
	"io"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"statusd/probe"
)

// Metrics counts what the process does, in a set of its own. Safe for concurrent use.
type Metrics struct {
	Set      *metrics.Set
	outcomes map[probe.Outcome]*metrics.Counter
	took     *metrics.Histogram
	late     *metrics.Histogram
	commits  *metrics.Histogram
	failures *metrics.Counter
}

// NewMetrics makes a set with nothing counted yet.
func NewMetrics() *Metrics {
	set := metrics.NewSet()
	m := &Metrics{
		Set:      set,
		outcomes: map[probe.Outcome]*metrics.Counter{},
		took:     set.NewHistogram(`statusd_probe_duration_seconds`),
		late:     set.NewHistogram(`statusd_schedule_lag_seconds`),
		commits:  set.NewHistogram(`statusd_commit_duration_seconds`),
		failures: set.NewCounter(`statusd_commit_failures_total`),
	}
	for _, o := range []probe.Outcome{probe.Operational, probe.Degraded, probe.Down} {
		m.outcomes[o] = set.NewCounter(fmt.Sprintf(`statusd_probes_total{outcome=%q}`, o))
	}
	return m
}

func (m *Metrics) probed(r probe.Result, took time.Duration) {
	if c := m.outcomes[r.Outcome]; c != nil {
		c.Inc()
	}
	m.took.Update(took.Seconds())
}

func (m *Metrics) lag(late time.Duration) { m.late.Update(late.Seconds()) }

func (m *Metrics) committed(took time.Duration, err error) {
	m.commits.Update(took.Seconds())
	if err != nil {
		m.failures.Inc()
	}
}

// WriteMetrics writes everything in the Prometheus text format: what was counted, what the scheduler is doing, and the process.
func (a *App) WriteMetrics(w io.Writer) {
	a.Metrics.Set.WritePrometheus(w)
	st := a.scheduler.Stats()
	metrics.WriteGaugeUint64(w, `statusd_checks`, uint64(st.Entries))
	metrics.WriteGaugeUint64(w, `statusd_probes_in_flight`, uint64(st.InFlight))
	metrics.WriteGaugeUint64(w, `statusd_probes_waiting`, uint64(st.Waiting))
	metrics.WriteCounterUint64(w, `statusd_probes_skipped_total`, uint64(st.Skipped))
	metrics.WriteGaugeFloat64(w, `statusd_schedule_late_seconds`, st.MaxLate.Seconds())
	metrics.WriteProcessMetrics(w)
}
