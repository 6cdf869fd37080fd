package search

import (
	"cmp"
	"slices"
	"strings"
)

// Entry is a name to be found.
type Entry struct {
	Name  string
	Kind  Kind   // Any is guessed from the words
	Label uint32 // the caller's number, such as that of the party
}

// grams are pairs of letters, digits and the edge of the word.
const (
	gramSymbols = 37
	gramEdge    = 36
	numGrams    = gramSymbols * gramSymbols
)

// wordKey is what makes words of the index different.
type wordKey struct {
	text, han string
	flags     uint32 // class and flags but the given name
}

// Build indexes names. The same entries give the same bytes.
func Build(entries []Entry) *Index {
	b := &builder{at: map[wordKey]uint32{}}
	for i := range entries {
		b.add(&entries[i])
	}
	return b.finish(entries)
}

type builder struct {
	at     map[wordKey]uint32
	words  []builtWord
	tokens []uint32 // numbers of the order of arrival, with flags
	nameAt []uint32
	meta   []uint32
	sum    []float32
	keys   []uint64
	p      parsed
}

type builtWord struct {
	key    wordKey
	weight float32
	given  uint16
	names  []uint32
}

func (b *builder) word(key wordKey, weight float32, given uint16) uint32 {
	if i, ok := b.at[key]; ok {
		return i
	}
	key.text, key.han = strings.Clone(key.text), strings.Clone(key.han)
	i := uint32(len(b.words))
	b.words = append(b.words, builtWord{key: key, weight: weight, given: given})
	b.at[key] = i
	return i
}

func (b *builder) add(e *Entry) {
	p := &b.p
	p.parse(e.Name, e.Kind)
	name := uint32(len(b.nameAt))
	b.nameAt = append(b.nameAt, uint32(len(b.tokens)))
	b.meta = append(b.meta, uint32(p.kind)|uint32(p.forms)<<8)
	b.keys = append(b.keys, p.key)
	sum := float32(0)
	named, total := p.named(), countTotals()
	for i := range p.tokens {
		t := &p.tokens[i]
		flags := uint32(t.class)
		if p.kind == Person {
			flags |= wordPerson
		}
		for _, f := range []struct {
			on   bool
			flag uint32
		}{{t.known, wordKnown}, {t.abbreviation, wordAbbreviation}, {t.foreign, wordForeign}, {t.slip, wordSlip}, {t.han != "", wordHan}} {
			if f.on {
				flags |= f.flag
			}
		}
		u := *t
		p.weigh(&u, total) // what it weighs outside parentheses
		w := b.word(wordKey{t.text, t.han, flags}, u.weight, t.given)
		sum += t.weight
		if t.finds(named) {
			if list := b.words[w].names; len(list) == 0 || list[len(list)-1] != name {
				b.words[w].names = append(list, name)
			}
		}
		for _, f := range []struct {
			on   bool
			flag uint32
		}{{t.aside, tokenAside}, {t.filial, tokenFilial}, {t.strict, tokenStrict}, {t.head, tokenHead}} {
			if f.on {
				w |= f.flag
			}
		}
		b.tokens = append(b.tokens, w)
		if i > 0 {
			u := &p.tokens[i-1]
			if joinable(u, t) {
				b.join(u.text+t.text, u.weight+t.weight, p.kind, name)
				if u.folded+t.folded != u.text+t.text {
					b.join(u.folded+t.folded, u.weight+t.weight, p.kind, name)
				}
			}
		}
	}
	b.sum = append(b.sum, sum)
}

// finds reports whether a name is found by the word: by its plain words and
// numbers; where it has none of the first, by all that weigh.
func (t *token) finds(named bool) bool {
	return t.class == plain || t.class == number || !named && t.weight > weightParticle
}

// join lets a name be found by two neighbours written together.
func (b *builder) join(joined string, weight float32, kind Kind, name uint32) {
	if len(joined) < 4 || len(joined) > 20 {
		return
	}
	w := b.word(wordKey{text: joined, flags: wordJoin | person(kind)}, weight, 0)
	if list := b.words[w].names; len(list) == 0 || list[len(list)-1] != name {
		b.words[w].names = append(list, name)
	}
}

// joinable reports whether a word may be written together with its neighbour:
// one of them is a name or a letter, the other anything but a number or a word
// that joins by itself.
func joinable(t, u *token) bool {
	name := func(t *token) bool { return t.class == plain || t.class == initial }
	may := func(t *token) bool { return t.class != number && t.class != title && t.text != "and" && t.text != "of" }
	return (name(t) || name(u)) && may(t) && may(u)
}

// named reports whether the name has a plain word outside parentheses.
func (p *parsed) named() bool {
	for i := range p.tokens {
		if p.tokens[i].class == plain && !p.tokens[i].aside {
			return true
		}
	}
	return false
}

func (b *builder) finish(entries []Entry) *Index {
	b.nameAt = append(b.nameAt, uint32(len(b.tokens)))
	// Words in the order of their length, joined ones last.
	order := make([]uint32, len(b.words))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int {
		x, y := &b.words[i].key, &b.words[j].key
		return cmp.Or(cmp.Compare(x.flags&wordJoin, y.flags&wordJoin), cmp.Compare(len(x.text), len(y.text)), cmp.Compare(x.text, y.text), cmp.Compare(x.flags, y.flags), cmp.Compare(x.han, y.han))
	})
	renumber := make([]uint32, len(order))
	for at, i := range order {
		renumber[i] = uint32(at)
	}
	fuzzy := len(order)
	for fuzzy > 0 && b.words[order[fuzzy-1]].key.flags&wordJoin != 0 {
		fuzzy--
	}
	w := newFlatWriter(len(order), fuzzy, len(entries))

	var text []byte
	var wordAt, meta, postAt, post []uint32
	var rare []float32
	lengths := make([]uint32, maxLetter+2)
	grams := make([][]uint32, numGrams)
	type soundOf struct{ hash, word uint32 }
	var sounds []soundOf
	given := map[uint16][]uint32{}
	mostGiven := uint16(0)
	var masks []uint64
	for at, i := range order {
		bw := &b.words[i]
		wordAt = append(wordAt, uint32(len(text)))
		text = append(text, bw.key.text...)
		if bw.key.han != "" {
			text = append(append(text, 0), bw.key.han...)
		}
		meta = append(meta, bw.key.flags|uint32(bw.given)<<wordGivenShift)
		rare = append(rare, bw.weight)
		postAt = append(postAt, uint32(len(post)))
		post = append(post, bw.names...)
		if at >= fuzzy {
			continue
		}
		masks = append(masks, letterMask(bw.key.text))
		for l := len(bw.key.text) + 1; l < len(lengths); l++ {
			lengths[l] = uint32(at) + 1
		}
		c := class(bw.key.flags & (1<<wordClassBits - 1))
		if len(bw.names) == 0 || c == number || c == initial || bw.key.flags&wordSlip != 0 {
			continue // no name is found by it
		}
		eachGram(bw.key.text, func(g int) {
			if list := grams[g]; len(list) == 0 || list[len(list)-1] != uint32(at) {
				grams[g] = append(list, uint32(at))
			}
		})
		if h := soundHash(bw.key.text); h != 0 {
			sounds = append(sounds, soundOf{h, uint32(at)})
		}
		if bw.given != 0 {
			given[bw.given] = append(given[bw.given], uint32(at))
			mostGiven = max(mostGiven, bw.given)
		}
	}
	w.u32(secWordAt, append(wordAt, uint32(len(text))))
	w.text(secWordText, text)
	w.u32(secWordMeta, meta)
	w.f32(secWordRare, rare)
	w.u64(secWordMask, masks)
	w.u32(secLengths, lengths)

	size := 1
	for size < 2*len(order)+1 {
		size *= 2
	}
	table := make([]uint32, size)
	for at, i := range order {
		slot := hashText(b.words[i].key.text) & uint32(size-1)
		for table[slot] != 0 {
			slot = (slot + 1) & uint32(size-1)
		}
		table[slot] = uint32(at) + 1
	}
	w.u32(secTable, table)
	w.u32(secPostAt, append(postAt, uint32(len(post))))
	w.u32(secPost, post)

	var gramAt, gram []uint32
	for _, list := range grams {
		gramAt = append(gramAt, uint32(len(gram)))
		gram = append(gram, list...)
	}
	w.u32(secGramAt, append(gramAt, uint32(len(gram))))
	w.u32(secGram, gram)

	slices.SortFunc(sounds, func(x, y soundOf) int { return cmp.Or(cmp.Compare(x.hash, y.hash), cmp.Compare(x.word, y.word)) })
	var soundHashes, soundWords []uint32
	for _, s := range sounds {
		soundHashes, soundWords = append(soundHashes, s.hash), append(soundWords, s.word)
	}
	w.u32(secSoundHash, soundHashes)
	w.u32(secSoundWord, soundWords)

	var givenAt, givenWords []uint32
	for g := range mostGiven + 1 {
		givenAt = append(givenAt, uint32(len(givenWords)))
		givenWords = append(givenWords, given[g]...)
	}
	w.u32(secGivenAt, append(givenAt, uint32(len(givenWords))))
	w.u32(secGiven, givenWords)

	w.u32(secNameAt, b.nameAt)
	for i, t := range b.tokens {
		b.tokens[i] = t&^tokenWord | renumber[t&tokenWord]
	}
	w.u32(secTokens, b.tokens)
	w.u32(secNameMeta, b.meta)
	w.f32(secNameSum, b.sum)
	w.u64(secNameKey, b.keys)
	var printAt, labels []uint32
	var print []byte
	for _, e := range entries {
		printAt = append(printAt, uint32(len(print)))
		print = append(print, e.Name...)
		labels = append(labels, e.Label)
	}
	w.u32(secPrintAt, append(printAt, uint32(len(print))))
	w.text(secPrint, print)
	w.u32(secLabel, labels)
	x, err := open(w.data)
	if err != nil {
		panic("search: Build wrote what Open refuses: " + err.Error())
	}
	return x
}

// eachGram calls f with the pairs of neighbours of a word and its edges.
func eachGram(s string, f func(int)) {
	last := gramEdge
	for i := 0; i < len(s); i++ {
		c := int(symbol(s[i]))
		f(last*gramSymbols + c)
		last = c
	}
	f(last*gramSymbols + gramEdge)
}

// letterMask has a bit for each letter and digit of a word.
func letterMask(s string) uint64 {
	m := uint64(0)
	for i := 0; i < len(s); i++ {
		m |= 1 << symbol(s[i])
	}
	return m
}

func hashText(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}

// soundHash is a hash of the consonants, 0 where there are too few of them to
// find a word by.
func soundHash(s string) uint32 {
	var buf [2 * maxLetter]byte
	x := skeleton(buf[:0], s)
	if len(x) < 3 {
		return 0
	}
	h := uint32(2166136261)
	for _, c := range x {
		h = (h ^ uint32(c)) * 16777619
	}
	return max(h, 1)
}
