// Package report presents the stream of a screening: one handler a format.
//
// A handler depends on nothing but the messages, so a saved stream renders
// to the same bytes as the run that wrote it.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Handler takes the messages of one stream in their order. It keeps no
// reference to a message after Handle returns. Close completes the output;
// it does not close the writer.
type Handler interface {
	Handle(m *offshelf.Message) error
	Close() error
}

// Options are the ways in which a terminal differs from a file. Formats that
// are read by machines ignore them.
type Options struct {
	Width int  // columns of text; 0 means 100
	Color bool // colour in text, for a terminal
}

var formats = map[string]func(io.Writer, Options) Handler{
	"text": newText,
	"json": newJSON,
	"csv":  newCSV,
	"html": newHTML,
}

// order is the order in which formats are offered: for people first.
var order = []string{"text", "json", "csv", "html"}

// Formats lists the formats that New knows.
func Formats() []string { return slices.Clone(order) }

// New returns the handler that writes format to w.
func New(format string, w io.Writer, o Options) (Handler, error) {
	f, ok := formats[format]
	if !ok {
		return nil, fmt.Errorf("unknown format %q: use %s", format, strings.Join(order, ", "))
	}
	return f(w, o), nil
}

// checkOne holds the rule of the stream, that a message has exactly one
// field. A stream that broke it could not be read again.
func checkOne(m *offshelf.Message) error {
	n := 0
	for _, set := range [...]bool{m.Config != nil, m.Progress != nil, m.Product != nil, m.Finding != nil, m.Summary != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("a message has %d fields: set exactly one of config, progress, product, finding, summary", n)
	}
	return nil
}
