package probetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"golang.org/x/net/http2"
)

// Storm answers the request for /N in a way that only N decides: with a good answer gone wrong, or with none. So that much of the
// storm stays cheap, only some answers hang.
func Storm(c net.Conn) {
	var seed uint64
	fmt.Sscanf(string(Head(c)), "GET /%d", &seed)
	rnd := rand.New(rand.NewPCG(seed, 6))
	answer := Hostile(rnd)
	switch n := rnd.IntN(100); {
	case n < 10:
		c.Write(answer[:rnd.IntN(len(answer)+1)])
		Break(c)
	case n < 14:
		c.Write(answer)
		Hang(c)
	case n < 16:
		Dribble(c, answer, 3*time.Millisecond)
	case n < 30:
		c.Write(answer[:rnd.IntN(len(answer)+1)])
	default:
		c.Write(answer)
	}
}

// StormH2 is Storm over HTTP/2: frames that may or may not follow each other.
func StormH2(c net.Conn) {
	f, stream := H2Request(c)
	if f == nil {
		return
	}
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 6))
	for range rnd.IntN(12) {
		payload := make([]byte, rnd.IntN(64))
		for i := range payload {
			payload[i] = byte(rnd.Uint32())
		}
		if rnd.IntN(2) == 0 {
			payload = Fields(":status", []string{"200", "503", "100", "x", ""}[rnd.IntN(5)], "content-length", "-1")
		}
		id := []uint32{stream, stream, stream, 0, stream + 2}[rnd.IntN(5)]
		if f.WriteRawFrame(http2.FrameType(rnd.IntN(11)), http2.Flags(rnd.Uint32()), id, payload) != nil {
			return
		}
	}
	if rnd.IntN(20) == 0 {
		Hang(c)
	}
}

// parts of answers; each kind is chosen from by itself.
var (
	starts = []string{"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 503 Busy\r\n",
		"HTTP/1.1 999 ?\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n", "HTTP/1.0 200\r\n", "HTTP/9.9 200 OK\r\n",
		"HTTP/1.1 2000 OK\r\n", "HTTP/1.1 -1 OK\r\n", "HTTP/1.1\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01\x00\x02\x02\x28", "", "\r\n", "\x00",
		"HTTP/1.1 302 Found\r\nLocation: /1\r\n", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n", "HTTP/1.1 301 Moved\r\nLocation: //\r\n",
		"HTTP/1.1 307 Again\r\nLocation: http://[::1\r\n", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:0/\r\n",
		"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n", "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n"}
	fields = []string{"Content-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
		"Content-Length: 9000000000000000000\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding: bogus\r\n", "Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n", "Connection: keep-alive\r\n", "Trailer: X\r\n", ": empty\r\n",
		"No colon\r\n", " folded\r\n", "X: \x00\x01\r\n", "X\x00: y\r\n", "X: é\xff\r\n", "Set-Cookie: a=b\r\n"}
	bodies = []string{"hello", "", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n", "zz\r\nhello\r\n", "ffffffffffffffffff\r\n", "5;" + strings.Repeat("x", 5000) + "\r\nhello",
		"0\r\nX: y\r\n\r\n", "0\r\nX", "\x1f\x8b", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xffgarbage", "-1\r\n", "5\nhello\n0\n\n", "\x00\x00\x00"}
)

// Hostile makes an answer: put together of parts, and then perhaps damaged.
func Hostile(rnd *rand.Rand) []byte {
	var b bytes.Buffer
	for range rnd.IntN(8) / 7 * rnd.IntN(60) {
		b.WriteString("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
	}
	b.WriteString(pick(rnd, starts))
	for range rnd.IntN(4) {
		b.WriteString(pick(rnd, fields))
	}
	if rnd.IntN(40) == 0 {
		b.WriteString(strings.Repeat("X-Large: "+strings.Repeat("y", 1000)+"\r\n", rnd.IntN(200)))
	}
	if rnd.IntN(10) > 0 {
		b.WriteString("\r\n")
	}
	switch rnd.IntN(40) {
	case 0:
		b.Write(Gzip(strings.NewReader(strings.Repeat("bomb", 1<<uint(rnd.IntN(20))))))
	case 1:
		b.WriteString(strings.Repeat("body ", rnd.IntN(400_000)))
	case 2:
		b.WriteString(strings.Repeat("1\r\nx\r\n", rnd.IntN(20_000)))
	default:
		b.WriteString(pick(rnd, bodies))
	}
	out := b.Bytes()
	for range rnd.IntN(3) / 2 * rnd.IntN(8) {
		if len(out) > 0 {
			out[rnd.IntN(len(out))] = byte(rnd.Uint32())
		}
	}
	return out
}

func pick(rnd *rand.Rand, from []string) string { return from[rnd.IntN(len(from))] }
