package view

import "statusd/app/status"

// Glyph is the shape of a status. Ink and Knock are what its figure and the sign on it are painted with.
type Glyph struct {
	Status     status.Status
	Ink, Knock string
}

// NewGlyph is a glyph in any paint: "currentColor", "#fff", "var(--knock)".
func NewGlyph(s status.Status, ink, knock string) Glyph { return Glyph{s, ink, knock} }

// paint is a status's colours where no style sheet reaches: the light theme's of tokens.css.
type paint struct{ fill, ink string }

var paints = [...]paint{
	status.NoData:      {fill: "#83838e", ink: "#5b5b65"},
	status.Operational: {fill: "#1a9a64", ink: "#0b6b43"},
	status.Maintenance: {fill: "#3a6fd8", ink: "#2456b3"},
	status.Degraded:    {fill: "#c17706", ink: "#855000"},
	status.Down:        {fill: "#c92a2a", ink: "#b02020"},
}

// FillGlyph is a status's glyph in its own colour.
func FillGlyph(s status.Status) Glyph { return Glyph{s, paints[s].fill, "#fff"} }

// InkOf is the colour of a status that white text can be read on.
func InkOf(s status.Status) string { return paints[s].ink }
