package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// The databases hold texts of UTF-8; PostgreSQL takes no U+0000 in them. What
// one of the two cannot keep is refused on both, so that what is stored in one
// can be moved to the other.

// plain reports whether a text can be kept.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// plainAddress refuses an address with a text in it that cannot be kept, and so
// is not there.
func plainAddress(r *http.Request) error {
	if !plain(r.URL.Path) {
		return badRequest.problem("The path is no UTF-8 text, or holds the character U+0000.")
	}
	if !strings.Contains(r.URL.RawQuery, "%") && plain(r.URL.RawQuery) {
		return nil
	}
	for name, values := range r.URL.Query() {
		for _, v := range append(values, name) {
			if !plain(v) {
				return badRequest.problem(fmt.Sprintf("The query parameter %q is no UTF-8 text, or holds the character U+0000.", clip(name)), &huma.ErrorDetail{Message: "not a text", Location: "query." + clip(strings.ToValidUTF8(name, "\uFFFD"))})
			}
		}
	}
	return nil
}

// plainJSON refuses JSON with U+0000 in a string; that it is UTF-8 is seen to
// by who reads it.
func plainJSON(data []byte) error {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.ReadToken()
		if err != nil {
			return nil // its end, or what the reader of the values tells better
		}
		if t.Kind() == '"' && !plain(t.String()) {
			return fmt.Errorf("%s: a text holds the character U+0000: remove it", d.StackPointer())
		}
	}
}
