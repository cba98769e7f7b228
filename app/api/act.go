package api

import (
	"context"
	"net/http"

	"statusd/app"
	"statusd/app/model"
)

// What most acts do: read the id in the path and the body, call one use case, show what came out.

// named is what the id in a path is read into.
type named[ID any] interface {
	*ID
	UnmarshalText([]byte) error
}

// shows makes an act of something that finds one thing.
func shows[ID, T, J any, P named[ID]](find func(context.Context, model.Actor, ID) (T, error), show func(T) J) act {
	return func(ctx context.Context, in call) (app.Answer, error) {
		id, err := idOf[ID, P](in)
		if err != nil {
			return app.Answer{}, err
		}
		t, err := find(ctx, in.by, id)
		return found(show(t), err)
	}
}

// lists makes an act of something that lists what belongs to one thing.
func lists[ID, T, J any, P named[ID]](list func(context.Context, model.Actor, ID, model.Window) (model.List[T], error), show func(T) J) act {
	return func(ctx context.Context, in call) (app.Answer, error) {
		w, err := in.window()
		if err != nil {
			return app.Answer{}, err
		}
		id, err := idOf[ID, P](in)
		if err != nil {
			return app.Answer{}, err
		}
		l, err := list(ctx, in.by, id, w)
		return listed(l, err, show)
	}
}

// readable are fields that a body can be read by.
type readable[F any] interface {
	reader(body []byte) (func(*F) error, error)
}

// changes makes an act of something that changes one thing.
func changes[ID, F, T, J any, P named[ID]](f readable[F], change func(context.Context, model.Actor, ID, func(*F) error, ...app.Condition) (T, error), show func(T) J) act {
	return func(ctx context.Context, in call) (app.Answer, error) {
		read, err := f.reader(in.body)
		if err != nil {
			return app.Answer{}, err
		}
		id, err := idOf[ID, P](in)
		if err != nil {
			return app.Answer{}, err
		}
		t, err := change(ctx, in.by, id, read)
		return found(show(t), err)
	}
}

// deletes makes an act of something that deletes one thing.
func deletes[ID any, P named[ID]](del func(context.Context, model.Actor, ID) error) act {
	return func(ctx context.Context, in call) (app.Answer, error) {
		id, err := idOf[ID, P](in)
		if err != nil {
			return app.Answer{}, err
		}
		return app.Answer{Status: http.StatusNoContent}, del(ctx, in.by, id)
	}
}

// does makes an act of something that is done to one thing. A body is not needed; one that is sent must be an object without fields.
func does[ID, T, J any, P named[ID]](do func(context.Context, model.Actor, ID) (T, error), show func(T) J) act {
	shown := shows[ID, T, J, P](do, show)
	return func(ctx context.Context, in call) (app.Answer, error) {
		if err := nothing(in.body); err != nil {
			return app.Answer{}, err
		}
		return shown(ctx, in)
	}
}

// step is something that may be done on conditions, without any.
func step[ID, T any](do func(context.Context, model.Actor, ID, ...app.Condition) (T, error)) func(context.Context, model.Actor, ID) (T, error) {
	return func(ctx context.Context, by model.Actor, id ID) (T, error) { return do(ctx, by, id) }
}

// removal is a deletion that may be done on conditions, without any.
func removal[ID any](del func(context.Context, model.Actor, ID, ...app.Condition) error) func(context.Context, model.Actor, ID) error {
	return func(ctx context.Context, by model.Actor, id ID) error { return del(ctx, by, id) }
}

func nothing(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	read, err := fields[struct{}]{}.reader(body)
	if err != nil {
		return err
	}
	return read(&struct{}{})
}
