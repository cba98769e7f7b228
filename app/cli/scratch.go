package cli

// What an image without an operating system lacks. Roots and zones of the system win where it has them.
import (
	_ "time/tzdata" // the time zones of pages

	_ "golang.org/x/crypto/x509roots/fallback" // the authorities behind https; update it with every release
)
