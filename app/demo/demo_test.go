package demo_test

import (
	"testing"
	"time"

	"statusd/app"
	"statusd/app/demo"
	"statusd/store/storetest"
)

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := storetest.New(b)
		b.StartTimer()
		if _, err := demo.Fill(b.Context(), app.Config{Store: s, MinInterval: demo.MinInterval}, "http://127.0.0.1:1", time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
