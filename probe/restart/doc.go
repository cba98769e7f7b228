// Package restart knows how to help: a [Firer] calls a restart [Target], which is an HTTP endpoint, a command over SSH or a Coolify
// resource, and says in a [Firing] what came of it, with every secret of the target masked.
// It never decides when to fire, never fires twice, and stores nothing: the host key that it saw is handed back to be recorded.
// Start with target.go, then http.go, coolify.go and ssh.go; reason.go has every sentence, mask.go keeps the secrets in. It implements
// SPEC.md section 5 and INTEROP.md sections 1 and 6.
//
// # What counts as success
//
//	http      the whole answer came in time and its status is in the range; a redirect is an answer like any other, never followed
//	ssh       the command ended with exit code 0; a signal, no status at all and the end of patience are told apart
//	coolify   status 200 and a body that names the resource and refuses nothing
//
// A firing that failed may have had its effect all the same: a command goes on running when nobody waits for it, a server may act
// before it is cut off. The sentences say so where it may be.
package restart
