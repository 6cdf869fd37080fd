package attribute

import (
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/offshelf/offshelf/internal/name"
)

// kind tells what a phrase in a trie means.
type kind uint8

const (
	isBrand      kind = iota + 1
	isNot             // a phrase that contains a brand's name and means something else
	isApp             // companion app or text mark of a tell
	isFCC             // the words "FCC ID"
	isCompatible      // cues, see offshelf.Language
	isNear
	isReference
	isImitation
	isCompare
	isBundle
	isBreaker
	isLead
	isGoods
	isLine
	isKind     // a decisive word of a goods class
	isNoKind   // a phrase that holds a word of a class and means something else
	isOrdinary // a brand that is of no interest here
)

// output is one meaning of a phrase.
type output struct {
	kind kind
	id   int32 // brand, tell or goods class
}

// trie matches token sequences. Children live in one open-addressing table
// keyed by the parent and the token's hash, so a step costs one probe; a
// bitmap over the hashes of first tokens turns nearly every ordinary token
// away before that. This is the hash-trie form of Aho and Corasick's problem
// at token level: phrases are short, so failure links would not pay.
type trie struct {
	first   [1 << 10]uint64 // bitmap, 65,536 bits
	slots   []slot
	mask    uint64
	outputs [][]output // by node; node 0 is the root
	longest int
}

type slot struct {
	key   uint64
	token string
	child int32
}

// builder collects phrases before they are laid out.
type builder struct {
	children map[edge]int32
	outputs  [][]output
	longest  int
}

type edge struct {
	parent int32
	token  string
}

func newBuilder() *builder {
	return &builder{children: map[edge]int32{}, outputs: make([][]output, 1)}
}

// clone copies what was collected, for a trie that has more.
func (b *builder) clone() *builder {
	out := &builder{children: maps.Clone(b.children), outputs: slices.Clone(b.outputs), longest: b.longest}
	for i := range out.outputs {
		out.outputs[i] = slices.Clone(out.outputs[i])
	}
	return out
}

func (b *builder) add(tokens []string, o output) {
	if len(tokens) == 0 {
		return
	}
	var n int32
	for _, t := range tokens {
		e := edge{n, t}
		c, ok := b.children[e]
		if !ok {
			c = int32(len(b.outputs))
			b.outputs = append(b.outputs, nil)
			b.children[e] = c
		}
		n = c
	}
	for _, have := range b.outputs[n] {
		if have == o {
			return
		}
	}
	b.outputs[n] = append(b.outputs[n], o)
	b.longest = max(b.longest, len(tokens))
}

func (b *builder) build() *trie {
	size := uint64(16)
	for size < uint64(len(b.children))*3 {
		size *= 2
	}
	t := &trie{slots: make([]slot, size), mask: size - 1, outputs: b.outputs, longest: b.longest}
	for e, c := range b.children {
		h := hashToken(e.token)
		if e.parent == 0 {
			t.first[h>>6&1023] |= 1 << (h & 63)
		}
		k := slotKey(e.parent, h)
		i := k & t.mask
		for t.slots[i].child != 0 {
			i = (i + 1) & t.mask
		}
		t.slots[i] = slot{k, e.token, c}
	}
	return t
}

const (
	hashSeed  = 0xcbf29ce484222325
	hashPrime = 0x100000001b3
)

// finish spreads the entropy of an FNV-1a sum over the low bits.
func finish(h uint64) uint64 { return (h ^ h>>29) * 0x9e3779b97f4a7c15 >> 13 }

func hashToken(s string) uint64 {
	h := uint64(hashSeed)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return finish(h)
}

func slotKey(parent int32, h uint64) uint64 {
	return (h ^ uint64(parent)*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd >> 7
}

// step follows one token from node n; 0 means nowhere.
func (t *trie) step(n int32, h uint64, text string, tok *token) int32 {
	k := slotKey(n, h)
	for i := k & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i]
		if s.child == 0 {
			return 0
		}
		if s.key == k && tok.equal(text, s.token) {
			return s.child
		}
	}
}

// starts reports whether some phrase may begin with a token of this hash.
func (t *trie) starts(h uint64) bool { return t.first[h>>6&1023]>>(h&63)&1 != 0 }

// token is a run of letters and digits in a text.
type token struct {
	start, end int32
	hash       uint64
	folded     string // set where the text is not plain ASCII
	loose      bool   // what stands before it separates, so no phrase crosses
}

func (t *token) equal(text, folded string) bool {
	if t.folded != "" {
		return t.folded == folded
	}
	s := text[t.start:t.end]
	if len(s) != len(folded) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if lower[s[i]] != folded[i] {
			return false
		}
	}
	return true
}

// lower maps ASCII letters and digits to their lower case, all else to 0.
var lower = func() (t [256]byte) {
	for c := '0'; c <= '9'; c++ {
		t[c] = byte(c)
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-32] = byte(c), byte(c)
	}
	return
}()

// tight marks the ASCII separators that a phrase may run across.
var tight = func() (t [256]bool) {
	for _, c := range " -_.'&/+" {
		t[c] = true
	}
	return
}()

// glued reports whether the separator at byte i stands between two letters or
// digits, as in byd:sign; a mark that separates has a space behind it.
func glued(text string, i int) bool {
	return i > 0 && lower[text[i-1]] != 0 && i+1 < len(text) && lower[text[i+1]] != 0
}

// next finds the token at or after byte i; ok is false at the end.
func next(text string, i int) (tok token, ok bool) {
	from := i
	for i < len(text) {
		c := text[i]
		if lower[c] != 0 {
			break
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[i:])
			if isWord(r) {
				break
			}
			i += n
			continue
		}
		if !tight[c] && (c != ':' || !glued(text, i)) {
			tok.loose = true
		}
		i++
	}
	if i >= len(text) {
		return tok, false
	}
	if i-from > 3 {
		tok.loose = true
	}
	tok.start = int32(i)
	h := uint64(hashSeed)
	for i < len(text) {
		l := lower[text[i]]
		if l == 0 {
			break
		}
		h = (h ^ uint64(l)) * hashPrime
		i++
	}
	if i < len(text) && text[i] >= utf8.RuneSelf {
		if end := wordEnd(text, i); end > i {
			tok.end = int32(end)
			tok.folded = name.Key(text[tok.start:end])
			if tok.folded == "" {
				return next(text, end)
			}
			tok.hash = hashToken(tok.folded)
			return tok, true
		}
	}
	tok.end = int32(i)
	tok.hash = finish(h)
	return tok, true
}

func wordEnd(text string, i int) int {
	for i < len(text) {
		if lower[text[i]] != 0 {
			i++
			continue
		}
		if text[i] < utf8.RuneSelf {
			return i
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isWord(r) {
			return i
		}
		i += n
	}
	return i
}

// isWord takes format characters (zero-width joiners and the like) as part of
// a word, so that they cannot hide a name.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r)
}
