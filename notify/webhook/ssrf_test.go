package webhook

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"statusd/notify"
	"statusd/notify/notifytest"
	"statusd/notify/outbound"
	"statusd/probe/probetest"
)

// The list itself is proven in package outbound; here it is that a Sender goes by it on every way in.
func TestNoDeliveryReachesAnAddressThatIsNotAllowed(t *testing.T) {
	inside := notifytest.New(t)
	inside.Receiver("/", notifytest.Answer(200))
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	home, public := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("8.8.8.8")
	guard := outbound.Guard{Resolver: probetest.Names{Of: map[string][]netip.Addr{
		"private.example": {home}, "mapped.example": {netip.AddrFrom16(home.As16())}, "six.example": {netip.MustParseAddr("::1")},
	}}.Resolver(t)}
	for _, host := range []string{"127.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]", "0.0.0.0", "localhost", "LOCALHOST.",
		"private.example", "mapped.example", "six.example", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"} {
		out := New(Options{Guard: guard}).Send(t.Context(), request("http://"+host+":"+port+"/"))
		if out.Kind != notify.Temporary || out.Reason.Code != notify.BlockedAddress {
			t.Errorf("%s: %+v", host, out)
		}
	}
	for _, host := range []string{"127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "0", "①②⑦.⓪.⓪.①", "127.0.0.1%00", "[fe80::1%25lo]", "u:p@127.0.0.1"} {
		if out := New(Options{Guard: guard}).Send(t.Context(), request("http://"+host+":"+port+"/")); out.Kind != notify.Permanent || out.Reason.Code != notify.BadURL {
			t.Errorf("%s: %+v", host, out)
		}
	}

	// Between the check at signup and the connection the name leads elsewhere.
	before := outbound.Guard{Resolver: probetest.Names{Of: map[string][]netip.Addr{"rebound.example": {public}}}.Resolver(t)}
	if err := before.CheckHost(t.Context(), "rebound.example"); err != nil {
		t.Fatal(err)
	}
	after := outbound.Guard{Resolver: probetest.Names{Of: map[string][]netip.Addr{"rebound.example": {home}}}.Resolver(t)}
	if out := New(Options{Guard: after}).Send(t.Context(), request("http://rebound.example:"+port+"/")); out.Reason.Code != notify.BlockedAddress {
		t.Errorf("rebinding: %+v", out)
	}

	if n := len(inside.Got("/")); n > 0 {
		t.Errorf("%d requests came", n)
	}
}

func TestARedirectIntoOurNetworkIsNotFollowed(t *testing.T) {
	inside := notifytest.New(t)
	inside.Receiver("/", notifytest.Answer(200))
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	outside := notifytest.New(t)
	for _, host := range strings.Fields("127.0.0.1 [::1] [::ffff:127.0.0.1] 0.0.0.0 localhost 169.254.169.254") {
		url := outside.Receiver("/", notifytest.Answer(307, "Location", "http://"+host+":"+port+"/"))
		if out := New(Options{Guard: loopback}).Send(t.Context(), request(url)); out.Reason.Code != notify.Redirected {
			t.Errorf("to %s: %+v", host, out)
		}
	}
	if n := len(inside.Got("/")); n > 0 {
		t.Errorf("%d requests came", n)
	}
}
