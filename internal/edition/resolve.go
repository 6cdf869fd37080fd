package edition

import (
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list/register"
)

// leastDigest is how many digits of a SHA-256 tell an edition.
const leastDigest = 6

// Resolve finds a kept edition: by the first digits of its SHA-256, by LIST@DAY,
// by LIST@previous, or by LIST, which is the one in force. With as, a list, DAY
// and previous need not name it.
func (s *Store) Resolve(ref, as string) (id string, r *Record, err error) {
	id, what, at := strings.Cut(ref, "@")
	if _, err := register.Find(id); err != nil {
		if at {
			return "", nil, err
		}
		id, what = as, ref
		if isDigest(ref) {
			return s.byDigest(ref, as)
		}
		if as == "" {
			return "", nil, fmt.Errorf("%q is no edition: name a file with --as LIST, LIST@DAY, LIST, or at least %d digits of a SHA-256 that offshelf lists prints", ref, leastDigest)
		}
	}
	if as != "" && id != as {
		return "", nil, fmt.Errorf("%q is of another list than --as %s", ref, as)
	}
	st, err := s.State(id)
	if err != nil {
		return "", nil, err
	}
	if len(st.Editions) == 0 {
		return "", nil, fmt.Errorf("no edition of %s is kept: offshelf update %s, or offshelf lists add %s FILE", id, id, id)
	}
	switch what {
	case "", "current":
		return id, st.InForce(), nil
	case "previous":
		if prev := st.previous(); prev != nil {
			return id, prev, nil
		}
		return "", nil, fmt.Errorf("only one edition of %s is kept: there is no previous one", id)
	}
	if isDigest(what) {
		return s.byDigest(what, id)
	}
	day, err := offshelf.ParseDate(what)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %q is neither a day, nor previous, nor the start of a SHA-256", id, what)
	}
	var days []string
	for i := range st.Editions { // the last one added of a day is the better one
		e := &st.Editions[i]
		if e.Date == day {
			r = e
		}
		days = append(days, e.Date.String())
	}
	if r == nil {
		return "", nil, fmt.Errorf("no edition of %s is of %s: those kept are of %s", id, what, strings.Join(days, ", "))
	}
	return id, r, nil
}

// previous is the newest edition before the one in force.
func (s *State) previous() *Record {
	now := s.InForce()
	var best *Record
	for i := range s.Editions {
		e := &s.Editions[i]
		if now == nil || e.SHA256 == now.SHA256 || before(now.Date, e.Date) {
			continue
		}
		if best == nil || !before(e.Date, best.Date) {
			best = e
		}
	}
	return best
}

func isDigest(s string) bool {
	return len(s) >= leastDigest && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// byDigest looks through all lists, or the one of as.
func (s *Store) byDigest(digits, as string) (string, *Record, error) {
	var id string
	var found *Record
	for _, l := range register.IDs() {
		if as != "" && l != as {
			continue
		}
		st, err := s.State(l)
		if err != nil {
			return "", nil, err
		}
		for i := range st.Editions {
			if e := &st.Editions[i]; strings.HasPrefix(e.SHA256, digits) {
				if found != nil && found.SHA256 != e.SHA256 {
					return "", nil, fmt.Errorf("%q begins the SHA-256 of several editions: write more digits", digits)
				}
				id, found = l, e
			}
		}
	}
	if found == nil {
		return "", nil, fmt.Errorf("no kept edition has a SHA-256 that begins with %q: offshelf lists prints them", digits)
	}
	return id, found, nil
}
