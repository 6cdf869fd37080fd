package report

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"

	"github.com/offshelf/offshelf"
)

// htmlKeep bounds the products of a group and action that a page lists.
const htmlKeep = 2000

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// htmlHandler writes one self-contained page: no script, no request.
type htmlHandler struct {
	*digest
	w *bufio.Writer
}

func newHTML(w io.Writer, _ Options) Handler {
	return &htmlHandler{digest: newDigest(htmlKeep), w: bufio.NewWriterSize(w, 64<<10)}
}

func (h *htmlHandler) Handle(m *offshelf.Message) error { return h.handle(m) }

func (h *htmlHandler) Close() error {
	if err := pageTemplate.Execute(h.w, h.page()); err != nil {
		return err
	}
	return h.w.Flush()
}
