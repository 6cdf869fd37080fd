package edition

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/identity"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/roll"
)

// RollPath is where the compiled lists of the store are.
func (s *Store) RollPath() string { return filepath.Join(s.dir, "lists.roll") }

// Compile makes one file of all editions in force, joined with the facts of
// which sum is the SHA-256, and puts it in the place of the one before in one
// step. It returns what the file was made from.
func (s *Store) Compile(ctx context.Context, k *offshelf.Knowledge, sum string) (*roll.Head, error) {
	var c *roll.Content
	err := s.locked(ctx, func() error {
		var err error
		if c, err = s.content(k, sum); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := roll.Write(&b, c); err != nil {
			return err
		}
		return replace(s.RollPath(), b.Bytes())
	})
	if err != nil {
		return nil, err
	}
	return &c.Head, nil
}

// origin is the edition that an entry is from. Some editions print several
// lists, so that the list of an entry does not tell it.
type origin struct {
	source string // its id
	date   offshelf.Date
}

// compiler collects what the editions say.
type compiler struct {
	*roll.Content
	k       *offshelf.Knowledge
	entries []list.Entry
	known   map[string][]*offshelf.Listing // by party and list
	origins map[string]origin              // by list that editions are kept of
	from    []string                       // such a list, for each of the entries
	of      map[*list.Entry]origin
	listed  map[string]bool // ids of entries of which listings were added
	ids     map[string]bool // of the listings of the facts
}

func (s *Store) content(k *offshelf.Knowledge, sum string) (*roll.Content, error) {
	c := &compiler{Content: &roll.Content{}, k: k, known: map[string][]*offshelf.Listing{}, origins: map[string]origin{}, of: map[*list.Entry]origin{}, listed: map[string]bool{}, ids: map[string]bool{}}
	c.Knowledge = sum
	for i := range k.Listings {
		l := &k.Listings[i]
		c.ids[l.ID] = true
		c.known[l.Party+" "+l.List] = append(c.known[l.Party+" "+l.List], l)
	}
	for _, src := range register.Sources {
		if err := s.collect(c, &src); err != nil {
			return nil, err
		}
	}
	for i, id := range c.from {
		c.of[&c.entries[i]] = c.origins[id]
	}
	clusters, _ := identity.Join(c.entries, k)
	for i := range clusters {
		c.cluster(&clusters[i])
	}
	slices.SortStableFunc(c.Entries, func(a, b roll.Record) int { return cmp.Compare(a.Entry.ID(), b.Entry.ID()) })
	slices.SortFunc(c.Listings, func(a, b offshelf.Listing) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Ended, func(a, b roll.Ended) int { return cmp.Compare(a.Listing, b.Listing) })
	c.facts()
	return c.Content, nil
}

// collect reads the edition of a list that is in force, and ends the listings
// of known parties that one before it had and it has not.
func (s *Store) collect(c *compiler, src *register.Source) error {
	st, err := s.State(src.ID)
	if err != nil {
		return err
	}
	r := st.InForce()
	if r == nil {
		return nil
	}
	now, err := s.Read(src.ID, r)
	if err != nil {
		return err
	}
	source := sourceOf(src, r)
	c.Sources = append(c.Sources, source)
	c.origins[src.ID] = origin{source.ID, r.Date}
	c.Editions = append(c.Editions, roll.Edition{List: src.ID, Date: r.Date, SHA256: r.SHA256, Entries: len(now.Entries)})
	c.entries = append(c.entries, now.Entries...)
	c.from = append(c.from, slices.Repeat([]string{src.ID}, len(now.Entries))...)
	return s.endings(c, src, st, r, now)
}

func (c *compiler) cluster(x *identity.Cluster) {
	for _, e := range x.Entries {
		c.Entries = append(c.Entries, roll.Record{Entry: e, Party: x.Party})
		if x.Party == "" || c.knows(x.Party, e) || c.listed[e.ID()] {
			continue // listed too: an entry that two editions print
		}
		c.listed[e.ID()] = true
		l := offshelf.Listing{
			ID: e.ID(), Party: x.Party, List: e.List, Name: e.Name, Interval: e.Interval, Citation: Cited(e), Status: e.Standing(),
			Evidence: offshelf.Evidence{Sources: []string{c.of[e].source}, Grade: offshelf.GradeOfficial},
		}
		if c.ids[l.ID] {
			l.ID += "@" + c.of[e].date.String()
		}
		if len(e.Goods) > 0 {
			// Which classes of goods the printed words mean is not known: for any
			// one product it is a claim, so that the listing alone is possible.
			l.Grade = offshelf.GradeClaim
			l.Citation = strings.TrimPrefix(l.Citation+"; for these goods only: "+strings.Join(e.Goods, "; "), "; ")
		}
		c.Listings = append(c.Listings, l)
	}
}

// knows tells whether the facts have the listing of a party that an entry is. A
// listing that they say has ended is another one, where a later edition has the
// party without an end and as active.
func (c *compiler) knows(party string, e *list.Entry) bool {
	day, status := c.of[e].date, e.Standing()
	active := e.Until.IsZero() && (status == "" || status == "modified")
	for _, l := range c.known[party+" "+e.List] {
		if l.Until.IsZero() || !active || !before(l.Until, day) {
			return true
		}
	}
	return false
}

// Cited is the first act that an entry cites.
func Cited(e *list.Entry) string {
	if len(e.Citations) == 0 {
		return ""
	}
	return e.Citations[0].Text
}

// facts adds the parties and brands of the knowledge, so that one index finds
// all names.
func (c *compiler) facts() {
	for _, p := range c.k.Parties {
		c.Entries = append(c.Entries, roll.Record{Party: p.ID, Name: p.Name, Also: p.Aliases})
	}
	for _, b := range c.k.Brands {
		if name.Key(b.Name) != "" {
			c.Entries = append(c.Entries, roll.Record{Brand: b.ID, Name: b.Name, Also: b.Aliases})
		}
	}
}
