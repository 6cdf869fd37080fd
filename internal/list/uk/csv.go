package uk

import (
	"bytes"
	"regexp"

	"github.com/offshelf/offshelf/internal/list"
)

// columns are those that the CSV must have.
var columns = []string{"Unique ID", "Name 6", "Name 1", "Name type", "Regime Name", "Date Designated"}

// reported is the day in the line over the header.
var reported = regexp.MustCompile(`^[^\n]{0,80}?[Dd]ate:?,?\s*(\d{1,2}[-/ ][A-Za-z0-9]{2,9}[-/ ]\d{4})`)

// ReadCSV reads the list as CSV: a row a name of a designation, under a line
// with the day of the report. Rows of one number are one entry.
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	if m := reported.FindSubmatch(bytes.TrimPrefix(f.Data[:min(len(f.Data), 200)], []byte(`"`))); m != nil {
		b.Date(b.ReadDate(string(m[1]), true, "the day of the report"))
	}
	var entries []list.Entry
	at := map[string]int{} // by number
	err := b.ReadCSV(f.Data, list.CSV{Columns: columns, Preamble: true}, func(r list.Row) {
		e := list.Entry{List: ID, UID: r.Get("Unique ID"), Row: r.N}
		kind := r.Get("Designation Type")
		if kind == "" {
			kind = r.Get("Individual, Entity, Ship")
		}
		e.Kind = kindOf(kind)
		named(&e, []string{r.Get("Name 1"), r.Get("Name 2"), r.Get("Name 3"), r.Get("Name 4"), r.Get("Name 5"), r.Get("Name 6")}, r.Get("Name type"), r.Get("Alias strength"))
		if n := r.Get("Name non-latin script"); n != "" {
			e.Aliases = append(e.Aliases, list.Alias{Name: n, Kind: list.AKA})
		}
		addressed(&e, []string{r.Get("Address Line 1"), r.Get("Address Line 2"), r.Get("Address Line 3"), r.Get("Address Line 4"), r.Get("Address Line 5"), r.Get("Address Line 6"), r.Get("Address Postal Code")}, r.Get("Address Country"))
		registered(&e, list.Registration, r.Get("Business registration number (s)"))
		registered(&e, list.Registration, r.Get("Business registration number"))
		registered(&e, list.IMO, r.Get("IMO number"))
		if p := r.Get("Parent company"); p != "" {
			e.Facts = append(e.Facts, list.Fact{Kind: list.OwnedBy, Value: list.Squeeze(p)})
		}
		settle(b, &e, r.Get("UN Reference Number"), r.Get("Regime Name"), r.Get("Sanctions Imposed"), r.Get("Other Information"), r.Get("UK Statement of Reasons"), r.Get("Date Designated"), r.Get("Last Updated"))
		switch i, ok := at[e.UID]; {
		case e.UID == "":
			b.Refuse(r.N, "no Unique ID")
		case !ok:
			at[e.UID] = len(entries)
			entries = append(entries, e)
		default:
			was := &entries[i]
			if was.Name == "" { // the primary name may stand behind an alias
				was.Name = e.Name
			}
			was.Join(e)
			b.Joined()
		}
	})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		promote(&e)
		b.Add(e)
	}
	return b.Edition()
}
