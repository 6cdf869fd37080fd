// Package exchange is the way in and out for ownership data.
//
// Out: JSONL writes a line a fact, FollowTheMoney its entities, Statements
// those of BODS 0.4. The same facts give the same bytes.
//
// In: Read recognises FollowTheMoney, BODS 0.4 and GLEIF, and returns an
// Import, which accounts for each record. Lay lays imports over a knowledge
// and returns a new one, with what was joined, left out and is to be decided
// in a Laid; Laid.Overlay writes the same as YAML. A command that takes
// --with FILE calls With with the files and compiles what it returns:
//
//	k, laid, err := exchange.With(k, exchange.File{Name: name, Open: open})
//
// StreamFtM is the fast way through a world of millions of entities, for those
// who keep less of them than an Import does; Read uses it too. Ids of
// entities are those of the file there, and whether they exist is known only
// at the end.
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
