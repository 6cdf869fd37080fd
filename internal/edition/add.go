package edition

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
)

// Input is a file of an edition that is to be added.
type Input struct {
	Name         string
	From         string // address or path
	Data         []byte
	ETag         string
	LastModified string // as the server said it
}

// Options say how an edition is added.
type Options struct {
	Date      offshelf.Date // of the edition, where the operator knows it
	AnySize   bool          // take it although it has far more or fewer entries than the last
	Published bool          // it is what the source publishes now
	Now       time.Time
}

// Outcome is what became of an edition that was offered.
type Outcome struct {
	Record  Record
	Known   bool // the very same bytes were kept already
	InForce bool // it is now the edition in force; false for an older one
}

// Add reads an edition, checks it and keeps it. Unless it is older than the
// edition in force, it takes its place. With an error, nothing has changed.
func (s *Store) Add(ctx context.Context, id string, in []Input, o Options) (*Outcome, error) {
	e, err := read(id, in)
	if err != nil {
		return nil, err
	}
	if e.Cut {
		const cut = "the file is cut off: it ends inside a row, or before the end of the page"
		// A file that an operator names may be an excerpt. What is fetched may not.
		if o.Published && !o.AnySize {
			return nil, errors.New(cut)
		}
		e.Warnings = append(e.Warnings, cut)
	}
	now := o.Now.UTC().Truncate(time.Second)
	r := Record{SHA256: e.SHA256, Format: e.Format, Added: now, Entries: len(e.Entries), Counts: e.Counts, Warnings: e.Warnings}
	r.Date, r.Dated = day(e, in, o)
	r.Programmes = programmes(e)
	for _, f := range in {
		r.Files = append(r.Files, KeptFile{filepath.Base(f.Name), list.Sum(f.Data), int64(len(f.Data)), f.From, f.ETag, f.LastModified})
	}
	out := &Outcome{}
	err = s.locked(ctx, func() error {
		st, err := s.State(id)
		if err != nil {
			return err
		}
		last := st.InForce()
		newest := last == nil || !r.older(last, o.Published)
		if was := st.find(r.SHA256); was != nil {
			out.Known = true
			for i, f := range r.Files { // the server's marks may be new
				if i < len(was.Files) {
					was.Files[i].ETag, was.Files[i].LastModified = f.ETag, f.LastModified
				}
			}
			r.Added, r.Date, r.Dated = was.Added, was.Date, was.Dated
			newest = last == nil || !was.older(last, o.Published)
		}
		if newest && (last == nil || last.SHA256 != r.SHA256) && !o.AnySize {
			if err := plausible(last, e); err != nil {
				return err
			}
		}
		if newest && last != nil && last.SHA256 != r.SHA256 {
			r.Warnings = append(r.Warnings, newProgrammes(last, &r)...)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, f := range in {
			if err := s.keep(f.Data, r.Files[i].SHA256); err != nil {
				return err
			}
		}
		if !out.Known {
			st.Editions = append(st.Editions, r)
		}
		if newest {
			st.Current = r.SHA256
			st.Checked, st.Failure = now, ""
		}
		out.Record, out.InForce = r, newest
		return s.save(st)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ReadInputs reads files as an edition of a list, with its day, and keeps
// nothing.
func ReadInputs(id string, in []Input, now time.Time) (*list.Edition, error) {
	e, err := read(id, in)
	if err != nil {
		return nil, err
	}
	e.Date, _ = day(e, in, Options{Now: now})
	return e, nil
}

func read(id string, in []Input) (*list.Edition, error) {
	src, err := register.Find(id)
	if err != nil {
		return nil, err
	}
	var files []list.File
	for _, f := range in {
		files = append(files, list.File{Name: f.Name, Data: f.Data})
	}
	return src.Read(files)
}

// maxProgrammes bounds those that are noted.
const maxProgrammes = 500

func programmes(e *list.Edition) []string {
	seen := map[string]bool{}
	for i := range e.Entries {
		for _, p := range e.Entries[i].Programmes {
			if len(seen) < maxProgrammes {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// newProgrammes tells of programmes that the last edition had not. Those of a
// list with a table of known ones are told by that table.
func newProgrammes(last, r *Record) []string {
	if len(last.Programmes) == 0 {
		return nil
	}
	var out []string
	for _, p := range r.Programmes {
		if !slices.Contains(last.Programmes, p) && !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, fmt.Sprintf("%q", p)) }) {
			out = append(out, fmt.Sprintf("the programme %q is new: the edition of %s had none of it", p, last.Date))
		}
	}
	if len(out) > 20 {
		out = append(out[:20], fmt.Sprintf("%d more programmes are new", len(out)-20))
	}
	return out
}

// older reports whether an edition is certainly older than the one in force.
// What a source publishes now is so only where both state their days: a mirror
// may lag.
func (r *Record) older(last *Record, published bool) bool {
	known := func(r *Record) bool { return r.Dated != NewestRow && r.Dated != Fetched }
	if published {
		known = func(r *Record) bool { return r.Dated == Stated }
	}
	return known(r) && known(last) && before(r.Date, last.Date)
}

// before reports whether a is certainly an earlier day than b.
func before(a, b offshelf.Date) bool {
	return !a.IsZero() && !b.IsZero() && a.Latest() < b.Earliest()
}

var dayInName = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d\d-\d\d(?:-\d\d)?)(?:[^0-9]|$)`)

// day finds the day of an edition.
func day(e *list.Edition, in []Input, o Options) (offshelf.Date, string) {
	if !o.Date.IsZero() {
		return o.Date, Given
	}
	if !e.Date.IsZero() {
		return e.Date, Stated
	}
	path := in[0].From
	for _, name := range []string{filepath.Base(path), filepath.Base(filepath.Dir(path))} {
		if m := dayInName.FindStringSubmatch(name); m != nil {
			if d, err := offshelf.ParseDate(m[1]); err == nil {
				return d, FileName
			}
		}
	}
	if t, err := http.ParseTime(in[0].LastModified); err == nil {
		return offshelf.DayOf(t.UTC()).Date(), LastModified
	}
	if !e.Newest.IsZero() && !o.Published {
		return e.Newest, NewestRow
	}
	return offshelf.DayOf(o.Now).Date(), Fetched
}

// The bounds of a plausible change. Short lists grow by leaps, so a few
// entries more are always plausible; entries that are gone are not.
const (
	plausiblePercent = 20
	plausibleMore    = 10
)

// plausible compares an edition with the last one, if there is one.
func plausible(last *Record, e *list.Edition) error {
	if e.Refusals*100 > e.Rows*plausiblePercent {
		return fmt.Errorf("%d of %d rows are refused, the first as %s: the form of the list may have changed; where it is right, take it with --any-size", e.Refusals, e.Rows, e.Refused[0])
	}
	if last == nil {
		return nil
	}
	n, was := len(e.Entries), last.Entries
	diff := n - was
	percent := (max(diff, -diff)*100 + was/2) / max(was, 1)
	switch {
	case diff < 0 && -diff*100 > was*plausiblePercent:
		return fmt.Errorf("%s, %d%% fewer than the %d of %s: the file may be cut off; where it is right, take it with --any-size", entries(n), percent, was, last.Date)
	case diff > plausibleMore && diff*100 > was*plausiblePercent:
		return fmt.Errorf("%s, %d%% more than the %d of %s: the file may be another list; where it is right, take it with --any-size", entries(n), percent, was, last.Date)
	}
	return nil
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// Fail notes that an update failed. The edition in force stays.
func (s *Store) Fail(ctx context.Context, id string, cause error, now time.Time) error {
	return s.checked(ctx, id, cause.Error(), now)
}

// Unchanged notes that the authority has no newer edition.
func (s *Store) Unchanged(ctx context.Context, id string, now time.Time) error {
	return s.checked(ctx, id, "", now)
}

func (s *Store) checked(ctx context.Context, id, failure string, now time.Time) error {
	return s.locked(ctx, func() error {
		st, err := s.State(id)
		if err != nil {
			return err
		}
		st.Checked, st.Failure = now.UTC().Truncate(time.Second), failure
		return s.save(st)
	})
}
