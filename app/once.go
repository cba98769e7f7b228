package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"statusd/app/model"
	"statusd/store"
)

// joined is the transaction that use cases called with a context take part in, instead of beginning one of their own.
type joined struct{}

// within is a context with which use cases take part in a transaction.
func within(ctx context.Context, tx *store.Tx) context.Context {
	return context.WithValue(ctx, joined{}, tx)
}

// write runs f in the transaction of the context, or in one of its own.
func (a *App) write(ctx context.Context, f func(*store.Tx) error) error {
	if tx, ok := ctx.Value(joined{}).(*store.Tx); ok {
		return f(tx)
	}
	return a.Store.Write(ctx, store.Synced, f)
}

// read lets f see the state of the context's transaction, or the newest committed one.
func (a *App) read(ctx context.Context, f func(store.View) error) error {
	if tx, ok := ctx.Value(joined{}).(*store.Tx); ok {
		return f(tx.View)
	}
	return a.Store.Read(ctx, f)
}

// Together carries out the use cases that act calls with its context in one transaction: all of them or none, and one wait for
// the disk.
func (a *App) Together(ctx context.Context, act func(context.Context) error) error {
	return a.write(ctx, func(tx *store.Tx) error { return act(context.WithValue(ctx, joined{}, tx)) })
}

// Answer is what a request was answered, as it is kept for repeats.
type Answer struct {
	Status   int
	Location string
	Body     []byte
}

// Once answers a POST that carries an Idempotency-Key: what act does and the answer to it are committed together, so that a
// repeat within 24 hours gets the same answer and nothing is done twice, whenever the process is killed. The fingerprint is of
// method, path and body; the same key with another one is a Conflict. An act that fails leaves nothing behind; one that lacks a logo
// is begun again with it.
func (a *App) Once(ctx context.Context, by model.Actor, key string, fingerprint []byte, act func(context.Context) (Answer, error)) (Answer, error) {
	var answer Answer
	err := a.writeWithLogo(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, repeated, err := a.answered(ctx, tx.View, by, key, fingerprint)
		if err != nil || repeated {
			answer = before
			return err
		}
		if answer, err = act(within(ctx, tx)); err != nil {
			return err
		}
		return tx.AddAnswer(ctx, by.Token, key, a.kept(answer, fingerprint))
	})
	return answer, err
}

// Replay is Once for an act that takes long (a probe, a call of a restart target): it does not hold the database meanwhile. Repeats wait
// for each other, and the answer is kept also for a client that has gone away. A kill between the act and its answer has it done again,
// unless the act has kept by itself what it was asked by: see requested.
func (a *App) Replay(ctx context.Context, by model.Actor, key string, fingerprint []byte, act func(context.Context) (Answer, error)) (Answer, error) {
	var answer Answer
	var repeated bool
	done, err := a.repeats.take(ctx, turn{by.Token, key})
	if err != nil {
		return answer, err
	}
	defer done()
	err = a.Store.Read(ctx, func(v store.View) (err error) {
		answer, repeated, err = a.answered(ctx, v, by, key, fingerprint)
		return err
	})
	if err != nil || repeated {
		return answer, err
	}
	if answer, err = act(context.WithValue(ctx, request{}, requestHash(by.Token, key, fingerprint))); err != nil {
		return answer, err
	}
	ctx = context.WithoutCancel(ctx) // what was done was done
	err = a.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		before, repeated, err := a.answered(ctx, tx.View, by, key, fingerprint)
		if err != nil || repeated { // another was quicker: both are answered alike
			answer = before
			return err
		}
		return tx.AddAnswer(ctx, by.Token, key, a.kept(answer, fingerprint))
	})
	return answer, err
}

// request is by what an act of Replay was asked.
type request struct{}

// requested is a hash of the request that an act is done for, the same for each repeat; nil for one that cannot be repeated.
func requested(ctx context.Context) []byte {
	hash, _ := ctx.Value(request{}).([]byte)
	return hash
}

func requestHash(token model.TokenID, key string, fingerprint []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %s", token, len(key), key)
	h.Write(fingerprint)
	return h.Sum(nil)
}

func (a *App) kept(answer Answer, fingerprint []byte) store.Answer {
	return store.Answer{Fingerprint: fingerprint, Status: answer.Status, Location: answer.Location, Body: answer.Body, Created: a.Now()}
}

func (a *App) answered(ctx context.Context, v store.View, by model.Actor, key string, fingerprint []byte) (Answer, bool, error) {
	before, err := v.Answer(ctx, by.Token, key)
	if errors.Is(err, store.ErrNone) || err == nil && a.Now().Sub(before.Created) > keepAnswers {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, err
	}
	if !before.Same(fingerprint) {
		return Answer{}, false, model.Conflict{Code: "idempotency_key"}
	}
	return Answer{before.Status, before.Location, before.Body}, true, nil
}

// repeats lets requests with one key wait for each other.
type repeats struct {
	mu    sync.Mutex
	taken map[turn]chan struct{} // closed when it is given back
}

// turn is the right to answer a key of a token.
type turn struct {
	token model.TokenID
	key   string
}

// take waits for the turn; what it returns gives it back.
func (r *repeats) take(ctx context.Context, of turn) (giveBack func(), err error) {
	for {
		mine, theirs := r.tryTake(of)
		if theirs == nil {
			return func() { r.giveBack(of, mine) }, nil
		}
		select {
		case <-theirs:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *repeats) tryTake(of turn) (mine, theirs chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if theirs = r.taken[of]; theirs != nil {
		return nil, theirs
	}
	if r.taken == nil {
		r.taken = map[turn]chan struct{}{}
	}
	mine = make(chan struct{})
	r.taken[of] = mine
	return mine, nil
}

func (r *repeats) giveBack(of turn, mine chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.taken, of)
	close(mine)
}
