package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// maxRecord bounds a record of any format, in bytes.
const maxRecord = 4 << 20

// chunkSize is about how much of a file one worker reads at a time.
const chunkSize = 512 << 10

// Handler takes what a stream of FollowTheMoney says, in the order of the
// file. Each function may be nil. What it is given is valid until it returns:
// clone the strings that you keep (strings.Clone), else they hold on to the
// text around them. An error ends the stream.
type Handler struct {
	Party   func(*PartyRecord) error
	Stake   func(*StakeRecord) error   // an entity of several owners or assets gives several
	Listing func(*ListingRecord) error // a sanction of several programmes gives several
	Link    func(*LinkRecord) error    // a succession

	// Done takes each entity after what it gave: its line, its id and what
	// became of it.
	Done func(*Outcome) error
}

// Outcome is what became of an entity.
type Outcome struct {
	Line    int
	ID      string
	Refused string // why it is wrong, or empty
	Ignored string // why it says nothing about ownership, or empty
	Doubts  []doubt
}

// doubt notes an open question, up to a bound and each once in a row.
func (o *Outcome) doubt(kind, text string) {
	d := doubt{kind, text}
	if n := len(o.Doubts); n < maxDoubts && (n == 0 || o.Doubts[n-1] != d) {
		o.Doubts = append(o.Doubts, d)
	}
}

// doubt is an open question about an entity that is imported.
type doubt struct{ kind, text string }

// StreamFtM reads entities of FollowTheMoney, one a line, and calls back for
// each. Batches of lines are parsed by as many workers as there are
// processors; memory stays bounded whatever the size of the file. A broken
// line is refused and the stream goes on; the error is for what ends it, such
// as a file that is cut off in the middle.
//
// The stream knows no other line than the one at hand: whether the parties of
// a stake exist is for the handler to see, at the end.
func StreamFtM(r io.Reader, h Handler) (Counts, error) {
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *batch, workers)
	order := make(chan *batch, 2*workers)
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for b := range work {
				b.parse()
				close(b.parsed)
			}
		})
	}
	var failed error
	group.Go(func() {
		defer close(order)
		defer close(work)
		failed = cutLines(r, func(b *batch) bool {
			select {
			case order <- b:
			case <-stop:
				return false
			}
			select {
			case work <- b:
			case <-stop:
				return false
			}
			return true
		})
	})
	var c Counts
	var err error
	for b := range order {
		if err != nil {
			continue // the reader is being stopped
		}
		<-b.parsed
		if err = b.deliver(&h, &c); err != nil {
			close(stop)
			continue
		}
		b.recycle()
	}
	group.Wait()
	if err == nil {
		err = failed
	}
	return c, err
}

// cutLines cuts a file into batches of whole lines. A line over the bound is a
// batch of its own, without its text.
func cutLines(r io.Reader, give func(*batch) bool) error {
	buf := make([]byte, 0, chunkSize+64<<10)
	line := 1
	skipping := false // within a line over the bound
	for {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(2*cap(buf), maxRecord+chunkSize))
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == nil && len(buf) < chunkSize {
			continue
		}
		if skipping {
			end := bytes.IndexByte(buf, '\n') + 1
			if end == 0 {
				buf = buf[:0]
			} else {
				skipping = false
				line++
				buf = append(buf[:0], buf[end:]...)
			}
		}
		cut := bytes.LastIndexByte(buf, '\n') + 1
		if errors.Is(err, io.EOF) && !skipping {
			cut = len(buf) // the last line needs no end
		}
		if cut > 0 {
			b := newBatch(string(buf[:cut]), line)
			b.last = errors.Is(err, io.EOF) && buf[cut-1] != '\n'
			line += bytes.Count(buf[:cut], []byte{'\n'})
			if !give(b) {
				return nil
			}
			buf = append(buf[:0], buf[cut:]...)
		}
		switch {
		case errors.Is(err, io.EOF) && skipping:
			return fmt.Errorf("line %d: the file ends in the middle of a record", line)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("line %d: the file cannot be read on: %w", line, err)
		case len(buf) > maxRecord:
			b := newBatch("", line)
			b.overlong = true
			skipping, buf = true, buf[:0]
			if !give(b) {
				return nil
			}
		}
	}
}

// batch is some lines, and what they say once it is parsed.
type batch struct {
	text     string
	first    int  // line number
	last     bool // its last line has no end
	overlong bool
	parsed   chan struct{}

	ended    string // the last line is cut off: what is missing
	x        scanner
	out      []outcome
	parties  []PartyRecord
	stakes   []StakeRecord
	listings []ListingRecord
	links    []LinkRecord
	texts    []string // store of the records' lists
	ids      []offshelf.Identifier
}

// outcome is an entity with the ends of what it gave in the batch's stores.
type outcome struct {
	Outcome
	parties, stakes, listings, links int
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch(text string, first int) *batch {
	b := batches.Get().(*batch)
	*b = batch{text: text, first: first, parsed: make(chan struct{}),
		x:   scanner{props: b.x.props[:0], values: b.x.values[:0]},
		out: b.out[:0], parties: b.parties[:0], stakes: b.stakes[:0], listings: b.listings[:0], links: b.links[:0],
		texts: b.texts[:0], ids: b.ids[:0]}
	return b
}

func (b *batch) recycle() { batches.Put(b) }

// parse reads all lines of the batch.
func (b *batch) parse() {
	if b.overlong {
		b.out = append(b.out, outcome{Outcome: Outcome{Line: b.first, Refused: fmt.Sprintf("the line has more than %d MiB: no entity is so large", maxRecord>>20)}})
		return
	}
	line := b.first
	for rest := b.text; rest != ""; line++ {
		text, after, whole := strings.Cut(rest, "\n")
		rest = after
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		o := outcome{Outcome: Outcome{Line: line}}
		b.x.id = ""
		err := error(nil)
		switch {
		case len(text) > maxRecord:
			err = fmt.Errorf("the line has more than %d MiB: no entity is so large", maxRecord>>20)
		case !utf8.ValidString(text):
			err = errors.New("is not UTF-8: save the file as UTF-8")
		default:
			err = b.x.entity(text)
		}
		o.ID = b.x.id
		switch {
		case err == nil:
			b.read(&o)
		case !whole && b.last && (errors.Is(err, errCut) || unclosed(text)):
			b.ended = fmt.Sprintf("line %d: the file ends in the middle of a record", line)
			return
		default:
			o.Refused = err.Error()
		}
		o.parties, o.stakes, o.listings, o.links = len(b.parties), len(b.stakes), len(b.listings), len(b.links)
		b.out = append(b.out, o)
	}
}

// unclosed reports whether a line is an object that is not closed. A file may
// be cut within a character or a number too, where the line is wrong before it
// ends.
func unclosed(line string) bool {
	var at nesting
	for i := range len(line) {
		at.see(line[i])
	}
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "{") && (at.depth > 0 || at.text)
}

// deliver calls back for all entities of the batch and counts them.
func (b *batch) deliver(h *Handler, c *Counts) error {
	parties, stakes, listings, links := 0, 0, 0, 0
	for i := range b.out {
		o := &b.out[i]
		c.Read++
		switch {
		case o.Refused != "":
			c.Refused++
		case o.Ignored != "":
			c.Ignored++
		default:
			c.Imported++
		}
		for ; parties < o.parties; parties++ {
			if h.Party != nil {
				if err := h.Party(&b.parties[parties]); err != nil {
					return err
				}
			}
		}
		for ; stakes < o.stakes; stakes++ {
			if h.Stake != nil {
				if err := h.Stake(&b.stakes[stakes]); err != nil {
					return err
				}
			}
		}
		for ; listings < o.listings; listings++ {
			if h.Listing != nil {
				if err := h.Listing(&b.listings[listings]); err != nil {
					return err
				}
			}
		}
		for ; links < o.links; links++ {
			if h.Link != nil {
				if err := h.Link(&b.links[links]); err != nil {
					return err
				}
			}
		}
		if h.Done != nil {
			if err := h.Done(&o.Outcome); err != nil {
				return err
			}
		}
	}
	if b.ended != "" {
		return errors.New(b.ended)
	}
	return nil
}
