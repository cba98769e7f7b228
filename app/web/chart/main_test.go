package chart_test

import (
	"testing"

	"go.uber.org/goleak"

	"statusd/app/web/browsertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(browsertest.Package{M: m}) }
