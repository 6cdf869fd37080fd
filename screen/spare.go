package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// granted is what is known of the day on which a model was authorised, cut down
// to what the rules of the day tell apart.
type granted struct {
	stated   bool
	none     bool
	from, to offshelf.Day // the last cut-off on or before the earliest, and the latest, day that is meant
}

// cutoff is the day before which a model must have been authorised to be
// spared; the listing's own day may not be known exactly.
type cutoff struct{ from, to offshelf.Day }

// cutoffOf returns the cut-off of a period for a listing. It is false where the
// period spares nothing of the listing.
func cutoffOf(sp *offshelf.Spares, l *offshelf.Listing) (cutoff, bool) {
	if sp == nil || !sp.EntriesFrom.IsZero() && l.From.Earliest() < sp.EntriesFrom.Earliest() {
		return cutoff{}, false
	}
	c := cutoff{offshelf.MinDay, offshelf.MinDay}
	for _, v := range sp.AuthorisedBefore {
		from, to := l.From.Earliest(), l.From.Latest()
		if v != offshelf.EntryDay {
			d, err := offshelf.ParseDay(v)
			if err != nil {
				continue
			}
			from, to = d, d
		}
		c.from, c.to = max(c.from, from), max(c.to, to)
	}
	return c, true
}

// before tells whether the model was authorised before the cut-off.
func (g granted) before(c cutoff) offshelf.Truth {
	switch {
	case !g.stated:
		return offshelf.Maybe
	case g.none, g.from >= c.to:
		return offshelf.False
	case g.to < c.from:
		return offshelf.True
	}
	return offshelf.Maybe
}

// facts is what the rules of one day ask of products beside brand and goods.
type facts struct {
	cutoffs    []offshelf.Day // ascending
	countries  map[string]bool
	exceptions []exception
}

// exception is one of a listing, with its words folded.
type exception struct {
	listing string
	*offshelf.Exception
	words, maybe [][]string
}

// ask collects what a rule asks of products.
func (s *Screener) ask(r *rule) {
	f := &s.facts
	if f.countries == nil {
		f.countries = map[string]bool{}
	}
	for i := range s.snapshot.knowledge.Listings {
		l := &s.snapshot.knowledge.Listings[i]
		if !slices.Contains(r.regime.Lists, l.List) || l.On(s.day) == offshelf.False {
			continue
		}
		for _, c := range slices.Concat(l.Origin, l.OriginNot) {
			f.countries[c] = true
		}
		if c, ok := cutoffOf(r.period.Spares, l); ok {
			f.cutoffs = append(f.cutoffs, c.from, c.to)
		}
		if slices.ContainsFunc(f.exceptions, func(x exception) bool { return x.listing == l.ID }) {
			continue // noted for another rule on the list
		}
		for j := range l.Exceptions {
			x := exception{listing: l.ID, Exception: &l.Exceptions[j]}
			x.words = append(x.words, name.Tokens(x.ID))
			for _, w := range x.Words {
				x.words = append(x.words, name.Tokens(w))
			}
			for _, w := range x.Maybe {
				x.maybe = append(x.maybe, name.Tokens(w))
			}
			f.exceptions = append(f.exceptions, x)
		}
	}
	slices.Sort(f.cutoffs)
	f.cutoffs = slices.Compact(f.cutoffs)
}

// subject is what the product itself says of what the rules ask.
func (f *facts) subject(p *offshelf.Product) subject {
	return subject{origin: f.origin(p), granted: f.granted(p), approval: f.approval(p)}
}

// elsewhere stands for a country that no listing tells from others.
const elsewhere = "elsewhere"

// origin returns the country, or elsewhere, or "" where it is not known.
func (f *facts) origin(p *offshelf.Product) string {
	if len(f.countries) == 0 || p.Origin == "" {
		return ""
	}
	c := name.Country(p.Origin)
	if c != "" && !f.countries[c] {
		return elsewhere
	}
	return c
}

func (f *facts) granted(p *offshelf.Product) granted {
	if len(f.cutoffs) == 0 || p.FCCGranted == "" {
		return granted{}
	}
	if p.FCCGranted == offshelf.None {
		return granted{stated: true, none: true}
	}
	d, err := offshelf.ParseDate(p.FCCGranted)
	if err != nil || d.IsZero() {
		return granted{}
	}
	last := func(day offshelf.Day) offshelf.Day {
		if i, found := slices.BinarySearch(f.cutoffs, day); found {
			return day
		} else if i > 0 {
			return f.cutoffs[i-1]
		}
		return offshelf.MinDay
	}
	return granted{stated: true, from: last(d.Earliest()), to: last(d.Latest())}
}

// What an approval can come down to beside the exceptions that it names.
const (
	noApproval      = offshelf.None
	anotherApproval = "?"
)

// maxApproval bounds how much of an approval is read.
const maxApproval = 512

// approval returns the exceptions that the product's approval names, by index:
// ",0,3,". One that says no, or is yet to be given, names none.
func (f *facts) approval(p *offshelf.Product) string {
	if len(f.exceptions) == 0 || p.Approval == "" {
		return ""
	}
	if p.Approval == offshelf.None {
		return noApproval
	}
	tokens := name.Tokens(p.Approval[:min(len(p.Approval), maxApproval)])
	if slices.ContainsFunc(tokens, denies) || len(tokens) > 0 && tokens[0] == "no" { // "list no. 12" is another matter
		return anotherApproval
	}
	out := f.which(func(x *exception) bool { return holdsAny(tokens, x.words) })
	if out == "" {
		return anotherApproval
	}
	return out
}

// denies reports whether a word makes an approval doubtful.
func denies(word string) bool {
	switch word {
	case "not", "none", "without", "pending", "applied", "requested", "denied", "refused", "rejected", "expired", "revoked", "withdrawn":
		return true
	}
	return false
}

// maybe returns the exceptions that title and category leave open.
func (f *facts) maybe(p *offshelf.Product) string {
	if len(f.exceptions) == 0 {
		return ""
	}
	tokens := append(name.Tokens(p.Title[:min(len(p.Title), maxApproval)]), name.Tokens(p.Category[:min(len(p.Category), maxApproval)])...)
	return f.which(func(x *exception) bool { return holdsAny(tokens, x.maybe) })
}

func (f *facts) which(is func(*exception) bool) string {
	out := ""
	for i := range f.exceptions {
		if is(&f.exceptions[i]) {
			out += "," + strconv.Itoa(i)
		}
	}
	if out != "" {
		out += ","
	}
	return out
}

func holdsAny(tokens []string, phrases [][]string) bool {
	return slices.ContainsFunc(phrases, func(phrase []string) bool {
		for i := range tokens {
			if len(tokens)-i >= len(phrase) && slices.Equal(tokens[i:i+len(phrase)], phrase) {
				return true
			}
		}
		return false
	})
}

// spared is why a product is left in trade although a rule reaches it. Needs
// are the fields that would show whether that is so, where it is presumed.
type spared struct {
	why   string
	needs []string
}

// spare says whether the product is left in trade although the rule reaches it,
// or what leaves that open. The approval is asked for last, where nothing else
// is open.
func (s *Screener) spare(r *rule, l *offshelf.Listing, key subject, otherwiseReached bool) (spared, answer) {
	grant := no
	if sp := r.period.Spares; sp != nil && len(sp.Unauthorised) > 0 && s.goodsScope("", sp.Unauthorised, key).truth == offshelf.True {
		return spared{why: "goods of its class need no authorisation, and the rule is about that"}, yes
	}
	if c, ok := cutoffOf(r.period.Spares, l); ok {
		day := c.to.String()
		switch key.granted.before(c) {
		case offshelf.True:
			return spared{why: fmt.Sprintf("its model was authorised before %s", day)}, yes
		case offshelf.Maybe:
			if r.period.Spares.Unstated == offshelf.SpareUnstated && !key.granted.stated {
				return spared{
					fmt.Sprintf("taken as authorised before %s, as the day of its FCC authorisation is not given (fcc_granted)", day),
					[]string{offshelf.FieldFCCGranted},
				}, yes
			}
			what := "give the FCC authorisation date (fcc_granted)"
			if key.granted.stated {
				what = "give the FCC authorisation date to the day (fcc_granted)"
			}
			grant = unless(fmt.Sprintf("models authorised before %s may still be sold: %s", day, what), offshelf.FieldFCCGranted)
		}
	}
	why, a := s.excepted(l, key)
	switch {
	case a.truth == offshelf.True:
		return spared{why: why}, a
	case grant.truth == offshelf.False && otherwiseReached:
		return spared{}, a
	}
	return spared{}, grant
}

// excepted says whether an exception of the listing takes the product out.
func (s *Screener) excepted(l *offshelf.Listing, key subject) (why string, a answer) {
	var left []string // exceptions that hold on the day and that an approval could name
	ended := false    // its approval names one that holds no longer
	a = no
	for i := range s.facts.exceptions {
		x := &s.facts.exceptions[i]
		if x.listing != l.ID {
			continue
		}
		at := "," + strconv.Itoa(i) + ","
		until := ""
		if !x.Until.IsZero() {
			until = ", until " + x.Until.Spoken()
		}
		holds := offshelf.Interval{Until: x.Until}.On(s.day)
		switch {
		case holds == offshelf.False:
			ended = ended || strings.Contains(key.approval, at)
			continue
		case strings.Contains(key.approval, at) && holds == offshelf.True:
			return "its approval names an exception, for " + x.What + until, yes
		case strings.Contains(key.approval, at):
			a = unless("whether the exception for " + x.What + " still holds on this day is not known")
		case strings.Contains(key.maybe, at) && key.approval != noApproval && a.truth == offshelf.False:
			a = unless("excepted are "+x.What+": say under approval whether this is one ("+x.ID+", or none)", offshelf.FieldApproval)
		}
		left = append(left, x.ID)
	}
	switch {
	case a.truth != offshelf.False || len(left) == 0:
		return "", a
	case key.approval == "":
		return "", unless("an approval would except it: give it (approval), or none; the exceptions are "+strings.Join(left, ", "), offshelf.FieldApproval)
	case key.approval != noApproval && !ended:
		return "", unless("whether its approval is one of the exceptions "+strings.Join(left, ", "), offshelf.FieldApproval)
	}
	return "", no
}

// together joins answers that must all hold. The questions of those that are
// open are put one behind the other.
func together(list []answer) answer {
	out := yes
	var open []string
	for _, a := range list {
		out.truth = min(out.truth, a.truth)
		if a.truth == offshelf.Maybe && a.open != "" && !slices.Contains(open, a.open) {
			open = append(open, a.open)
		}
		out.needs = addNeeds(out.needs, a.needs)
	}
	out.open = strings.Join(open, "; ")
	return out
}
