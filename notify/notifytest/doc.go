// Package notifytest has receivers for tests, all on loopback: good ones, and ones that hang, drip, flood and break off.
// It never reaches beyond loopback and knows nothing of what calls it. Start with receiver.go, then behaviour.go.
package notifytest
