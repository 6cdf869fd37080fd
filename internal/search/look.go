package search

// SearchThreshold is the score from which a hit is worth a look, where nothing
// else speaks for or against it. It is higher than Threshold: among tens of
// thousands of names one comes near a stranger by accident more easily than in a
// single comparison.
const SearchThreshold = 0.78

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
	return SearchThreshold
}

// worth reports whether a hit with this score is worth a look.
func (l *look) worth(al *alignment, query, listed *parsed, score float64) bool {
	if l.min > 0 || score == 1 {
		return score >= l.min
	}
	if score < SearchThreshold {
		return false
	}
	if !l.any {
		return true
	}
	switch listed.kind {
	case Person:
		switch {
		case l.business:
			return false
		case l.single:
			return al.measured[fLoss] == 0
		case !l.person:
			return score >= 0.9
		}
	case Vessel:
		return !l.business || query.forms == 0 && al.measured[fGenericExtra] == 0 && al.measured[fGenericConflict] == 0
	}
	return true
}
