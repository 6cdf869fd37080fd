package exchange

import (
	"slices"

	"github.com/offshelf/offshelf"
)

// settle reads the records once all statements are there: of each, which
// statement holds when.
func (c *bodsImport) settle() {
	parties := map[string]bool{}
	for _, rec := range c.order {
		slices.SortStableFunc(rec.statements, func(a, b version) int { return int(a.order()) - int(b.order()) })
		c.begins(rec)
		if rec.kind != "relationship" {
			c.party(rec)
			parties[rec.id] = true
		}
	}
	var direct, indirect []told
	for _, rec := range c.order {
		if rec.kind != "relationship" {
			continue
		}
		c.resolve(rec, parties)
		direct = append(direct, c.timeline(rec, func(r *relation) []offshelf.Stake { return r.stakes })...)
		indirect = append(indirect, c.timeline(rec, func(r *relation) []offshelf.Stake { return r.indirect })...)
	}
	gave := map[*relation]bool{} // what became part of a stake; a line may hold all statements
	for _, t := range direct {
		c.add(t, gave)
	}
	c.summaries(indirect, gave)
	for _, rec := range c.order {
		if rec.kind != "relationship" {
			continue
		}
		for _, v := range rec.statements {
			switch {
			case gave[v.rel]:
				c.Imported++
			case v.rel.ignored != "":
				c.ignore(v.line, v.rel.ignored)
			default:
				c.ignore(v.line, "a later statement of the record says the same")
			}
		}
	}
}

// begins tells of records that do not begin as the standard has it.
func (c *bodsImport) begins(rec *record) {
	news := 0
	for i, v := range rec.statements {
		if v.status == "new" {
			news++
		}
		if i == 0 && v.status == "updated" {
			c.find(v.line, "record", "%s updates record %s, of which no earlier statement is here", v.id, rec.id)
		}
	}
	if news > 1 {
		c.find(rec.statements[1].line, "duplicate", "record %s begins %d times: the statements are read in the order of their dates", rec.id, news)
	}
}

// party takes the last statement of an entity or person; names before it stay
// as aliases.
func (c *bodsImport) party(rec *record) {
	last := rec.statements[len(rec.statements)-1]
	p := *last.party
	for _, v := range rec.statements[:len(rec.statements)-1] {
		if v.party.Name != p.Name {
			p.Aliases = addName(p.Aliases, v.party.Name)
		}
	}
	p.ID = rec.id
	c.Parties = append(c.Parties, p)
	c.Imported += len(rec.statements)
}

// resolve refuses statements whose parties are not in the file, and adds the
// parties that are not named.
func (c *bodsImport) resolve(rec *record, parties map[string]bool) {
	kept := rec.statements[:0]
	for _, v := range rec.statements {
		r := v.rel
		for _, p := range []*offshelf.Party{r.placeholder, r.heldUnnamed} {
			if p != nil && !parties[p.ID] {
				parties[p.ID] = true
				c.Parties = append(c.Parties, *p)
			}
		}
		missing := ""
		for _, id := range []string{r.holder, r.held} {
			if id != "" && !parties[id] {
				missing = id
			}
		}
		if missing != "" {
			c.refuse(v.line, v.id, "names the record %q, of which there is no statement: add it, or leave this out", cutTo(missing, 100))
			continue
		}
		kept = append(kept, v)
	}
	rec.statements = kept
}

// told is a stake with the line of the statement that says it.
type told struct {
	offshelf.Stake
	line    int
	rel     *relation
	earlier []*relation // statements before it that say the same
}

// timeline reads the statements of a relationship in the order of their dates.
// An update replaces what was said before from the day on which it takes
// effect: where one of its interests begins after the old one did, that day,
// else the day of the statement. A closing statement ends all on its own day,
// unless an interest says when it ended.
func (c *bodsImport) timeline(rec *record, of func(*relation) []offshelf.Stake) []told {
	var out, open []told
	var before offshelf.Date // the latest end of what was replaced
	end := func(t told, day offshelf.Date) {
		t = c.ended(t, day)
		if before.IsZero() || t.Until.Latest() > before.Latest() {
			before = t.Until
		}
		out = append(out, t)
	}
	for _, v := range rec.statements {
		if v.status == "closed" && v.rel.silent && len(open) > 0 {
			for _, t := range open {
				t.earlier = append(t.earlier, v.rel)
				end(t, v.date)
			}
			open = nil
			continue
		}
		now := of(v.rel)
		var next []told
		var added []told
		for _, s := range now {
			if i := slices.IndexFunc(open, func(t told) bool { return same(t.Stake, s) }); i >= 0 {
				t := open[i]
				open = slices.Delete(open, i, i+1)
				t.earlier = append(t.earlier, t.rel)
				t.line, t.rel = v.line, v.rel
				if t.Until.IsZero() {
					t.Until = s.Until
				}
				next = append(next, t)
				continue
			}
			added = append(added, told{Stake: s, line: v.line, rel: v.rel})
		}
		for _, t := range open { // replaced
			end(t, effect(t.Stake, added, v.date))
		}
		for _, t := range added {
			switch {
			case t.From.IsZero() && len(out) > 0:
				t.From = v.date
			case t.From.IsZero():
				heldOn(&t.Interval, v.date)
			case len(open) > 0 && !before.IsZero() && t.From.Earliest() < before.Earliest():
				t.From = before // said to have begun with the stake that it replaces
			}
			next = append(next, t)
		}
		open = next
		if v.status == "closed" {
			for _, t := range open {
				end(t, v.date)
			}
			open = nil
		}
	}
	return append(out, open...)
}

// same reports whether two statements say the same stake; a start that the
// later one leaves out, and an end that it adds, make no difference.
func same(a, b offshelf.Stake) bool {
	return a.Holder == b.Holder && a.Held == b.Held && a.Share == b.Share && a.Control == b.Control && a.Grade == b.Grade &&
		(a.From == b.From || b.From.IsZero()) && (a.Until.IsZero() || a.Until == b.Until)
}

// effect is the day on which a stake is replaced.
func effect(old offshelf.Stake, added []told, stated offshelf.Date) offshelf.Date {
	day := stated
	for _, t := range added {
		if !t.From.IsZero() && (old.From.IsZero() || t.From.Earliest() > old.From.Latest()) && t.From.Latest() < day.Latest() {
			day = t.From
		}
	}
	return day
}

// ended ends a stake on a day, unless it says itself that it ended earlier.
func (c *bodsImport) ended(t told, day offshelf.Date) told {
	if t.Until.IsZero() || day.Latest() < t.Until.Latest() {
		t.Until = day
	}
	if t.From.Earliest() == offshelf.MinDay && t.Until.Earliest() <= t.From.Latest() { // seen to hold on the day on which it ended
		t.From = offshelf.Date{}
		heldOn(&t.Interval, t.Until)
	}
	if t.Backwards() {
		c.find(t.line, "date", "a stake of %s in %s begins (%s) when or after it is replaced (%s): it is left out", t.Holder, t.Held, t.From, t.Until)
	}
	return t
}

// add takes a stake over.
func (c *bodsImport) add(t told, gave map[*relation]bool) {
	gave[t.rel] = true
	for _, r := range t.earlier {
		gave[r] = true
	}
	if t.Backwards() {
		return
	}
	c.Stakes = append(c.Stakes, t.Stake)
	c.lines = append(c.lines, t.line)
}

// summaries takes over the indirect stakes that no chain of direct ones says
// already: those would count the same shares twice.
func (c *bodsImport) summaries(indirect []told, gave map[*relation]bool) {
	if len(indirect) == 0 {
		return
	}
	g := newChains(c.Stakes)
	for _, t := range indirect {
		declared := len(t.rel.components) > 0
		if g.covers(&t.Stake, declared) {
			t.rel.ignored = "an indirect stake that a chain of stakes in the file says already"
			continue
		}
		c.find(t.line, "indirect", "the stake of %s in %s is indirect, and the file does not say through whom: it is read as it stands", t.Holder, t.Held)
		c.add(t, gave)
	}
}

// chains answers whether stakes lead from a holder to a party through others.
type chains struct {
	held   map[string][]int // by holder
	stakes []offshelf.Stake
}

func newChains(stakes []offshelf.Stake) *chains {
	g := &chains{map[string][]int{}, stakes}
	for i, s := range stakes {
		g.held[s.Holder] = append(g.held[s.Holder], i)
	}
	return g
}

// maxWalk bounds the stakes that are looked at for one question.
const maxWalk = 2000

// half is the share from which a holder is taken to have all that the party
// held has in its turn.
const half = 5000

// covers reports whether chains of at least two stakes say an indirect stake
// already. Where the file declares of which records it is made up, a chain
// that holds at some time in the interval is enough. Else the chains must hold
// through all of it and carry as much: by five percent of five percent, a
// stake of sixty, or control, is not said.
func (g *chains) covers(sum *offshelf.Stake, declared bool) bool {
	need := int32(0)
	switch {
	case declared:
	case sum.Control:
		need = half
	case sum.Share.Known:
		need = sum.Share.Min
	}
	// The most that each party may pass on of what it holds.
	most := map[string]int32{sum.Holder: 10000}
	queue := []string{sum.Holder}
	arrived, found := int32(0), false
	last := map[int]int32{} // stake in the party held → what it brought
	for looked := 0; len(queue) > 0 && looked < maxWalk; {
		at := queue[0]
		queue = queue[1:]
		for _, i := range g.held[at] {
			looked++
			s := &g.stakes[i]
			if at == sum.Holder && s.Held == sum.Held {
				continue // the same pair: a stake beside it, not a chain
			}
			if declared && s.Intersect(sum.Interval).Backwards() || !declared && !through(s.Interval, sum.Interval) {
				continue
			}
			share := int32(10000)
			if s.Share.Known && !s.Control {
				share = s.Share.Max
			}
			if s.Held == sum.Held {
				share = min(share, most[at])
				arrived += share - last[i]
				last[i], found = share, true
				if arrived >= need {
					return true
				}
				continue
			}
			if share >= half {
				share = 10000
			}
			share = min(share, most[at])
			if had, ok := most[s.Held]; !ok || share > had {
				most[s.Held] = share
				queue = append(queue, s.Held)
			}
		}
	}
	return found && arrived >= need
}

// through reports whether a may hold on all days of b.
func through(a, b offshelf.Interval) bool {
	return (a.From.IsZero() || !b.From.IsZero() && a.From.Earliest() <= b.From.Latest()) &&
		(a.Until.IsZero() || !b.Until.IsZero() && a.Until.Latest() >= b.Until.Earliest())
}
