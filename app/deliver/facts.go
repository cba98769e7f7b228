package deliver

import (
	"context"
	"errors"
	"sync"
	"time"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/store"
)

// factsFor is how long what was read for one letter serves others: thousands of them say the same.
const factsFor = time.Second

// facts are what letters need beside their delivery and their reader, as it was a moment ago.
type facts struct {
	mutex   sync.Mutex
	until   time.Time // monotonic
	pages   map[model.PageID]model.Page
	events  map[int64]model.Event
	stories map[int64]background // by event
}

// background is what an event's payload does not hold.
type background struct {
	affected []string
	earlier  []model.Update
}

// remembered finds something in one of the maps of facts, or reads it and keeps it there.
func remembered[K comparable, V any](f *facts, in func() map[K]V, key K, read func() (V, error)) (V, error) {
	f.mutex.Lock()
	if now := time.Now(); now.After(f.until) {
		f.until = now.Add(factsFor)
		f.pages, f.events, f.stories = map[model.PageID]model.Page{}, map[int64]model.Event{}, map[int64]background{}
	}
	v, ok := in()[key]
	f.mutex.Unlock()
	if ok {
		return v, nil
	}
	v, err := read()
	if err == nil {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		in()[key] = v
	}
	return v, err
}

func (k *Courier) event(ctx context.Context, v store.View, seq int64) (model.Event, error) {
	return remembered(&k.facts, func() map[int64]model.Event { return k.facts.events }, seq, func() (model.Event, error) { return v.Event(ctx, seq) })
}

func (k *Courier) page(ctx context.Context, v store.View, id model.PageID) (model.Page, error) {
	return remembered(&k.facts, func() map[model.PageID]model.Page { return k.facts.pages }, id, func() (model.Page, error) { return v.AnyPage(ctx, id) })
}

// told is one event with what is known of it beside its payload.
func (k *Courier) told(ctx context.Context, v store.View, page model.Page, o order) (announce.Told, error) {
	b, err := remembered(&k.facts, func() map[int64]background { return k.facts.stories }, o.event.Seq, func() (background, error) {
		return readBackground(ctx, v.In(page.Workspace), o.event)
	})
	return announce.Told{
		Event: o.event, Page: page, Affected: b.affected, Earlier: b.earlier, Links: k.links(page, o), Lang: o.subscriber.Locale,
	}, err
}

func readBackground(ctx context.Context, own store.Owned, e model.Event) (b background, err error) {
	if e.Type.Topic() == model.TopicMaintenance {
		m, err := own.Maintenance(ctx, model.MaintenanceID(e.Subject))
		return background{affected: names(m.Affected)}, gone(err)
	}
	i, err := own.Incident(ctx, model.IncidentID(e.Subject))
	if err != nil {
		return b, gone(err)
	}
	b.affected = names(i.Affected)
	updates, err := own.Updates(ctx, i.ID)
	for _, u := range updates {
		if u.Created.Before(e.At.Truncate(time.Millisecond)) {
			b.earlier = append(b.earlier, u)
		}
	}
	return b, err
}

// gone lets be told what has been deleted since: the payload has what was said.
func gone(err error) error {
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	return err
}

func names(list []model.Affected) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Name
	}
	return out
}
