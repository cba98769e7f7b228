package app

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"statusd/store"
)

// An export is a tar of three files, in this order. Nothing in it is left to chance: the same parts give the same bytes, and an
// archive is accepted only when writing its parts again gives the bytes that were read. So every change is noticed, also one in
// a header or in the padding, and nothing but these files can be in it.
const manifestFile = "manifest.json"

// exportFormat counts the changes of the format.
const exportFormat = 1

// The largest parts that are read.
const (
	maxManifest = 1 << 20
	maxKey      = 1 << 10
	maxDatabase = 1 << 40
)

// Manifest says what is in an export.
type Manifest struct {
	Format  int              `json:"format"`
	Statusd string           `json:"statusd"` // the version that wrote it
	Schema  int64            `json:"schema"`
	Created time.Time        `json:"created"`
	Rows    map[string]int64 `json:"rows"` // of each table
	Parts   []Part           `json:"parts"`
	Digest  string           `json:"digest"` // SHA-256 of this file with 64 zeros here
}

// Part is one file of an export.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Total is how many rows all tables have.
func (m Manifest) Total() (n int64) {
	for _, rows := range m.Rows {
		n += rows
	}
	return n
}

var noDigest = strings.Repeat("0", 2*sha256.Size)

// encode is the manifest's file.
func (m Manifest) encode() ([]byte, error) {
	m.Digest = noDigest
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	return bytes.Replace(text, []byte(noDigest), []byte(digest(text)), 1), nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readManifest reads what encode made, and refuses everything else.
func readManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: its manifest cannot be read", errDamaged)
	}
	if m.Format > exportFormat {
		return m, fmt.Errorf("the export has format %d, this statusd knows up to %d: it was written by a newer release; use that one", m.Format, exportFormat)
	}
	if know := store.SchemaVersion(); m.Schema > know {
		return m, store.Newer{Have: m.Schema, Know: know}
	}
	if len(m.Digest) != len(noDigest) || digest(bytes.Replace(text, []byte(m.Digest), []byte(noDigest), 1)) != m.Digest {
		return m, fmt.Errorf("%w: its manifest was changed", errDamaged)
	}
	return m, m.plausible()
}

func (m Manifest) plausible() error {
	if len(m.Parts) != 2 || m.Parts[0].Name != store.DatabaseFile || m.Parts[1].Name != store.KeyFile {
		return fmt.Errorf("%w: its manifest does not list the database and the key", errDamaged)
	}
	if m.Parts[0].Size < 0 || m.Parts[0].Size > maxDatabase || m.Parts[1].Size < 0 || m.Parts[1].Size > maxKey {
		return fmt.Errorf("%w: its manifest lists parts of an impossible size", errDamaged)
	}
	return nil
}

// writeArchive writes the tar.
func writeArchive(w io.Writer, manifest []byte, created time.Time, database io.Reader, size int64, key string) error {
	tw := tar.NewWriter(w)
	for _, part := range []struct {
		name string
		size int64
		text io.Reader
	}{
		{manifestFile, int64(len(manifest)), bytes.NewReader(manifest)},
		{store.DatabaseFile, size, database},
		{store.KeyFile, int64(len(key)), strings.NewReader(key)},
	} {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: part.name, Size: part.size, Mode: 0o600, ModTime: created}
		if err := tw.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(tw, part.text); err != nil {
			return err
		}
	}
	return tw.Close()
}

// unpacked is an export whose bytes are known to be the ones that were written. What the database holds is not looked at yet.
type unpacked struct {
	Manifest
	database string // a file
	key      string
}

// unpack reads an archive and lays its database down in a folder.
func unpack(ctx context.Context, r io.Reader, database string) (u unpacked, err error) {
	seen := &seenBytes{r: withContext(ctx, r), sum: sha256.New()}
	tr := tar.NewReader(seen)
	manifest, err := readPart(tr, manifestFile, maxManifest)
	if err != nil {
		return u, err
	}
	if u.Manifest, err = readManifest(manifest); err != nil {
		return u, err
	}
	u.database = database
	if err := layDown(tr, u.Parts[0], database); err != nil {
		return u, err
	}
	key, err := readPart(tr, store.KeyFile, maxKey)
	if err != nil {
		return u, err
	}
	if u.key = string(key); digest(key) != u.Parts[1].SHA256 {
		return u, fmt.Errorf("%w: the checksum of %s is wrong", errDamaged, store.KeyFile)
	}
	if _, err := tr.Next(); err == nil {
		return u, fmt.Errorf("%w: it holds more than the three files of an export", errDamaged)
	} else if !errors.Is(err, io.EOF) {
		return u, unreadable(err)
	}
	return u, u.sameBytes(ctx, seen, manifest)
}

// sameBytes compares what was read with what writing the parts would give.
func (u unpacked) sameBytes(ctx context.Context, seen *seenBytes, manifest []byte) error {
	if n, err := io.CopyN(io.Discard, seen, 1); n > 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it goes on behind its end", errDamaged)
	}
	f, err := os.Open(u.database)
	if err != nil {
		return err
	}
	defer f.Close()
	again := &writtenBytes{sum: sha256.New()}
	if err := writeArchive(again, manifest, u.Created, withContext(ctx, f), u.Parts[0].Size, u.key); err != nil {
		return err
	}
	switch {
	case seen.n < again.n:
		return fmt.Errorf("%w: it is cut short", errDamaged)
	case !bytes.Equal(seen.sum.Sum(nil), again.sum.Sum(nil)):
		return fmt.Errorf("%w: it was changed after it was written", errDamaged)
	}
	return nil
}

// nextPart goes to the next file, which must be a plain one of the given name and bounded.
func nextPart(tr *tar.Reader, name string, limit int64) (*tar.Header, error) {
	h, err := tr.Next()
	switch {
	case err != nil:
		return nil, unreadable(err)
	case h.Name != name:
		return nil, fmt.Errorf("%w: %q stands in it where %s should", errDamaged, h.Name, name)
	case h.Typeflag != tar.TypeReg || sparse(h):
		return nil, fmt.Errorf("%w: %s in it is no plain file", errDamaged, name)
	case h.Size < 0 || h.Size > limit:
		return nil, fmt.Errorf("%w: %s in it is too large", errDamaged, name)
	}
	return h, nil
}

// sparse says whether a header declares holes, with which a few bytes would unfold to any size.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if key != "size" { // of a database above 8 GiB
			return true
		}
	}
	return false
}

func readPart(tr *tar.Reader, name string, limit int64) ([]byte, error) {
	if _, err := nextPart(tr, name, limit); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(tr, limit))
	if err != nil {
		return nil, unreadable(err)
	}
	return text, nil
}

func layDown(tr *tar.Reader, part Part, file string) error {
	h, err := nextPart(tr, part.Name, maxDatabase)
	if err != nil {
		return err
	}
	if h.Size != part.Size {
		return fmt.Errorf("%w: %s is not as long as its manifest says", errDamaged, part.Name)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(f, io.TeeReader(readOnly{tr}, sum))
	if err := errors.Join(err, f.Close()); err != nil {
		return unreadable(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != part.SHA256 {
		return fmt.Errorf("%w: the checksum of %s is wrong", errDamaged, part.Name)
	}
	return nil
}
