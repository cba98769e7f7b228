package restart

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// A question to a DNS server that stays silent is given up by whoever asked; the resolver itself waits on for its own time.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net.(*Resolver).exchange"),
		goleak.IgnoreAnyFunction("net.(*Resolver).goLookupIPCNAMEOrder"),
		goleak.IgnoreAnyFunction("net.(*Resolver).lookupIPAddr.func2"))
}
