package email

import (
	"bytes"
	"mime/quotedprintable"
	"strings"
	"sync"
)

// Opening is how many bytes at the beginning of each part many mails share: they are quoted once. It changes nothing of a mail.
type Opening struct{ Text, HTML int }

// openingsKept bounds how many are remembered: news has two in each language, and a few are told at once.
const openingsKept = 16

// openings remembers what the beginnings of mails look like when they are quoted, which costs as much as all else that is done to write
// one. The nil one remembers nothing. Safe for concurrent use.
type openings struct {
	mutex sync.Mutex
	known map[string][]byte
}

// quote writes a part of which so many bytes are shared. They are cut where a line ends: what comes next is quoted alike whatever was
// before.
func (o *openings) quote(to *bytes.Buffer, text string, shared int) error {
	end := strings.LastIndexByte(text[:max(0, min(shared, len(text)))], '\n') + 1
	if o == nil || end == 0 {
		return quote(to, text)
	}
	quoted, err := o.of(text[:end])
	if err != nil {
		return err
	}
	to.Write(quoted)
	return quote(to, text[end:])
}

func (o *openings) of(text string) ([]byte, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if quoted, ok := o.known[text]; ok {
		return quoted, nil
	}
	var buf bytes.Buffer
	if err := quote(&buf, text); err != nil {
		return nil, err
	}
	if o.known == nil || len(o.known) == openingsKept {
		o.known = map[string][]byte{}
	}
	o.known[strings.Clone(text)] = buf.Bytes() // a clone, for behind it in memory is what is the reader's own
	return buf.Bytes(), nil
}

func quote(to *bytes.Buffer, text string) error {
	to.Grow(len(text) + len(text)/4) // most of it stays as it is
	w := quotedprintable.NewWriter(to)
	if _, err := w.Write([]byte(strings.ToValidUTF8(text, "\uFFFD"))); err != nil {
		return err
	}
	return w.Close()
}
