package telegram

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"statusd/notify"
)

// answer is what the Bot API said.
type answer struct {
	status int
	header int  // Retry-After, in seconds
	spoke  bool // it is Telegram's: JSON of the right form

	OK          bool   `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		MigrateTo  int64 `json:"migrate_to_chat_id"`
		RetryAfter int   `json:"retry_after"`
	} `json:"parameters"`
}

// read takes an answer apart. What stands before the Bot API answers with anything, so anything is taken.
func read(got *http.Response, body []byte) answer {
	a := answer{status: got.StatusCode}
	a.header, _ = strconv.Atoi(got.Header.Get("Retry-After"))
	var parsed answer
	if json.Unmarshal(body, &parsed) != nil || !parsed.OK && parsed.Description == "" {
		return a
	}
	parsed.status, parsed.header, parsed.spoke = a.status, a.header, true
	if !parsed.OK && parsed.Code != 0 {
		parsed.status = parsed.Code
	}
	return parsed
}

// movedTo is the chat's new id, when its group has become another kind of group.
func (a answer) movedTo() string {
	if !a.spoke || a.status != http.StatusBadRequest || a.Parameters.MigrateTo == 0 {
		return ""
	}
	return strconv.FormatInt(a.Parameters.MigrateTo, 10)
}

// misread says that Telegram did not understand our HTML.
func (a answer) misread() bool {
	return a.spoke && a.status == http.StatusBadRequest && a.says("can't parse entities", "text is too long", "message is too long")
}

func (a answer) says(words ...string) bool {
	text := strings.ToLower(a.Description)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

const (
	maxWords = 300
	maxPause = 24 * time.Hour
)

// judge turns an answer into a result. Source: SPEC.md section 6, "What a refusal means"; INTEROP.md section 2.
func judge(a answer) Result {
	status := strconv.Itoa(a.status)
	r := Result{Outcome: notify.Outcome{Kind: notify.Temporary, StatusCode: a.status}, Words: oneLine(a.Description)}
	end := func(k notify.Kind, code notify.Code, args ...string) Result {
		r.Kind, r.Reason = k, notify.Because(code, args...)
		return r
	}
	switch {
	case a.OK && a.spoke && a.status/100 == 2:
		r.Words = ""
		return Result{Outcome: notify.Outcome{Kind: notify.Success, StatusCode: a.status}}
	case a.status == http.StatusTooManyRequests:
		wait := min(time.Duration(max(a.Parameters.RetryAfter, a.header, 1))*time.Second, maxPause)
		r.RetryAfter, r.Reason = wait, notify.Because(notify.TooManyMessages, notify.Span(wait))
		return r
	case a.status/100 == 3:
		return end(notify.Temporary, notify.TelegramRedirect, status)
	case !a.spoke: // a wrong address or a proxy: nothing that a subscription could end by
		return end(notify.Temporary, notify.NotTelegram, status)
	}
	switch a.status {
	case http.StatusBadRequest:
		kind, code := badRequest(a)
		return end(kind, code)
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusMisdirectedRequest:
		return end(notify.Gone, notify.BadBotToken)
	case http.StatusForbidden:
		return end(notify.Gone, notify.ChatForbidden)
	}
	return end(notify.Temporary, notify.TelegramFailed, status)
}

// badRequest tells what is wrong with a message of ours, for which nobody's subscription may end, from what is wrong with the chat.
func badRequest(a answer) (notify.Kind, notify.Code) {
	switch {
	case a.misread(), a.says("message text is empty", "text must be non-empty", "message is not modified"):
		return notify.Permanent, notify.MessageRefused
	case a.says("not enough rights", "have no rights", "need administrator rights", "was kicked", "topic_closed", "topic closed"):
		return notify.Gone, notify.ChatForbidden
	}
	return notify.Gone, notify.ChatUnknown
}

// oneLine is a description that can be shown.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if r := []rune(s); len(r) > maxWords {
		s = string(r[:maxWords-1]) + "…"
	}
	return s
}

func paused(left time.Duration) Result {
	left = (left + time.Second - 1).Truncate(time.Second)
	return Result{Outcome: notify.Outcome{
		Kind: notify.Temporary, RetryAfter: left, Reason: notify.Because(notify.TooManyMessages, notify.Span(left)),
	}}
}
