package search

import (
	"cmp"
	"slices"
	"sync"
)

// Options of a search. The zero value asks for the ten best names of any kind
// that are worth a look.
type Options struct {
	Kind  Kind    // Any searches companies, persons and vessels
	Min   float64 // least score; 0 leaves it to the search, which hits are worth a look
	Limit int     // most hits; 0 is ten
}

// Hit is a name that a search found.
type Hit struct {
	Name  int     // its number in the index
	Score float64 // as Compare gives it
}

// Bounds of a search, so that no query can make it long.
const (
	maxTerms      = 16   // words of a query that are looked up
	maxLikes      = 48   // words of the index that one of a query is read as
	longList      = 4000 // names; a list that long adds no candidates where there are some
	maxCandidates = 16   // names aligned for each hit that is asked for, at least
)

// goodScore is the score from which no further readings of a query are tried.
const goodScore = 0.9

// likeWord is a word of the index that a word of the query is read as.
type likeWord struct {
	word uint32
	sim  float32
}

// term is a word of the query, or two neighbours written together, with the
// words that it is read as.
type term struct {
	weight float32
	first  int // token
	exact  bool
	likes  []likeWord
	names  int // of all lists
}

// cell collects what the words of one name have gathered.
type cell struct {
	epoch uint32
	term  uint32
	sum   float32
}

// searcher holds what searches use again.
type searcher struct {
	query   parsed
	other   parsed
	al      alignment
	cells   []cell
	epoch   uint32
	touched []uint32
	terms   []term
	ranked  []rankedName
	hits    []Hit
	side    []sideWord
	run     run
}

// run is one pass over the index: how the query is read, and what it may find.
type run struct {
	kind   Kind  // as which the query is read
	kinds  uint8 // kinds of names that are found, a bit each
	strict bool  // words are looked up as they stand, without their slips
	look   look  // by which hits are chosen
}

type rankedName struct {
	name  uint32
	bound float32
}

// sideWord is a word of business or a place of the query: it finds nothing by
// itself and tells apart what the others found.
type sideWord struct {
	word   uint32
	weight float32
}

var searchers = sync.Pool{New: func() any { return new(searcher) }}

// Search returns the names that come nearest, the best first; names of equal
// score in the order of the index.
//
// Candidates come from the words: each plain word of the query is looked up as
// it stands, and where it is unknown also with its slips, by the pairs of
// letters that these leave alone (prefix filtering), and by its consonants. The
// lists of names are merged term by term, the rarest first, and no name joins
// that the words still to come could not bring to a score (MaxScore, Turtle and
// Flood 1995). The names with the highest bound are aligned as Compare does.
func (x *Index) Search(name string, o Options) []Hit {
	return x.AppendSearch(nil, name, o)
}

// AppendSearch is Search that appends the hits to a slice.
func (x *Index) AppendSearch(into []Hit, name string, o Options) []Hit {
	if o.Limit <= 0 {
		o.Limit = 10
	}
	s := searchers.Get().(*searcher)
	defer searchers.Put(s)
	if len(s.cells) < int(x.names) {
		s.cells = make([]cell, x.names)
		s.epoch = 0
	}
	s.hits = s.hits[:0]
	if o.Kind == Any {
		s.findAny(x, name, o)
	} else {
		s.query.parse(name, o.Kind)
		s.find(x, run{kind: o.Kind, kinds: 1 << o.Kind, look: look{min: o.Min}}, o.Limit)
	}
	slices.SortFunc(s.hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name)) })
	return append(into, s.hits[:min(len(s.hits), o.Limit)]...)
}

// findAny collects the hits of all kinds. Companies and vessels are found in
// one pass, since their names are read alike; names of persons are other words.
// What the name is likelier to be comes first: where that found something good,
// the words are not read as slips of the others', unless the caller set a score.
func (s *searcher) findAny(x *Index, name string, o Options) {
	q := &s.query
	q.words = split(name, q.words)
	l := look{min: o.Min}
	vote, business := lean(q.words)
	if o.Min == 0 {
		whole := 0 // words, not letters
		for i := range q.words {
			if len(q.words[i].text) > 1 {
				whole++
			}
		}
		l.any, l.business, l.single, l.person = true, business, whole < 2, vote < 0
	}
	persons := func(good bool) bool {
		q.parse(name, Person)
		return s.find(x, run{kind: Person, kinds: 1 << Person, strict: l.any && (good || l.business), look: l}, o.Limit)
	}
	others := func(good bool) bool {
		q.parse(name, Company)
		if len(q.tokens) < 2 || !vesselTitle[q.tokens[0].text] {
			return s.find(x, run{kind: Company, kinds: 1<<Company | 1<<Vessel, strict: l.any && good, look: l}, o.Limit)
		}
		good = s.find(x, run{kind: Company, kinds: 1 << Company, strict: l.any && good, look: l}, o.Limit)
		q.parse(name, Vessel)
		return s.find(x, run{kind: Vessel, kinds: 1 << Vessel, strict: l.any && good, look: l}, o.Limit) || good
	}
	if vote < 0 && !business {
		others(persons(false))
	} else {
		persons(others(false))
	}
}

// find collects the hits of a run, of which the query has been read. It reports
// whether one is good.
func (s *searcher) find(x *Index, r run, limit int) (good bool) {
	if len(s.query.tokens) == 0 {
		return false
	}
	s.run = r
	began := len(s.hits)
	s.collect(x, false)
	s.merge(x)
	best := s.judge(x, limit, began)
	// Words that are in use were read as they stand. Where that found nothing
	// good, one of them may be a slip for another.
	if best < goodScore && !r.strict && s.collect(x, true) {
		s.hits = s.hits[:began]
		s.merge(x)
		best = s.judge(x, limit, began)
	}
	return best >= goodScore
}

// collect looks the words of the query up. Where wide, words that are known are
// read as others too; it reports whether that added any.
func (s *searcher) collect(x *Index, wide bool) bool {
	q, kind := &s.query, s.run.kind
	person := person(kind)
	added := false
	if !wide {
		for i := range s.terms {
			s.terms[i].likes = s.terms[i].likes[:0]
		}
		s.terms = s.terms[:0]
	}
	named := q.named()
	at := 0
	begin := func(first int, weight float32) *term {
		if wide {
			at++
			return &s.terms[at-1]
		}
		if len(s.terms) < cap(s.terms) {
			s.terms = s.terms[:len(s.terms)+1]
		} else {
			s.terms = append(s.terms, term{})
		}
		t := &s.terms[len(s.terms)-1]
		t.weight, t.first, t.exact, t.names, t.likes = weight, first, false, 0, t.likes[:0]
		return t
	}
	count := 0
	for i := range q.tokens {
		t := &q.tokens[i]
		if count >= maxTerms {
			break
		}
		if i > 0 && joinable(&q.tokens[i-1], t) {
			u := &q.tokens[i-1]
			if n := len(u.text) + len(t.text); n >= 4 && n <= maxLetter {
				var buf [maxLetter]byte
				joined := append(append(buf[:0], u.text...), t.text...)
				tm := begin(i-1, u.weight+t.weight)
				if !wide {
					x.lookup(view(joined), person, func(w uint32) {
						tm.likes = append(tm.likes, likeWord{w, 0.97})
					})
				}
				count++
			}
		}
		if !t.finds(named) {
			continue
		}
		tm := begin(i, t.weight)
		count++
		if !wide {
			x.lookup(t.text, person, func(w uint32) {
				if x.postAt[w] == x.postAt[w+1] {
					return
				}
				sim := float32(1)
				if x.wordMeta[w]&wordJoin != 0 {
					sim = 0.97
				} else {
					tm.exact = true
				}
				tm.likes = append(tm.likes, likeWord{w, sim})
			})
			if !s.run.strict && t.given != 0 && int(t.given)+1 < len(x.givenAt) {
				for _, w := range x.given[x.givenAt[t.given]:x.givenAt[t.given+1]] {
					if x.wordMeta[w]&wordPerson == person {
						tm.add(w, 0.93)
					}
				}
			}
		}
		if !s.run.strict && tm.exact == wide && t.class != number && t.class != initial {
			n := len(tm.likes)
			x.near(t, person, kind, tm)
			added = added || len(tm.likes) > n
		}
	}
	return added
}

// person is the flag of the words that names of a kind are made of.
func person(kind Kind) uint32 {
	if kind == Person {
		return wordPerson
	}
	return 0
}

func (t *term) add(w uint32, sim float32) {
	for i := range t.likes {
		if t.likes[i].word == w {
			t.likes[i].sim = max(t.likes[i].sim, sim)
			return
		}
	}
	if len(t.likes) < maxLikes {
		t.likes = append(t.likes, likeWord{w, sim})
		return
	}
	worst := 0
	for i := range t.likes {
		if t.likes[i].sim < t.likes[worst].sim {
			worst = i
		}
	}
	if t.likes[worst].sim < sim {
		t.likes[worst] = likeWord{w, sim}
	}
}

// token reads a word of the index.
func (x *Index) token(w uint32, t *token) {
	meta := x.wordMeta[w]
	t.text, t.han = x.text(w), ""
	t.raw = ""
	if meta&wordHan != 0 {
		t.han = x.han(w)
	}
	t.weight = x.wordRare[w]
	t.class = class(meta & (1<<wordClassBits - 1))
	t.given = uint16(meta >> wordGivenShift)
	t.known = meta&wordKnown != 0
	t.abbreviation = meta&wordAbbreviation != 0
	t.foreign = meta&wordForeign != 0
	t.slip = meta&wordSlip != 0
	t.aside, t.filial, t.strict, t.head = false, false, false, false
}

// parsed reads a name of the index as parse would.
func (x *Index) parsed(name uint32, p *parsed) {
	refs := x.tokens[x.nameAt[name]:x.nameAt[name+1]]
	meta := x.nameMeta[name]
	p.kind, p.forms, p.key = Kind(meta&3), form(meta>>8), x.nameKey[name]
	if cap(p.tokens) < len(refs) {
		p.tokens = make([]token, maxTokens)
	}
	p.tokens = p.tokens[:len(refs)]
	for i, r := range refs {
		t := &p.tokens[i]
		x.token(r&tokenWord, t)
		t.aside, t.filial, t.strict, t.head = r&tokenAside != 0, r&tokenFilial != 0, r&tokenStrict != 0, r&tokenHead != 0
		if t.aside {
			t.weight *= asideFactor
		}
	}
}

// merge gathers, for each name, the weight of the words that it shares.
func (s *searcher) merge(x *Index) {
	kinds := uint32(s.run.kinds)
	s.epoch++
	if s.epoch == 0 {
		clear(s.cells)
		s.epoch = 1
	}
	s.touched = s.touched[:0]
	total := float32(0)
	for i := range s.query.tokens {
		total += s.query.tokens[i].weight
	}
	order := make([]int, 0, 2*maxTerms)
	for i := range s.terms {
		t := &s.terms[i]
		t.names = 0
		for _, l := range t.likes {
			t.names += int(x.postAt[l.word+1] - x.postAt[l.word])
		}
		if t.names > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(s.terms[i].names, s.terms[j].names), cmp.Compare(i, j)) })
	rest := float32(0)
	for _, i := range order {
		rest += s.terms[i].weight
	}
	for n, i := range order {
		t := &s.terms[i]
		// The words still to come bring no new name far enough.
		if len(s.touched) > 0 && (rest < shareLonger*total || t.names > longList) {
			for _, j := range order[n:] {
				s.update(x, &s.terms[j], uint32(j))
			}
			break
		}
		rest -= t.weight
		slices.SortFunc(t.likes, func(a, b likeWord) int { return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(a.word, b.word)) })
		for _, l := range t.likes {
			w := t.weight * l.sim
			for _, name := range x.post[x.postAt[l.word]:x.postAt[l.word+1]] {
				c := &s.cells[name]
				switch {
				case c.epoch != s.epoch:
					if kinds>>(x.nameMeta[name]&3)&1 == 0 {
						continue
					}
					*c = cell{s.epoch, uint32(i), w}
					s.touched = append(s.touched, name)
				case c.term != uint32(i):
					c.term = uint32(i)
					c.sum += w
				}
			}
		}
	}
}

// update adds a term to the names met so far: by walking its lists where they
// are short, else not at all, since the alignment will see the word anyway.
func (s *searcher) update(x *Index, t *term, number uint32) {
	if t.names > longList {
		return
	}
	for _, l := range t.likes {
		w := t.weight * l.sim
		for _, name := range x.post[x.postAt[l.word]:x.postAt[l.word+1]] {
			if c := &s.cells[name]; c.epoch == s.epoch && c.term != number {
				c.term = number
				c.sum += w
			}
		}
	}
}

// judge aligns the names with the highest bounds and keeps those that score. It
// returns the best score.
func (s *searcher) judge(x *Index, limit, began int) float64 {
	person := person(s.run.kind)
	enough := s.run.look.least()
	mine, named := float32(0.1), s.query.named()
	s.side = s.side[:0]
	for i := range s.query.tokens {
		t := &s.query.tokens[i]
		mine += t.weight
		if t.finds(named) || t.weight <= weightParticle {
			continue
		}
		x.lookup(t.text, person, func(w uint32) {
			if x.wordMeta[w]&wordJoin == 0 {
				s.side = append(s.side, sideWord{w, t.weight})
			}
		})
	}
	var top [4]float32 // by kind
	for _, name := range s.touched {
		kind := x.nameMeta[name] & 3
		top[kind] = max(top[kind], s.cells[name].sum/(mine+x.nameSum[name]))
	}
	want := max(maxCandidates, 3*limit)
	ranked := s.ranked[:0]
	least := float32(0)
	for _, name := range s.touched {
		// Sørensen's coefficient on weights, an upper bound but for slips in the
		// words of business. What has not half the best is not looked at.
		sum, other := s.cells[name].sum, x.nameSum[name]
		if sum/(mine+other) < 0.5*top[x.nameMeta[name]&3] {
			continue
		}
		for _, side := range s.side {
			for _, r := range x.tokens[x.nameAt[name]:x.nameAt[name+1]] {
				if r&tokenWord == side.word {
					sum += side.weight
					break
				}
			}
		}
		bound := 2 * sum / (mine + other)
		if len(ranked) >= 4*want {
			slices.SortFunc(ranked, higher)
			ranked = ranked[:want]
			least = ranked[want-1].bound
		}
		if bound > least || len(ranked) < want {
			ranked = append(ranked, rankedName{name, bound})
		}
	}
	slices.SortFunc(ranked, higher)
	ranked = ranked[:min(len(ranked), want)]
	s.ranked = ranked
	best := 0.0
	for i, r := range ranked {
		// Nothing comes up that is a quarter less near than the first.
		if best >= enough && len(s.hits)-began >= limit && r.bound < 0.75*ranked[0].bound && i >= 3 {
			break
		}
		x.parsed(r.name, &s.other)
		s.al.align(&s.query, &s.other)
		score := 1.0
		if s.query.key != s.other.key {
			score = s.al.score()
		}
		if s.run.look.worth(&s.al, &s.query, &s.other, score) {
			s.hits = append(s.hits, Hit{int(r.name), score})
		}
		best = max(best, score)
		if score == 1 && limit == 1 {
			break
		}
	}
	return best
}

func higher(a, b rankedName) int {
	return cmp.Or(cmp.Compare(b.bound, a.bound), cmp.Compare(a.name, b.name))
}
