package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

// unfinished stands where the totals would, for a stream without a summary.
const unfinished = "Incomplete: this stream has no summary, the screening did not finish. What is missing here was not screened."

// count says "1 product", "2,000 products".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// toDo says what is due for n products: "to pull", "with notes only".
func toDo(a offshelf.Action) string {
	switch a {
	case offshelf.NoAction:
		return "without an action"
	case offshelf.Note:
		return "with notes only"
	}
	return "to " + a.String()
}

// due says what is due for the products of a group.
func (g *group) due() string {
	var parts []string
	for a := int(offshelf.Pull); a >= 0; a-- {
		if n := g.shelves[a].total; n > 0 {
			if len(parts) == 0 {
				parts = append(parts, count(n, "product", "products")+" "+toDo(offshelf.Action(a)))
			} else {
				parts = append(parts, thousands(n)+" "+toDo(offshelf.Action(a)))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// totals says the outcome in two sentences.
func totals(s *offshelf.Summary) (products, rest string) {
	var parts []string
	for _, a := range []offshelf.Action{offshelf.Pull, offshelf.Hold, offshelf.Review, offshelf.Note, offshelf.NoAction} {
		if n := s.Actions[a.String()]; n > 0 {
			if len(parts) == 0 {
				parts = append(parts, count(n, "product", "products")+" "+toDo(a))
			} else {
				parts = append(parts, thousands(n)+" "+toDo(a))
			}
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "No products with findings")
	}
	return strings.Join(parts, ", ") + ".",
		count(s.Screened-s.Products, "product", "products") + ": no evidence found, in this state of knowledge."
}

// rows says what became of the rows.
func rows(s *offshelf.Summary) string {
	return fmt.Sprintf("%s read: %s screened, %s skipped, %s failed.",
		count(s.Read, "row", "rows"), thousands(s.Screened), thousands(s.Skipped), thousands(s.Failed))
}

// basis says whether a finding is the retailer's duty or its choice.
func basis(b offshelf.Basis) string {
	switch b {
	case offshelf.Law:
		return "LAW"
	case offshelf.Choice:
		return "OUR POLICY, no law binds this sale"
	}
	return "basis not stated"
}

// forbids says what a rule forbids, whoever it binds.
func forbids(list []string) string {
	words := make([]string, 0, len(list))
	for _, w := range list {
		if w = clean(w); w != "" && w != "none" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "the rule itself forbids nothing"
	}
	return "the rule forbids " + strings.Join(words, ", ")
}

// state says when a rule is not in force.
func state(r *rule) string {
	switch s := clean(r.State); s {
	case "", "in-force":
		return ""
	case "suspended":
		return "the rule is SUSPENDED"
	case "scheduled":
		return "the rule is SCHEDULED, not confirmed to be in force"
	default:
		return "the rule is " + s
	}
}

// spared says why the rule forbids nothing for these products, or "".
func spared(r *rule) string {
	if r.Spared == "" {
		return ""
	}
	return "Left in trade: " + r.Spared + "."
}

// needs says which columns of the catalog would settle the answer, or "".
func needs(r *rule) string {
	if len(r.needs) == 0 {
		return ""
	}
	return "To settle it, give: " + strings.Join(r.needs, ", ") + "."
}

// verdict says how sure the answer is.
func verdict(v offshelf.Verdict) string {
	if v == offshelf.Possible {
		return "POSSIBLE, not established,"
	}
	return "Reached"
}

// since says from when a rule reaches the product, and how long that is.
func since(r *rule, d *digest) string {
	if r.Since.IsZero() {
		return "since when is not known"
	}
	exact := r.Since.Earliest() == r.Since.Latest()
	asOf := "the day of the screening"
	if d.config != nil {
		asOf = clean(d.config.AsOf)
	}
	switch {
	case d.asOf == offshelf.MaxDay || !exact && d.asOf >= r.Since.Earliest():
		return "since " + r.Since.Spoken()
	case !exact:
		return "from " + r.Since.Spoken()
	case d.asOf < r.Since.Earliest():
		return "from " + r.Since.Spoken() + ", " + count(int(r.Since.Earliest()-d.asOf), "day", "days") + " after " + asOf
	case d.asOf == r.Since.Earliest():
		return "since " + r.Since.Spoken() + ", the day of this screening"
	}
	return "since " + r.Since.Spoken() + ", " + count(int(d.asOf-r.Since.Earliest()), "day", "days") + " before " + asOf
}

// until says the end of a rule's reach, or "".
func until(r *rule, d *digest) string {
	switch {
	case r.Until.IsZero():
		return ""
	case d.asOf >= r.Until.Latest():
		return "ended " + r.Until.Spoken()
	}
	return "until " + r.Until.Spoken()
}

// percent says a probability and never rounds up to certainty.
func percent(p float64) string {
	switch {
	case p >= 1:
		return "100%"
	case p > 0.999:
		return "over 99.9%"
	case p < 0.001:
		return "under 0.1%"
	}
	s := strconv.FormatFloat(p*100, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0") + "%"
}

// uses says how a catalog was read, so that a wrong guess is seen at once.
func uses(c offshelf.CatalogUse) string {
	var b strings.Builder
	b.WriteString(clean(c.File) + " (" + clean(c.Format) + ")")
	guessed := false
	for i, u := range c.Columns {
		b.WriteString([2]string{": ", ", "}[min(i, 1)] + clean(u.Field) + "=" + clean(u.Column))
		guessed = guessed || !u.Given
	}
	if guessed {
		b.WriteString(" — override with --map field=column")
	}
	return b.String()
}

// where says the place of a problem.
func where(p offshelf.Problem) string {
	var parts []string
	if f := clean(p.File); f != "" {
		parts = append(parts, f)
	}
	if p.Row > 0 {
		parts = append(parts, "row "+strconv.Itoa(p.Row))
	}
	if p.Line > 0 {
		parts = append(parts, "line "+strconv.Itoa(p.Line))
	}
	if c := clean(p.Column); c != "" {
		parts = append(parts, "column "+c)
	}
	return strings.Join(parts, ", ")
}

// unlisted counts the rows that have a problem which the stream left out.
func unlisted(s *offshelf.Summary) int {
	n := s.Failed + s.Skipped
	for _, p := range s.Problems {
		if p.Kind != "warning" {
			n--
		}
	}
	return n
}

// abbreviate shortens a hash to what one compares by eye.
func abbreviate(hash string) string {
	if hash = clean(hash); len(hash) > 12 {
		return fit(hash, 13)
	}
	return hash
}
