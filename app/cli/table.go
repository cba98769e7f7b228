package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// listing is how a list is printed: as JSON, or as a table.
type listing struct{ json bool }

func (l *listing) define(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&l.json, "json", false, "print JSON")
}

// print writes rows; each type's cells are what a table shows of it.
func print[T any](w io.Writer, l listing, heads []string, rows []T, cells func(T) []string) error {
	if l.json {
		return printJSON(w, append([]T{}, rows...)) // never null
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(heads, "\t"))
	for _, row := range rows {
		line := cells(row)
		for i := range line {
			line[i] = cell(line[i])
		}
		fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	return table.Flush()
}

// cell keeps a text from breaking out of its cell, or from steering the terminal.
func cell(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
	if text == "" {
		return "-"
	}
	return text
}

func printJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// moment is a time in a table: minutes are enough.
func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
