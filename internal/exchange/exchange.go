// Package exchange writes the facts in forms that other tools read: a line a
// fact, and the entities of FollowTheMoney. The same facts give the same bytes.
package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// identity is a stable id for what the facts name only by its parts.
func identity(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "offshelf-" + hex.EncodeToString(h.Sum(nil)[:20])
}

// counter numbers the claims about one pair, which have no ids.
type counter map[string]int

func (c counter) next(pair string) string {
	c[pair]++
	return fmt.Sprint(c[pair])
}

// lines writes values as JSON, one a line.
type lines struct {
	enc *json.Encoder
	err error
}

func newLines(w io.Writer) *lines {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &lines{enc: enc}
}

func (l *lines) write(v any) {
	if l.err == nil {
		l.err = l.enc.Encode(v)
	}
}
