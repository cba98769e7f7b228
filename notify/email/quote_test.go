package email_test

import (
	"slices"
	"strings"
	"testing"

	"statusd/notify/email"
	"statusd/notify/notifytest"
)

func TestAnOpeningThatManyShareChangesNothingOfAMail(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{})
	var want []string
	for _, text := range []string{
		"Hello.\n\nYours, someone\n", "no end of a line", "\n", "spaces \t\nand more \n \n.\n..\n", "CR LF\r\nCR\rLF\n\r\n", "= equals\n=\n",
		"Açılmıyor\nçok " + strings.Repeat("uzun ", 40) + "\nson", "not UTF-8 \xff\xfe\n\xff\xff\n\xc3", strings.Repeat("x", 76) + "\n" + strings.Repeat("y", 77),
	} {
		for shared := -1; shared < len(text)+2; shared++ { // each cut is in some opening that was remembered
			for range 2 {
				m := plain()
				m.Text, m.HTML = text, "<p>"+text
				want = append(want, string(compose(t, m)))
				m.Opening = email.Opening{Text: shared, HTML: shared}
				mustSend(t, s, m)
			}
		}
	}
	var got []string
	for _, taken := range server.Taken() {
		got = append(got, string(taken.Raw))
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("mail %d of %d: %q\nwant %q", i, len(got), slices.Concat(got, []string{""})[min(i, len(got))], want[i])
		}
	}
}
