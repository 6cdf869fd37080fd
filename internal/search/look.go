package search

// SearchThreshold is the score from which a hit is worth a look, where nothing
// else speaks for or against it. It is higher than Threshold: among tens of
// thousands of names one comes near a stranger by accident more easily than in a
// single comparison.
const SearchThreshold = 0.78

// Scores from which a hit is worth a look where more or less rests on chance.
// They were chosen on ordinary names and names with slips by bench/search: each
// is where lowering it further finds fewer names than it raises false alarms.
const (
	leastWords    = 0.62 // two words or more agree but for slips and forms, and nothing is left over
	leastBusiness = 0.66 // one word and its business do
	leastWord     = 0.67 // one word does
	leastCommon   = 0.90 // all that agrees is one word that is common or has a slip, and the business differs
	leastLimited  = 0.60 // all words of one name agree as they stand, the other has more
	leastSwap     = 0.85 // what would be a slip is a word in use for another
	leastSingle   = 0.94 // a person, and the query is one word with a slip
	leastPerson   = 0.90 // a person, and nothing in the query is the name of one
	commonShort   = 0.15 // a word that weighs this much less than a whole one is common
)

// look decides which hits of a search are worth a look.
type look struct {
	min      float64 // least score, where the caller set one: then nothing else counts
	any      bool    // the kind was not given
	business bool    // and the name has a legal form or a word of business
	single   bool    // or is one word
	person   bool    // or its words are more those of persons
}

// least is the score below which no hit is worth a look.
func (l *look) least() float64 {
	if l.min > 0 {
		return l.min
	}
	return leastLimited
}

// worth reports whether a hit with this score is worth a look.
func (l *look) worth(al *alignment, query, listed *parsed, score float64) bool {
	if l.min > 0 || score == 1 {
		return score >= l.min
	}
	if score < leastLimited {
		return false
	}
	f := &al.measured
	sameBusiness := f[fGenericExtra] == 0 && f[fGenericConflict] == 0 && f[fPlaceExtra] == 0
	switch {
	case listed.kind == Person:
		least := SearchThreshold
		switch {
		case l.any && l.business:
			return false
		case l.any && l.single && f[fLoss] > 0:
			least = leastSingle
		case l.any && !l.person:
			least = leastPerson
		}
		return score >= least
	case listed.kind == Vessel && l.any:
		if l.business && (query.forms != 0 || !sameBusiness) {
			return false // nobody adds a legal form or a business to the name of a ship
		}
		if score < SearchThreshold {
			return false
		}
	}
	return score >= al.least(query, sameBusiness)
}

// least is the score from which a company or vessel is worth a look, by what the
// match rests on.
func (al *alignment) least(query *parsed, sameBusiness bool) float64 {
	f := &al.measured
	if f[fWordSwap] > 0 {
		return leastSwap
	}
	more := f[fExtra] > 0 || f[fConflict] > 0 // plain words without a partner
	words := min(al.a.worthy(), al.b.worthy())
	switch {
	case !more && sameBusiness && words > 1:
		if min(worth(al.a), worth(al.b)) == 1 {
			return leastBusiness
		}
		return leastWords
	case !more && sameBusiness && f[fFormExtra] == 0 && f[fFormConflict] == 0:
		return leastWord
	case !more && !sameBusiness && words == 1 && f[fLoss] == 0 && f[fShort] > commonShort:
		return leastCommon
	case !more && !sameBusiness && words == 1 && f[fLoss] > 0 && (f[fThin] > 0 || al.leaves(query)):
		return leastCommon // but for a long word, typed alone
	case f[fConflict] == 0 && f[fLoss] == 0 && words > 1 && f[fFormExtra] > 0:
		return leastLimited
	}
	return SearchThreshold
}

// leaves reports whether a word of the name that is more than grammar has no
// partner.
func (al *alignment) leaves(p *parsed) bool {
	taken := &al.inA
	if p == al.b {
		taken = &al.inB
	}
	for i := range p.tokens {
		if !taken[i] && p.tokens[i].weight > weightParticle {
			return true
		}
	}
	return false
}

// worthy counts the words that are more than grammar.
func (p *parsed) worthy() int {
	n := 0
	for i := range p.tokens {
		if p.tokens[i].weight > weightParticle {
			n++
		}
	}
	return n
}
