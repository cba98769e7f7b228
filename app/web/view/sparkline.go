package view

import (
	"strconv"
	"time"
)

// The sparkline's box, in units of its viewBox.
const (
	sparkWidth  = 112
	sparkTop    = 2
	sparkBottom = 22
	sparkPoints = 24
)

// Sparkline draws latencies as a path, the newest at the right edge, with a gap where nothing was answered. The mean lies at
// half the height, so that a steady line is calm and a slow hour stands out. "" when there is nothing to draw.
func Sparkline(recent []time.Duration) string {
	recent = recent[max(0, len(recent)-sparkPoints):]
	top := sparkScale(recent)
	if top == 0 {
		return ""
	}
	var path []byte
	drawing := false
	for i, d := range recent {
		if d <= 0 {
			drawing = false
			continue
		}
		path = append(path, sparkCommand(drawing))
		path = strconv.AppendInt(path, int64(sparkX(sparkPoints-len(recent)+i)), 10)
		path = append(path, ' ')
		path = strconv.AppendInt(path, int64(sparkY(d, top)), 10)
		if !drawing && (i+1 == len(recent) || recent[i+1] <= 0) {
			path = append(path, "h1"...) // a point alone would not be seen
		}
		drawing = true
	}
	return string(path)
}

// sparkScale is the latency at the upper edge: twice the mean, or the slowest; 0 when nothing was answered.
func sparkScale(recent []time.Duration) time.Duration {
	var sum, slowest time.Duration
	answered := 0
	for _, d := range recent {
		if d > 0 {
			sum += d
			answered++
		}
		slowest = max(slowest, d)
	}
	if answered == 0 {
		return 0
	}
	return max(slowest, 2*sum/time.Duration(answered))
}

func sparkCommand(drawing bool) byte {
	if drawing {
		return 'L'
	}
	return 'M'
}

func sparkX(i int) int { return (i*sparkWidth + (sparkPoints-1)/2) / (sparkPoints - 1) }

func sparkY(d, top time.Duration) int {
	return sparkBottom - int(float64(sparkBottom-sparkTop)*float64(d)/float64(top)+0.5)
}
