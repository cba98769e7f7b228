package watch

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"statusd/probe"
)

// counters count what probing and recording come to.
type counters struct {
	outcomes map[probe.Outcome]*metrics.Counter
	took     *metrics.Histogram
	late     *metrics.Histogram
	commits  *metrics.Histogram
	failures *metrics.Counter
}

// newCounters puts counters into a set, with nothing counted yet.
func newCounters(set *metrics.Set) *counters {
	c := &counters{
		outcomes: map[probe.Outcome]*metrics.Counter{},
		took:     set.GetOrCreateHistogram(`statusd_probe_duration_seconds`),
		late:     set.GetOrCreateHistogram(`statusd_schedule_lag_seconds`),
		commits:  set.GetOrCreateHistogram(`statusd_commit_duration_seconds`),
		failures: set.GetOrCreateCounter(`statusd_commit_failures_total`),
	}
	for _, o := range []probe.Outcome{probe.Operational, probe.Degraded, probe.Down} {
		c.outcomes[o] = set.GetOrCreateCounter(fmt.Sprintf(`statusd_probes_total{outcome=%q}`, o))
	}
	return c
}

func (c *counters) probed(r probe.Result, took time.Duration) {
	if n := c.outcomes[r.Outcome]; n != nil {
		n.Inc()
	}
	c.took.Update(took.Seconds())
}

func (c *counters) lag(late time.Duration) { c.late.Update(late.Seconds()) }

func (c *counters) committed(took time.Duration, err error) {
	c.commits.Update(took.Seconds())
	if err != nil {
		c.failures.Inc()
	}
}

// Lag is by how much a quantile of the probes since the start began late at most (the upper end of a bucket of the histogram), and how
// many probes there were.
func (w *Watch) Lag(quantile float64) (lag time.Duration, count uint64) {
	type bucket struct {
		to    float64
		count uint64
	}
	var all []bucket
	w.counted.late.VisitNonZeroBuckets(func(vmrange string, n uint64) {
		_, to, _ := strings.Cut(vmrange, "...")
		upper, err := strconv.ParseFloat(to, 64)
		if err != nil {
			upper = math.Inf(1)
		}
		all = append(all, bucket{upper, n})
		count += n
	})
	rank := uint64(math.Ceil(quantile * float64(count)))
	for seen, i := uint64(0), 0; i < len(all); i++ {
		if seen += all[i].count; seen >= rank {
			return time.Duration(min(all[i].to, math.MaxInt32) * float64(time.Second)), count
		}
	}
	return 0, count
}
