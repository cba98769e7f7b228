package main

import "embed"

// assets holds every page, style, script and word of the product, so that the binary is all there is to install.
// Packages receive it as an fs.FS rooted at assets/; their tests use the folder itself.
//
//go:embed all:assets
var assets embed.FS
