package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
)

type listsCommand struct {
	Status  listsStatusCommand  `cmd:"" default:"withargs" help:"Say which edition of each list is kept, how old it is and whether the last update worked."`
	Add     listsAddCommand     `cmd:"" help:"Add an edition of a list from files."`
	Show    listsShowCommand    `cmd:"" help:"Print an entry, where else the party stands, or the account of an edition."`
	Compile listsCompileCommand `cmd:"" help:"Make the editions in force into the one file that screen and search use."`
	Diff    listsDiffCommand    `cmd:"" help:"Say what changed between two editions of a list, field by field."`
}

func (listsCommand) Help() string {
	return `Example:

  offshelf lists
  offshelf lists add us-fcc-covered examples/lists/covered-2026-05-01.csv
  offshelf lists show us-fcc-covered`
}

// dataFlags are shared by the commands that keep editions.
type dataFlags struct {
	Data string `placeholder:"DIR" help:"Folder of the editions. The default is $OFFSHELF_DATA, else $XDG_DATA_HOME/offshelf, else ~/.local/share/offshelf."`
}

func (f *dataFlags) store() (*edition.Store, error) {
	if f.Data != "" {
		return edition.Open(f.Data), nil
	}
	dir, err := edition.Dir(os.Getenv)
	if err != nil {
		return nil, err
	}
	return edition.Open(dir), nil
}

type listsStatusCommand struct {
	dataFlags
	Output string `short:"o" default:"text" enum:"text,json" help:"text (unless you say otherwise) or json, one list a line."`
}

func (listsStatusCommand) Help() string {
	return `Example:

  offshelf lists
  offshelf lists status -o json

States: in force; failed, the last update did not work and the edition before it is still in force; none, no edition is kept.`
}

// listStatus is a line of the table.
type listStatus struct {
	List    string          `json:"list"`
	Title   string          `json:"title"`
	State   string          `json:"state"`
	Edition *edition.Record `json:"edition,omitempty"`
	AgeDays *int            `json:"age_days,omitempty"`
	Kept    int             `json:"kept"` // editions
	Checked *time.Time      `json:"checked,omitempty"`
	Failure string          `json:"failure,omitempty"`
}

// Run prints the table.
func (c *listsStatusCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	var all []listStatus
	for _, src := range register.Sources {
		st, err := store.State(src.ID)
		if err != nil {
			return err
		}
		l := listStatus{List: src.ID, Title: src.Title, State: "none", Kept: len(st.Editions), Failure: st.Failure, Edition: st.InForce()}
		if !st.Checked.IsZero() {
			l.Checked = &st.Checked
		}
		if l.Edition != nil {
			l.State = "in force"
			age := ageDays(l.Edition.Date, time.Now())
			l.AgeDays = &age
		}
		if st.Failure != "" {
			l.State = "failed"
		}
		all = append(all, l)
	}
	if c.Output == "json" {
		for _, l := range all {
			if err := printJSON(s.stdout, l); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(s.stdout, "editions in %s\n\n", shown(store.Path()))
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "list\tstate\tedition\tof\tage\tentries\trows\trefused")
	for _, l := range all {
		if l.Edition == nil {
			fmt.Fprintf(w, "%s\t%s\t\t\t\t\t\t\n", l.List, l.State)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\n", l.List, l.State, l.Edition.SHA256[:12], l.Edition.Date, plural(*l.AgeDays, "day"), l.Edition.Entries, l.Edition.Counts.Rows, l.Edition.Counts.Refusals)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	told := false
	for _, l := range all {
		if l.Failure == "" {
			continue
		}
		if !told {
			fmt.Fprintln(s.stdout)
			told = true
		}
		fmt.Fprintf(s.stdout, "%s: the update of %s failed: %s\n", l.List, l.Checked.Format(time.DateOnly), shown(l.Failure))
	}
	return nil
}

// ageDays is how many days ago the day was; of a month or a year, its last day.
func ageDays(d offshelf.Date, now time.Time) int {
	return max(int(offshelf.DayOf(now)-d.Latest()), 0)
}

func printJSON(w io.Writer, v any) error {
	data, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", data)
	return err
}

type listsAddCommand struct {
	dataFlags
	List    string   `arg:"" help:"Id of the list, as offshelf lists prints it."`
	Files   []string `arg:"" name:"file" help:"The files of one edition, or the folder that they are in."`
	Date    dateFlag `placeholder:"DATE" help:"Day of the edition, where it states none. The default is the day in the file's name, or the newest in its rows."`
	AnySize bool     `help:"Take an edition with over a fifth fewer or more entries than the last."`
}

func (listsAddCommand) Help() string {
	return `Nothing is fetched: this works offline.

Example:

  offshelf lists add us-fcc-covered examples/lists/covered-2026-05-01.csv
  offshelf lists add us-ofac-sdn examples/lists/sdn

The lists, and the forms that are read, are in docs/reference.md.`
}

// dateFlag is a date of any precision.
type dateFlag struct{ offshelf.Date }

// Run adds an edition.
func (c *listsAddCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	if _, err := register.Find(c.List); err != nil {
		return err
	}
	var in []edition.Input
	for _, f := range c.Files {
		files, err := edition.ReadPath(f)
		if err != nil {
			return err
		}
		in = append(in, files...)
	}
	out, err := store.Add(s.ctx, c.List, in, edition.Options{Date: c.Date.Date, AnySize: c.AnySize, Now: time.Now()})
	if err != nil {
		return fmt.Errorf("%s: nothing is changed: %w", c.List, err)
	}
	tellOutcome(s, c.List, out)
	return compileLists(s, store)
}

func tellOutcome(s *session, id string, out *edition.Outcome) {
	r := &out.Record
	what := "in force"
	if !out.InForce {
		what = "kept, but not in force: a newer edition is"
	}
	if out.Known {
		what += "; it was kept already"
	}
	fmt.Fprintf(s.stdout, "%s of %s (day: %s), edition %s: %s\n", id, r.Date, r.Dated, r.SHA256[:12], what)
	fmt.Fprintf(s.stdout, "  %s\n", account(r.Counts))
	if r.Counts.Refusals > 0 {
		fmt.Fprintf(s.stdout, "  the refused rows: offshelf lists show %s@%s\n", id, r.SHA256[:12])
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(s.stdout, "  warning: %s\n", shown(w))
	}
}

// account says what became of the rows.
func account(c list.Counts) string {
	text := fmt.Sprintf("%s = %d imported", plural(c.Rows, "row"), c.Imported)
	for _, part := range []struct {
		n    int
		what string
	}{{c.Joined, "joined to an entry"}, {c.Skipped, "skipped"}, {c.Refusals, "refused"}} {
		if part.n > 0 || part.what == "refused" {
			text += fmt.Sprintf(" + %d %s", part.n, part.what)
		}
	}
	text += "; " + entries(c.Entries())
	if c.Also > 0 {
		text += fmt.Sprintf(", %d of them named beside another in its row", c.Also)
	}
	return text
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return strconv.Itoa(n) + " entries"
}

// entriesInForce reads the editions in force of all lists that are kept.
func entriesInForce(store *edition.Store) ([]list.Entry, error) {
	var all []list.Entry
	for _, id := range register.IDs() {
		st, err := store.State(id)
		if err != nil {
			return nil, err
		}
		r := st.InForce()
		if r == nil {
			continue
		}
		e, err := store.Read(id, r)
		if err != nil {
			return nil, err
		}
		all = append(all, e.Entries...)
	}
	return slices.Clip(all), nil
}
