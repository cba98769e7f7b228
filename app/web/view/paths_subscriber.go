package view

import (
	"net/url"

	"statusd/app/model"
)

// Subscribe is where people subscribe to a page; lang is the language of the form, and of what they are sent.
func (p Paths) Subscribe(slug, lang string) string { return p.subscriber(slug, "/subscribe", "", lang) }

// Preferences is where a subscriber changes what it hears of. The token is the right to it.
func (p Paths) Preferences(slug, token, lang string) string {
	return p.subscriber(slug, "/preferences", token, lang)
}

// Unsubscribe is where a subscription is ended.
func (p Paths) Unsubscribe(slug, token, lang string) string {
	return p.subscriber(slug, "/unsubscribe", token, lang)
}

// subscriber is a screen of subscribers; on the page's custom domain it stands alone. "" leaves a parameter out.
func (p Paths) subscriber(slug, rest, token, lang string) string {
	path := p.below("/p/" + slug + rest)
	if p.CustomDomain {
		path = rest
	}
	query := url.Values{}
	for name, value := range map[string]string{"token": token, "lang": lang} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// DeliveriesOf is what was sent to a subscriber, in the dashboard.
func (p Paths) DeliveriesOf(page model.Page, id model.SubscriberID) string {
	return p.Manage(page, "/subscribers/deliveries") + "?" + url.Values{"subscriber": {id.String()}}.Encode()
}
