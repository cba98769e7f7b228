package restart

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// ending is how a command ended.
type ending struct {
	status *int   // nil: killed, or not known
	signal string // "TERM"; "" for none
}

// linger is how long output is waited for once the command has ended: what it has started in the background may hold its output open
// for as long as it lives.
const linger = 2 * time.Second

// run runs a command until it ends or the context does. The reason says why it did not begin.
//
// It is the library's Session but for two things: it ends with the command and not with the last who holds its output, and it never
// waits for a host that has fallen silent.
func (l *login) run(ctx context.Context, command string, said io.Writer) (ending, Reason) {
	ch, requests, err := l.client.OpenChannel("session", nil)
	if err != nil {
		return ending{}, l.unopened(ctx, err)
	}
	ends := make(chan ending, 1)
	var streams sync.WaitGroup
	streams.Go(func() { watch(requests, ends) })
	streams.Go(func() { io.Copy(said, ch) })
	streams.Go(func() { io.Copy(said, ch.Stderr()) })
	defer func() { l.client.Close(); streams.Wait() }()
	begun, err := ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{command}))
	if err == nil && !begun {
		return ending{}, Because(SSHNoCommand)
	}
	if err != nil {
		return ending{}, Reason{} // lost on the way: it may have begun
	}
	ch.CloseWrite() // it has nothing to read, and should not wait for it
	var end ending
	select {
	case end = <-ends:
	case <-ctx.Done():
		return end, Reason{}
	}
	all := make(chan struct{})
	go func() { streams.Wait(); close(all) }()
	wait(ctx, all)
	return end, Reason{}
}

// wait waits for the rest of the output, but not for long.
func wait(ctx context.Context, all <-chan struct{}) {
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-all:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// watch says once how the command ended, as soon as that is known: RFC 4254 §6.10.
func watch(requests <-chan *ssh.Request, ends chan<- ending) {
	var end ending
	known := false
	for r := range requests {
		if e, ok := endOf(r); ok && !known {
			end, known = e, true
			ends <- end
		}
		if r.WantReply {
			r.Reply(false, nil)
		}
	}
	if !known {
		ends <- ending{}
	}
}

func endOf(r *ssh.Request) (ending, bool) {
	switch r.Type {
	case "exit-status":
		var msg struct{ Status uint32 }
		if ssh.Unmarshal(r.Payload, &msg) != nil {
			return ending{}, false
		}
		status := int(msg.Status)
		return ending{status: &status}, true
	case "exit-signal":
		var msg struct {
			Signal     string
			CoreDumped bool
			Message    string
			Language   string
		}
		if ssh.Unmarshal(r.Payload, &msg) != nil || msg.Signal == "" {
			return ending{}, false
		}
		return ending{signal: msg.Signal}, true
	}
	return ending{}, false
}

func (l *login) unopened(ctx context.Context, err error) Reason {
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused) && refused.Message != "":
		return Because(SSHNoSession, refused.Message)
	case errors.As(err, &refused):
		return Because(SSHNoSession, refused.Reason.String())
	case ctx.Err() != nil:
		return Because(SSHSessionTime, span(l.timeout))
	}
	return Because(SSHSignInClosed)
}
