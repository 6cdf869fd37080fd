package search

// The features of a comparison. Each is nought or more, and each but the
// first and the last speaks against the match.
const (
	fBias            = iota
	fConflict        // weight of the plain words that stand on both sides with no partner
	fConflictWords   // how many they are
	fConflictShare   // the same, all classes, as a share of the names
	fExtra           // weight that one name has beyond the other, plain words
	fExtraShare      // the same, all classes, as a share of the longer name
	fLoss            // slips, weighted, as a share of the names
	fWorst           // the least alike pair
	fBeyond          // slips after the first in a word, of the word with the most
	fWordSwap        // loss on pairs of which both words are in use
	fGenericConflict // words of business or places that differ
	fGenericExtra    // words of business that one name has alone, the less the rarer a word that agrees
	fPlaceExtra      // places that one name has alone
	fSeries          // numerals of a series of funds or trusts that differ
	fNumber          // numbers that differ
	fNumberExtra     // a number that one name has alone
	fFormConflict    // legal forms of different kinds
	fFormExtra       // a legal form that one name has alone
	fOrder           // share of pairs of words that stand in the other order
	fFilial          // a father's name that is the other's own name
	fInitials        // letters that stand for words
	fHead            // the first plain word has no partner
	fThin            // a slip in a short word on which all rests
	fShort           // how little is matched in all
	fSingle          // one name is a single word, and the other has more
	numFeatures
)

// FeatureNames name the features, in the order of Features.
var FeatureNames = [numFeatures]string{
	"bias", "conflict", "conflict-words", "conflict-share", "extra", "extra-share", "loss", "worst", "beyond", "word-swap", "generic-conflict", "generic-extra", "place-extra",
	"series", "number", "number-extra", "form-conflict", "form-extra", "order", "filial", "initials", "head", "thin", "short", "single",
}

// measure computes the features of an alignment, and the share of either name
// that is matched.
func (al *alignment) measure() (f [numFeatures]float64, share [2]float64) {
	a, b := al.a, al.b
	f[fBias] = 1
	var total, left, plainLeft [2]float64
	var generics, places, numbers, strict [2]int
	heads := 0.0
	var plains [2]int
	sides := [2]*parsed{a, b}
	taken := [2]*[maxTokens]bool{&al.inA, &al.inB}
	for s, p := range sides {
		for i := range p.tokens {
			t := &p.tokens[i]
			w := float64(t.weight)
			if t.class == number {
				if !taken[s][i] {
					numbers[s]++
					if t.strict {
						strict[s]++
					}
				}
				continue
			}
			if !taken[s][i] && (p.formSlip(i, sides[1-s].forms) || p.grammarSlip(i, sides[1-s], taken[1-s])) {
				continue
			}
			total[s] += w
			if taken[s][i] {
				continue
			}
			left[s] += w
			switch t.class {
			case plain, initial:
				plainLeft[s] += w
				plains[s]++
			case generic, body:
				generics[s]++
			case place:
				places[s]++
			}
			if t.head && t.class != initial {
				heads = 1
			}
		}
	}
	mean := max((total[0]+total[1])/2, 0.01)
	f[fConflict] = min(plainLeft[0], plainLeft[1])
	f[fConflictWords] = float64(min(plains[0], plains[1], 3))
	f[fConflictShare] = min(left[0], left[1]) / mean
	f[fExtra] = max(plainLeft[0], plainLeft[1]) - f[fConflict]
	f[fExtraShare] = (max(left[0], left[1]) - min(left[0], left[1])) / max(total[0], total[1], 0.01)
	f[fGenericConflict] = float64(min(generics[0]+places[0], generics[1]+places[1], 2))
	f[fPlaceExtra] = float64(min(abs(places[0]-places[1]), 2))
	switch {
	case numbers[0] > 0 && numbers[1] > 0 && (strict[0]+strict[1] > 0 || !series(a) || !series(b)):
		f[fNumber] = 1
	case numbers[0] > 0 && numbers[1] > 0:
		f[fSeries] = 1
	case numbers[0]+numbers[1] > 0:
		f[fNumberExtra] = 1
	}
	switch {
	case a.forms.conflicts(b.forms):
		f[fFormConflict] = 1
	case (a.forms == 0) != (b.forms == 0):
		f[fFormExtra] = 1
	}
	f[fHead] = heads

	matched, weight := 0.0, 0.0
	crossings, crosses := 0, 0
	sure, thin, rarest := 0.0, 0.0, 0.0
	for i, p := range al.pairs {
		wa, wb, known := 0.0, 0.0, true
		filialA, filialB := false, false
		for k := p.a; k < p.a+p.na; k++ {
			t := &a.tokens[k]
			if t.class != number {
				wa += float64(t.weight)
			}
			known = known && t.known
			filialA = filialA || t.filial
		}
		for k := p.b; k < p.b+p.nb; k++ {
			t := &b.tokens[k]
			if t.class != number {
				wb += float64(t.weight)
			}
			known = known && t.known
			filialB = filialB || t.filial
		}
		w := (wa + wb) / 2
		if a.tokens[p.a].slip || b.tokens[p.b].slip {
			f[fLoss] += 0.1 * w / mean
		}
		if a.plainIn(p.a, p.na) && b.plainIn(p.b, p.nb) {
			if p.sim > 0.8 {
				rarest = max(rarest, w*float64(p.sim)/float64(max(p.na, p.nb)))
			}
			if p.sim > 0.925 {
				sure += w
			} else {
				thin = max(thin, min(1.5, max(0, 2-float64(a.letters(p.a, p.na)+b.letters(p.b, p.nb))/8)))
			}
		}
		weight += w
		matched += w * float64(p.sim)
		loss := 1 - float64(p.sim)
		switch p.how {
		case howInitial, howAcronym:
			f[fInitials]++
			loss = 0.1
		case howGiven:
		default:
			if w > 0.1 {
				f[fBeyond] = max(f[fBeyond], min(loss*float64(a.letters(p.a, p.na)+b.letters(p.b, p.nb))/2-1.1, 3))
			}
			if known && p.sim < 1 {
				f[fWordSwap] += min(w, 1) * loss
			}
		}
		f[fLoss] += w * loss / mean
		if w > 0.2 {
			f[fWorst] = max(f[fWorst], loss)
		}
		if filialA != filialB && w > 0.1 {
			f[fFilial]++
		}
		if w > 0.1 {
			for _, q := range al.pairs[:i] {
				if a.tokens[q.a].weight > 0.1 {
					crosses++
					if (q.a < p.a) != (q.b < p.b) {
						crossings++
					}
				}
			}
		}
	}
	if crosses > 0 {
		f[fOrder] = float64(crossings) / float64(crosses)
	}
	if f[fFilial] < 2 {
		f[fFilial] = 0
	}
	f[fFilial] = min(f[fFilial], 2)
	f[fInitials] = min(f[fInitials], 2)
	if sure < 0.3 {
		f[fThin] = thin
	}
	// Where no name stands, each word is part of what it is called.
	if !a.named() || !b.named() {
		generics[0], generics[1] = generics[0]+places[0], generics[1]+places[1]
	}
	// Beside a rare word that agrees, a word of business more says little.
	f[fGenericExtra] = float64(min(abs(generics[0]-generics[1]), 2)) * max(0.15, 1.7-1.9*rarest)
	f[fShort] = max(0, 1-matched)
	if f[fExtra] > 0 && (worth(a) == 1) != (worth(b) == 1) {
		f[fSingle] = 1
	}
	share[0] = (total[0] - left[0]) / max(total[0], 0.01)
	share[1] = (total[1] - left[1]) / max(total[1], 0.01)
	return f, share
}

// series reports whether a name is that of a fund, trust or partnership: these
// come in numbered series of one sponsor. Elsewhere a number names the thing:
// Factory No. 5, the 54th Institute, the ship Ocean 7.
func series(p *parsed) bool {
	if p.forms&formPartnership != 0 {
		return true
	}
	for i := range p.tokens {
		switch p.tokens[i].text {
		case "fund", "trust", "partner", "capital", "security", "securities":
			return true
		}
	}
	return false
}

// letters counts the letters of a run of tokens.
func (p *parsed) letters(at, n int8) int {
	sum := 0
	for k := at; k < at+n; k++ {
		sum += len(p.tokens[k].text)
	}
	return sum
}

// worth counts the words of a name that are not of business, places or
// grammar.
func worth(p *parsed) int {
	n := 0
	for i := range p.tokens {
		if p.tokens[i].class == plain {
			n++
		}
	}
	return n
}
