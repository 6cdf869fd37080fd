package list

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// File is one file of an edition. Name is for messages.
type File struct {
	Name string
	Data []byte
}

// Edition is one published state of a list, every row of it accounted for.
type Edition struct {
	List   string        // id of the list that was asked for
	Format string        // which form of the list it is, such as csv
	Date   offshelf.Date // that the edition itself states; unknown where it states none
	Newest offshelf.Date // the newest day in its rows, where it states no date: it is not older
	SHA256 string        // of the bytes; of several files, see Digest
	Cut    bool          // the file ends inside a row or before the end of the page: there was more
	Counts

	Entries  []Entry
	Refused  []Refusal // the first of them; Counts has the number of all
	Warnings []string
}

// Counts accounts for the rows: Rows = Imported + Joined + Skipped + Refusals.
// Entries are Imported + Also.
type Counts struct {
	Rows     int `json:"rows"`
	Imported int `json:"imported"`          // rows that gave an entry
	Also     int `json:"also,omitempty"`    // further entries of rows that name several parties
	Joined   int `json:"joined,omitempty"`  // rows that add a name, an address or a period to an entry
	Skipped  int `json:"skipped,omitempty"` // rows of kinds that the list's other rows do not need
	Refusals int `json:"refused,omitempty"`
}

// Entries is how many entries the rows gave.
func (c Counts) Entries() int { return c.Imported + c.Also }

// Sound reports whether every row is accounted for.
func (c Counts) Sound() bool { return c.Rows == c.Imported+c.Joined+c.Skipped+c.Refusals }

// Refusal is a row that gave no entry.
type Refusal struct {
	File   string `json:"file,omitempty"`
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

// String says where and why.
func (r Refusal) String() string {
	if r.File == "" {
		return fmt.Sprintf("row %d: %s", r.Row, r.Reason)
	}
	return fmt.Sprintf("%s, row %d: %s", r.File, r.Row, r.Reason)
}

// Digest is the SHA-256 of an edition: of its one file, or, of several, of
// their digests in sorted order.
func Digest(files []File) string {
	if len(files) == 1 {
		return Sum(files[0].Data)
	}
	var sums []string
	for _, f := range files {
		sums = append(sums, Sum(f.Data))
	}
	slices.Sort(sums)
	return Sum([]byte(strings.Join(sums, "\n") + "\n"))
}

// Builder collects an edition row by row.
type Builder struct {
	edition Edition
	file    string
	at      map[string]int // index of the entry with the list and number
	warned  map[string]bool
}

// NewBuilder begins an edition of a list.
func NewBuilder(list, format string) *Builder {
	return &Builder{edition: Edition{List: list, Format: format}, at: map[string]int{}, warned: map[string]bool{}}
}

// In names the file that the next rows are of.
func (b *Builder) In(file string) { b.file = file }

// Date sets the day of the edition, where it is not known yet.
func (b *Builder) Date(d offshelf.Date) {
	if b.edition.Date.IsZero() {
		b.edition.Date = d
	}
}

// Later notes a day in a row of a list that states no date of its own.
func (b *Builder) Later(d offshelf.Date) {
	if !d.IsZero() && (b.edition.Newest.IsZero() || d.Earliest() > b.edition.Newest.Earliest()) {
		b.edition.Newest = d
	}
}

// CutOff notes that the file ends before its end.
func (b *Builder) CutOff() { b.edition.Cut = true }

// Warn notes something that people should look at. The same words are noted
// once.
func (b *Builder) Warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(b.warned) < 100 && !b.warned[text] {
		b.warned[text] = true
		b.edition.Warnings = append(b.edition.Warnings, text)
	}
}

// ReadDate reads a printed date: see ParseDate. One that cannot be read is
// unknown, and noted with where it stands, such as "row 7: startDate".
func (b *Builder) ReadDate(printed string, dayFirst bool, where string, args ...any) offshelf.Date {
	d, err := ParseDate(printed, dayFirst)
	if err != nil {
		b.Warn("%s: %s: %v", b.edition.List, fmt.Sprintf(where, args...), err)
	}
	return d
}

// Refuse accounts for a row that gives no entry.
func (b *Builder) Refuse(row int, format string, args ...any) {
	b.edition.Rows++
	b.edition.Refusals++
	if len(b.edition.Refused) < maxRefused {
		b.edition.Refused = append(b.edition.Refused, Refusal{b.file, row, fmt.Sprintf(format, args...)})
	}
}

// Skip accounts for a row that is not needed.
func (b *Builder) Skip() { b.edition.Rows++; b.edition.Skipped++ }

// Joined accounts for a row that was added to an entry.
func (b *Builder) Joined() { b.edition.Rows++; b.edition.Joined++ }

// Add accounts for a row that gives an entry of its own. Where the list and
// number were there already, the later one gets a number of its own.
func (b *Builder) Add(e Entry) {
	if reason := e.settle(); reason != "" {
		b.Refuse(e.Row, "%s", reason)
		return
	}
	b.edition.Rows++
	b.edition.Imported++
	b.put(e)
}

// Also adds a further party of the row that was added last.
func (b *Builder) Also(e Entry) {
	if e.settle() != "" {
		b.Warn("%s: row %d names a further party that cannot be read", b.edition.List, e.Row)
		return
	}
	b.edition.Also++
	b.put(e)
}

func (b *Builder) put(e Entry) {
	uid := e.UID
	for n := 2; ; n++ {
		if _, taken := b.at[e.ID()]; !taken {
			break
		}
		e.UID = fmt.Sprintf("%s-%d", uid, n)
	}
	b.at[e.ID()] = len(b.edition.Entries)
	b.edition.Entries = append(b.edition.Entries, e)
}

// Merge adds an entry, or joins it to the one with the same list and number:
// names, addresses, identifiers, programmes, citations and facts are united,
// and the span covers both.
func (b *Builder) Merge(e Entry) {
	i, ok := b.at[e.ID()]
	if !ok {
		b.Add(e)
		return
	}
	if reason := e.settle(); reason != "" {
		b.Refuse(e.Row, "%s", reason)
		return
	}
	b.edition.Entries[i].Join(e)
	b.Joined()
}

// Find returns the entry with the list and number, for rows that belong to it,
// or nil. It is good until the next entry is added.
func (b *Builder) Find(list, uid string) *Entry {
	if i, ok := b.at[list+"/"+uid]; ok {
		return &b.edition.Entries[i]
	}
	return nil
}

// Full reports whether no more rows are read.
func (b *Builder) Full() bool { return b.edition.Rows >= MaxRows }

// Edition ends the reading. An edition without an entry is an error: it would
// end every listing.
func (b *Builder) Edition() (*Edition, error) {
	e := &b.edition
	if b.Full() {
		return nil, fmt.Errorf("over %d rows: no list is that long", MaxRows)
	}
	if !e.Sound() {
		return nil, fmt.Errorf("%d rows read, but %d imported, %d joined, %d skipped and %d refused", e.Rows, e.Imported, e.Joined, e.Skipped, e.Refusals)
	}
	if len(e.Entries) == 0 {
		if len(e.Refused) > 0 {
			return nil, fmt.Errorf("%w: no entry in %d rows; the first is refused: %s", ErrNoList, e.Rows, e.Refused[0])
		}
		return nil, fmt.Errorf("%w: no entry in it", ErrNoList)
	}
	for i := range e.Entries {
		e.Entries[i].tidy()
	}
	return e, nil
}

// settle cleans the fields of an entry and says why it cannot be one.
func (e *Entry) settle() string {
	e.Name = Squeeze(e.Name)
	e.UID = strings.TrimSpace(e.UID)
	switch {
	case e.Name == "":
		return "no name"
	case e.UID == "":
		return fmt.Sprintf("no number, and none can be made for %q", clip(e.Name))
	case len(e.UID) > 4*maxUID:
		return "the number is longer than any list's"
	}
	e.Remarks = strings.TrimSpace(e.Remarks)
	for _, f := range [...][2]string{{"name", e.Name}, {"remarks", e.Remarks}} {
		if len(f[1]) > MaxField {
			return fmt.Sprintf("the field %s has %s, over %s", f[0], size(int64(len(f[1]))), size(MaxField))
		}
	}
	if len(e.Aliases) > MaxItems || len(e.Addresses) > MaxItems || len(e.Identifiers) > MaxItems || len(e.Facts) > MaxItems || len(e.Programmes) > MaxItems {
		return fmt.Sprintf("over %d aliases, addresses, numbers, programmes or facts", MaxItems)
	}
	return ""
}

// Join unites what another row says about the same entry.
func (e *Entry) Join(o Entry) {
	if e.Name != o.Name && o.Name != "" {
		e.Aliases = append(e.Aliases, Alias{o.Name, AKA})
	}
	if e.Kind == "" {
		e.Kind = o.Kind
	}
	if e.Country == "" {
		e.Country = o.Country
	}
	if e.Remarks != o.Remarks && o.Remarks != "" {
		if e.Remarks != "" && len(e.Remarks)+len(o.Remarks) < MaxField {
			e.Remarks += "\n" + o.Remarks
		} else if e.Remarks == "" {
			e.Remarks = o.Remarks
		}
	}
	e.Aliases = extend(e.Aliases, o.Aliases)
	e.Addresses = extend(e.Addresses, o.Addresses)
	e.Identifiers = extend(e.Identifiers, o.Identifiers)
	e.Programmes = extend(e.Programmes, o.Programmes)
	e.Citations = extend(e.Citations, o.Citations)
	e.Goods = extend(e.Goods, o.Goods)
	e.Facts = extend(e.Facts, o.Facts)
	if e.From.IsZero() {
		e.From = o.From
	}
	if !o.From.IsZero() {
		e.Interval = e.Cover(o.Interval)
	}
}

func extend[T any](a, b []T) []T {
	if room := MaxItems - len(a); len(b) > room {
		b = b[:max(room, 0)]
	}
	return append(a, b...)
}

// tidy drops what stands twice, and cleans what is printed.
func (e *Entry) tidy() {
	for i := range e.Aliases {
		e.Aliases[i].Name = Squeeze(e.Aliases[i].Name)
	}
	for i := range e.Addresses {
		e.Addresses[i].Text = Squeeze(e.Addresses[i].Text)
	}
	e.Aliases = unique(e.Aliases, func(a Alias) string { return a.Name }, e.Name)
	e.Addresses = unique(e.Addresses, func(a Address) string { return a.Text + a.Country })
	e.Identifiers = unique(e.Identifiers, func(i Identifier) string {
		if i.Value == "" {
			return ""
		}
		return string(i.Kind) + " " + i.Country + " " + i.Value
	})
	e.Programmes = unique(e.Programmes, func(p string) string { return p })
	e.Citations = unique(e.Citations, func(c Citation) string { return c.Text + c.Date.String() })
	e.Goods = unique(e.Goods, func(g string) string { return g })
	e.Facts = unique(e.Facts, func(f Fact) string { return string(f.Kind) + " " + f.Value + f.Share.String() + f.Until.String() })
}

// unique keeps the first of those with one key; an empty key, or one of those
// in drop, drops it.
func unique[T any](list []T, key func(T) string, drop ...string) []T {
	if len(list) == 0 {
		return nil
	}
	seen := make(map[string]bool, len(list))
	for _, d := range drop {
		seen[d] = true
	}
	out := list[:0]
	for _, x := range list {
		if k := key(x); k != "" && !seen[k] {
			seen[k] = true
			out = append(out, x)
		}
	}
	return slices.Clip(out)
}

// clip shortens a value for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// File names the file that rows are read of.
func (b *Builder) File() string { return b.file }
