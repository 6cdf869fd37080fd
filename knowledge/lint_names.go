package knowledge

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// The list is not part of the compiled facts: only lint pays for it.
//
//go:embed rules/words.txt
var wordList string

var commonWords = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool, 20_000)
	for line := range strings.Lines(wordList) {
		if w := strings.TrimSpace(line); w != "" && w[0] != '#' {
			set[w] = true
		}
	}
	return set
})

// CommonWord reports whether s is one of the 20,000 commonest words of English
// and of shops, in any case.
func CommonWord(s string) bool { return commonWords()[name.Fold(strings.TrimSpace(s))] }

// words tells of brands that are everyday words and do not say so.
func (r *reviewer) words() {
	for i, b := range r.Brands {
		if b.Ambiguous != "" || b.Common {
			continue
		}
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			if CommonWord(n) {
				r.report("brands", i, "word", "name %q of brand %q is an everyday word: say under ambiguous what else it means, and set common: true where a title alone must never bring the brand up", n, b.ID)
			}
		}
	}
}

// collisions tells of a name that a brand and a party that does not hold it
// have in common, or two parties.
func (r *reviewer) collisions() {
	parties := map[string][]int{} // folded name → parties
	for i, p := range r.Parties {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			key := name.Key(n)
			if slices.Contains(parties[key], i) {
				continue
			}
			for _, j := range parties[key] {
				r.report("parties", i, "collision", "name %q of party %q is that of party %q %s: drop it in one of them, or write both out", n, p.ID, r.Parties[j].ID, r.other("parties", j, i))
			}
			parties[key] = append(parties[key], i)
		}
	}
	for i, b := range r.Brands {
		if b.Ambiguous != "" {
			continue
		}
		told := map[string]bool{}
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			for _, j := range parties[name.Key(n)] {
				p := r.Parties[j]
				if told[p.ID] || r.behind(b, p.ID) {
					continue
				}
				told[p.ID] = true
				r.report("brands", i, "collision", "name %q of brand %q is that of party %q (%s), which does not hold it: drop it in one of them, add the holder, or say under ambiguous why they share it",
					n, b.ID, p.ID, place(r.places["parties"][j]))
			}
		}
	}
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// behind reports whether the party holds or held the brand, or has a stake in
// one that does.
func (r *reviewer) behind(b offshelf.Brand, party string) bool {
	for _, h := range b.Holders {
		if h.Party == party || slices.ContainsFunc(r.Stakes, func(s offshelf.Stake) bool { return s.Held == h.Party && s.Holder == party }) {
			return true
		}
	}
	if b.Parent == "" || len(b.Holders) > 0 {
		return false
	}
	i := slices.IndexFunc(r.Brands, func(x offshelf.Brand) bool { return x.ID == b.Parent })
	up := r.Brands[i]
	up.Parent = ""
	return r.behind(up, party)
}
