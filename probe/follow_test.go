package probe

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestARedirectThatDropsTheBodyDropsWhatDescribesIt(t *testing.T) {
	post := Target{URL: "http://127.0.0.1/a", Method: http.MethodPost, Body: "{}", Headers: map[string]string{"Content-Type": "application/json", "X-Key": "k"}}
	o, err := post.first()
	if err != nil {
		t.Fatal(err)
	}
	h := newHop(context.Background(), o, time.Second)
	for code, want := range map[int]map[string]string{
		http.StatusFound:             {"X-Key": "k"},
		http.StatusTemporaryRedirect: {"Content-Type": "application/json", "X-Key": "k"},
	} {
		next, why := h.follow(code, "/b")
		if why.Code != "" || !cmp.Equal(next.headers, want) {
			t.Errorf("%d: %v %v", code, next.headers, why)
		}
	}
	if len(post.Headers) != 2 {
		t.Error("the target's own headers were changed")
	}
}
