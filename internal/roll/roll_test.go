package roll_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/internal/search"
)

func date(t testing.TB, s string) offshelf.Date {
	t.Helper()
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// small is a roll of invented entries, one of each kind that is told apart.
func small(t testing.TB) *roll.Content {
	on := offshelf.Interval{From: date(t, "2021-03-12")}
	return &roll.Content{
		Head: roll.Head{Knowledge: "facts", Editions: []roll.Edition{{List: "us-one", Date: date(t, "2026-05-01"), SHA256: "ab", Entries: 4}}},
		Delta: roll.Delta{
			Sources:  []offshelf.Source{{ID: "edition-us-one", Title: "One", Grade: offshelf.GradeOfficial}},
			Listings: []offshelf.Listing{{ID: "us-one/1", Party: "norvane", List: "us-one", Name: "Norvane", Interval: on, Evidence: offshelf.Evidence{Sources: []string{"edition-us-one"}}}},
			Ended:    []roll.Ended{{Listing: "us-one/old", Until: date(t, "2026-05-01"), Source: "edition-us-one"}},
		},
		Entries: []roll.Record{
			{Entry: &list.Entry{List: "us-one", UID: "1", Name: "Norvane Systems Company", Kind: list.Entity, Interval: on, Aliases: []list.Alias{{Name: "Norvica Optics", Kind: list.AKA}, {Name: "Blue", Kind: list.Weak}}}, Party: "norvane"},
			{Entry: &list.Entry{List: "us-one", UID: "2", Name: "Marta Oskelund", Kind: list.Person}},
			{Entry: &list.Entry{List: "us-one", UID: "3", Name: "Sea Otter", Kind: list.Vessel}},
			{Entry: &list.Entry{List: "us-one", UID: "4", Name: "Kites", Kind: list.Category}},
			{Party: "ostrel", Name: "Ostrel Networks Corp", Also: []string{"Ostrel", "Ostrel", ""}},
			{Brand: "quelvara", Name: "Quelvara"},
		},
	}
}

func written(t testing.TB, c *roll.Content) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := roll.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns the entries of a roll.
func read(r *roll.Roll) ([]roll.Record, error) {
	var out []roll.Record
	for i := range r.Records {
		x, err := r.Record(i)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func TestRoundTrip(t *testing.T) {
	c := small(t)
	data := written(t, c)
	r, err := roll.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(); err != nil {
		t.Error(err)
	}
	if !reflect.DeepEqual(r.Head, c.Head) || r.Records != 6 || len(r.Sum()) != 64 {
		t.Errorf("%+v, sum %s", r.Head, r.Sum())
	}
	got, err := read(r)
	if err != nil || len(got) != len(c.Entries) {
		t.Fatal(got, err)
	}
	for i := range got {
		want := c.Entries[i]
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("entry %d: %+v, want %+v", i, got[i], want)
		}
	}
	for _, i := range []int{-1, 6, 1 << 40} {
		if _, err := r.Record(i); err == nil {
			t.Errorf("there is an entry %d", i)
		}
	}
}

// TestNames holds what can be found, and as what: weak aliases and entries that
// name nobody cannot.
func TestNames(t *testing.T) {
	r, err := roll.Open(written(t, small(t)))
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"Norvane Systems Company": "0 company",
		"Norvica Optics":          "0 company",
		"Marta Oskelund":          "1 person",
		"Sea Otter":               "2 vessel",
		"Ostrel Networks Corp":    "4 company",
		"Quelvara":                "5 company",
		"Blue":                    "",
		"Kites":                   "",
	} {
		got := ""
		for _, h := range r.Names().Search(query, search.Options{Min: 0.95}) {
			_, kind, label := r.Names().Name(h.Name)
			got = fmt.Sprintf("%d %s", label, kind)
			break
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if n := r.Names().Len(); n != 7 { // the empty and the repeated name are none
		t.Errorf("%d names", n)
	}
}

func TestSameBytes(t *testing.T) {
	a, b := written(t, small(t)), written(t, small(t))
	if !bytes.Equal(a, b) {
		t.Error("the same content, other bytes")
	}
	c := small(t)
	c.Entries[1].Entry.Name += "x"
	if bytes.Equal(a, written(t, c)) {
		t.Error("other content, the same bytes")
	}
}

// TestAlignment holds that every section can be read as numbers where it lies.
func TestAlignment(t *testing.T) {
	for n := range 9 {
		c := small(t)
		c.Knowledge = strings.Repeat("k", n)
		data := written(t, c)
		for i := range sections {
			if at := binary.LittleEndian.Uint64(data[tableAt+16*i:]); at%8 != 0 {
				t.Errorf("section %d at %d", i, at)
			}
		}
		// A mapping begins at a page; a slice may begin anywhere.
		for shift := range 8 {
			moved := append(make([]byte, shift), data...)[shift:]
			r, err := roll.Open(moved)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Names().Search("Norvane Systems Company", search.Options{})) == 0 {
				t.Errorf("shifted by %d: nothing found", shift)
			}
		}
	}
}

// The form of the file, as the tests damage it.
const (
	sections = 5
	tableAt  = 8 + 32 + 8
)

func TestEmpty(t *testing.T) {
	r, err := roll.Open(written(t, &roll.Content{}))
	if err != nil || r.Records != 0 || r.State() != "" || r.Verify() != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	if hits := r.Names().Search("Norvane", search.Options{}); len(hits) > 0 {
		t.Error(hits)
	}
	k, err := r.Lay(&offshelf.Knowledge{Version: "v"})
	if err != nil || k.State() != "v" {
		t.Error(k.State(), err)
	}
}

func TestAnyContent(t *testing.T) {
	text := rapid.StringN(0, 30, 120)
	rapid.Check(t, func(rt *rapid.T) {
		c := &roll.Content{Head: roll.Head{Knowledge: text.Draw(rt, "sum")}}
		for range rapid.IntRange(0, 12).Draw(rt, "entries") {
			x := roll.Record{Party: text.Draw(rt, "party"), Name: text.Draw(rt, "name")}
			if rapid.Bool().Draw(rt, "entry") {
				x.Entry = &list.Entry{List: "us-one", UID: text.Draw(rt, "uid"), Name: text.Draw(rt, "printed"), Kind: rapid.SampledFrom([]list.Kind{"", list.Entity, list.Person, list.Vessel, list.Place}).Draw(rt, "kind")}
				if rapid.Bool().Draw(rt, "alias") {
					x.Entry.Aliases = []list.Alias{{Name: text.Draw(rt, "also"), Kind: list.AKA}}
				}
			}
			c.Entries = append(c.Entries, x)
		}
		data := written(t, c)
		if !bytes.Equal(data, written(t, c)) {
			rt.Fatal("other bytes the second time")
		}
		r, err := roll.Open(data)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := read(r)
		if err != nil || r.Verify() != nil || r.Knowledge != c.Knowledge {
			rt.Fatal(err)
		}
		if len(got) != len(c.Entries) {
			rt.Fatalf("%d entries, want %d", len(got), len(c.Entries))
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], c.Entries[i]) {
				rt.Fatalf("entry %d: %+v, want %+v", i, got[i], c.Entries[i])
			}
		}
	})
}

// use reads everything there is.
func use(r *roll.Roll) {
	read(r)
	r.Lay(&offshelf.Knowledge{Listings: []offshelf.Listing{{ID: "us-one/old"}}})
	for _, q := range []string{"Norvane Systems Company", "Norvka", "Marta Oskelund", "sea otter"} {
		for _, h := range r.Names().Search(q, search.Options{Min: 0.01}) {
			_, _, label := r.Names().Name(h.Name)
			r.Record(int(label))
		}
	}
}

// TestFlippedBytes flips each byte: what Open lets through reads without a
// crash, and Verify finds it.
func TestFlippedBytes(t *testing.T) {
	good := written(t, small(t))
	data := make([]byte, len(good))
	refused := 0
	for i := range good {
		for _, mask := range []byte{0x01, 0x80, 0xff} {
			copy(data, good)
			data[i] ^= mask
			r, err := roll.Open(data)
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "offshelf lists compile") {
					t.Fatalf("byte %d: %v", i, err)
				}
				continue
			}
			if r.Verify() == nil {
				t.Errorf("byte %d ^ %#x is not found", i, mask)
			}
			use(r)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

func TestTruncated(t *testing.T) {
	good := written(t, small(t))
	for n := range good {
		if _, err := roll.Open(good[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(good))
		}
	}
	if _, err := roll.Open(append(bytes.Clone(good), 0)); err == nil {
		t.Error("a byte too many was taken")
	}
}

// withHead writes a number of entries into a head of the same length.
func withHead(t testing.TB, records string) []byte {
	data := written(t, small(t))
	i := bytes.Index(data, []byte(`"records":6`))
	if i < 0 {
		t.Fatal("no number of entries")
	}
	// The table is told to hold a longer head, moved to the end.
	at, n := binary.LittleEndian.Uint64(data[tableAt:]), binary.LittleEndian.Uint64(data[tableAt+8:])
	head := bytes.Replace(data[at:at+n], []byte(`"records":6`), []byte(`"records":`+records), 1)
	for len(data)%8 != 0 {
		data = append(data, 0)
	}
	binary.LittleEndian.PutUint64(data[tableAt:], uint64(len(data)))
	binary.LittleEndian.PutUint64(data[tableAt+8:], uint64(len(head)))
	data = append(data, head...)
	binary.LittleEndian.PutUint64(data[tableAt-8:], uint64(len(data)))
	return data
}

// TestHostileNumbers: numbers of entries that overflow when they are multiplied
// are refused, also where the table of entries is empty.
func TestHostileNumbers(t *testing.T) {
	for _, records := range []string{"-1", "5", "7", "4611686018427387903", "9223372036854775807", "1e3"} {
		for _, empty := range []bool{false, true} {
			data := withHead(t, records)
			if empty {
				binary.LittleEndian.PutUint64(data[tableAt+2*16+8:], 0)
			}
			if _, err := roll.Open(data); err == nil {
				t.Errorf("%s entries, empty %t: taken", records, empty)
			}
		}
	}
	if r, err := roll.Open(withHead(t, "6")); err != nil {
		t.Error("the test itself is wrong:", err)
	} else {
		use(r)
	}
	// Offsets of entries that run backwards or lead outside, and bytes that are
	// no JSON, are told with what to do.
	data := written(t, small(t))
	at := binary.LittleEndian.Uint64(data[tableAt+2*16:])
	for _, v := range []uint32{1 << 31, 1<<32 - 1, 3} {
		x := bytes.Clone(data)
		binary.LittleEndian.PutUint32(x[at+4:], v)
		r, err := roll.Open(x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Record(0); err == nil || !strings.Contains(err.Error(), "entry 0") || !strings.Contains(err.Error(), "offshelf lists compile") {
			t.Errorf("%d: %v", v, err)
		}
	}
}

func TestMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lists.roll")
	if _, err := roll.Map(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, written(t, small(t)), 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := roll.Map(path)
	if err != nil {
		t.Fatal(err)
	}
	// A file that takes its place leaves the open one as it is.
	next := path + ".new"
	if err := os.WriteFile(next, written(t, &roll.Content{}), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	if got, err := read(r); err != nil || len(got) != 6 || r.Verify() != nil {
		t.Error(got, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for _, data := range []string{"", "x", "offroll1", strings.Repeat("offroll2", 100)} {
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := roll.Map(path); err == nil || !strings.Contains(err.Error(), "lists.roll") || !strings.Contains(err.Error(), "offshelf lists compile") {
			t.Errorf("%.10q: %v", data, err)
		}
	}
	if _, err := roll.Map(filepath.Dir(path)); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Error("a folder:", err)
	}
}

// TestLay: added, ended and untouched listings; sources exist; the facts below
// stay as they are.
func TestLay(t *testing.T) {
	k := &offshelf.Knowledge{
		Version: "2026-06-01",
		Sources: []offshelf.Source{{ID: "own"}},
		Listings: []offshelf.Listing{
			{ID: "us-one/old", Party: "ostrel", Evidence: offshelf.Evidence{Sources: []string{"own"}}},
			{ID: "us-one/kept", Party: "quelvara", Name: "as it was"},
		},
	}
	c := small(t)
	c.Ended = append(c.Ended, roll.Ended{Listing: "us-one/nowhere", Until: date(t, "2026"), Source: "edition-us-one"})
	r, err := roll.Open(written(t, c))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Lay(k)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Listings) != 2 || !k.Listings[0].Until.IsZero() || len(k.Listings[0].Sources) != 1 || len(k.Sources) != 1 || k.Lists != "" {
		t.Errorf("the facts were changed: %+v", k)
	}
	if got.State() != "2026-06-01 + 1 list of 2026-05-01" {
		t.Error(got.State())
	}
	sources := map[string]bool{}
	for _, s := range got.Sources {
		sources[s.ID] = true
	}
	var said []string
	for _, l := range got.Listings {
		said = append(said, fmt.Sprintf("%s %s until %s by %v", l.ID, l.Name, l.Until, l.Sources))
		for _, s := range l.Sources {
			if !sources[s] {
				t.Errorf("%s: no source %s", l.ID, s)
			}
		}
	}
	want := []string{"us-one/old  until 2026-05-01 by [own edition-us-one]", "us-one/kept as it was until  by []", "us-one/1 Norvane until  by [edition-us-one]"}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("%q\nwant %q", said, want)
	}

	// An end that the facts have stays.
	k.Listings[0].Until = date(t, "2025-01-01")
	if got, err = r.Lay(k); err != nil || got.Listings[0].Until.String() != "2025-01-01" || len(got.Listings[0].Sources) != 1 {
		t.Errorf("%+v %v", got.Listings[0], err)
	}
}

func TestState(t *testing.T) {
	c := small(t)
	c.Editions = append(c.Editions, roll.Edition{List: "us-two", Date: date(t, "2026-08")}, roll.Edition{List: "us-three", Date: date(t, "2026-07-30")})
	r, err := roll.Open(written(t, c))
	if err != nil || r.State() != "3 lists of 2026-08" {
		t.Error(r.State(), err)
	}
}

// FuzzOpen: a damaged roll is refused, or reads without a crash.
func FuzzOpen(f *testing.F) {
	good := written(f, small(f))
	f.Add([]byte{}, uint32(0), uint64(0))
	f.Add([]byte("offroll1"), uint32(0), uint64(0))
	f.Add(withHead(f, "4611686018427387903"), uint32(tableAt+2*16+8), uint64(0))
	for i := range sections {
		for _, v := range []uint64{0, 1, 7, 1 << 31, 1<<63 + 8, 1<<64 - 8, uint64(len(good))} {
			f.Add([]byte(nil), uint32(tableAt+16*i), v)
			f.Add([]byte(nil), uint32(tableAt+16*i+8), v)
		}
		at := binary.LittleEndian.Uint64(good[tableAt+16*i:])
		f.Add([]byte(nil), uint32(at), uint64(1<<64-1))
	}
	f.Fuzz(func(t *testing.T, raw []byte, at uint32, value uint64) {
		data := raw
		if len(raw) == 0 {
			data = bytes.Clone(good)
		}
		if len(raw) != 0 || at != 0 || value != 0 {
			data = bytes.Clone(data)
			if uint64(at)+8 <= uint64(len(data)) {
				binary.LittleEndian.PutUint64(data[at:], value)
			}
		}
		r, err := roll.Open(data)
		if err != nil {
			return
		}
		use(r)
		if r.Verify() == nil && len(raw) == 0 && !bytes.Equal(data, good) {
			t.Error("an altered roll is not found")
		}
	})
}
