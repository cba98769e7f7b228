package app

import (
	"io"

	"github.com/VictoriaMetrics/metrics"
)

// WriteMetrics writes everything in the Prometheus text format: what was counted, what the scheduler is doing, and the process.
func (a *App) WriteMetrics(w io.Writer) {
	a.metrics.WritePrometheus(w)
	st := a.watch.Stats()
	metrics.WriteGaugeUint64(w, `statusd_checks`, uint64(st.Entries))
	metrics.WriteGaugeUint64(w, `statusd_probes_in_flight`, uint64(st.InFlight))
	metrics.WriteGaugeUint64(w, `statusd_probes_waiting`, uint64(st.Waiting))
	metrics.WriteCounterUint64(w, `statusd_probes_skipped_total`, uint64(st.Skipped))
	metrics.WriteGaugeFloat64(w, `statusd_schedule_late_seconds`, st.MaxLate.Seconds())
	metrics.WriteProcessMetrics(w)
}
