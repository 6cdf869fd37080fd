package knowledge

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/offshelf/offshelf"
)

type linter struct {
	*base
	sources, parties, brands, goods, lists, regimes map[string]bool

	byGoods map[string]bool           // lists that name classes of goods, no parties
	gradeOf map[string]offshelf.Grade // of sources
}

func (b *base) lint() {
	l := &linter{base: b}
	l.sources = l.ids("sources", len(b.Sources), func(i int) string { return b.Sources[i].ID })
	l.parties = l.ids("parties", len(b.Parties), func(i int) string { return b.Parties[i].ID })
	l.brands = l.ids("brands", len(b.Brands), func(i int) string { return b.Brands[i].ID })
	l.goods = l.ids("goods", len(b.Goods), func(i int) string { return b.Goods[i].ID })
	l.regimes = l.ids("regimes", len(b.Regimes), func(i int) string { return b.Regimes[i].ID })
	l.ids("policies", len(b.Policies), func(i int) string { return b.Policies[i].ID })
	l.lists, l.byGoods = map[string]bool{}, map[string]bool{}
	for _, r := range b.Regimes {
		for _, name := range r.Lists {
			l.lists[name] = true
			l.byGoods[name] = l.byGoods[name] || r.Reach.Kind == offshelf.ReachGoods
		}
	}
	l.facts()
	l.classes()
	l.names()
	l.tells()
	l.rules()
}

func (l *linter) report(section string, i int, rule, format string, args ...any) {
	p := Problem{File: section, Rule: rule, Text: fmt.Sprintf(format, args...)}
	if at := l.places[section]; i < len(at) {
		p.File, p.Line = at[i].file, at[i].line
	}
	l.problems = append(l.problems, p)
}

// other says where fact j of a section stands, to the reader of fact i.
func (l *linter) other(section string, j, i int) string {
	at, here := l.places[section][j], l.places[section][i]
	if at.file == here.file {
		return fmt.Sprintf("in line %d", at.line)
	}
	return fmt.Sprintf("in %s:%d", at.file, at.line)
}

var countryShape = regexp.MustCompile(`^[A-Z]{2}$`)

var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (l *linter) ids(section string, n int, id func(int) string) map[string]bool {
	seen := map[string]int{}
	set := map[string]bool{}
	for i := range n {
		v := id(i)
		if !idShape.MatchString(v) {
			l.report(section, i, "id", "id %q: use lower-case letters, digits and single hyphens", v)
		}
		if first, ok := seen[v]; ok {
			l.report(section, i, "id", "id %q is taken %s: choose another or merge the two", v, l.other(section, first, i))
		}
		seen[v] = i
		set[v] = true
	}
	return set
}

func (l *linter) evidence(section string, i int, what string, e offshelf.Evidence) {
	for _, s := range e.Sources {
		if !l.sources[s] {
			l.report(section, i, "reference", "%s: no source has the id %q: add it under sources, or correct the id", what, s)
		}
	}
	if len(e.Sources) == 0 && e.Grade != offshelf.GradeClaim {
		l.report(section, i, "source", "%s has no source: add one under sources, or set grade: claim", what)
	}
	l.graded(section, i, what, e)
}

func (l *linter) interval(section string, i int, what string, iv offshelf.Interval) {
	if iv.Backwards() {
		l.report(section, i, "interval", "%s ends (%s) before it starts (%s): correct from or until", what, iv.Until, iv.From)
	}
}

func (l *linter) ref(section string, i int, what, kind string, set map[string]bool, id string) {
	if !set[id] {
		l.report(section, i, "reference", "%s: no %s has the id %q%s", what, kind, id, nearest(set, id))
	}
}

func (l *linter) goodsRefs(section string, i int, what string, ids []string) {
	for _, id := range ids {
		l.ref(section, i, what, "goods class", l.goods, id)
	}
}

func (l *linter) facts() {
	if _, err := offshelf.ParseDay(l.Version); l.Version != "" && err != nil {
		l.report("version", 0, "required", "version %q: write the day up to which the facts were read, as YYYY-MM-DD", l.Version)
	}
	for i, s := range l.Sources {
		if s.Title == "" || s.Grade == offshelf.GradeUnset {
			l.report("sources", i, "required", "source %q needs a title and a grade", s.ID)
		}
		if s.URL != "" && !strings.HasPrefix(s.URL, "https://") && !strings.HasPrefix(s.URL, "http://") {
			l.report("sources", i, "source", "source %q: the url must start with https:// or http://", s.ID)
		}
	}
	for i, p := range l.Parties {
		if p.Name == "" {
			l.report("parties", i, "required", "party %q has no name", p.ID)
		}
		l.evidence("parties", i, "party "+p.ID, p.Evidence)
	}
	l.identifiers()
	for i, s := range l.Stakes {
		what := fmt.Sprintf("stake of %s in %s", s.Holder, s.Held)
		l.ref("stakes", i, what, "party", l.parties, s.Holder)
		l.ref("stakes", i, what, "party", l.parties, s.Held)
		l.interval("stakes", i, what, s.Interval)
		l.evidence("stakes", i, what, s.Evidence)
		if s.Holder == s.Held {
			l.report("stakes", i, "reference", "%s: a party cannot hold itself", what)
		}
	}
	for i, b := range l.Brands {
		if b.Name == "" {
			l.report("brands", i, "required", "brand %q has no name", b.ID)
		}
		if b.Parent != "" {
			l.ref("brands", i, "brand "+b.ID, "brand", l.brands, b.Parent)
		}
		l.goodsRefs("brands", i, "brand "+b.ID, b.Goods)
		for _, h := range b.Holders {
			what := fmt.Sprintf("holder %s of brand %s", h.Party, b.ID)
			l.ref("brands", i, what, "party", l.parties, h.Party)
			l.interval("brands", i, what, h.Interval)
			l.evidence("brands", i, what, h.Evidence)
		}
		if len(b.Holders) == 0 {
			l.evidence("brands", i, "brand "+b.ID, b.Evidence)
		}
	}
	for i, m := range l.Makes {
		what := fmt.Sprintf("make of %s by %s", m.Brand, m.Maker)
		l.ref("makes", i, what, "party", l.parties, m.Maker)
		l.ref("makes", i, what, "brand", l.brands, m.Brand)
		l.goodsRefs("makes", i, what, m.Goods)
		l.interval("makes", i, what, m.Interval)
		l.evidence("makes", i, what, m.Evidence)
		for _, p := range m.Models {
			if _, err := regexp.Compile(p); err != nil {
				l.report("makes", i, "tell", "%s: model pattern %q: %v", what, p, err)
			}
		}
	}
	for i, x := range l.Listings {
		what := fmt.Sprintf("listing of %s on %s", cmp.Or(x.Party, "goods"), x.List)
		l.subject(i, what, &x)
		l.ref("listings", i, what, "list", l.lists, x.List)
		l.interval("listings", i, what, x.Interval)
		l.evidence("listings", i, what, x.Evidence)
		l.goodsRefs("listings", i, what, x.Goods)
		for _, c := range slices.Concat(x.Origin, x.OriginNot) {
			if !countryShape.MatchString(c) {
				l.report("listings", i, "schema", "%s: origin %q: write the two capital letters of ISO 3166-1, such as TW", what, c)
			}
		}
		switch x.Status {
		case "", "active", "modified", "inactive", "pending-litigation":
		default:
			l.report("listings", i, "schema", "%s: status %q: use active, modified, inactive or pending-litigation", what, x.Status)
		}
		if x.Name == "" || x.From.IsZero() {
			l.report("listings", i, "required", "%s needs the name as printed and a from date", what)
		}
	}
	for i, c := range l.Concerns {
		what := "concern about " + c.Party
		l.ref("concerns", i, what, "party", l.parties, c.Party)
		l.evidence("concerns", i, what, c.Evidence)
		if c.What == "" || c.By == "" {
			l.report("concerns", i, "required", "%s needs what and by", what)
		}
	}
	for i, r := range l.Refuted {
		what := fmt.Sprintf("refuted %q", r.Subject)
		if !l.parties[r.Not] && !l.brands[r.Not] {
			l.report("refuted", i, "reference", "%s: no party or brand has the id %q", what, r.Not)
		}
		if r.Why == "" {
			l.report("refuted", i, "required", "%s needs why", what)
		}
		l.evidence("refuted", i, what, r.Evidence)
	}
}

// names refuses a name that two brands claim, unless each of the later ones is
// marked ambiguous and so says why.
func (l *linter) names() {
	first := map[string]int{}
	for i, b := range l.Brands {
		own := map[string]bool{}
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			f := foldName(n)
			if f == "" {
				l.report("brands", i, "name", "brand %q: name %q has no letters or digits", b.ID, n)
				continue
			}
			if own[f] {
				continue
			}
			own[f] = true
			if j, ok := first[f]; ok && (b.Ambiguous == "" || l.Brands[j].Ambiguous == "") {
				l.report("brands", i, "name", "name %q is claimed by brand %q %s too: drop it here, or say under ambiguous in both why they share it", n, l.Brands[j].ID, l.other("brands", j, i))
			}
			first[f] = i
		}
	}
}

func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func (l *linter) tells() {
	for i, t := range l.Tells {
		what := fmt.Sprintf("tell %s %q", t.Kind, t.Pattern)
		if len(what) > 80 {
			what = what[:80] + "…\""
		}
		if t.Brand == "" && t.Party == "" {
			l.report("tells", i, "tell", "%s: name the brand or party that it betrays", what)
		}
		if t.Brand != "" {
			l.ref("tells", i, what, "brand", l.brands, t.Brand)
		}
		if t.Party != "" {
			l.ref("tells", i, what, "party", l.parties, t.Party)
		}
		l.goodsRefs("tells", i, what, t.Goods)
		l.evidence("tells", i, what, t.Evidence)
		switch t.Strength {
		case offshelf.Strong, offshelf.Medium, offshelf.Weak:
		default:
			l.report("tells", i, "tell", "%s: strength %q: use strong, medium or weak", what, t.Strength)
		}
		if err := CheckPattern(t); err != nil {
			l.report("tells", i, "tell", "%s: %v", what, err)
		}
	}
}

var (
	granteeShape = regexp.MustCompile(`^([A-Z][A-Z0-9]{2}|[2-9][A-Z0-9]{4})$`)
	prefixShape  = regexp.MustCompile(`^([0-9A-F]{6}|[0-9A-F]{7}|[0-9A-F]{9})$`)
)

// CheckPattern tells whether a tell's pattern has the form of its kind.
func CheckPattern(t offshelf.Tell) error {
	switch t.Kind {
	case offshelf.TellModel:
		if !strings.HasPrefix(t.Pattern, "^") {
			return fmt.Errorf("a model pattern starts with ^")
		}
		_, err := regexp.Compile("(?i)" + t.Pattern)
		return err
	case offshelf.TellFCC:
		if !granteeShape.MatchString(t.Pattern) {
			return fmt.Errorf("an FCC grantee code has 3 characters, or 5 when the first is a digit")
		}
	case offshelf.TellMAC:
		if strings.TrimSpace(t.Pattern) == "" {
			return fmt.Errorf("no prefix: name 6, 7 or 9 upper-case hexadecimal digits")
		}
		for _, p := range strings.Fields(t.Pattern) {
			if !prefixShape.MatchString(p) {
				return fmt.Errorf("MAC prefix %q: use 6, 7 or 9 upper-case hexadecimal digits", p)
			}
		}
	case offshelf.TellApp, offshelf.TellMark:
		if len(foldName(t.Pattern)) < 4 {
			return fmt.Errorf("shorter than 4 letters and digits: too weak to be looked for")
		}
	default:
		return fmt.Errorf("unknown kind %q: use model, fcc, mac, app or mark", t.Kind)
	}
	return nil
}

func (l *linter) rules() {
	for i, r := range l.Regimes {
		l.regime("regimes", i, r)
		l.evidence("regimes", i, "regime "+r.ID, r.Evidence)
	}
	policies := newPolicyChecker(&l.Knowledge)
	for i, p := range l.Policies {
		for _, r := range p.Regimes {
			l.regime("policies", i, r)
		}
		_, errs := policies.compile(&p)
		for _, err := range errs {
			l.report("policies", i, "policy", "policy %s: %v", p.ID, err)
		}
	}
}

func (l *linter) regime(section string, i int, r offshelf.Regime) {
	bad := func(format string, args ...any) {
		l.report(section, i, "regime", "regime %s: %s", r.ID, fmt.Sprintf(format, args...))
	}
	if err := CheckRegime(r); err != nil {
		bad("%v", err)
	}
	l.goodsRefs(section, i, "regime "+r.ID, r.Goods)
	for _, p := range r.Periods {
		if p.Spares != nil {
			l.goodsRefs(section, i, "regime "+r.ID, p.Spares.Unauthorised)
		}
		for _, s := range p.Sources {
			if !l.sources[s] {
				bad("no source has the id %q", s)
			}
		}
	}
}

// nearest suggests an id that holds the text, is held by it, or is one slip of
// the fingers away.
func nearest(set map[string]bool, id string) string {
	if id == "" {
		return ""
	}
	var near []string
	for s := range set {
		if strings.Contains(s, id) || strings.Contains(id, s) || oneSlip(s, id) {
			near = append(near, s)
		}
	}
	if len(near) == 0 {
		return ""
	}
	slices.SortFunc(near, func(a, b string) int {
		return cmp.Or(cmp.Compare(gap(a, id), gap(b, id)), cmp.Compare(a, b))
	})
	return fmt.Sprintf(" (did you mean %q?)", near[0])
}

func gap(a, b string) int { return max(len(a)-len(b), len(b)-len(a)) }

// oneSlip reports whether one letter is wrong, missing, too much or swapped
// with its neighbour.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch len(b) - len(a) {
	case 0:
		return len(a) > 0 && a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	case 1:
		return a == b[1:]
	}
	return false
}
