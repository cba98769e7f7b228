package locale

import (
	"strings"

	"statusd/probe"
)

// Reason words why a probe failed, as model.Result and model.Latest keep it; "" for none. In the messages "probe.<code>" the
// arguments are {{.A}}, {{.B}}, {{.C}} by position. A text that this version has no words for is shown as it is.
func (w *Words) Reason(stored string) string {
	r := probe.DecodeReason(stored)
	if !r.Known() {
		return stored
	}
	sentence := w.say("probe."+r.Code, nil, w.lettered(r.Args, r.Measured()))
	if r.After == "" {
		return sentence
	}
	return w.T("probe."+probe.Redirected, "A", r.After, "B", sentence)
}

// lettered names arguments A, B, C by position; those that are measured are quantities.
func (w *Words) lettered(args []string, measured bool) map[string]any {
	fields := make(map[string]any, len(args))
	for i, arg := range args {
		if measured {
			arg = w.quantity(arg)
		}
		fields[string(rune('A'+i))] = arg
	}
	return fields
}

// quantity words a number and its unit: "1.5 s" is "1,5 sn" in Turkish. What has no unit that we know stays as it is.
func (w *Words) quantity(text string) string {
	number, unit, ok := strings.Cut(text, " ")
	if !ok || !isUnit(unit) {
		return text
	}
	return w.T("unit."+unit, "Number", strings.Replace(number, ".", w.format.decimal, 1))
}

func isUnit(unit string) bool {
	switch unit {
	case "ms", "s", "min", "h", "bytes":
		return true
	}
	return false
}
