package exchange

import (
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// ftmImport gathers a stream into an Import. Stakes wait for the end: their
// parties may stand behind them.
type ftmImport struct {
	*Import
	parties map[string]int // entity id → index of Parties
	lines   map[string]int // entity id → line, of all entities but parties
	passed  map[string]bool
	also    map[string]string // other id of an entity → its id, or nothing where two claim it
	pending []pendingStake
	listed  []pendingListing
	said    map[string]string // what a link said, by id
	now     string            // what the entity at hand says
}

type pendingStake struct {
	line int
	id   string
	offshelf.Stake
}

type pendingListing struct {
	line int
	id   string
	offshelf.Listing
}

func readFtM(im *Import, r io.Reader) error {
	c := &ftmImport{Import: im, parties: map[string]int{}, lines: map[string]int{}, passed: map[string]bool{}, also: map[string]string{}, said: map[string]string{}}
	_, err := StreamFtM(r, Handler{Party: c.party, Stake: c.stake, Listing: c.listing, Link: c.link, Done: c.done})
	if err != nil {
		return err
	}
	c.settleStakes()
	c.settleListings()
	return nil
}

func (c *ftmImport) party(p *PartyRecord) error {
	id := strings.Clone(p.ID)
	if i, ok := c.parties[id]; ok {
		q := &c.Parties[i]
		before := len(q.Aliases) + len(q.Identifiers)
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			if n != q.Name && n != p.ID {
				q.Aliases = addName(q.Aliases, n)
			}
		}
		for _, x := range p.Identifiers {
			if !slices.Contains(q.Identifiers, x) {
				q.Identifiers = append(q.Identifiers, offshelf.Identifier{Scheme: strings.Clone(x.Scheme), ID: strings.Clone(x.ID)})
			}
		}
		if len(q.Aliases)+len(q.Identifiers) > before {
			c.find(p.Line, "duplicate", "%s stands twice and says more here: both are read as one", p.ID)
		}
		return nil
	}
	q := offshelf.Party{ID: id, Name: strings.Clone(p.Name), Kind: p.Kind, Country: strings.Clone(p.Country), Evidence: c.evidence(p.Publisher)}
	for _, n := range p.Aliases {
		if n != q.Name {
			q.Aliases = addName(q.Aliases, n)
		}
	}
	for _, x := range p.Identifiers {
		q.Identifiers = append(q.Identifiers, offshelf.Identifier{Scheme: strings.Clone(x.Scheme), ID: strings.Clone(x.ID)})
	}
	for _, r := range p.Referents {
		if other, ok := c.also[r]; ok && other != id {
			if other != "" {
				c.find(p.Line, "duplicate", "%s is another id of both %s and %s: what names it is left out", r, other, id)
			}
			c.also[strings.Clone(r)] = ""
			continue
		}
		c.also[strings.Clone(r)] = id
	}
	c.parties[id] = len(c.Parties)
	c.Parties = append(c.Parties, q)
	return nil
}

// maxAliases bounds the names of a party, as an overlay does.
const maxAliases = 200

func addName(names []string, n string) []string {
	if n == "" || len(names) >= maxAliases || slices.Contains(names, n) {
		return names
	}
	return append(names, strings.Clone(n))
}

func (c *ftmImport) stake(s *StakeRecord) error {
	e := c.evidence(s.Publisher)
	if s.Unconfirmed {
		e.Grade = offshelf.GradeClaim
	}
	c.now += s.Holder + "\x00" + s.Held + "\x00" + s.Share.String() + "\x00" + s.Interval.String() + "\x00"
	c.pending = append(c.pending, pendingStake{s.Line, strings.Clone(s.ID), offshelf.Stake{
		Holder: strings.Clone(s.Holder), Held: strings.Clone(s.Held), Share: s.Share, Control: s.Control, Interval: s.Interval, Evidence: e,
	}})
	return nil
}

func (c *ftmImport) listing(l *ListingRecord) error {
	e := c.evidence(l.Publisher)
	if l.Unconfirmed {
		e.Grade = offshelf.GradeClaim
	}
	c.now += l.Party + "\x00" + l.List + "\x00" + l.Interval.String() + "\x00"
	c.listed = append(c.listed, pendingListing{l.Line, strings.Clone(l.ID), offshelf.Listing{
		ID: strings.Clone(l.ID), Party: strings.Clone(l.Party), List: strings.Clone(l.List), Name: strings.Clone(l.Printed),
		Citation: strings.Clone(cutTo(l.Reason, 400)), Status: l.Status, Interval: l.Interval, Evidence: e,
	}})
	return nil
}

func (c *ftmImport) link(l *LinkRecord) error {
	when := ""
	if !l.Date.IsZero() {
		when = " on " + l.Date.String()
	}
	c.find(l.Line, "succession", "%s took the place of %s%s: say in YAML which stakes and listings go over", l.To, l.From, when)
	return nil
}

// done counts the entity at hand.
func (c *ftmImport) done(o *Outcome) error {
	c.Read++
	said := c.now
	c.now = ""
	switch {
	case o.Refused != "":
		c.refuse(o.Line, o.ID, "%s", o.Refused)
		return nil
	case o.Ignored != "":
		c.passed[strings.Clone(o.ID)] = true
		c.ignore(o.Line, o.Ignored)
		return nil
	}
	for _, d := range o.Doubts {
		c.find(o.Line, d.kind, "%s: %s", o.ID, d.text)
	}
	if said == "" { // a party
		c.Imported++
		return nil
	}
	id := strings.Clone(o.ID)
	first, twice := c.lines[id]
	if !twice {
		c.lines[id], c.said[id] = o.Line, said
		return nil // counted at the end
	}
	for n := len(c.pending); n > 0 && c.pending[n-1].line == o.Line; n-- {
		c.pending = c.pending[:n-1]
	}
	for n := len(c.listed); n > 0 && c.listed[n-1].line == o.Line; n-- {
		c.listed = c.listed[:n-1]
	}
	if c.said[id] == said {
		c.ignore(o.Line, "said twice in the same words")
		return nil
	}
	c.refuse(o.Line, id, "the id stands in line %d too and says something else there: which holds stays open; the first is used", first)
	return nil
}

// resolve returns the id of the party that an id names.
func (c *ftmImport) resolve(id string) string {
	if _, ok := c.parties[id]; ok {
		return id
	}
	if other := c.also[id]; other != "" {
		return other
	}
	return id
}

// missing tells which of the ids is no party of the file, and whether it is at
// least an entity that was passed over.
func (c *ftmImport) missing(ids ...string) (id string, passed bool) {
	for _, id := range ids {
		if _, ok := c.parties[id]; !ok {
			return id, c.passed[id] || c.lines[id] > 0
		}
	}
	return "", false
}

// settleStakes keeps the stakes whose parties exist. An entity counts as
// imported where one of its stakes is kept.
func (c *ftmImport) settleStakes() {
	for i := 0; i < len(c.pending); {
		line, kept, id, passed, self := c.pending[i].line, false, "", false, false
		j := i
		for ; j < len(c.pending) && c.pending[j].line == line; j++ {
			s := c.pending[j]
			s.Holder, s.Held = c.resolve(s.Holder), c.resolve(s.Held)
			if no, skipped := c.missing(s.Holder, s.Held); no != "" {
				id, passed = no, skipped
				continue
			}
			if s.Holder == s.Held {
				self = true
				continue
			}
			kept = true
			c.Stakes = append(c.Stakes, s.Stake)
			c.Import.lines = append(c.Import.lines, s.line)
		}
		if self && !kept && id == "" {
			c.refuse(line, c.pending[i].id, "a party cannot hold itself: owner and asset are ids of one entity")
		} else {
			c.counted(line, c.pending[i].id, kept, id, passed, "a stake")
		}
		i = j
	}
}

func (c *ftmImport) settleListings() {
	for i := 0; i < len(c.listed); {
		line, kept, id, passed := c.listed[i].line, false, "", false
		j := i
		for ; j < len(c.listed) && c.listed[j].line == line; j++ {
			l := c.listed[j]
			l.Party = c.resolve(l.Party)
			if no, skipped := c.missing(l.Party); no != "" {
				id, passed = no, skipped
				continue
			}
			kept = true
			if l.Name == "" {
				l.Name = c.Parties[c.parties[l.Party]].Name
			}
			c.Listings = append(c.Listings, l.Listing)
			c.listLines = append(c.listLines, l.line)
		}
		c.counted(line, c.listed[i].id, kept, id, passed, "a listing")
		i = j
	}
}

func (c *ftmImport) counted(line int, id string, kept bool, missing string, passed bool, what string) {
	switch {
	case kept && missing != "":
		c.Imported++
		c.find(line, "duplicate", "%s: one of its parties, %s, is no party of the file: that pair is left out", id, missing)
	case kept:
		c.Imported++
	case passed:
		c.ignore(line, what+" of an entity that is no party")
	default:
		c.refuse(line, id, "%s of %q, which is no entity of the file: add the entity, or leave this out", what, cutTo(missing, 100))
	}
}
