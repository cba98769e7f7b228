package locale_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"statusd/app/locale"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load reads the files of the product; words that are missing fail the test.
func load(t testing.TB) *locale.Bundle {
	t.Helper()
	b, err := locale.Load(os.DirFS("../../assets"))
	if err != nil {
		t.Fatal(err)
	}
	b.Missing = func(lang, key string, err error) { t.Errorf("no words for %q in %s: %v", key, lang, err) }
	return b
}
