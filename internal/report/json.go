package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

type jsonHandler struct {
	w   *bufio.Writer
	enc *jsontext.Encoder
}

func newJSON(w io.Writer, _ Options) Handler {
	b := bufio.NewWriterSize(w, 64<<10)
	return &jsonHandler{b, jsontext.NewEncoder(b, wire)}
}

// Handle writes one line: the encoder ends every top-level value with a
// newline.
func (h *jsonHandler) Handle(m *offshelf.Message) error {
	if err := checkOne(m); err != nil {
		return err
	}
	if err := json.MarshalEncode(h.enc, m, wire); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	return nil
}

func (h *jsonHandler) Close() error { return h.w.Flush() }
