package report

import (
	"io"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// RegimesHead is what stands above a list of regimes.
type RegimesHead struct {
	Day                         offshelf.Day
	Knowledge, Snapshot, Policy string
}

func (h *sheet) regimesHead(head RegimesHead) {
	h.para("", 0, "knowledge "+clean(head.Knowledge)+" (sha256 "+abbreviate(head.Snapshot)+") · policy "+clean(head.Policy)+" · as of "+head.Day.String())
}

// Regimes prints each regime in a few lines.
func Regimes(w io.Writer, head RegimesHead, list []screen.RegimeOn, o Options) error {
	h := newSheet(w, o)
	h.regimesHead(head)
	for i := range list {
		r := &list[i]
		h.line("")
		h.regimeTitle(r)
		h.para("", 4, answer(r, head.Day))
		h.para("", 4, clean(r.Reach))
		if len(r.Goods) > 0 {
			h.para("", 4, "over "+strings.ToLower(goodsOf(r)))
		}
		h.para("", 4, listsOf(r))
	}
	h.line("")
	h.para("", 0, "One regime in full: offshelf regimes show ID")
	return h.w.Flush()
}

// Settle is how an operator settles a scheduled period with a file of facts.
type Settle struct {
	Period int    `json:"period"` // place among the regime's periods, from 0
	YAML   string `json:"yaml"`
	How    string `json:"how"`
}

// Regime prints one regime with its periods, lists and sources.
func Regime(w io.Writer, head RegimesHead, r *screen.RegimeOn, settle []Settle, o Options) error {
	h := newSheet(w, o)
	h.regimesHead(head)
	h.line("")
	h.regimeTitle(r)
	h.label("That day", answer(r, head.Day))
	if r.Authority != "" {
		h.label("Authority", clean(r.Authority))
	}
	h.label("Reach", clean(r.Reach)+".")
	for _, s := range r.ReachFull {
		h.bullet(clean(s))
	}
	h.label("Goods", goodsOf(r))
	h.label("Lists", listsOf(r))
	if r.Note != "" {
		h.label("Note", clean(r.Note))
	}
	h.line("")
	h.line(h.paint("1", "Periods"))
	for i := range r.Periods {
		h.period(&r.Periods[i])
		for _, s := range settle {
			if s.Period == i {
				h.para("", 6, "SCHEDULED, VERIFY. "+clean(s.How))
				for l := range strings.Lines(s.YAML) {
					h.line("          " + indented(l))
				}
			}
		}
	}
	if len(r.Sources) > 0 {
		h.line("")
		h.line(h.paint("1", "Sources of the rule"))
		h.cited(2, r.Sources)
	}
	return h.w.Flush()
}

func (h *sheet) regimeTitle(r *screen.RegimeOn) {
	house := ""
	if r.Policy != "" {
		house = ", a house rule of the policy " + clean(r.Policy)
	} else if r.Own {
		house = ", as your own facts state it"
	}
	for i, l := range wrap(clean(r.ID)+" — "+clean(r.Title)+house, h.o.Width) {
		if id := clean(r.ID); i == 0 && strings.HasPrefix(l, id) {
			l = h.paint("1", id) + l[len(id):]
		}
		h.line(l)
	}
}

// period says what a regime says in one period.
func (h *sheet) period(p *screen.PeriodOn) {
	mark := map[string]string{"yes": "•", "maybe": "?"}[p.Holds]
	if mark == "" {
		mark = " "
	}
	h.para("  "+mark+" ", 6, periodText(&p.Period))
	if p.Reach != "" {
		h.para("", 6, "Reach in this period: "+clean(p.Reach)+".")
	}
	if p.Note != "" {
		h.para("", 6, clean(p.Note))
	}
	h.cited(6, p.Sources)
}

// periodText says a period without its sources.
func periodText(p *offshelf.Period) string {
	from, until := p.From.Spoken(), p.Until.Spoken()
	if from == "" {
		from = "from the first listing on"
	} else {
		from = "from " + from
	}
	if until != "" {
		until = " to " + until
	}
	return from + until + ": " + strings.Join([]string{standing(screen.Standing(p.State)), forbids(p.Forbids), binds(p.Basis)}, " · ")
}

// cited writes sources with their addresses.
func (h *sheet) cited(in int, list []offshelf.Source) {
	for _, s := range list {
		h.para(strings.Repeat(" ", in)+"- ", in+2, sourceText(s, ""))
		if u := clean(s.URL); u != "" {
			h.line(strings.Repeat(" ", in+2) + u) // not wrapped, so that it can be copied
		}
	}
}

// answer says what a regime says on the day.
func answer(r *screen.RegimeOn, day offshelf.Day) string {
	s := standing(r.Standing)
	switch r.Standing {
	case screen.NotYet:
		for i := range r.Periods {
			if from := r.Periods[i].From; !from.IsZero() && day < from.Earliest() {
				return s + ", from " + from.Spoken()
			}
		}
		return s
	case screen.Ended:
		return s
	}
	if r.Unsure {
		s += ", though the day is not known exactly"
	}
	return strings.Join([]string{s, forbids(r.Forbids), binds(r.Basis)}, " · ")
}

// standing says a standing, or the state of a period.
func standing(s screen.Standing) string {
	switch s {
	case screen.InForce, "":
		return "in force"
	case screen.Suspended:
		return "SUSPENDED"
	case screen.Scheduled:
		return "SCHEDULED, verify"
	case screen.NotYet:
		return "not yet in force"
	case screen.Ended:
		return "no longer in force"
	}
	return clean(string(s))
}

// binds says whom a rule binds, seen from a shop.
func binds(b offshelf.Basis) string {
	if b == offshelf.Law {
		return "LAW: it binds the shop"
	}
	return "policy: it binds no private sale"
}

func goodsOf(r *screen.RegimeOn) string {
	if len(r.Goods) == 0 {
		return "All goods."
	}
	return clean(strings.Join(r.Goods, "; "))
}

func listsOf(r *screen.RegimeOn) string {
	var parts []string
	for _, l := range r.Lists {
		what := [2]string{"listing", "listings"}
		if l.ID == "concern" {
			what = [2]string{"report", "reports"}
		}
		s := clean(l.ID) + " (" + count(l.Listings, what[0], what[1]) + " known here"
		if l.Unsure > 0 {
			s += ", " + thousands(l.Unsure) + " of them perhaps not on this day"
		}
		parts = append(parts, s+")")
	}
	word := "lists "
	if len(parts) == 1 {
		word = "list "
	}
	return word + strings.Join(parts, ", ")
}

// indented is a line of YAML, with its indentation.
func indented(l string) string {
	text := strings.TrimLeft(l, " ")
	return strings.Repeat(" ", len(l)-len(text)) + clean(text)
}
