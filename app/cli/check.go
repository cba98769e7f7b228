package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"

	"statusd/probe"
)

// checkFlags are what a probe from the command line looks for; the defaults are those of a check.
type checkFlags struct {
	probe     probeFlags
	method    *parsed[string]
	expect    *parsed[statusRange]
	timeout   *parsed[time.Duration]
	degraded  *parsed[time.Duration]
	headers   []string
	contains  string
	body      string
	insecure  bool
	noFollow  bool
	printJSON bool
}

func checkCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check URL", Short: "Probe once and show its phases; exit 1 when down", Args: exactly("URL"),
		Example: example("statusd check https://example.org", "statusd check https://example.org/health --expect 200 --contains ok --timeout 3s"),
	}
	f := newCheckFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		target, err := f.target(args[0])
		if err != nil {
			return usage{err}
		}
		return f.look(cmd.Context(), c, target)
	}
	return cmd
}

func newCheckFlags(cmd *cobra.Command) *checkFlags {
	flags := cmd.Flags()
	f := &checkFlags{
		probe:    newProbeFlags(flags),
		method:   flagOf(http.MethodGet, "GET|POST|HEAD", parseMethod),
		expect:   flagOf("200-299", "codes", parseStatusRange),
		timeout:  flagOf("10s", "duration", spanning(100*time.Millisecond, time.Minute)),
		degraded: flagOf("0s", "duration", spanning(0, time.Minute)),
	}
	flags.Var(f.method, "method", "the request's method")
	flags.Var(f.expect, "expect", "status codes that are good, like 200 or 200-399")
	flags.Var(f.timeout, "timeout", "how long the answer may take")
	flags.Var(f.degraded, "degraded", "how long it may take before it counts as degraded; 0s: as long as it likes")
	flags.StringArrayVar(&f.headers, "header", nil, "a request header, like 'Accept: text/html'; may be given again")
	flags.StringVar(&f.contains, "contains", "", "`text` that the body must contain")
	flags.StringVar(&f.body, "body", "", "`text` to send, with POST")
	flags.BoolVar(&f.insecure, "insecure", false, "accept any certificate (development only)")
	flags.BoolVar(&f.noFollow, "no-follow", false, "judge a redirect itself instead of where it leads")
	flags.BoolVar(&f.printJSON, "json", false, "print JSON")
	return f
}

func parseMethod(text string) (string, error) {
	method := strings.ToUpper(text)
	if slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodHead}, method) {
		return method, nil
	}
	return "", fmt.Errorf("%q is no method of a check: write GET, POST or HEAD", text)
}

// statusRange is the status codes from min to max.
type statusRange struct{ min, max int }

func parseStatusRange(text string) (r statusRange, err error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	var err1, err2 error
	r.min, err1 = strconv.Atoi(low)
	r.max, err2 = strconv.Atoi(high)
	if err1 != nil || err2 != nil || r.min < 100 || r.max > 599 || r.min > r.max {
		return statusRange{}, fmt.Errorf("%q are no status codes: write one from 100 to 599, or a range like 200-299", text)
	}
	return r, nil
}

func parseHeaders(lines []string) (map[string]string, error) {
	headers := make(map[string]string, len(lines))
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("--header %q: write it like 'Accept: text/html'", line)
		}
		headers[name] = value
	}
	return headers, nil
}

func (f *checkFlags) target(address string) (probe.Target, error) {
	u, err := webURL(address)
	if err != nil {
		return probe.Target{}, err
	}
	headers, err := parseHeaders(f.headers)
	switch {
	case err != nil:
		return probe.Target{}, err
	case u.User != nil:
		return probe.Target{}, fmt.Errorf("the URL holds a password: send it with --header 'Authorization: ...' instead")
	case f.contains != "" && f.method.value == http.MethodHead:
		return probe.Target{}, fmt.Errorf("the answer to HEAD has no body: leave out --contains, or use --method GET")
	case f.body != "" && f.method.value != http.MethodPost:
		return probe.Target{}, fmt.Errorf("--body needs --method POST")
	}
	return probe.Target{
		URL: u.String(), Method: f.method.value, Headers: headers, Body: f.body,
		ExpectedStatusMin: f.expect.value.min, ExpectedStatusMax: f.expect.value.max, BodyContains: f.contains,
		Timeout: f.timeout.value, DegradedAfter: f.degraded.value,
		InsecureSkipVerify: f.insecure, FollowRedirects: !f.noFollow,
	}, nil
}

// look probes, prints, and fails without a word when the target is down: the table has said it.
func (f *checkFlags) look(ctx context.Context, c *config, target probe.Target) error {
	prober := probe.New(probe.Options{
		Allow: f.probe.allow.value, Proxy: f.probe.proxy.value, UserAgent: "statusd/" + programVersion(), Now: c.now,
	})
	defer prober.Close()
	result, err := prober.Look(ctx, target)
	if err != nil {
		return fmt.Errorf("the probe was cut off: %w", err)
	}
	report := reportOf(target.URL, result)
	if f.printJSON {
		err = printJSON(c.out, report)
	} else {
		err = report.print(c)
	}
	if err == nil && result.Outcome == probe.Down {
		return errSilent
	}
	return err
}

// report is a probe's result as it is printed.
type report struct {
	URL        string             `json:"url"`
	At         time.Time          `json:"at"`
	Status     string             `json:"status"`
	StatusCode *int               `json:"statusCode"`
	LatencyMs  float64            `json:"latencyMs"`
	Error      string             `json:"error"`
	Address    string             `json:"address"`
	PhasesMs   map[string]float64 `json:"phasesMs"`
	phases     []phase
}

type phase struct {
	name, key string
	took      time.Duration
}

func reportOf(url string, r probe.Result) report {
	out := report{
		URL: url, At: r.At.UTC(), Status: r.Outcome.String(), LatencyMs: inMs(r.Latency), Error: r.Reason.String(), Address: r.RemoteAddr,
		phases: []phase{
			{"DNS", "dns", r.Phases.DNS}, {"connect", "connect", r.Phases.Connect}, {"TLS", "tls", r.Phases.TLS},
			{"first byte", "firstByte", r.Phases.FirstByte}, {"body", "body", r.Phases.Body},
		},
	}
	if r.StatusCode != 0 {
		out.StatusCode = &r.StatusCode
	}
	out.PhasesMs = make(map[string]float64, len(out.phases))
	for _, p := range out.phases {
		out.PhasesMs[p.key] = inMs(p.took)
	}
	return out
}

// inMs keeps three decimals: what is below a microsecond is noise.
func inMs(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r report) print(c *config) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, cell(value))
		}
	}
	line("status", r.Status)
	line("reason", r.Error)
	if r.StatusCode != nil {
		line("code", strconv.Itoa(*r.StatusCode))
	}
	line("address", r.Address)
	for _, p := range r.phases {
		if p.took > 0 {
			line("  "+p.name, fmt.Sprintf("%.1f ms", inMs(p.took)))
		}
	}
	line("latency", fmt.Sprintf("%.1f ms", r.LatencyMs))
	return w.Flush()
}
