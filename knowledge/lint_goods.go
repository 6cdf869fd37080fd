package knowledge

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

var (
	gpcShape    = regexp.MustCompile(`^[15-9][0-9]{7}$`)
	numberShape = regexp.MustCompile(`^[0-9]+$`)
)

// classes checks what goods classes say of each other and of the world's
// category codes.
func (l *linter) classes() {
	within := map[string]string{}
	for _, g := range l.Goods {
		within[g.ID] = g.Within
	}
	taken := map[string]string{}
	claim := func(i int, class, code, key string) {
		if other, ok := taken[key]; ok {
			l.report("goods", i, "goods", "goods class %s: category code %q is that of %s too: keep it in one of them", class, code, other)
		}
		taken[key] = class
	}
	for i, g := range l.Goods {
		if g.Within != "" {
			l.ref("goods", i, "goods class "+g.ID, "goods class", l.goods, g.Within)
		}
		steps := 0
		for up := g.Within; up != ""; up = within[up] {
			if steps++; up == g.ID || steps > len(l.Goods) {
				l.report("goods", i, "goods", "goods class %s lies within itself: correct within", g.ID)
				break
			}
		}
		for _, code := range g.Google {
			key := "google"
			for step := range strings.SplitSeq(code, ">") {
				key += ">" + name.Key(step)
			}
			if strings.Trim(key[len("google"):], ">") == "" || numberShape.MatchString(code) && len(code) > 7 {
				l.report("goods", i, "goods", "goods class %s: google %q: write the number of a category, in quotes, or its path with > between the steps", g.ID, code)
				continue
			}
			claim(i, g.ID, code, key)
		}
		for _, code := range g.GPC {
			if !gpcShape.MatchString(code) {
				l.report("goods", i, "goods", "goods class %s: gpc %q: write the eight digits of a segment, family, class or brick, in quotes", g.ID, code)
				continue
			}
			claim(i, g.ID, code, code)
		}
		for _, words := range [][]string{g.Decisive, g.Not} {
			for _, w := range words {
				if len(name.Tokens(w)) == 0 || strings.HasPrefix(w, "*") {
					l.report("goods", i, "goods", "goods class %s: %q: write whole words", g.ID, w)
				}
			}
		}
	}
}

// subject checks what a listing is of: a party, or on a list of goods a class
// of them; and what it leaves out.
func (l *linter) subject(i int, what string, x *offshelf.Listing) {
	switch {
	case !l.byGoods[x.List]:
		l.ref("listings", i, what, "party", l.parties, x.Party)
	case x.Party != "":
		l.report("listings", i, "listing", "%s: rules reach what is on this list by its goods: leave the party out, or use another list", what)
	case len(x.Goods) == 0:
		l.report("listings", i, "listing", "%s names neither a party nor goods: add goods", what)
	}
	if len(x.Origin) > 0 && len(x.OriginNot) > 0 {
		l.report("listings", i, "listing", "%s: origin and origin_not exclude each other: keep one", what)
	}
	var ids []string
	for _, e := range x.Exceptions {
		switch {
		case !idShape.MatchString(e.ID):
			l.report("listings", i, "listing", "%s: exception id %q: use lower-case letters, digits and single hyphens", what, e.ID)
		case slices.Contains(ids, e.ID):
			l.report("listings", i, "listing", "%s: exception %s stands twice", what, e.ID)
		case e.What == "":
			l.report("listings", i, "listing", "%s: exception %s needs what", what, e.ID)
		case !e.Until.IsZero() && !x.From.IsZero() && e.Until.Latest() <= x.From.Earliest():
			l.report("listings", i, "listing", "%s: exception %s ends (%s) before the listing begins (%s)", what, e.ID, e.Until, x.From)
		}
		for _, w := range slices.Concat(e.Words, e.Maybe) {
			if len(name.Tokens(w)) == 0 {
				l.report("listings", i, "listing", "%s: exception %s: %q has no letters or digits", what, e.ID, w)
			}
		}
		ids = append(ids, e.ID)
	}
}

// listed names what a listing is of: the party, or the goods.
func listed(x *offshelf.Listing) string { return cmp.Or(x.Party, strings.Join(x.Goods, "-")) }
