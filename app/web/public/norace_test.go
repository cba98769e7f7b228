//go:build !race

package public_test

const raceDetector = false
