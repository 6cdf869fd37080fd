package edition

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

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

// compiler collects what the editions say.
type compiler struct {
	*roll.Content
	k       *offshelf.Knowledge
	entries []list.Entry
	known   map[string][]*offshelf.Listing // by party and list
	sources map[string]string              // by list: the source of its edition
}

func (s *Store) content(k *offshelf.Knowledge, sum string) (*roll.Content, error) {
	c := &compiler{Content: &roll.Content{}, k: k, known: map[string][]*offshelf.Listing{}, sources: map[string]string{}}
	c.Knowledge = sum
	for i := range k.Listings {
		l := &k.Listings[i]
		c.known[l.Party+" "+l.List] = append(c.known[l.Party+" "+l.List], l)
	}
	for _, src := range register.Sources {
		if err := s.collect(c, src.ID, src.Title); err != nil {
			return nil, err
		}
	}
	clusters, _ := identity.Join(c.entries, k)
	for i := range clusters {
		c.cluster(&clusters[i])
	}
	slices.SortFunc(c.Entries, func(a, b roll.Record) int { return cmp.Compare(a.Entry.ID(), b.Entry.ID()) })
	slices.SortFunc(c.Listings, func(a, b offshelf.Listing) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Ended, func(a, b roll.Ended) int { return cmp.Compare(a.Listing, b.Listing) })
	c.facts()
	return c.Content, nil
}

// collect reads the edition of a list that is in force, and ends the listings
// of known parties that the one before it had and it has not.
func (s *Store) collect(c *compiler, id, title string) error {
	st, err := s.State(id)
	if err != nil {
		return err
	}
	r := st.InForce()
	if r == nil {
		return nil
	}
	now, err := s.Read(id, r)
	if err != nil {
		return err
	}
	source := offshelf.Source{
		ID: "edition-" + id, Title: fmt.Sprintf("%s, edition of %s", title, r.Date), Publisher: title,
		Citation: "sha256 " + r.SHA256, Date: r.Date, Grade: offshelf.GradeOfficial,
	}
	c.Sources = append(c.Sources, source)
	c.sources[id] = source.ID
	c.Editions = append(c.Editions, roll.Edition{List: id, Date: r.Date, SHA256: r.SHA256, Entries: len(now.Entries)})
	c.entries = append(c.entries, now.Entries...)
	before := earlier(st, r)
	if before == nil {
		return nil
	}
	was, err := s.Read(id, before)
	if err != nil {
		return err
	}
	had, has := partiesOf(was.Entries, c.k), partiesOf(now.Entries, c.k)
	for key := range had {
		if has[key] {
			continue
		}
		for _, l := range c.known[key] {
			if l.Until.IsZero() {
				c.Ended = append(c.Ended, roll.Ended{Listing: l.ID, Until: r.Date, Source: source.ID})
			}
		}
	}
	return nil
}

// earlier is the newest edition that is older than the one in force.
func earlier(st *State, current *Record) *Record {
	var out *Record
	for i := range st.Editions {
		r := &st.Editions[i]
		if r.Date.Latest() < current.Date.Earliest() && (out == nil || out.Date.Latest() < r.Date.Latest()) {
			out = r
		}
	}
	return out
}

// partiesOf tells which parties of the knowledge stand on which list.
func partiesOf(entries []list.Entry, k *offshelf.Knowledge) map[string]bool {
	out := map[string]bool{}
	clusters, _ := identity.Join(entries, k)
	for _, c := range clusters {
		for _, e := range c.Entries {
			if c.Party != "" {
				out[c.Party+" "+e.List] = true
			}
		}
	}
	return out
}

func (c *compiler) cluster(x *identity.Cluster) {
	for _, e := range x.Entries {
		c.Entries = append(c.Entries, roll.Record{Entry: e, Party: x.Party})
		if x.Party == "" || len(c.known[x.Party+" "+e.List]) > 0 {
			continue
		}
		l := offshelf.Listing{
			ID: e.ID(), Party: x.Party, List: e.List, Name: e.Name, Interval: e.Interval, Citation: Cited(e),
			Evidence: offshelf.Evidence{Grade: offshelf.GradeOfficial},
		}
		if s := c.sources[e.List]; s != "" {
			l.Sources = []string{s}
		}
		c.Listings = append(c.Listings, l)
	}
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
