package main

import (
	"os"
	"path/filepath"
	"testing"

	"statusd/app/web/browsertest"
)

// TestScreensOfTheDemo pictures the demo for the README: readme.png in the folder STATUSD_SCREENS is docs/page.png.
func TestScreensOfTheDemo(t *testing.T) {
	folder := os.Getenv("STATUSD_SCREENS")
	if folder == "" {
		t.Skip("STATUSD_SCREENS is not set")
	}
	s := launch(t, "--demo", "--log-level", "info")
	tab := browsertest.New(t)
	tab.Speak("en-GB", "UTC")
	tab.As(browsertest.Look{Width: 1280, Height: 1400})
	tab.Open(s.address + "/p/demo")
	tab.Window(filepath.Join(folder, "readme.png"))
	tab.Open(s.address + "/p/demo-tr?lang=tr")
	tab.Window(filepath.Join(folder, "readme-tr.png"))
	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
}
