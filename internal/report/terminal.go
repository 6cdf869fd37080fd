package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/offshelf/offshelf"
)

// sheet sets text in columns, wrapped to a width.
type sheet struct {
	w *bufio.Writer
	o Options
}

// newSheet returns an empty sheet on w.
func newSheet(w io.Writer, o Options) *sheet {
	if o.Width <= 0 {
		o.Width = 100
	}
	return &sheet{bufio.NewWriter(w), o}
}

// line writes one line. Errors stay in the buffered writer until Flush.
func (h *sheet) line(s string) {
	h.w.WriteString(s)
	h.w.WriteByte('\n')
}

// label writes text beside a label, wrapped.
func (h *sheet) label(label, text string) {
	if label != "" {
		label = "  " + label
	}
	h.para(label, indent, text)
}

// para writes first and then text from column in on, wrapped to the width.
func (h *sheet) para(first string, in int, text string) {
	lead := h.lead(first, in)
	for _, l := range wrap(text, h.o.Width-in) {
		h.line(lead + l)
		lead = strings.Repeat(" ", in)
	}
}

// bullet writes one fact of a list.
func (h *sheet) bullet(text string) {
	h.para(strings.Repeat(" ", indent)+"-", indent+2, text)
}

// lead pads a label to column in.
func (h *sheet) lead(label string, in int) string {
	return h.paint("2", label) + strings.Repeat(" ", max(in-cells(label), 0))
}

// paint sets s in an SGR style where colour is wanted.
func (h *sheet) paint(style, s string) string {
	if !h.o.Color || style == "" || strings.TrimSpace(s) == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func actionColor(a offshelf.Action) string {
	switch a {
	case offshelf.Pull:
		return "1;31"
	case offshelf.Hold:
		return "1;33"
	case offshelf.Review:
		return "1;36"
	}
	return "1"
}
