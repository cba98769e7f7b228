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

// Confirm is where somebody who asked by mail says that it was them.
func (p Paths) Confirm(slug, token, lang string) string {
	return p.subscriber(slug, "/confirm", token, lang)
}

// Unsubscribe is where a subscription is ended.
func (p Paths) Unsubscribe(slug, token, lang string) string {
	return p.subscriber(slug, "/unsubscribe", token, lang)
}

// subscriber is a screen of subscribers. "" leaves a parameter out.
func (p Paths) subscriber(slug, rest, token, lang string) string {
	path := p.ofPage(slug, rest)
	if token != "" {
		path += "?" + url.Values{"token": {token}}.Encode()
	}
	if lang == "" {
		return path
	}
	return p.In(path, lang)
}

// DeliveriesOf is what was sent to a subscriber, in the dashboard.
func (p Paths) DeliveriesOf(page model.Page, id model.SubscriberID) string {
	return p.Manage(page, "/subscribers/deliveries") + "?" + url.Values{"subscriber": {id.String()}}.Encode()
}
