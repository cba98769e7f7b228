package model

import (
	"time"

	"statusd/app/status"
)

// Workspace owns pages and API tokens: what the reference calls a company.
type Workspace struct {
	ID      WorkspaceID
	Name    string
	Created time.Time
}

// Page is a public status page.
type Page struct {
	ID                 PageID
	Workspace          WorkspaceID
	Name               string
	Slug               string // unique on the instance
	Branding           Branding
	CustomDomain       string // lower case, ASCII form; "" for none
	TimeZone           string // IANA name
	NoIndex            bool
	SubscribersEnabled bool
	Created, Updated   time.Time
}

// Branding is how a page looks. An empty field is not set.
type Branding struct {
	DisplayName  string
	PrimaryColor string // #rrggbb
	LogoURL      string
	LogoLinkURL  string
	Tagline      string
}

// DefaultColor is the brand colour of a page that has not chosen one.
const DefaultColor = "#3b82f6"

// Title is what visitors read as the page's name.
func (p Page) Title() string {
	if p.Branding.DisplayName != "" {
		return p.Branding.DisplayName
	}
	return p.Name
}

// Home is the page's public address below the instance's, or at a domain of its own, without a slash at its end; "" when neither is
// known.
func (p Page) Home(base string) string {
	switch {
	case p.CustomDomain != "":
		return "https://" + p.CustomDomain
	case base == "":
		return ""
	}
	return base + "/p/" + p.Slug
}

// Component is a service that visitors know by name.
type Component struct {
	ID               ComponentID
	Workspace        WorkspaceID
	Page             PageID
	Name             string
	Description      string
	Group            string        // "" for none
	Position         int           // order on the page, ties by id
	ManualStatus     status.Status // NoData: not set. Stands in while no check is enabled
	Created, Updated time.Time
}

// Logo describes the picture beside a page's name as it is served: by us, whatever its LogoURL is. The zero Logo is none.
type Logo struct {
	Hash          string // of the bytes, hexadecimal
	Type          string // media type
	Width, Height int    // pixels
	Plate         bool   // a dark theme must put a light ground behind it
}
