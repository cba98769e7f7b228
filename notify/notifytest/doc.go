// Package notifytest has receivers for tests, all on loopback: good ones, and ones that hang, drip, flood and break off.
// It never reaches beyond loopback. Start with receiver.go.
package notifytest
