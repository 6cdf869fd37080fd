package site

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// rules tells which regimes reach a subject on the day.
type rules struct {
	AsOf string
	Note string
	Rows []ruleRow
	Open []string // questions, which rows refer to by number
	Ways []drawing
	More int // ways that are not drawn
}

// ruleRow is what one regime says, with all the listings through which it
// says so.
type ruleRow struct {
	Rule           piece
	ID             string
	Law, Possible  bool
	Forbids, State string
	Open           []int // numbers of the questions
	Since, Until   string
	Through        []string
	Reports        int // concerns, which the ways name
	since          offshelf.Date
}

// drawing is a chain as boxes.
type drawing struct {
	Label, Start string
	Steps        []step
	Ends         []end
	Reports      int   // concerns about the last party, where it is listed too
	About        piece // the last party
	Possible     bool
	Reported     bool // ends in reports only
	key          string
}

// step is an arrow and the box that it leads to.
type step struct {
	Label, Span string
	Box         piece
	proof
}

// end is a listing at the end of a chain, with the regimes that it triggers.
type end struct {
	Name    string
	List    piece
	Concern bool
	Span    string
	Rules   []piece
	proof
	key string
}

// maxWays bounds the ways that a page draws.
const maxWays = 6

func (f *frame) rules(findings []offshelf.Finding) *rules {
	out := &rules{AsOf: f.AsOf}
	findings = slices.DeleteFunc(slices.Clone(findings), func(x offshelf.Finding) bool { return f.book.regimes[x.Regime] == nil || len(x.Chains) == 0 })
	rank := func(x *offshelf.Finding) int {
		n := 0
		if x.Basis != offshelf.Law {
			n = 2
		}
		if x.Verdict != offshelf.Reached {
			n++
		}
		return n
	}
	slices.SortStableFunc(findings, func(a, b offshelf.Finding) int { return cmp.Compare(rank(&a), rank(&b)) })
	for i := range findings {
		out.row(f, &findings[i])
		for j := range findings[i].Chains {
			out.draw(f, &findings[i], &findings[i].Chains[j])
		}
	}
	slices.SortStableFunc(out.Ways, func(a, b drawing) int {
		return cmp.Or(cmp.Compare(b2i(a.Possible), b2i(b.Possible)), cmp.Compare(len(a.Steps), len(b.Steps)))
	})
	if len(out.Ways) > maxWays {
		out.More, out.Ways = len(out.Ways)-maxWays, out.Ways[:maxWays]
	}
	for i := range out.Ways {
		out.Ways[i].fold()
	}
	if len(out.Ways) > 1 {
		for i := range out.Ways {
			out.Ways[i].Label = "Way " + thousands(i+1)
		}
	}
	return out
}

func (r *rules) row(f *frame, x *offshelf.Finding) {
	possible := x.Verdict == offshelf.Possible
	i := slices.IndexFunc(r.Rows, func(o ruleRow) bool {
		return o.ID == x.Regime && o.Possible == possible && o.Law == (x.Basis == offshelf.Law)
	})
	if i < 0 {
		i = len(r.Rows)
		r.Rows = append(r.Rows, ruleRow{
			Rule: f.book.regime(x.Regime), ID: x.Regime, Law: x.Basis == offshelf.Law, Possible: possible,
			Forbids: forbids(x.Forbids), Since: cmp.Or(x.Since.Spoken(), "not known"), Until: x.Until.Spoken(), since: x.Since,
		})
		if x.State != "in-force" {
			r.Rows[i].State = stateWord(x.State)
		}
	}
	row := &r.Rows[i]
	if x.Since.Latest() < row.since.Latest() {
		row.since, row.Since = x.Since, x.Since.Spoken()
	}
	if last := x.Chains[0].Hops; len(last) > 0 && last[len(last)-1].Kind == "concern" {
		row.Reports++
	} else {
		since := "since when is not known"
		if !x.Since.IsZero() {
			since = span(offshelf.Interval{From: x.Since, Until: x.Until}, f.book.day)
		}
		row.Through = append(row.Through, "“"+x.Listed+"”, "+since)
	}
	if open := x.Chains[0].Open; possible && open != "" {
		n := slices.Index(r.Open, open)
		if n < 0 {
			n = len(r.Open)
			r.Open = append(r.Open, open)
		}
		if !slices.Contains(row.Open, n+1) {
			row.Open = append(row.Open, n+1)
			slices.Sort(row.Open)
		}
	}
}

// draw adds a chain to the way that it goes, or begins one.
func (r *rules) draw(f *frame, x *offshelf.Finding, c *offshelf.Chain) {
	hops := c.Hops
	start := ""
	if len(hops) > 0 && hops[0].Kind == "attributed" {
		start, hops = hops[0].To, hops[1:]
	}
	if len(hops) == 0 {
		return
	}
	if start == "" {
		start = hops[0].From
	}
	last := &hops[len(hops)-1]
	if last.Kind != "listed" && last.Kind != "concern" {
		return
	}
	key := start
	for _, h := range hops[:len(hops)-1] {
		key += "\x00" + h.Kind + "\x00" + h.To + "\x00" + h.Since.String() + "\x00" + h.Until.String()
	}
	at := slices.IndexFunc(r.Ways, func(d drawing) bool { return d.key == key })
	if at < 0 {
		at = len(r.Ways)
		d := drawing{Start: start, Possible: true, Reported: true, key: key}
		for i := range hops[:len(hops)-1] {
			h := &hops[i]
			d.Steps = append(d.Steps, step{hopLabel(h), span(h.Interval(), f.book.day), f.book.named(h.To), f.hopProof(h)})
		}
		r.Ways = append(r.Ways, d)
	}
	d := &r.Ways[at]
	d.About = f.book.named(last.From)
	d.Reported = d.Reported && last.Kind == "concern"
	d.Possible = d.Possible && c.Verdict == offshelf.Possible
	e := slices.IndexFunc(d.Ends, func(o end) bool { return o.key == x.Listing })
	if e < 0 {
		e = len(d.Ends)
		var list piece
		if l := f.book.listing[x.Listing]; l != nil {
			list = f.book.list(l.List)
		}
		d.Ends = append(d.Ends, end{
			Name: last.To, List: list, Concern: last.Kind == "concern", Span: span(last.Interval(), f.book.day),
			proof: f.hopProof(last), key: x.Listing,
		})
	}
	if p := (piece{x.Regime, "../regime/" + x.Regime + ".html"}); !slices.Contains(d.Ends[e].Rules, p) {
		d.Ends[e].Rules = append(d.Ends[e].Rules, p)
	}
}

// fold leaves the reports on a party to its page, where it is listed as well.
func (d *drawing) fold() {
	if d.Reported {
		return
	}
	d.Ends = slices.DeleteFunc(d.Ends, func(e end) bool {
		d.Reports += b2i(e.Concern)
		return e.Concern
	})
}

// answer says in one sentence what the rules say on the day.
func (r *rules) answer(what string) string {
	var law, mayLaw, choice []string
	for _, row := range r.Rows {
		switch {
		case row.Law && !row.Possible:
			law = append(law, row.Rule.Text)
		case row.Law:
			mayLaw = append(mayLaw, row.Rule.Text)
		default:
			choice = append(choice, row.Rule.Text)
		}
	}
	slices.Sort(choice)
	rest := len(slices.Compact(choice))
	switch {
	case len(law) > 0:
		return "On " + r.AsOf + " law reaches " + what + ": " + joined(law) + "."
	case len(mayLaw) > 0:
		return "On " + r.AsOf + " law may reach " + what + ": " + joined(mayLaw) + ". What is open is said below."
	case rest > 0:
		return "On " + r.AsOf + " no law that is known here reaches " + what + ", for a private sale; " + count(rest, "rule", "rules") + " that a policy may act on do, or may."
	}
	return "On " + r.AsOf + ", no evidence found that a rule reaches " + what + ", in this state of knowledge."
}

func b2i(v bool) int {
	if v {
		return 1
	}
	return 0
}

// joined lists words as one says them.
func joined(list []string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
}
