// Package ofac reads the lists of the US Office of Foreign Assets Control: the
// Specially Designated Nationals and the consolidated non-SDN lists, as the set
// of CSV files and as the advanced XML.
package ofac

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// The ids of the two publications. The consolidated one holds several lists;
// its entries name theirs.
const (
	SDN          = "us-ofac-sdn"
	Consolidated = "us-ofac-cons"
)

// The files of the set are told apart by their number of fields.
const (
	primaryFields  = 12
	addressFields  = 6
	aliasFields    = 5
	commentsFields = 2
)

// null is how the set prints an empty field.
const null = "-0-"

// ReadCSV reads the set: the primary file, and those of addresses, aliases and
// comments in any order. Only the primary file must be there.
func ReadCSV(id string, files []list.File) (*list.Edition, error) {
	b := list.NewBuilder(id, "csv")
	byFields := map[int][]list.File{}
	for _, f := range files {
		if list.LooksLikeHTML(f.Data) {
			return nil, fmt.Errorf("%s: %w: a web page, no CSV: fetch the file itself", f.Name, list.ErrNoList)
		}
		n := fieldsOf(f.Data)
		switch n {
		case primaryFields, addressFields, aliasFields, commentsFields:
			byFields[n] = append(byFields[n], f)
		default:
			return nil, fmt.Errorf("%s: %w: its first row has %d fields: the files of OFAC's set have 12 (entries), 6 (addresses), 5 (aliases) or 2 (comments)", f.Name, list.ErrNoList, n)
		}
	}
	if len(byFields[primaryFields]) == 0 {
		return nil, fmt.Errorf("%w: the file of the entries is missing, with 12 fields a row: name it too", list.ErrNoList)
	}
	for _, n := range []int{primaryFields, addressFields, aliasFields, commentsFields} {
		if fs := byFields[n]; len(fs) > 1 {
			return nil, fmt.Errorf("%s and %s are both the file with %d fields a row: name one", fs[0].Name, fs[1].Name, n)
		}
	}
	// Remarks over their bound go on in the comments, which are read first.
	more := map[string]string{}
	type attached struct {
		row  int
		file string
	}
	unused := map[string]attached{}
	lists := map[string]string{}
	read := func(fields int, each func(list.Row)) error {
		for _, f := range byFields[fields] {
			b.In(f.Name)
			if err := b.ReadCSV(f.Data, list.CSV{Fields: fields}, each); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		return nil
	}
	err := read(commentsFields, func(r list.Row) {
		uid := r.Field(0)
		if _, twice := more[uid]; twice {
			b.Refuse(r.N, "the second comment on entry %s", uid)
			return
		}
		// What is cut may be cut inside a word, so white space matters.
		more[uid] = strings.TrimRight(r.Field(1), " ")
		unused[uid] = attached{r.N, b.File()}
	})
	if err != nil {
		return nil, err
	}
	err = read(primaryFields, func(r list.Row) {
		uid := value(r, 0)
		e := list.Entry{UID: uid, Name: value(r, 1), Row: r.N, Kind: kindOf(value(r, 2)), Programmes: programmes(value(r, 3)), Remarks: value(r, 11) + more[uid]}
		if _, ok := more[uid]; ok {
			b.Joined()
			delete(unused, uid)
		}
		e.List = listOf(id, e.Programmes)
		if b.Find(lists[uid], uid) != nil {
			b.Refuse(r.N, "the number %s is there already", uid)
			return
		}
		lists[uid] = e.List
		for _, f := range []struct {
			field int
			kind  list.FactKind
		}{{5, list.CallSign}, {6, list.VesselType}, {9, list.Flag}, {10, list.VesselOwner}} {
			if v := value(r, f.field); v != "" {
				e.Facts = append(e.Facts, list.Fact{Kind: f.kind, Value: v})
			}
		}
		remarks(&e)
		b.Add(e)
	})
	if err != nil {
		return nil, err
	}
	for _, uid := range slices.Sorted(maps.Keys(unused)) {
		at := unused[uid]
		b.In(at.file)
		b.Refuse(at.row, "a comment on entry %s, which is not in the file of the entries", uid)
	}
	err = read(aliasFields, func(r list.Row) {
		e := b.Find(lists[value(r, 0)], value(r, 0))
		if e == nil {
			b.Refuse(r.N, "an alias of entry %s, which is not in the file of the entries", value(r, 0))
			return
		}
		if len(e.Aliases) >= list.MaxItems {
			b.Refuse(r.N, "over %d aliases of entry %s", list.MaxItems, e.UID)
			return
		}
		kind := list.AKA
		switch k := list.AliasKind(value(r, 2)); k {
		case list.AKA, list.FKA, list.NKA:
			kind = k
		default:
			b.Warn("%s: an alias of the unknown kind %q is read as aka", id, value(r, 2))
		}
		e.Aliases = append(e.Aliases, list.Alias{Name: value(r, 3), Kind: kind})
		b.Joined()
	})
	if err != nil {
		return nil, err
	}
	err = read(addressFields, func(r list.Row) {
		e := b.Find(lists[value(r, 0)], value(r, 0))
		if e == nil {
			b.Refuse(r.N, "an address of entry %s, which is not in the file of the entries", value(r, 0))
			return
		}
		if len(e.Addresses) >= list.MaxItems {
			b.Refuse(r.N, "over %d addresses of entry %s", list.MaxItems, e.UID)
			return
		}
		b.Joined()
		var parts []string
		for _, i := range []int{2, 3, 4} {
			if v := value(r, i); v != "" {
				parts = append(parts, v)
			}
		}
		if len(parts) == 0 {
			return
		}
		country := name.Country(strings.TrimPrefix(value(r, 4), "Region: "))
		e.Addresses = append(e.Addresses, list.Address{Text: strings.Join(parts, ", "), Country: country})
		if e.Country == "" && e.Kind == list.Entity {
			e.Country = country
		}
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// fieldsOf is the number of fields of the first row.
func fieldsOf(data []byte) int {
	r := csv.NewReader(bytes.NewReader(data[:min(len(data), list.MaxField)]))
	fields, err := r.Read()
	if err != nil {
		return 0
	}
	return len(fields)
}

func value(r list.Row, i int) string {
	v := r.Field(i)
	if v == null {
		return ""
	}
	return v
}

func kindOf(s string) list.Kind {
	switch strings.ToLower(s) {
	case "individual":
		return list.Person
	case "vessel":
		return list.Vessel
	case "aircraft":
		return list.Aircraft
	}
	return list.Entity
}

// programmes splits "NPWMD] [IFSR] [IRAN-CON-ARMS-EO".
func programmes(s string) []string {
	var out []string
	for _, p := range strings.Split(s, "] [") {
		if p = strings.Trim(p, " []"); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// listOf tells which of the consolidated lists an entry is on. It may be on
// two; the narrower one names it.
func listOf(id string, programmes []string) string {
	if id != Consolidated {
		return id
	}
	for _, l := range []struct{ prefix, list string }{
		{"CMIC-", "us-ns-cmic"}, {"NS-PLC", "us-ofac-plc"}, {"561-Related", "us-ofac-capta"}, {"FSE-", "us-ofac-fse"}, {"UKRAINE-EO13662", "us-ofac-ssi"}, {"RUSSIA-EO14024", "us-ofac-mbs"}, {"BURMA-EO14014", "us-ofac-mbs"}, {"ILLICIT-DRUGS-EO14059", "us-ofac-mbs"}, {"CAATSA", "us-ofac-mbs"}, {"VENEZUELA-EO13850", "us-ofac-mbs"},
	} {
		for _, p := range programmes {
			if strings.HasPrefix(p, l.prefix) {
				return l.list
			}
		}
	}
	return id
}

// remarks reads the facts of the remarks: items with semicolons between them.
func remarks(e *list.Entry) {
	items := strings.Split(e.Remarks, "; ")
	for n, item := range items {
		if n == list.MaxItems/2 {
			break
		}
		item = strings.TrimSpace(item)
		if n == len(items)-1 {
			item = strings.TrimSuffix(item, ".")
		}
		item = strings.TrimPrefix(item, "alt. ")
		if weak, ok := strings.CutPrefix(item, "a.k.a. '"); ok {
			e.Aliases = append(e.Aliases, list.Alias{Name: strings.TrimSuffix(weak, "'"), Kind: list.Weak})
			continue
		}
		if e.Kind != list.Person {
			if id, ok := list.ReadIdentifier(item); ok {
				e.Identifiers = append(e.Identifiers, id)
				continue
			}
		}
		if day, ok := strings.CutPrefix(item, "Listing Date (CMIC) "); ok {
			if d, err := list.ParseDate(day, true); err == nil {
				e.From = d
			}
		}
		if day, ok := strings.CutPrefix(item, "Effective Date (CMIC) "); ok {
			if d, err := list.ParseDate(day, true); err == nil {
				e.Facts = append(e.Facts, list.Fact{Kind: list.Effective, Value: d.String()})
			}
		}
	}
	e.Facts = append(e.Facts, list.ReadOwnership(e.Remarks)...)
}
