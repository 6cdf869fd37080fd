// Package roll is the lists in force as one file: what they say of the parties
// of the knowledge, every entry as printed, and an index of all names. The file
// is mapped into memory and read where it lies, so that opening it costs next to
// nothing however many entries there are.
package roll

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/search"
)

// The file: magic, SHA-256 of all that follows it, a table of sections, and
// the sections, each at a multiple of eight bytes.
const (
	magic    = "offroll1"
	headAt   = 8 + sha256.Size
	tableAt  = headAt + 8
	numParts = 5
	startAt  = tableAt + numParts*16
)

const (
	partHead    = iota // JSON of Head
	partDelta          // JSON of Delta
	partAt             // u32[entries+1]: where each record begins
	partRecords        // JSON of Record
	partNames          // the index, in its flat form
)

// Head says what a roll was made from.
type Head struct {
	Knowledge string    `json:"knowledge"` // SHA-256 of the facts that the entries were joined with
	Editions  []Edition `json:"editions"`
	Records   int       `json:"records"`
}

// Edition is an edition that is in force.
type Edition struct {
	List    string        `json:"list"`
	Date    offshelf.Date `json:"date"`
	SHA256  string        `json:"sha256"`
	Entries int           `json:"entries"`
}

// Delta is what the editions say of parties of the knowledge beyond what it
// knows.
type Delta struct {
	Sources  []offshelf.Source  `json:"sources,omitempty"`
	Listings []offshelf.Listing `json:"listings,omitempty"`
	Ended    []Ended            `json:"ended,omitempty"`
}

// Ended is a listing of the knowledge that an edition no longer has.
type Ended struct {
	Listing string        `json:"listing"` // id
	Until   offshelf.Date `json:"until"`
	Source  string        `json:"source"` // id of the edition without it
}

// Record is something with names: an entry of a list, or a party or brand of
// the knowledge.
type Record struct {
	Entry *list.Entry `json:"entry,omitempty"`
	Party string      `json:"party,omitempty"` // id in the knowledge, of an entry too where it is known who is meant
	Brand string      `json:"brand,omitempty"` // id
	Name  string      `json:"name,omitempty"`  // where there is no entry
	Also  []string    `json:"also,omitempty"`
}

// Content is what a roll is made of.
type Content struct {
	Head
	Delta
	Entries []Record
}

// Write writes a roll. The same content gives the same bytes.
func Write(w io.Writer, c *Content) error {
	c.Records = len(c.Entries)
	var parts [numParts][]byte
	var err error
	if parts[partHead], err = json.Marshal(&c.Head, json.Deterministic(true)); err != nil {
		return err
	}
	if parts[partDelta], err = json.Marshal(&c.Delta, json.Deterministic(true)); err != nil {
		return err
	}
	var names []search.Entry
	for i := range c.Entries {
		parts[partAt] = binary.LittleEndian.AppendUint32(parts[partAt], uint32(len(parts[partRecords])))
		text, err := json.Marshal(&c.Entries[i], json.Deterministic(true))
		if err != nil {
			return err
		}
		parts[partRecords] = append(parts[partRecords], text...)
		names = append(names, c.Entries[i].names(uint32(i))...)
	}
	parts[partAt] = binary.LittleEndian.AppendUint32(parts[partAt], uint32(len(parts[partRecords])))
	parts[partNames] = search.Build(names).Bytes()

	var body bytes.Buffer
	at := uint64(startAt)
	for _, p := range parts {
		body.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, at), uint64(len(p))))
		at += uint64(len(p)+7) &^ 7
	}
	for _, p := range parts {
		body.Write(p)
		body.Write(make([]byte, -len(p)&7))
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(startAt+body.Len()-numParts*16))
	digest := sha256.New()
	digest.Write(out)
	digest.Write(body.Bytes())
	for _, b := range [][]byte{[]byte(magic), digest.Sum(nil), out, body.Bytes()} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// names are what a record can be found by.
func (r *Record) names(label uint32) []search.Entry {
	kind := search.Any
	var all []string
	if e := r.Entry; e != nil {
		switch e.Kind {
		case list.Category, list.Place:
			return nil
		case list.Person:
			kind = search.Person
		case list.Entity:
			kind = search.Company
		case list.Vessel, list.Aircraft:
			kind = search.Vessel
		}
		all = append(all, e.Name)
		for _, a := range e.Aliases {
			if a.Kind != list.Weak {
				all = append(all, a.Name)
			}
		}
	} else {
		all = append([]string{r.Name}, r.Also...)
		if r.Brand != "" {
			kind = search.Company
		}
	}
	var out []search.Entry
	seen := map[string]bool{}
	for _, n := range all {
		if n != "" && !seen[n] {
			seen[n] = true
			out = append(out, search.Entry{Name: n, Kind: kind, Label: label})
		}
	}
	return out
}

// Roll is an open roll. It is immutable and may be used by several goroutines.
type Roll struct {
	Head
	data  []byte
	parts [numParts][]byte
	names *search.Index
	close func() error
}

// Open reads a roll where it lies; the bytes must stay as they are as long as
// it is used. Every size and number that is followed is checked. That nothing
// was altered is for Verify to say.
func Open(data []byte) (*Roll, error) {
	r := &Roll{data: data}
	if err := r.open(); err != nil {
		return nil, damaged(err)
	}
	return r, nil
}

func damaged(err error) error {
	return fmt.Errorf("the compiled lists are damaged: %w: compile them again with: offshelf lists compile", err)
}

func (r *Roll) open() error {
	if len(r.data) < startAt || string(r.data[:8]) != magic {
		return errors.New("no such file, or one of another version")
	}
	if n := binary.LittleEndian.Uint64(r.data[headAt:]); n != uint64(len(r.data)) {
		return fmt.Errorf("%d bytes, not %d", len(r.data), n)
	}
	for i := range r.parts {
		at, n := binary.LittleEndian.Uint64(r.data[tableAt+i*16:]), binary.LittleEndian.Uint64(r.data[tableAt+i*16+8:])
		if at%8 != 0 || at < startAt || at > uint64(len(r.data)) || n > uint64(len(r.data))-at {
			return errors.New("a section lies outside")
		}
		r.parts[i] = r.data[at : at+n : at+n]
	}
	if err := json.Unmarshal(r.parts[partHead], &r.Head); err != nil {
		return err
	}
	// Counted down from the bytes that are there: a number from the file may overflow.
	if n := len(r.parts[partAt]); n < 4 || n%4 != 0 || r.Records != n/4-1 {
		return errors.New("the number of entries is not right")
	}
	var err error
	r.names, err = search.Open(r.parts[partNames])
	return err
}

// Sum is the SHA-256 of the roll, in hexadecimal.
func (r *Roll) Sum() string { return hex.EncodeToString(r.data[8:headAt]) }

// Verify tells whether the bytes are those that were written.
func (r *Roll) Verify() error {
	if digest := sha256.Sum256(r.data[headAt:]); !bytes.Equal(digest[:], r.data[8:headAt]) {
		return errors.New("the compiled lists were altered: compile them again with: offshelf lists compile")
	}
	return nil
}

// Names is the index of all names; labels are numbers of records.
func (r *Roll) Names() *search.Index { return r.names }

// Record returns a record by its number.
func (r *Roll) Record(i int) (Record, error) {
	var out Record
	if i < 0 || i >= r.Records {
		return out, errors.New("there is no such entry")
	}
	from, to := binary.LittleEndian.Uint32(r.parts[partAt][4*i:]), binary.LittleEndian.Uint32(r.parts[partAt][4*i+4:])
	if from > to || uint64(to) > uint64(len(r.parts[partRecords])) {
		return out, damaged(fmt.Errorf("entry %d lies outside", i))
	}
	if err := json.Unmarshal(r.parts[partRecords][from:to], &out); err != nil {
		return Record{}, damaged(fmt.Errorf("entry %d: %w", i, err))
	}
	return out, nil
}

// Close ends the mapping. The roll and its index must not be used afterwards.
func (r *Roll) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close()
}
