package app

import (
	"crypto/sha256"
	"encoding/hex"

	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/telegram"
)

// refusedChat says beside the field that caused it why Telegram does not take the welcome.
func refusedChat(v *model.Invalid, err *telegram.Refused) {
	switch err.Reason.Code {
	case notify.BadBotToken:
		v.Add("telegramBotToken", "bot_refused", "said", said(err))
	case notify.ChatUnknown, notify.ChatForbidden:
		v.Add("telegramChatId", "chat_refused", "said", said(err))
	default:
		v.Add("telegramChatId", "telegram_failed", "said", said(err))
	}
}

// said is what Telegram said, in its words: people find them in its documentation.
func said(err *telegram.Refused) string {
	const most = 200
	words := []rune(err.Error())
	return string(words[:min(len(words), most)])
}

// hostOfBot stands for a bot's token where a host does: Telegram's limits are a bot's, and the token must not stand there.
func hostOfBot(token string) string {
	sum := sha256.Sum256([]byte("bot " + token))
	return "bot-" + hex.EncodeToString(sum[:6])
}
