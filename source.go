package offshelf

import "fmt"

// Grade tells how far a source can be trusted, strongest first.
type Grade uint8

// The grades. Facts of grade hobby or claim are weak: an answer that rests on
// one of them is possible, never reached.
const (
	GradeUnset    Grade = iota
	GradeOfficial       // a state body in its own act: a list, a rule, a court
	GradeFiling         // a company's filing, manual, notice or registry entry
	GradePress          // press with an editor
	GradeTrade          // trade press, vendor documentation about another vendor
	GradeHobby          // community notes
	GradeClaim          // alleged or unconfirmed
)

var gradeNames = [...]string{"", "official", "filing", "press", "trade", "hobby", "claim"}

// Weak reports whether a fact of this grade can only make an answer possible.
func (g Grade) Weak() bool { return g >= GradeHobby || g == GradeUnset }

// String returns the grade's name.
func (g Grade) String() string { return gradeNames[g] }

// MarshalText implements encoding.TextMarshaler.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *Grade) UnmarshalText(b []byte) error {
	for i, n := range gradeNames {
		if n == string(b) {
			*g = Grade(i)
			return nil
		}
	}
	return fmt.Errorf("unknown grade %q: use official, filing, press, trade, hobby or claim", b)
}

// Source is where a fact is to be read.
type Source struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Publisher string `json:"publisher,omitempty"`
	URL       string `json:"url,omitempty"`
	Citation  string `json:"citation,omitempty"` // how to find it where it has no URL
	Date      Date   `json:"date,omitzero"`
	Grade     Grade  `json:"grade"`
}

// Evidence is what every fact carries: its sources, and its grade, which is
// that of its best source unless the fact states a weaker one.
type Evidence struct {
	Sources []string `json:"sources,omitempty"` // source ids
	Grade   Grade    `json:"grade,omitempty"`
	Note    string   `json:"note,omitempty"`
	Review  Date     `json:"review,omitzero"`          // review by this day, at the latest
	Layer   string   `json:"layer,omitempty" yaml:"-"` // LayerOperator, or empty where it is shipped; the loader sets it
}

// LayerOperator marks a fact that an operator laid over the shipped ones.
const LayerOperator = "operator"

// LayerHypothetical marks a fact that is only supposed, to see what would
// follow.
const LayerHypothetical = "hypothetical"

// Own reports whether the fact is the operator's own.
func (e Evidence) Own() bool { return e.Layer == LayerOperator }
