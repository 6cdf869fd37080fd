package edition

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/identity"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/roll"
)

// sourceOf makes an edition a source of facts.
func sourceOf(src *register.Source, r *Record) offshelf.Source {
	return offshelf.Source{
		ID: "edition-" + src.ID, Title: fmt.Sprintf("%s, edition of %s", src.Title, r.Date), Publisher: src.Title,
		Citation: "sha256 " + r.SHA256, Date: r.Date, Grade: offshelf.GradeOfficial,
	}
}

// endings ends the listings of known parties that an older edition had and
// that the one in force has not. They end on the day of the first edition
// without them. One edition alone ends nothing: that a party is not in it may
// be a matter of how its name is written. Nor does one that is cut off.
func (s *Store) endings(c *compiler, src *register.Source, st *State, r *Record, now *list.Edition) error {
	if now.Cut {
		return nil
	}
	older := olderThan(st, r)
	if len(older) == 0 {
		return nil
	}
	has := partiesOf(now.Entries, c.k)
	numbers, printed := map[string]bool{}, map[string]bool{src.ID: true}
	editioned := register.IDs() // the other lists that it prints have no editions of their own
	for i := range now.Entries {
		e := &now.Entries[i]
		numbers[e.ID()] = true
		if !slices.Contains(editioned, e.List) {
			printed[e.List] = true
		}
	}
	missing := map[string]bool{} // party and list
	for i := range c.k.Listings {
		l := &c.k.Listings[i]
		if key := l.Party + " " + l.List; printed[l.List] && l.Party != "" && l.Until.IsZero() && has[key] == nil {
			missing[key] = true
		}
	}
	first := r // without the parties that are missing
	for _, o := range older {
		if len(missing) == 0 {
			break
		}
		had, err := s.parties(c, src.ID, o)
		if err != nil {
			return err
		}
		source := ""
		for _, key := range slices.Sorted(maps.Keys(missing)) {
			entries, ok := had.Parties[key]
			if !ok {
				continue
			}
			delete(missing, key)
			if slices.ContainsFunc(entries, func(entry string) bool { return numbers[entry] }) {
				continue // the entry is there under another name
			}
			if source == "" {
				source = c.ending(src, r, first)
			}
			for _, l := range c.known[key] {
				if l.Until.IsZero() && (l.From.IsZero() || before(l.From, first.Date)) {
					c.Ended = append(c.Ended, roll.Ended{Listing: l.ID, Until: first.Date, Source: source})
				}
			}
		}
		if !had.Cut {
			first = o
		}
	}
	return nil
}

// ending is the source of the first edition without a party.
func (c *compiler) ending(src *register.Source, current, first *Record) string {
	if first == current {
		return c.origins[src.ID].source
	}
	source := sourceOf(src, first)
	source.ID += "-" + first.SHA256[:min(12, len(first.SHA256))]
	c.Sources = append(c.Sources, source)
	return source.ID
}

// olderThan are the editions that are certainly older than the one in force,
// the newest first.
func olderThan(st *State, current *Record) []*Record {
	var out []*Record
	for i := range st.Editions {
		if r := &st.Editions[i]; before(r.Date, current.Date) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *Record) int { return int(b.Date.Latest() - a.Date.Latest()) })
	return out
}

// partiesOf tells which parties of the knowledge stand on which list in an
// edition, and by which entries.
func partiesOf(entries []list.Entry, k *offshelf.Knowledge) map[string][]string {
	out := map[string][]string{}
	clusters, _ := identity.Join(entries, k)
	for _, c := range clusters {
		for _, e := range c.Entries {
			if c.Party != "" {
				key := c.Party + " " + e.List
				out[key] = append(out[key], e.ID())
			}
		}
	}
	return out
}

// joined is what is noted of an older edition, which never changes, so that it
// is read once and not at each update.
type joined struct {
	Knowledge string              `json:"knowledge"` // SHA-256 of the facts
	Cut       bool                `json:"cut,omitempty"`
	Parties   map[string][]string `json:"parties"` // and list → ids of entries
}

// maxJoined bounds such a note, in bytes.
const maxJoined = 16 << 20

// parties is partiesOf for an older edition. The note of it can be deleted at
// any time.
func (s *Store) parties(c *compiler, id string, r *Record) (*joined, error) {
	path := filepath.Join(s.dir, "joined", id+"-"+list.Sum([]byte(r.SHA256))[:32]+".json")
	if info, err := os.Stat(path); err == nil && info.Size() <= maxJoined {
		var was joined
		if data, err := os.ReadFile(path); err == nil && json.Unmarshal(data, &was) == nil && was.Knowledge == c.Knowledge && was.Parties != nil {
			return &was, nil
		}
	}
	e, err := s.Read(id, r)
	if err != nil {
		return nil, err
	}
	is := &joined{c.Knowledge, e.Cut, partiesOf(e.Entries, c.k)}
	data, err := json.Marshal(is, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	return is, replace(path, data)
}
