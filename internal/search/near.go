package search

import (
	"cmp"
	"math/bits"
	"slices"
)

// lookup calls f with the words of the index that are this text.
func (x *Index) lookup(text string, person uint32, f func(uint32)) {
	if len(x.table) == 0 {
		return
	}
	mask := uint32(len(x.table) - 1)
	for slot := hashText(text) & mask; x.table[slot] != 0; slot = (slot + 1) & mask {
		w := x.table[slot] - 1
		if x.wordMeta[w]&wordPerson == person && x.text(w) == text {
			f(w)
		}
	}
}

// near adds the words that are a slip or two away, and those of the same
// sound. A slip changes two pairs of letters at most, a swap three; so among
// the rarest three or four pairs for each slip one is left alone.
func (x *Index) near(t *token, person uint32, kind Kind, tm *term) {
	n := len(t.text)
	if n < 3 || n > maxLetter || t.han != "" && n < 4 {
		return
	}
	k := 1
	if n >= 8 {
		k = 2
	}
	if h := soundHash(t.text); h != 0 {
		i, _ := slices.BinarySearch(x.soundHash, h)
		for ; i < len(x.soundHash) && x.soundHash[i] == h; i++ {
			w := x.soundWord[i]
			if x.wordMeta[w]&wordPerson == person {
				x.consider(t, w, 4*n, kind, tm)
			}
		}
	}
	low, high := x.lengths[max(n-k, 1)], x.lengths[min(n+k+1, maxLetter+1)]
	if low >= high {
		return
	}
	var lists [maxLetter + 1][]uint32
	m := 0
	eachGram(t.text, func(g int) {
		list := x.gram[x.gramAt[g]:x.gramAt[g+1]]
		// Words are numbered by their length, so that those of a length stand together.
		a, _ := slices.BinarySearch(list, low)
		b, _ := slices.BinarySearch(list[a:], high)
		lists[m] = list[a : a+b]
		m++
	})
	slices.SortFunc(lists[:m], func(a, b []uint32) int { return cmp.Compare(len(a), len(b)) })
	mask := letterMask(t.text)
	var edits editPattern
	edits.set(t.text)
	for _, list := range lists[:min(m, 3*k+1)] {
		for _, w := range list {
			other := x.wordMask[w]
			if bits.OnesCount64(mask&^other) > k || bits.OnesCount64(other&^mask) > k || x.wordMeta[w]&wordPerson != person || edits.distance(x.text(w)) > k+1 {
				continue
			}
			x.consider(t, w, 10*k+10, kind, tm)
		}
	}
}

// editPattern is a word made ready to count edits to it: bit i of a symbol is
// set where the letter i of the word is that symbol.
type editPattern struct {
	at   [gramSymbols]uint64
	size int
}

func (p *editPattern) set(s string) {
	p.size = len(s)
	for i := 0; i < len(s); i++ {
		p.at[symbol(s[i])] |= 1 << i
	}
}

// distance is the least number of insertions, deletions, substitutions and
// swaps of neighbours from the word to s, for words of up to 64 letters: a
// column of the table at a time, its differences held in the bits of a number
// (Myers 1999, with swaps by Hyyrö 2003). It is what slips weighs, counted.
func (p *editPattern) distance(s string) int {
	up, down := ^uint64(0), uint64(0)
	diagonal, before := uint64(0), uint64(0)
	last := uint64(1) << (p.size - 1)
	d := p.size
	for i := 0; i < len(s); i++ {
		at := p.at[symbol(s[i])]
		diagonal = (((at & up) + up) ^ up) | at | down | (^diagonal&at)<<1&before
		right, left := down|^(diagonal|up), up&diagonal
		if right&last != 0 {
			d++
		}
		if left&last != 0 {
			d--
		}
		right = right<<1 | 1
		up, down = left<<1|^(diagonal|right), right&diagonal
		before = at
	}
	return d
}

// consider adds a word that is like the token: within so many tenths of a slip,
// or of the same sound.
func (x *Index) consider(t *token, w uint32, limit int, kind Kind, tm *term) {
	if limit < 4*len(t.text) && slips(t.text, x.text(w), limit) > limit {
		return
	}
	for i := range tm.likes {
		if tm.likes[i].word == w {
			return
		}
	}
	var u token
	x.token(w, &u)
	if (u.class == plain) != (t.class == plain) {
		return // words of business find only names that have nothing else
	}
	if s := likeness(t, &u, kind); s > 0 && s < 1 {
		tm.add(w, s)
	}
}
