package app

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"statusd/app/model"
	"statusd/notify/email"
	"statusd/store"
)

// exportHead are the columns of an export.
var exportHead = []string{"channel", "address", "topic", "components", "language", "state", "subscribed at", "confirmed at", "consent"}

// ExportSubscribers writes a page's subscribers that a filter takes as CSV (RFC 4180, UTF-8 with a byte order mark, without which
// spreadsheets misread it); an editor may. No cell is a formula to a spreadsheet. It writes as it reads, and nothing before it knows
// that it may.
func (a *App) ExportSubscribers(ctx context.Context, by model.Actor, page model.PageID, f SubscriberFilter, w io.Writer) error {
	if !by.May(model.Editor) {
		return model.ErrForbidden
	}
	var names map[model.ComponentID]string
	after := store.After{}
	for first := true; ; first = false {
		var rows []model.Subscriber
		err := a.read(ctx, func(v store.View) (err error) {
			own := v.In(by.Workspace)
			if names, err = namesByID(ctx, own, page); err != nil {
				return err
			}
			rows, err = own.Subscribers(ctx, page, after, looked)
			return err
		})
		if err != nil {
			return err
		}
		var out strings.Builder
		if first {
			out.WriteString("\ufeff" + strings.Join(exportHead, ",") + "\r\n")
		}
		for _, s := range rows {
			if after.ID = int64(s.ID); f.takes(s) {
				writeRow(&out, exported(s, names))
			}
		}
		if _, err := io.WriteString(w, out.String()); err != nil || len(rows) < looked {
			return err
		}
	}
}

// namesByID are those of a page; model.ErrNotFound when it is none of the workspace.
func namesByID(ctx context.Context, own store.Owned, page model.PageID) (map[model.ComponentID]string, error) {
	if _, err := own.Page(ctx, page); err != nil {
		return nil, known(err)
	}
	rows, err := own.Components(ctx, page, store.After{}, maxListed)
	names := map[model.ComponentID]string{}
	for _, c := range rows {
		names[c.ID] = c.Name
	}
	return names, err
}

// chosen names the components of a subscriber; none: all. One that is gone is told by its id, lest its absence read as all of them.
func chosen(s model.Subscriber, names map[model.ComponentID]string) (out []string) {
	for _, id := range s.Components {
		name, ok := names[id]
		if !ok {
			name = id.String()
		}
		out = append(out, name)
	}
	return out
}

// exported are the cells of a subscriber.
func exported(s model.Subscriber, names map[model.ComponentID]string) []string {
	return []string{
		s.Channel.String(), s.Address.Reveal(), s.Topic.String(), strings.Join(chosen(s, names), "; "), s.Locale, s.State.String(),
		orNever(s.Created), orNever(s.Active), s.Consent,
	}
}

func orNever(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// writeRow writes cells as RFC 4180 §2 has them, each between quotes: encoding/csv would change the line breaks within them.
func writeRow(out *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + strings.ReplaceAll(defused(cell), `"`, `""`) + `"`)
	}
	out.WriteString("\r\n")
}

// formulaSigns begin what spreadsheets compute instead of showing it (OWASP, CSV injection).
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// defused is a cell that no spreadsheet takes for a formula.
func defused(cell string) string {
	if r, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune(formulaSigns, r) {
		return "'" + cell
	}
	return cell
}

// armed is what a cell was before defused.
func armed(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && defused(rest) != rest {
		return rest
	}
	return cell
}

// SubscriberImport are mail addresses whose owners have agreed elsewhere to be told.
type SubscriberImport struct {
	List    string // one address a line, or CSV: its column "address" or "email", else its first
	Consent string // where and when they agreed: kept with each
	Locale  string // of what they are sent
}

// Imported is what became of the lines of an import.
type Imported struct {
	Added   int // told from now on
	Known   int // there already; twice in the list counts as well
	Refused []RefusedLine
}

// RefusedLine is a line of an import that nobody was subscribed by.
type RefusedLine struct {
	Line int    // from 1
	Text string // what stands there for an address
	Code string // "email": it is none; "channel": it is none of mail; "quote": the line cannot be read as CSV
}

// How much an import may bring, and how much of it is written at once: probes write as well.
const (
	maxImported = 10_000 // lines
	importBatch = 500
	maxConsent  = 300 // characters
)

// ImportSubscribers subscribes mail addresses to all of a page without asking them; an editor may, who says how they agreed. Lines that
// are no address are refused, the others taken. An address that has not confirmed yet is taken to have done so.
func (a *App) ImportSubscribers(ctx context.Context, by model.Actor, page model.PageID, in SubscriberImport) (out Imported, err error) {
	if !by.May(model.Editor) {
		return out, model.ErrForbidden
	}
	var p model.Page
	err = a.read(ctx, func(v store.View) (err error) { p, err = v.In(by.Workspace).Page(ctx, page); return known(err) })
	if err != nil {
		return out, err
	}
	lines := readList(in.List)
	if err := a.validateImport(in, lines); err != nil {
		return out, err
	}
	var found []model.Subscriber
	for _, l := range lines {
		if l.Code != "" {
			out.Refused = append(out.Refused, l)
			continue
		}
		found = append(found, model.Subscriber{
			Workspace: p.Workspace, Page: p.ID, Channel: model.Email, Topic: model.TopicAll, Locale: in.Locale, Address: model.Secret(l.Text), Host: "smtp",
			Consent: strings.TrimSpace(in.Consent),
		})
	}
	for batch := range slices.Chunk(found, importBatch) {
		n, err := a.importBatch(ctx, by, p, batch)
		if err != nil {
			return out, err
		}
		out.Added, out.Known = out.Added+n, out.Known+len(batch)-n
	}
	return out, nil
}

func (a *App) validateImport(in SubscriberImport, lines []RefusedLine) error {
	var v model.Invalid
	named(&v, "consent", strings.TrimSpace(in.Consent), maxConsent)
	if !slices.Contains(a.Languages, in.Locale) {
		v.Add("locale", "choice", "choices", strings.Join(a.Languages, ", "))
	}
	switch {
	case len(lines) == 0:
		v.Add("list", "required")
	case len(lines) > maxImported:
		v.Add("list", "import_many", "max", maxImported)
	}
	return v.Err()
}

// importBatch writes some subscribers and says how many are new. The trail counts them; what it must not know is who.
func (a *App) importBatch(ctx context.Context, by model.Actor, p model.Page, batch []model.Subscriber) (added int, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		added = 0
		for _, s := range batch {
			fresh, err := a.importOne(ctx, tx, s)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		if added == 0 {
			return nil
		}
		tx.AfterCommit(func() { a.followers.tell(p.ID) })
		return a.audited(ctx, tx, by, model.Audit{
			Page: p.ID, Action: model.SubscribersImported, Subject: pageTrail.subject(p), Changes: []model.Change{{Field: "subscribers", To: int64(added)}},
		})
	})
	return added, err
}

// importOne subscribes an address, or confirms what waits to be; false when it is subscribed already.
func (a *App) importOne(ctx context.Context, tx *store.Tx, s model.Subscriber) (fresh bool, err error) {
	was, err := tx.SubscriberByAddress(ctx, s.Page, s.Channel, s.Address)
	switch {
	case errors.Is(err, store.ErrNone):
		s.ID, s.Created, s.Token = model.NewSubscriberID(), a.Now().UTC().Truncate(time.Millisecond), newManagementToken()
		if err := a.activate(ctx, tx, &s); err != nil {
			return false, err
		}
		return true, tx.In(s.Workspace).AddSubscriber(ctx, s, tokenHash(s.Token.Reveal()))
	case err != nil, was.State != model.Pending:
		return false, err
	}
	was.Consent = s.Consent
	if err := a.activate(ctx, tx, &was); err != nil {
		return false, err
	}
	return true, known(tx.SetSubscriber(ctx, was))
}

// readList reads the lines of an import: a line with a Code is refused, the Text of the others is an address. One more than there may
// be is enough to see that there are too many.
func readList(list string) (out []RefusedLine) {
	list = strings.TrimPrefix(list, "\ufeff")
	lines := strings.Split(list, "\n")
	r := csv.NewReader(strings.NewReader(list))
	r.FieldsPerRecord, r.Comma = -1, separator(list)
	r.TrimLeadingSpace = r.Comma != '\t'
	var columns columns
	for first := true; len(out) <= maxImported; first = false {
		cells, err := r.Read()
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			out = append(out, RefusedLine{Line: bad.StartLine, Text: strings.TrimSpace(lines[bad.StartLine-1]), Code: "quote"})
			continue
		}
		if err != nil { // the end
			return out
		}
		if first && columns.read(cells) {
			continue
		}
		at, _ := r.FieldPos(0)
		if l, ok := columns.line(at, cells); ok {
			out = append(out, l)
		}
	}
	return out
}

// separator is what stands between cells: spreadsheets write a semicolon where the comma is decimal.
func separator(list string) rune {
	first, _, _ := strings.Cut(strings.TrimSpace(list), "\n")
	best := ','
	for _, r := range ";\t" {
		if strings.Count(first, string(r)) > strings.Count(first, string(best)) {
			best = r
		}
	}
	return best
}

// columns are where the cells of a list are.
type columns struct {
	address int
	channel int // from 1; 0: there is none
}

// read takes the first line for the names of the columns, if they are any.
func (c *columns) read(cells []string) bool {
	for i, cell := range cells {
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "address", "email", "e-mail", "mail", "adres", "e-posta", "eposta":
			c.address = i
			for j, other := range cells {
				if strings.EqualFold(strings.TrimSpace(other), "channel") {
					c.channel = j + 1
				}
			}
			return true
		}
	}
	return false
}

// line reads one; false when nothing stands there.
func (c *columns) line(at int, cells []string) (RefusedLine, bool) {
	l := RefusedLine{Line: at}
	if c.address < len(cells) {
		l.Text = armed(strings.TrimSpace(cells[c.address]))
	}
	if c.channel > 0 && c.channel <= len(cells) && cells[c.channel-1] != "" && cells[c.channel-1] != model.Email.String() {
		l.Code = "channel"
		return l, true
	}
	address, ok := email.Address(l.Text)
	if !ok {
		l.Code = "email"
		return l, strings.TrimSpace(strings.Join(cells, "")) != ""
	}
	l.Text = address
	return l, true
}
