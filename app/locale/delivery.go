package locale

import (
	"slices"

	"statusd/notify"
)

// endings are why deliveries were given up without an attempt: of the use cases, beside the reasons of notify.
var endings = []string{"unsubscribed", "removed", "page_deleted", "unconfirmed"}

// Delivery words why a delivery failed, as model.Delivery keeps it; "" for none. In the messages "delivery.reason.<code>" the
// argument is {{.A}}. A text that this version has no words for is shown as it is.
func (w *Words) Delivery(stored string) string {
	if slices.Contains(endings, stored) {
		return w.T("delivery.reason." + stored)
	}
	r := notify.DecodeReason(stored)
	if !r.Known() {
		return r.String()
	}
	return w.say("delivery.reason."+string(r.Code), nil, w.lettered(r.Args, true))
}
