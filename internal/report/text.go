package report

import (
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

const (
	textKeep = 8  // products a group and action
	indent   = 12 // column where text beside a label starts
	minTitle = 40 // columns that a title gets at least, before its place goes below it
)

// textHandler says the result so that it can be read aloud in a meeting.
type textHandler struct {
	*digest
	*sheet
	sources []offshelf.Source
	seen    map[string]bool
}

func newText(w io.Writer, o Options) Handler {
	return &textHandler{digest: newDigest(textKeep), sheet: newSheet(w, o), seen: map[string]bool{}}
}

func (h *textHandler) Handle(m *offshelf.Message) error { return h.handle(m) }

func (h *textHandler) Close() error {
	groups := h.close()
	h.first()
	h.head()
	for _, g := range groups {
		h.group(g)
	}
	h.nothingFound()
	h.sinceListed()
	h.sourceList()
	h.foot()
	return h.w.Flush()
}

// first says what came of it before anything else is said.
func (h *textHandler) first() {
	if h.summary == nil {
		return // foot says that it is not complete
	}
	products, rest := totals(h.summary)
	h.para("", 0, products+" "+rest)
	h.line("")
}

func (h *textHandler) head() {
	c := h.config
	if c == nil {
		return
	}
	parts := []string{
		"offshelf " + clean(c.Tool),
		"as of " + clean(c.AsOf),
		"knowledge " + clean(c.Knowledge) + " (sha256 " + abbreviate(c.Snapshot) + ")",
		"policy " + clean(c.Policy),
	}
	h.para("", 0, strings.Join(parts, " · "))
	for _, u := range c.Catalogs {
		h.para("", 0, uses(u))
		for _, n := range u.Notes {
			h.para("", 2, clean(n))
		}
	}
}

func (h *textHandler) group(g *group) {
	h.line("")
	name := g.name
	if g.maker {
		name = "goods made by " + name
	}
	if g.goods {
		name += ", whatever their brand"
	}
	a := g.strongest()
	title := strings.ToUpper(a.String())
	if title == "" {
		title = "FOUND"
	}
	lead := h.paint(actionColor(a), title) + strings.Repeat(" ", 8-len(title))
	for _, l := range wrap(name+" — "+g.due(), h.o.Width-8) {
		if rest, ok := strings.CutPrefix(l, name); ok {
			l = h.paint("1", name) + rest
		}
		h.line(lead + l)
		lead = strings.Repeat(" ", 8)
	}
	said := map[string]bool{}
	full, rest := split(g)
	number := g.numbered(full, rest)
	for i, w := range g.ways {
		label := "Why"
		if len(number) > 1 {
			label = "Way " + thousands(number[i])
		}
		if number[i] > 0 {
			h.way(label, w, said)
		}
	}
	if g.moreWays {
		h.label("", "More ways lead to a listing: -o json has all of them.")
	}
	for _, r := range full {
		h.rule(g, r, number, said)
	}
	h.also(rest, len(full) > 0)
	if g.moreRules {
		h.label("", "More rules reach these products: -o json has all of them.")
	}
	for a := int(offshelf.Pull); a >= 0; a-- {
		h.shelf(offshelf.Action(a), &g.shelves[a])
	}
}

// way says a way in one line, and below it each hop that was not said yet.
func (h *textHandler) way(label string, w *way, said map[string]bool) {
	names := []string{w.from}
	for _, hop := range w.hops {
		names = append(names, clean(hop.To))
	}
	h.label(label, strings.Join(names, " → "))
	for _, hop := range w.hops {
		if hop.Kind == "goods" {
			continue // the line above says it, and the reasons why
		}
		if key := hopKey(hop); !said[key] {
			said[key] = true
			hop.Note = hop.LayerMark() // the note is said at length in html, csv and json
			h.bullet(sentence(hop, h.asOf) + " [" + cited(hop) + "]")
		}
		h.cite(hop)
	}
}

// split takes the rules that call for more than a note from those that are
// only mentioned.
func split(g *group) (full, rest []*rule) {
	for _, r := range g.rules {
		if r.Action > offshelf.Note {
			full = append(full, r)
		} else {
			rest = append(rest, r)
		}
	}
	return full, rest
}

// numbered numbers the ways of the rules that are told in full, or where there
// is none, the ways of the first rule.
func (g *group) numbered(full, rest []*rule) map[int]int {
	if len(full) == 0 && len(rest) > 0 {
		full = rest[:1]
	}
	number := map[int]int{}
	for i := range g.ways {
		for _, r := range full {
			if slices.Contains(r.ways, i) && number[i] == 0 {
				number[i] = len(number) + 1
			}
		}
	}
	return number
}

// also mentions the rules that call for no more than a note, one line a rule.
func (h *textHandler) also(rules []*rule, beside bool) {
	label := "Noted"
	if beside {
		label = "Also"
	}
	type mention struct {
		*rule
		times int
	}
	var list []*mention
	for _, r := range rules {
		i := slices.IndexFunc(list, func(m *mention) bool { return m.Regime == r.Regime && m.Verdict == r.Verdict && m.Spared == r.Spared })
		if i < 0 {
			list = append(list, &mention{r, 1})
			continue
		}
		list[i].times++
		if r.Since.Latest() < list[i].Since.Latest() {
			list[i].rule = r
		}
	}
	for _, m := range list {
		text := clean(m.RegimeTitle)
		if m.times > 1 {
			text += ", " + thousands(m.times) + " entries"
		}
		text += ": "
		if m.Verdict == offshelf.Possible {
			text += "POSSIBLE, "
		}
		text += since(m.rule, h.digest) + "; " + strings.ToLower(basis(m.Basis)) + ", " + forbids(m.Forbids)
		if s := state(m.rule); s != "" {
			text += ", " + s
		}
		for _, s := range []string{spared(m.rule), needs(m.rule)} {
			if s != "" {
				text += ". " + strings.TrimSuffix(s, ".")
			}
		}
		h.label(label, text)
		label = ""
		for _, end := range m.ends {
			h.cite(end)
		}
	}
}

func (h *textHandler) rule(g *group, r *rule, number map[int]int, said map[string]bool) {
	label := r.Action.String()
	if label == "" {
		label = "found"
	}
	title := clean(r.RegimeTitle) + " [" + clean(r.Regime) + "]"
	if r.products != g.products() {
		title += ", " + count(r.products, "product", "products")
	}
	h.label(strings.ToUpper(label[:1])+label[1:], title)
	parts := []string{basis(r.Basis), forbids(r.Forbids)}
	if s := state(r); s != "" {
		parts = append(parts, s)
	}
	h.para("", indent, strings.Join(parts, " · "))
	answer := verdict(r.Verdict) + " " + since(r, h.digest)
	if s := until(r, h.digest); s != "" {
		answer += ", " + s
	}
	if len(number) > 1 && len(r.ways) > 0 {
		ways := make([]int, len(r.ways))
		for i, w := range r.ways {
			ways[i] = number[w] - 1
		}
		slices.Sort(ways)
		answer += ", " + byWays(ways)
	}
	h.para("", indent, answer)
	for _, open := range r.open {
		h.para("", indent, "Open: "+open)
	}
	if s := spared(r); s != "" {
		h.para("", indent, s)
	}
	if s := needs(r); s != "" {
		h.para("", indent, s)
	}
	for _, end := range r.ends {
		if key := hopKey(end); !said[key] {
			said[key] = true
			h.bullet(sentence(end, h.asOf) + " [" + cited(end) + "]")
		}
		h.cite(end)
	}
	if why := clean(r.Why); why != "" {
		h.para("", indent, "Policy says: "+why)
	}
}

// byWays says "by ways 1, 2 and 3".
func byWays(ways []int) string {
	if len(ways) == 1 {
		return "by way " + thousands(ways[0]+1)
	}
	var b strings.Builder
	b.WriteString("by ways ")
	for i, w := range ways {
		switch {
		case i == 0:
		case i == len(ways)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(thousands(w + 1))
	}
	return b.String()
}

func (h *textHandler) shelf(a offshelf.Action, s *shelf) {
	if s.total == 0 {
		return
	}
	label := map[offshelf.Action]string{offshelf.Note: "Noted", offshelf.NoAction: "Products"}[a]
	if label == "" {
		label = "To " + a.String()
	}
	wide := 0
	for _, it := range s.kept {
		wide = max(wide, min(cells(it.id), 20))
	}
	for _, it := range s.kept {
		at := percent(it.probability) + " sure)"
		if it.row > 0 {
			at = "row " + thousands(it.row) + ", " + at
		}
		if h.config != nil && len(h.config.Catalogs) > 1 {
			at = fit(it.file, 24) + ", " + at
		}
		id := fit(it.id, 20)
		id += strings.Repeat(" ", wide-cells(id)+2)
		lead := h.lead("  "+label, indent) + id
		label = ""
		room := h.o.Width - indent - wide - 2
		if beside := room - cells(at) - 2; beside >= minTitle {
			h.line(lead + fit(it.title, beside) + " (" + at)
		} else {
			h.line(lead + fit(it.title, room))
			h.para("", indent+wide+2, "("+at)
		}
		if it.probability < 0.95 && len(it.reasons) > 0 {
			h.para("", indent+wide+2, "because: "+strings.Join(it.reasons, "; "))
		}
	}
	if more := s.total - len(s.kept); more > 0 {
		h.label("", "… and "+thousands(more)+" more: -o csv has all of them")
	}
}

// nothingFound lists the products without a finding, for a stream that has
// them all.
func (h *textHandler) nothingFound() {
	s := &h.nothing
	if s.total == 0 {
		return
	}
	h.line("")
	h.line(h.paint("1", "No evidence found, in this state of knowledge") + " — " + count(s.total, "product", "products"))
	for _, it := range s.kept {
		at := ""
		if it.row > 0 {
			at = " (row " + thousands(it.row) + ")"
		}
		h.line("  " + fit(it.id, 20) + "  " + fit(it.title, h.o.Width-24-cells(at)) + at)
	}
	if more := s.total - len(s.kept); more > 0 {
		h.line("  … and " + thousands(more) + " more: -o csv has all of them")
	}
}

func (h *textHandler) cite(hop offshelf.Hop) {
	for _, s := range hop.Sources {
		if key := joined(s.ID, s.Title, s.URL); !h.seen[key] {
			h.seen[key] = true
			h.sources = append(h.sources, s)
		}
	}
}

func (h *textHandler) sourceList() {
	if len(h.sources) == 0 {
		return
	}
	h.line("")
	h.line(h.paint("1", "Sources"))
	for _, s := range h.sources {
		h.para("", 2, sourceText(s, ""))
		if u := clean(s.URL); u != "" {
			h.line("    " + u) // not wrapped, so that it can be copied
		}
	}
}

func (h *textHandler) foot() {
	h.line("")
	s := h.summary
	if s == nil {
		h.para("", 0, unfinished)
		return
	}
	if len(s.Problems) > 0 {
		h.line(h.paint("1", "Rows that need a look"))
		for _, p := range s.Problems {
			h.para("", 2, strings.TrimSuffix(clean(p.Kind)+": "+where(p), ": ")+": "+clean(p.Text))
		}
		if more := unlisted(s); more > 0 {
			h.line("  … and " + thousands(more) + " more like these")
		}
		h.line("")
	}
	h.para("", 0, rows(s))
	products, rest := totals(s)
	h.para("", 0, products+" "+rest)
	if t := clean(s.Statement); t != "" {
		h.para("", 0, t)
	}
}
