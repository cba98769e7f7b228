package probetest

import (
	"bytes"
	"fmt"
	"io"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// H2 reads an HTTP/2 request up to its HEADERS and lets the test answer, frame by frame, on the stream that they came on.
func (a *Authority) H2(answer func(f *http2.Framer, stream uint32)) string {
	a.t.Helper()
	return a.Inside(func(c net.Conn) {
		if f, stream := H2Request(c); f != nil {
			answer(f, stream)
			Hang(c)
		}
	}, "h2")
}

// H2Request reads up to a request's HEADERS; nil when there are none.
func H2Request(c net.Conn) (*http2.Framer, uint32) {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c, preface); err != nil {
		return nil, 0
	}
	f := http2.NewFramer(c, c)
	f.AllowIllegalWrites = true
	f.WriteSettings()
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return nil, 0
		}
		if _, ok := frame.(*http2.HeadersFrame); ok {
			return f, frame.Header().StreamID
		}
	}
}

// Fields encodes name, value, name, value ... as a header block.
func Fields(pairs ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		e.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return b.Bytes()
}

// GoAway answers with GOAWAY and closes; last is the newest stream that it claims to have looked at.
func (a *Authority) GoAway(code http2.ErrCode, last uint32, debug string) string {
	a.t.Helper()
	return a.Inside(func(c net.Conn) {
		f, _ := H2Request(c)
		if f == nil {
			return
		}
		f.WriteGoAway(last, code, []byte(debug))
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		Hang(c)
	}, "h2")
}

// ResetStream answers with RST_STREAM.
func (a *Authority) ResetStream(code http2.ErrCode) string {
	a.t.Helper()
	return a.H2(func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, code) })
}

// SettingsFlood sends SETTINGS without an end and never answers.
func (a *Authority) SettingsFlood() string {
	a.t.Helper()
	return a.H2(func(f *http2.Framer, _ uint32) {
		for f.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 20}) == nil {
		}
	})
}

// LargeHeaders answers over HTTP/2 with so many bytes of headers.
func (a *Authority) LargeHeaders(size int) string {
	a.t.Helper()
	return a.H2(func(f *http2.Framer, stream uint32) {
		pairs := []string{":status", "200"}
		for i := range size / 100 {
			pairs = append(pairs, "x-large", fmt.Sprintf("%0100d", i))
		}
		block := Fields(pairs...)
		for first := true; len(block) > 0; first = false {
			part := block[:min(len(block), 16<<10)]
			block = block[len(part):]
			if first {
				f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: part, EndHeaders: len(block) == 0})
			} else {
				f.WriteContinuation(stream, len(block) == 0, part)
			}
		}
	})
}
