package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"statusd/notify"
	"statusd/notify/notifytest"
)

func TestASecretServesEveryAlphabet(t *testing.T) {
	form := regexp.MustCompile(`^swhs_[A-Za-z0-9]{32}$`)
	seen := map[string]bool{}
	for range 1000 {
		s := NewSecret()
		key, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(s, "swhs_"))
		if !form.MatchString(s) || seen[s] || err != nil || len(key) != 24 {
			t.Fatalf("%q", s)
		}
		seen[s] = true
		if got := StandardSecret(s); got != "whsec_"+s[5:] {
			t.Fatalf("%q became %q", s, got)
		}
	}
}

// delivered are requests as receivers got them.
type delivered struct {
	secret string
	notifytest.Got
}

// thousand payloads of every kind go out and are caught.
func thousand(t *testing.T) (out []delivered) {
	t.Helper()
	server := notifytest.New(t)
	sender := New(Options{Guard: loopback})
	chance := rand.New(rand.NewPCG(5, 5))
	for i := range 1000 {
		path := fmt.Sprintf("/%d", i)
		r := request(server.Receiver(path, notifytest.Answer(200)))
		r.Secret, r.ID, r.Body = NewSecret(), fmt.Sprintf("dlv_%d", i), payload(chance, i)
		if got := sender.Send(t.Context(), r); got.Kind != notify.Success {
			t.Fatalf("payload %d: %+v", i, got)
		}
		came := server.Got(path)
		if len(came) != 1 || !bytes.Equal(came[0].Body, r.Body) {
			t.Fatalf("payload %d came as %v", i, came)
		}
		out = append(out, delivered{r.Secret, came[0]})
	}
	return out
}

// payload is JSON with whatever JSON may hold, up to 20 kB; now and then it is no JSON at all, which is none of our business.
func payload(chance *rand.Rand, i int) []byte {
	switch i {
	case 0:
		return []byte("{}")
	case 1:
		return []byte{0, 255, 254, '\r', '\n'}
	}
	alphabet := []rune("aÿğ€😀\"\\\n\u2028 {}:,0")
	text := make([]rune, chance.IntN(5000))
	for j := range text {
		text[j] = alphabet[chance.IntN(len(alphabet))]
	}
	body, _ := json.Marshal(map[string]any{"event": "incident.updated", "data": map[string]string{"tr": string(text), "en": strconv.Itoa(i)}})
	return body
}

func TestBothSignaturesOfAThousandPayloadsVerifyAndNothingAlteredDoes(t *testing.T) {
	for _, d := range thousand(t) {
		verifyStandard(t, d)
		verifySentroy(t, d)
		if t.Failed() {
			t.Fatalf("payload %q, headers %v", d.Body, d.Header)
		}
	}
}

// verifyStandard asks the library of Standard Webhooks.
func verifyStandard(t *testing.T, d delivered) {
	t.Helper()
	judge, err := standardwebhooks.NewWebhook(StandardSecret(d.secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := judge.Verify(d.Body, d.Header); err != nil {
		t.Errorf("refused: %v", err)
	}
	altered := bytes.Clone(d.Body)
	altered[len(altered)/2] ^= 1
	if judge.Verify(altered, d.Header) == nil {
		t.Error("another body is accepted")
	}
	at, _ := strconv.ParseInt(d.Header.Get("webhook-timestamp"), 10, 64)
	if now := time.Now().Unix(); at < now-60 || at > now {
		t.Errorf("the timestamp is %d, now is %d", at, now)
	}
	for name, value := range map[string]string{
		"webhook-timestamp": strconv.FormatInt(at-1, 10),
		"webhook-id":        d.Header.Get("webhook-id") + "0",
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32)),
	} {
		headers := d.Header.Clone()
		headers.Set(name, value)
		if judge.Verify(d.Body, headers) == nil {
			t.Errorf("another %s is accepted", name)
		}
	}
	other, _ := standardwebhooks.NewWebhook(StandardSecret(NewSecret()))
	if other.Verify(d.Body, d.Header) == nil {
		t.Error("another secret accepts")
	}
}

// verifySentroy does what the reference tells receivers to.
func verifySentroy(t *testing.T, d delivered) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(d.secret))
	mac.Write(d.Body)
	provided, _ := hex.DecodeString(strings.TrimPrefix(d.Header.Get("X-Sentroy-Signature"), "sha256="))
	if !hmac.Equal(provided, mac.Sum(nil)) {
		t.Error("the reference's signature does not verify")
	}
}

// referenceVerify is the function that the reference gives to receivers, and a loop around it.
const referenceVerify = `
import { createHmac, timingSafeEqual } from "node:crypto"
import { readFileSync } from "node:fs"

function verifySentroyWebhook(rawBody, signatureHeader, secret) {
  const expected = createHmac("sha256", secret).update(rawBody).digest("hex")
  const provided = (signatureHeader || "").replace(/^sha256=/, "")
  if (provided.length !== expected.length) return false
  return timingSafeEqual(Buffer.from(expected, "hex"), Buffer.from(provided, "hex"))
}

for (const { body, signature, secret } of JSON.parse(readFileSync(process.argv[2]))) {
  const raw = Buffer.from(body, "base64")
  const altered = Buffer.concat([raw, Buffer.from(" ")])
  console.log(verifySentroyWebhook(raw, signature, secret), verifySentroyWebhook(altered, signature, secret),
    verifySentroyWebhook(raw, signature, secret + "x"))
}
`

func TestTheReferencesOwnFunctionVerifies(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no node here")
	}
	type one struct {
		Body      []byte `json:"body"`
		Signature string `json:"signature"`
		Secret    string `json:"secret"`
	}
	var all []one
	for _, d := range thousand(t) {
		all = append(all, one{d.Body, d.Header.Get("X-Sentroy-Signature"), d.secret})
	}
	dir := t.TempDir()
	data, _ := json.Marshal(all)
	os.WriteFile(filepath.Join(dir, "verify.mjs"), []byte(referenceVerify), 0o600)
	os.WriteFile(filepath.Join(dir, "all.json"), data, 0o600)
	out, err := exec.CommandContext(t.Context(), node, filepath.Join(dir, "verify.mjs"), filepath.Join(dir, "all.json")).CombinedOutput()
	if want := strings.Repeat("true false false\n", len(all)); err != nil || string(out) != want {
		t.Errorf("node says %.300q, %v", out, err)
	}
}

func TestEveryAttemptIsSignedAnewUnderTheSameID(t *testing.T) {
	server := notifytest.New(t)
	now := time.Unix(1_800_000_000, 999_999_999)
	sender := New(Options{Guard: loopback, Now: func() time.Time { return now }})
	r := request(server.Receiver("/", notifytest.Answer(503)))
	sender.Send(t.Context(), r)
	now = now.Add(10 * time.Second)
	sender.Send(t.Context(), r)
	first, second := server.Got("/")[0].Header, server.Got("/")[1].Header
	if first.Get("webhook-id") != "dlv_1" || second.Get("webhook-id") != "dlv_1" {
		t.Errorf("the ids are %q and %q", first.Get("webhook-id"), second.Get("webhook-id"))
	}
	if first.Get("webhook-timestamp") != "1800000000" || second.Get("webhook-timestamp") != "1800000010" {
		t.Errorf("the timestamps are %q and %q", first.Get("webhook-timestamp"), second.Get("webhook-timestamp"))
	}
	if first.Get("webhook-signature") == second.Get("webhook-signature") || first.Get("X-Sentroy-Signature") != second.Get("X-Sentroy-Signature") {
		t.Error("the signatures are not what they should be")
	}
}

func TestARequestHasTheHeadersOfTheReference(t *testing.T) {
	server := notifytest.New(t)
	New(Options{Guard: loopback}).Send(t.Context(), request(server.Receiver("/", notifytest.Answer(200))))
	got := server.Got("/")[0].Header
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "statusd", "X-Sentroy-Event": "incident.updated",
		"Content-Length": "28", "Accept-Encoding": "",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
}

func TestASecretThatIsNoneFailsTheDeliveryWithoutSayingIt(t *testing.T) {
	server := notifytest.New(t)
	for _, bad := range []string{"", "swhs_", "swhs_short", "whsec_" + secret[5:], "swhs_" + strings.Repeat("-", 32), secret + "AAAA"} {
		r := request(server.Receiver("/", notifytest.Answer(200)))
		r.Secret = bad
		out := New(Options{Guard: loopback}).Send(t.Context(), r)
		if out.Kind != notify.Permanent || out.Reason.Code != notify.Internal || len(out.Reason.Args) > 0 || len(server.Got("/")) > 0 {
			t.Errorf("%q: %+v", bad, out)
		}
	}
}
