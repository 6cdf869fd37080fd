package offshelf

// Regime is one rule: which lists trigger it, how far it reaches, over which
// goods, what it forbids, and in which periods.
type Regime struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Authority string   `json:"authority,omitempty"`
	Lists     []string `json:"lists"`
	Reach     Reach    `json:"reach"`
	Goods     []string `json:"goods,omitempty"` // goods classes in scope; none means any
	Periods   []Period `json:"periods"`
	House     bool     `json:"house,omitempty"` // a rule of the retailer, not of law
	Evidence  `yaml:",inline"`
}

// Reach is how a regime travels from a listed party.
type Reach struct {
	Kind      ReachKind `json:"kind"`
	Threshold int32     `json:"threshold,omitempty"` // basis points: a share of at least this reaches
	Over      bool      `json:"over,omitempty"`      // the share must be more than Threshold
	Control   string    `json:"control,omitempty"`   // ignore, reach or ask: what control without a sufficient share means
	Owner     bool      `json:"owner,omitempty"`     // goods reach through the brand's holder
	Maker     bool      `json:"maker,omitempty"`     // goods reach through the maker
	NotSelf   bool      `json:"not_self,omitempty"`  // the listed party itself is covered by another regime

	// Aggregate says whose shares add up: those of all listed parties where it
	// is empty, or AggregatePerson.
	Aggregate string `json:"aggregate,omitempty"`
	// Affiliates extends the reach from what a listed party holds to who holds
	// it, and to what else those hold: ownership in common.
	Affiliates bool `json:"affiliates,omitempty"`
	// State says what ownership in common by a state body means to Affiliates:
	// nothing where it is empty, or "ask".
	State string `json:"state,omitempty"`
}

// AggregatePerson adds up the shares that one listed party holds, itself and
// through what it reaches, and never those of two listed parties.
const AggregatePerson = "person"

// ReachKind is the shape of a regime's reach.
type ReachKind string

// The shapes of reach.
const (
	ReachNamed ReachKind = "named" // the listed party only
	ReachOwned ReachKind = "owned" // parties held at or over the threshold, aggregated and cascading
)

// Period is a span in which a regime says the same thing.
type Period struct {
	Interval `yaml:",inline"`
	State    string   `json:"state"`   // in-force, suspended, scheduled
	Forbids  []string `json:"forbids"` // export, import, marketing, sale, dealings, procurement, securities, none
	Basis    Basis    `json:"basis"`
	Reach    *Reach   `json:"reach,omitempty"` // where it differs from the regime\'s
	Note     string   `json:"note,omitempty"`
	Sources  []string `json:"sources,omitempty"`
}

// Basis says whether a finding is the retailer's duty or its choice.
type Basis string

// The two bases of a finding.
const (
	Law    Basis = "law"
	Choice Basis = "policy"
)

// On returns what the regime says on a day: its period, its reach then, and
// whether the period surely holds. A period that is suspended says nothing, and
// nil is returned where none says anything.
func (r *Regime) On(day Day) (*Period, Reach, Truth) {
	for i := range r.Periods {
		p := &r.Periods[i]
		t := p.Interval.On(day)
		if t == False || p.State == "suspended" {
			continue
		}
		if p.Reach != nil {
			return p, *p.Reach, t
		}
		return p, r.Reach, t
	}
	return nil, Reach{}, False
}
