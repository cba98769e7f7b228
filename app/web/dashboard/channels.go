package dashboard

import (
	"statusd/app/model"
	"statusd/app/web/view"
)

// channelTrouble says on every screen that a channel does not work, for as long as it does not and something waits for it.
type channelTrouble struct {
	Title   string
	Said    string // by the mail server, in its own words; "" when it said nothing
	Since   stamp
	Waiting string
	URL     string // where it can be mended; "" for who cannot
}

// troubles are those of the channels, for people who could do something about them or have to know why nobody hears of what they write.
func (s *Site) troubles(v *visit) (out []channelTrouble) {
	if !v.acts() {
		return nil
	}
	for _, c := range s.App.Channels() {
		if !c.Broken || c.Waiting == 0 {
			continue
		}
		name := c.Channel.String()
		t := channelTrouble{
			Title: v.t("trouble.channel."+name, "Reason", v.words.Delivery(c.Reason.Encode())), Since: v.stamp(c.Since),
			Waiting: v.n("trouble.waiting", c.Waiting),
		}
		if name == model.Email.String() {
			broken, _ := s.App.MailTrouble()
			t.Said = view.InSentence(broken.Answer)
			if v.user.Admin && v.c.Path() != mailScreen {
				t.URL = s.paths.Instance("/mail")
			}
		}
		out = append(out, t)
	}
	return out
}

// acts says that somebody may change something somewhere.
func (v *visit) acts() bool {
	for _, role := range v.user.Roles {
		if role >= model.Editor {
			return true
		}
	}
	return v.user.Admin
}

// mailOff says why visitors are not offered mail, and where an admin can change that; "" when they are.
func (s *Site) mailOff(v *visit) (why, at string) {
	why = s.App.MailOff()
	if why == "" {
		return "", ""
	}
	if v.user.Admin {
		at = map[string]string{"no_mail_server": s.paths.Instance("/mail"), "no_base_url": s.paths.Instance("")}[why]
	}
	return v.t("mailoff." + why), at
}
