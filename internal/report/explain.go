package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// Explanation is one finding with all that it rests on.
type Explanation struct {
	Config       *offshelf.Config       `json:"config,omitempty"` // of the stream that has the finding
	Finding      offshelf.Finding       `json:"finding"`
	Attributions []offshelf.Attribution `json:"attributions,omitempty"`   // all that the product was read as
	Regime       *screen.RegimeOn       `json:"regime,omitempty"`         // with its periods; only where they are those of the stream
	Unknown      string                 `json:"regime_unknown,omitempty"` // why Regime is missing
}

// Explain says one finding for a lawyer: every step with its dates, its grade
// and the addresses of its sources.
func Explain(w io.Writer, e *Explanation, o Options) error {
	x := &explainer{sheet: newSheet(w, o), Explanation: e, f: &e.Finding, day: offshelf.MaxDay}
	if c := e.Config; c != nil {
		if day, err := offshelf.ParseDay(c.AsOf); err == nil {
			x.day = day
		}
	}
	x.head()
	x.product()
	x.rule()
	for i := range x.f.Chains {
		x.chain(i)
	}
	x.answer()
	x.periods()
	x.state()
	return x.w.Flush()
}

type explainer struct {
	*sheet
	*Explanation
	f   *offshelf.Finding
	day offshelf.Day // MaxDay where the stream does not say it
}

func (x *explainer) title(s string) {
	x.line("")
	x.line(x.paint("1", s))
}

func (x *explainer) head() {
	f := x.f
	x.line(x.paint("1", "Finding "+clean(f.Fingerprint)))
	action := strings.ToUpper(f.Action.String())
	if action == "" {
		action = "NO ACTION"
	}
	verdict := "reached"
	if f.Verdict == offshelf.Possible {
		verdict = "POSSIBLE, not established"
	}
	x.para("", 0, action+": "+cmp.Or(clean(f.Product.Title), clean(f.Product.ID))+" — "+verdict+" by "+clean(f.RegimeTitle)+" ("+clean(f.Regime)+"); "+lowerBasis(f.Basis))
}

func lowerBasis(b offshelf.Basis) string {
	if b == offshelf.Law {
		return "LAW"
	}
	return "our policy, no law binds this sale"
}

func (x *explainer) product() {
	p := &x.f.Product
	x.title("The product")
	for _, v := range []struct{ name, value string }{
		{"Id", p.ID}, {"Title", p.Title}, {"Brand", p.Brand}, {"Maker", p.Manufacturer}, {"Vendor", p.Vendor}, {"Model", p.Model}, {"MPN", p.MPN}, {"GTIN", p.GTIN},
		{"FCC ID", p.FCCID}, {"MAC", p.MAC}, {"Category", p.Category}, {"Origin", p.Origin}, {"Price", p.Price}, {"URL", p.URL}, {"Read from", strings.TrimSpace(p.File + " " + rowText(p.Row))},
	} {
		if text := clean(v.value); text != "" {
			x.label(v.name, text)
		}
	}
	x.title("What it was attributed to, and why")
	name := clean(x.f.Brand)
	if maker := clean(x.f.Maker); maker != "" {
		name = strings.TrimPrefix(name+", made by ", ", ") + maker
	}
	label, name := "Made as", cmp.Or(name, clean(x.f.BrandID))
	if name == "" && x.f.Goods != "" { // of a rule on a class of goods, whatever the brand
		label, name = "Is one of", clean(x.f.Goods)
	}
	x.label(label, name+", "+percent(x.f.Probability)+" sure")
	sum := 0.0
	for _, r := range x.f.Reasons {
		x.bullet(reasonText(r))
		sum += r.Weight
	}
	if len(x.f.Reasons) > 0 {
		x.para("", indent, fmt.Sprintf("The weights are log-odds (natural logarithm); together %+.1f.", sum))
	}
	for _, a := range x.Attributions {
		if a.Relation != offshelf.RelationMade || a.Brand != x.f.BrandID {
			x.label("Also read", clean(string(a.Relation))+" "+clean(cmp.Or(a.Brand, a.Maker))+", "+percent(a.Probability)+" sure")
		}
	}
}

func (x *explainer) rule() {
	f := x.f
	x.title("The rule")
	x.label("Rule", clean(f.RegimeTitle)+" ["+clean(f.Regime)+"]")
	x.label("Basis", basis(f.Basis))
	x.label("Says", forbids(f.Forbids))
	state := cmp.Or(clean(f.State), "in-force")
	x.label("State", standing(screen.Standing(state)))
	if x.Regime != nil {
		for i := range x.Regime.Periods {
			if p := &x.Regime.Periods[i]; x.applied(p) {
				x.label("Period", periodText(&p.Period))
				if p.Note != "" {
					x.para("", indent, clean(p.Note))
				}
			}
		}
		x.label("Reach", clean(x.Regime.Reach)+".")
		if x.Regime.Authority != "" {
			x.label("Authority", clean(x.Regime.Authority))
		}
	}
	x.label("Listing", "printed as “"+clean(f.Listed)+"” ["+clean(f.Listing)+"]")
	said := map[string]bool{}
	for _, c := range f.Chains {
		if _, end, ok := inner(c, f.Brand); ok && !said[hopKey(end)] {
			said[hopKey(end)] = true
			at := citation(end)
			if at == "" {
				at = "no citation on record"
			}
			if when := span(end.Interval(), x.day); when != "" {
				at += ", " + when
			}
			x.para("", indent, at)
		}
	}
}

// applied tells whether the finding was made under the period.
func (x *explainer) applied(p *screen.PeriodOn) bool { return p.Holds != "no" && p.State == x.f.State }

func (x *explainer) chain(i int) {
	c := &x.f.Chains[i]
	title := "The chain, hop by hop"
	if len(x.f.Chains) > 1 {
		title = "Chain " + thousands(i+1) + " of " + thousands(len(x.f.Chains)) + ", hop by hop"
	}
	x.title(title)
	for n, h := range c.Hops {
		note := clean(h.Note)
		h.Note = ""
		x.para(fmt.Sprintf("  %2d. ", n+1), 6, sentence(h, x.day))
		grade := cmp.Or(h.Grade.String(), "no grade")
		if h.Grade.Weak() {
			grade += ", weak: it can only make the answer possible"
		}
		if m := h.LayerMark(); m != "" {
			grade += ", " + m
		}
		parts := []string{"dates " + dates(h.Interval()), "grade " + grade}
		if share := clean(h.Share); share != "" {
			parts = append([]string{"share " + share}, parts...)
		}
		x.para("", 6, strings.Join(parts, " · "))
		if note != "" {
			x.para("", 6, "note: "+note)
		}
		if len(h.Sources) == 0 && h.Kind != "attributed" {
			x.para("", 6, "no source on record")
		}
		x.cited(6, h.Sources)
	}
	verdict := "It carries the verdict"
	if c.Verdict == offshelf.Possible {
		verdict = "It is possible, not established"
	}
	x.para("      ", 6, verdict+"; all hops hold "+dates(offshelf.Interval{From: c.Since, Until: c.Until})+".")
	if open := clean(c.Open); open != "" {
		x.para("      ", 6, "Open, and what would settle it: "+open)
	}
}

// dates says both ends of an interval as they are known.
func dates(iv offshelf.Interval) string {
	from, until := iv.From.Spoken(), iv.Until.Spoken()
	switch {
	case from == "" && until == "":
		return "not known"
	case from == "":
		return "until " + until
	case until == "":
		return "since " + from + ", no end known"
	}
	return "from " + from + " to " + until + ", that day excluded"
}

func (x *explainer) answer() {
	f := x.f
	x.title("The answer")
	d := &digest{config: x.Config, asOf: x.day}
	r := &rule{Finding: *f}
	text := verdict(f.Verdict) + " " + since(r, d)
	if s := until(r, d); s != "" {
		text += ", " + s
	}
	x.label("Verdict", text)
	x.label("Days", dayText(f, x.day))
	action := cmp.Or(f.Action.String(), "none")
	x.label("Action", action)
	if why := clean(f.Why); why != "" {
		x.label("", "Policy says: "+why)
	}
	var open []string
	for _, c := range f.Chains {
		open = addOnce(open, clean(c.Open))
	}
	if len(open) == 0 {
		x.label("Open", "nothing on the chains that are told")
	}
	for i, o := range open {
		x.label([2]string{"Open", ""}[min(i, 1)], o)
	}
}

func dayText(f *offshelf.Finding, day offshelf.Day) string {
	if f.Since.IsZero() || day == offshelf.MaxDay {
		return "not known"
	}
	return days(f.DaysBefore(day)) + ", from since to " + day.String() + ", that day excluded"
}

// periods tells the rule through time.
func (x *explainer) periods() {
	x.title("The rule through time")
	if x.Regime == nil {
		x.para("", 2, clean(cmp.Or(x.Unknown, "not known")))
		return
	}
	for i := range x.Regime.Periods {
		x.period(&x.Regime.Periods[i])
	}
}

func (x *explainer) state() {
	x.title("State of knowledge")
	if c := x.Config; c != nil {
		x.label("As of", clean(c.AsOf))
		x.label("Knowledge", clean(c.Knowledge))
		x.label("Policy", clean(c.Policy)+", sha256 "+clean(c.PolicySum))
		x.label("Tool", "offshelf "+clean(c.Tool))
	}
	x.label("Snapshot", "sha256 "+clean(x.f.Snapshot))
	x.para("", 2, screen.Statement)
}
