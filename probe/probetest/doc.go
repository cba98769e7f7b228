// Package probetest has servers to look at, all on loopback: a friendly one ([New]) that does what it is told, and hostile ones that
// lie, hang, flood and break off. They end with the test that asked for them.
// It never reaches beyond loopback and knows nothing of what looks at it. Start with server.go (friendly), then wire.go (bytes),
// hostile.go (HTTP), certificate.go and tls.go (TLS), h2.go (HTTP/2), dns.go, proxy.go, and storm.go (all of it at random).
package probetest
