package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/identity"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

type listsShowCommand struct {
	dataFlags
	ID     string `arg:"" help:"An entry, as LIST/NUMBER or by its whole printed name; or LIST, or LIST@DAY, for the account of an edition."`
	Output string `short:"o" default:"text" enum:"text,json" help:"text (unless you say otherwise) or json."`
}

func (listsShowCommand) Help() string {
	return `Prints an entry of a list that is kept, and the other listings of the same party: joined by a number or by the knowledge. Entries with the same name alone are told apart from these: they may be others.

Example:

  offshelf lists show us-fcc-covered
  offshelf lists show "Norvane Systems Company"`
}

// maxShown bounds the entries that one name finds.
const maxShown = 50

// Run prints an entry or the account of an edition.
func (c *listsShowCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(c.ID, "@")
	if _, err := register.Find(id); err == nil {
		return c.edition(s, store)
	}
	all, err := entriesInForce(store)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("no list is kept in %s: offshelf update, or offshelf lists add LIST FILE", shown(store.Path()))
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	clusters, proposals := identity.Join(all, k)
	key := name.Key(c.ID)
	found := 0
	for i := range clusters {
		if !slices.ContainsFunc(clusters[i].Entries, func(e *list.Entry) bool { return e.ID() == c.ID || key != "" && named(e, key) }) {
			continue
		}
		if found++; found > maxShown {
			w := s.stdout
			if c.Output == "json" {
				w = s.stderr // the lines of the output are JSON alone
			}
			fmt.Fprintf(w, "… and more: %d are shown\n", maxShown)
			break
		}
		if err := c.cluster(s.stdout, &clusters[i], proposals, found > 1); err != nil {
			return err
		}
	}
	if found == 0 {
		return fmt.Errorf("no entry of a kept list has the id or the name %q: write LIST/NUMBER, or the whole printed name; no evidence is found in what is kept, which says nothing of other lists", shown(c.ID))
	}
	return nil
}

// named reports whether an entry has the name, up to case, accents, spaces and
// punctuation.
func named(e *list.Entry, key string) bool {
	return slices.ContainsFunc(e.Names(), func(n string) bool { return name.Key(n) == key })
}

// partyJSON is a party with its entries on one line.
type partyJSON struct {
	Party   string            `json:"party,omitempty"`
	Entries []*list.Entry     `json:"entries"`
	Reasons []identity.Reason `json:"reasons,omitempty"`
	Perhaps []perhapsJSON     `json:"perhaps,omitempty"`
}

type perhapsJSON struct {
	Entry string `json:"entry"`
	Name  string `json:"name"`
	Why   string `json:"why"`
}

func (c *listsShowCommand) cluster(w io.Writer, cl *identity.Cluster, proposals []identity.Proposal, further bool) error {
	var perhaps []perhapsJSON
	for _, p := range proposals {
		other := p.B
		if !slices.Contains(cl.Entries, p.A) {
			if !slices.Contains(cl.Entries, p.B) {
				continue
			}
			other = p.A
		}
		perhaps = append(perhaps, perhapsJSON{other.ID(), other.Name, p.Why})
	}
	if c.Output == "json" {
		return printJSON(w, partyJSON{cl.Party, cl.Entries, cl.Reasons, perhaps})
	}
	if further {
		fmt.Fprintln(w)
	}
	if cl.Party != "" {
		fmt.Fprintf(w, "party %s of the knowledge: offshelf knowledge show %s\n", cl.Party, cl.Party)
	}
	for _, e := range cl.Entries {
		showEntry(w, e)
	}
	if len(cl.Reasons) > 0 && len(cl.Entries) > 1 {
		fmt.Fprintln(w, "why these are one party")
		for _, r := range cl.Reasons {
			fmt.Fprintf(w, "  %s, with %s: %s\n", shown(r.Entry), shown(r.With), shown(r.Why))
		}
	}
	if len(perhaps) > 0 {
		fmt.Fprintln(w, "perhaps the same party: the name alone is no proof, decide for yourself")
		for _, p := range perhaps {
			fmt.Fprintf(w, "  %s: %s\n", shown(p.Entry), shown(p.Name))
		}
	}
	return nil
}

// showEntry prints an entry field by field.
func showEntry(w io.Writer, e *list.Entry) {
	fmt.Fprintf(w, "%s\n", shown(e.ID()))
	line := func(field, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-11s %s\n", field, shown(value))
		}
	}
	line("name", e.Name)
	line("kind", string(e.Kind))
	line("country", e.Country)
	line("from", e.From.Spoken())
	line("until", e.Until.Spoken())
	line("status", e.Status)
	for _, a := range e.Aliases {
		line("alias", a.String())
	}
	for _, x := range e.Citations {
		line("citation", x.String())
	}
	for _, p := range e.Programmes {
		line("programme", p)
	}
	for _, g := range e.Goods {
		line("goods", g)
	}
	for _, i := range e.Identifiers {
		line("number", i.String())
	}
	for _, a := range e.Addresses {
		line("address", a.Text)
	}
	for _, f := range e.Facts {
		line("fact", f.String())
	}
	line("remarks", e.Remarks)
}

// editionJSON is the account of an edition.
type editionJSON struct {
	List    string          `json:"list"`
	Edition *edition.Record `json:"edition"`
	Refused []list.Refusal  `json:"refused,omitempty"`
}

// edition prints the account of an edition.
func (c *listsShowCommand) edition(s *session, store *edition.Store) error {
	id, r, err := store.Resolve(c.ID, "")
	if err != nil {
		return err
	}
	e, err := store.Read(id, r)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return printJSON(s.stdout, editionJSON{id, r, e.Refused})
	}
	w := s.stdout
	src, err := register.Find(id)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %s\n", id, src.Title)
	fmt.Fprintf(w, "  edition  %s, %s\n  of       %s (day: %s)\n", r.SHA256, r.Format, r.Date, r.Dated)
	for _, f := range r.Files {
		fmt.Fprintf(w, "  file     %s, %d bytes, from %s\n", shown(f.Name), f.Size, shown(f.From))
	}
	fmt.Fprintf(w, "  account  %s\n", account(e.Counts))
	for _, x := range e.Refused {
		fmt.Fprintf(w, "  refused  %s\n", shown(x.String()))
	}
	if n := e.Refusals - len(e.Refused); n > 0 {
		fmt.Fprintf(w, "  refused  %d more rows\n", n)
	}
	for _, x := range e.Warnings {
		fmt.Fprintf(w, "  warning  %s\n", shown(x))
	}
	return nil
}
