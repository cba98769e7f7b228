// Command statusd is a self-hosted status page: one binary that probes, remembers and tells. Start with app/cli.
package main

import (
	"fmt"
	"io/fs"
	"os"

	"statusd/app/cli"
)

func main() {
	rooted, err := fs.Sub(assets, "assets")
	if err != nil {
		fmt.Fprintln(os.Stderr, "statusd:", err)
		os.Exit(1)
	}
	os.Exit(cli.Main(rooted))
}
