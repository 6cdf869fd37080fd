package offshelf

import "fmt"

// Action is what a policy says about a finding, mildest first.
type Action uint8

// The actions.
const (
	NoAction Action = iota
	Note
	Review
	Hold
	Pull
)

var actionNames = [...]string{"", "note", "review", "hold", "pull"}

// String returns the action's name.
func (a Action) String() string { return actionNames[a] }

// MarshalText implements encoding.TextMarshaler.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Action) UnmarshalText(b []byte) error {
	for i, n := range actionNames {
		if n == string(b) && i > 0 {
			*a = Action(i)
			return nil
		}
	}
	return fmt.Errorf("unknown action %q: use pull, hold, review or note", b)
}

// Policy is what this retailer does about findings. The first rule that
// matches decides; Otherwise decides where none does.
type Policy struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Rules     []PolicyRule `json:"rules"`
	Otherwise Action       `json:"otherwise"`
	Regimes   []Regime     `json:"regimes,omitempty"` // house regimes
	Evidence  `yaml:",inline"`
}

// PolicyRule matches a finding where every condition that is given matches.
type PolicyRule struct {
	Regimes     []string `json:"regimes,omitempty"`
	Brands      []string `json:"brands,omitempty"`
	Verdict     Verdict  `json:"verdict,omitempty"`
	Basis       Basis    `json:"basis,omitempty"`
	Forbids     []string `json:"forbids,omitempty"`     // any of these
	Needs       []string `json:"needs,omitempty"`       // any of these product fields is missing, see Finding.Needs
	Probability float64  `json:"probability,omitempty"` // matches below this attribution probability
	When        string   `json:"when,omitempty"`        // a CEL expression over the finding; see docs/reference.md
	Action      Action   `json:"action"`
	Why         string   `json:"why,omitempty"`
}

// PolicyProblem is what is wrong with a policy, and where in it. It is an
// error.
type PolicyProblem struct {
	Rule  int    // 1-based; 0 where it is none of a rule's
	House int    // 1-based house regime; 0 where it is none of one's
	Field string // of the rule, the regime or the policy; empty where it is the whole
	Item  int    // 1-based item of a list field; 0 for the field itself

	Line, Column int // within the text of when, 1-based, in characters; 0 elsewhere
	Text         string
}

// Error says where the problem is, as far as that can be said without the
// file: the rule, and the place in its expression.
func (p *PolicyProblem) Error() string {
	if p.Rule > 0 && p.Line > 0 {
		return fmt.Sprintf("rule %d: when, line %d, column %d: %s", p.Rule, p.Line, p.Column, p.Text)
	}
	return p.Brief()
}

// Brief is Error without the place in the expression, for those who know the
// place in the file.
func (p *PolicyProblem) Brief() string {
	if p.Rule > 0 {
		return fmt.Sprintf("rule %d: %s", p.Rule, p.Text)
	}
	return p.Text
}
