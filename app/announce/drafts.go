package announce

import (
	"bytes"
	"slices"
	"sync"

	"statusd/app/model"
)

// draftsKept bounds how many letters are remembered: a fan-out has one a language, and a few of them go on at once.
const draftsKept = 8

// drafts remembers the letters that were written last, without what is each reader's own: ten thousand readers of one event get the
// same one, and Markdown and templates cost more than the sending.
type drafts struct {
	mutex sync.Mutex
	list  []*draft // the newest last
}

type draft struct {
	about  []Told
	once   sync.Once
	letter Letter
	footer footer // without links
	err    error
}

// of is the draft about a list of events, written now or earlier.
func (d *drafts) of(list []Told, write func() (Letter, footer, error)) (Letter, footer, error) {
	found := d.place(list)
	found.once.Do(func() { found.letter, found.footer, found.err = write() })
	return found.letter, found.footer, found.err
}

func (d *drafts) place(list []Told) *draft {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, known := range d.list {
		if slices.EqualFunc(known.about, list, sameWords) {
			return known
		}
	}
	added := &draft{about: slices.Clone(list)}
	if len(d.list) == draftsKept {
		d.list = slices.Delete(d.list, 0, 1)
	}
	d.list = append(d.list, added)
	return added
}

// sameWords says that two readers are told the same in the same words.
func sameWords(a, b Told) bool {
	return a.Lang == b.Lang && a.Event.Seq == b.Event.Seq && a.Event.Type == b.Event.Type && a.Page == b.Page &&
		a.Links.Page == b.Links.Page && a.Links.Subject == b.Links.Subject && bytes.Equal(a.Event.Payload, b.Event.Payload) &&
		slices.Equal(a.Affected, b.Affected) && slices.EqualFunc(a.Earlier, b.Earlier, sameUpdate)
}

func sameUpdate(a, b model.Update) bool {
	return a.ID == b.ID && a.Status == b.Status && a.Created.Equal(b.Created) && a.Body.Equal(b.Body)
}
