//go:build race

package public_test

// raceDetector says that the race detector watches, which makes pools forget and allocations uncountable.
const raceDetector = true
