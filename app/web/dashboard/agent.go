package dashboard

import "strings"

// mark is a text in a User-Agent that gives something away.
type mark struct{ text, name string }

// Most browsers claim to be others too, so the order matters: the honest part first.
var (
	browserMarks = []mark{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"YaBrowser/", "Yandex"},
		{"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systemMarks = []mark{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Macintosh", "macOS"}, {"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"}, {"Linux", "Linux"},
	}
)

func find(agent string, marks []mark) string {
	for _, m := range marks {
		if strings.Contains(agent, m.text) {
			return m.name
		}
	}
	return ""
}

// device names a browser and its system in plain words, guessed from what the browser calls itself. Nothing of the text itself is in
// it: anybody can write anything there.
func (v *visit) device(agent string) string {
	browser, system := find(agent, browserMarks), find(agent, systemMarks)
	switch {
	case browser == "" && system == "":
		return v.t("session.unknown")
	case system == "":
		return browser
	case browser == "":
		return system
	}
	return v.t("session.device", "Browser", browser, "System", system)
}
