// Package attribute ties a product to the brand or maker that it comes from.
//
// Evidence adds up as log-odds, after Fellegi and Sunter (A Theory for Record
// Linkage, 1969): each piece has a weight, the logarithm of how much likelier
// it is among products of the brand than among others, and the weights are
// calibrated on labelled catalogs and kept as data beside the facts.
package attribute

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// Matcher is the compiled form of the brands, tells and words of a knowledge.
// It is immutable and shared by all workers.
type Matcher struct {
	brands  []brand
	tells   []offshelf.Tell
	goods   []offshelf.GoodsClass
	weights [featureCount]float64

	first   *trie // what brings a product up: names, apps and marks that can stand alone
	names   *trie // all brands, look-alike phrases, apps and marks
	context *trie // cues, goods words, line words
	titles  *trie // what brings a product up by its title: first and kinds
	models  *models
	endings []goodsEnding // ends of compound nouns, the longest first

	exact    map[string][]int32 // key of a name → brands
	byLength map[int][]fuzzyName
	nobody   map[string]bool
	channels map[string]bool
	channel  map[string]bool // tokens of channel names
	lexicon  map[string]bool
	parties  map[string]string  // key of a party's name → party
	holders  map[string][]int32 // party → brands that it holds or held
	grantee  map[string]int32   // FCC grantee code → tell
	prefix   map[string]int32   // MAC prefix → tell
	brandID  map[string]int32

	upward   []classes        // by class: itself and those that it lies within
	codes    map[string]int32 // category code → class
	decisive map[string]int32 // key of a decisive word → class
}

type brand struct {
	id, name  string
	key       string // of the name
	ambiguous bool
	common    bool
	goods     classes
	parent    int32 // -1: none
	parties   []string
}

// goodsEnding is the end of compound nouns, as in "Kamerahalterung".
type goodsEnding struct {
	key   string
	class int32
}

type fuzzyName struct {
	key   string
	brand int32
}

// Compile builds a matcher. It fails where the knowledge has more goods
// classes than bits, or a weight that no feature has.
func Compile(k *offshelf.Knowledge) (*Matcher, error) {
	m := &Matcher{
		tells: k.Tells, goods: k.Goods,
		exact: map[string][]int32{}, byLength: map[int][]fuzzyName{},
		nobody: keys(k.Language.Nobody), channels: keys(k.Language.Channels), channel: map[string]bool{},
		lexicon: keys(k.Lexicon), parties: map[string]string{}, holders: map[string][]int32{},
		codes: map[string]int32{}, decisive: map[string]int32{}, grantee: map[string]int32{}, prefix: map[string]int32{}, brandID: map[string]int32{},
	}
	if len(k.Goods) > offshelf.MaxGoods {
		return nil, fmt.Errorf("%d goods classes: at most %d are supported", len(k.Goods), offshelf.MaxGoods)
	}
	if err := m.weigh(k.Weights); err != nil {
		return nil, err
	}
	for _, c := range k.Language.Channels {
		for _, t := range name.Tokens(c) {
			m.channel[t] = true
		}
	}
	class := map[string]int32{}
	for i, g := range k.Goods {
		class[g.ID] = int32(i)
	}
	m.upward = upwards(k.Goods, class)
	for i, b := range k.Brands {
		m.brandID[b.ID] = int32(i)
	}
	first, names, context := newBuilder(), newBuilder(), newBuilder()
	for i, b := range k.Brands {
		m.addBrand(first, names, context, int32(i), b, class)
	}
	for _, p := range k.Parties {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			m.parties[name.Key(n)] = p.ID
		}
	}
	m.addTells(first, names)
	for _, b := range []*builder{first, names} {
		b.add([]string{"fcc", "id"}, output{isFCC, 0})
		b.add([]string{"fccid"}, output{isFCC, 0})
	}
	m.addLanguage(context, k.Language)
	for i, g := range k.Goods {
		for _, w := range g.Words {
			if tail, ok := strings.CutPrefix(w, "*"); ok {
				m.endings = append(m.endings, goodsEnding{name.Key(tail), int32(i)})
				continue
			}
			context.add(name.Tokens(w), output{isGoods, int32(i)})
		}
		m.addCodes(int32(i), &k.Goods[i])
		for _, w := range g.Decisive {
			m.decisive[name.Key(w)] = int32(i)
			context.add(name.Tokens(w), output{isKind, int32(i)})
			context.add(name.Tokens(w), output{isGoods, int32(i)})
		}
		for _, w := range g.Not {
			context.add(name.Tokens(w), output{isNoKind, int32(i)})
		}
	}
	for _, w := range k.Lexicon {
		names.add(name.Tokens(w), output{isOrdinary, -1})
	}
	slices.SortStableFunc(m.endings, func(a, b goodsEnding) int { return len(b.key) - len(a.key) })
	m.first, m.names, m.context = first.build(), names.build(), context.build()
	m.titles = withKinds(first, k.Goods)
	return m, nil
}

// withKinds adds the decisive words of goods classes to a trie that only says
// whether there is any: where "router" is one, "wireless router" adds nothing
// but tokens that are common.
func withKinds(first *builder, goods []offshelf.GoodsClass) *trie {
	out := first.clone()
	var phrases [][]string
	for _, g := range goods {
		for _, w := range g.Decisive {
			phrases = append(phrases, name.Tokens(w))
		}
	}
	slices.SortStableFunc(phrases, func(a, b []string) int { return len(a) - len(b) })
	for i, p := range phrases {
		if !slices.ContainsFunc(phrases[:i], func(q []string) bool { return within(p, q) }) {
			out.add(p, output{isKind, 0})
		}
	}
	return out.build()
}

// within reports whether the phrase q stands in p.
func within(p, q []string) bool {
	for i := 0; len(q) > 0 && i+len(q) <= len(p); i++ {
		if slices.Equal(p[i:i+len(q)], q) {
			return true
		}
	}
	return false
}

func keys(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[name.Key(w)] = true
	}
	return set
}

func (m *Matcher) addBrand(first, names, context *builder, i int32, b offshelf.Brand, class map[string]int32) {
	out := brand{id: b.ID, name: b.Name, key: name.Key(b.Name), ambiguous: b.Ambiguous != "", common: b.Common, parent: -1}
	for _, g := range b.Goods {
		out.goods.add(class[g])
	}
	if b.Parent != "" {
		out.parent = m.brandID[b.Parent]
	}
	for _, h := range b.Holders {
		out.parties = append(out.parties, h.Party)
		m.holders[h.Party] = append(m.holders[h.Party], i)
	}
	m.brands = append(m.brands, out)
	for j, n := range append([]string{b.Name}, b.Aliases...) {
		tokens := name.Tokens(n)
		key := name.Key(n)
		into := []*builder{first, names}
		if b.Common && j == 0 {
			into = into[1:]
		}
		for _, t := range into {
			if strings.Contains(n, "+") {
				continue // "Face++" would be found in every "face"
			}
			t.add(tokens, output{isBrand, i})
			if len(tokens) > 1 && len(key) >= 4 {
				t.add([]string{key}, output{isBrand, i}) // TP-Link, TPLINK
			}
		}
		if !slices.Contains(m.exact[key], i) {
			m.exact[key] = append(m.exact[key], i)
		}
		if !out.ambiguous && len(key) >= 6 {
			m.byLength[len(key)] = append(m.byLength[len(key)], fuzzyName{key, i})
		}
	}
	for _, n := range b.Not {
		names.add(name.Tokens(n), output{isNot, i})
	}
	for _, n := range b.Lines {
		context.add(name.Tokens(n), output{isLine, i})
	}
}

func (m *Matcher) addTells(first, names *builder) {
	m.models = compileModels(m.tells, func(t offshelf.Tell) bool { return t.Strength != offshelf.Weak })
	for i, t := range m.tells {
		switch t.Kind {
		case offshelf.TellFCC:
			m.grantee[t.Pattern] = int32(i)
		case offshelf.TellMAC:
			for _, p := range strings.Fields(t.Pattern) {
				m.prefix[p] = int32(i)
			}
		case offshelf.TellApp, offshelf.TellMark:
			if strings.Contains(t.Pattern, "+") {
				continue // its letters alone are an everyday word
			}
			names.add(name.Tokens(t.Pattern), output{isApp, int32(i)})
			if t.Strength != offshelf.Weak {
				first.add(name.Tokens(t.Pattern), output{isApp, int32(i)})
			}
		}
	}
}

func (m *Matcher) addLanguage(b *builder, l offshelf.Language) {
	for _, c := range []struct {
		kind  kind
		words []string
	}{
		{isCompatible, l.Compatible}, {isNear, l.Near}, {isReference, l.Reference}, {isImitation, l.Imitation}, {isCompare, l.Compare},
		{isBundle, l.Bundle}, {isBreaker, l.Breakers}, {isLead, l.Lead},
	} {
		for _, w := range c.words {
			b.add(name.Tokens(w), output{c.kind, 0})
		}
	}
}

// related reports whether one brand is a line of the other, or both have a
// holder in common.
func (m *Matcher) related(a, b int32) bool {
	if a == b || m.brands[a].parent == b || m.brands[b].parent == a {
		return true
	}
	if p := m.brands[a].parent; p >= 0 && p == m.brands[b].parent {
		return true
	}
	for _, x := range m.brands[a].parties {
		if slices.Contains(m.brands[b].parties, x) {
			return true
		}
	}
	return false
}

// BrandName returns the printed name of a brand id.
func (m *Matcher) BrandName(id string) string {
	if i, ok := m.brandID[id]; ok {
		return m.brands[i].name
	}
	return id
}
