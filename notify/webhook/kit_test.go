package webhook

import (
	"net/netip"
	"testing"

	"go.uber.org/goleak"

	"statusd/notify/outbound"
)

func TestMain(m *testing.M) {
	// A question to a DNS server that stays silent is given up by whoever asked; the resolver itself waits on for its own time.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net.(*Resolver).exchange"),
		goleak.IgnoreAnyFunction("net.(*Resolver).goLookupIPCNAMEOrder"),
		goleak.IgnoreAnyFunction("net.(*Resolver).lookupIPAddr.func2"))
}

// loopback lets a sender reach the receivers of a test.
var loopback = outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}

const secret = "swhs_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"

func request(url string) Request {
	return Request{URL: url, Event: "incident.updated", ID: "dlv_1", Body: []byte(`{"event":"incident.updated"}`), Secret: secret}
}
