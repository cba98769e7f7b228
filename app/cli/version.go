package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"statusd/store"
)

// version is stamped by the build: -ldflags "-X statusd/app/cli.version=v1.2.3".
var version string

type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Date    string `json:"date,omitempty"` // of the commit
	Go      string `json:"go"`
	SQLite  string `json:"sqlite"`
	Schema  int64  `json:"schema"`
}

// programVersion is the version stamped, or what Go knows of the sources.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

func readBuild() build {
	b := build{Version: programVersion(), Go: runtime.Version(), Schema: store.SchemaVersion()}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		}
	}
	return b
}

func versionCommand(c *config) *cobra.Command {
	var l listing
	cmd := &cobra.Command{Use: "version", Short: "Say what this program is", Args: exactly(), Example: example("statusd version --json")}
	l.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		b := readBuild()
		if b.SQLite, err = store.EngineVersion(cmd.Context()); err != nil {
			return err
		}
		if l.json {
			return printJSON(c.out, b)
		}
		_, err = fmt.Fprintf(c.out, "statusd %s\ncommit  %s\ndate    %s\nGo      %s\nSQLite  %s\nschema  %d\n",
			b.Version, cell(b.Commit), cell(b.Date), b.Go, b.SQLite, b.Schema)
		return err
	}
	return cmd
}
