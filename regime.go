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
	ReachGoods ReachKind = "goods" // no party: listed classes of goods, whoever makes them
)

// Period is a span in which a regime says the same thing.
type Period struct {
	Interval `yaml:",inline"`
	State    string   `json:"state"`   // in-force, suspended, scheduled
	Forbids  []string `json:"forbids"` // export, import, marketing, sale, dealings, procurement, securities, none
	Basis    Basis    `json:"basis"`
	Reach    *Reach   `json:"reach,omitempty"`  // where it differs from the regime\'s
	Spares   *Spares  `json:"spares,omitempty"` // goods that the period leaves in trade
	Note     string   `json:"note,omitempty"`
	Sources  []string `json:"sources,omitempty"`
}

// Spares says which goods a period leaves in trade by the day on which their
// model was authorised (a product's FCCGranted): for those the regime forbids
// nothing.
type Spares struct {
	// AuthorisedBefore lists days, and the word "entry" for the day on which the
	// listing begins; a model authorised before the latest of them is spared.
	AuthorisedBefore []string `json:"authorised_before"`
	// EntriesFrom limits this to listings that begin on this day or later; for
	// older ones nothing is spared.
	EntriesFrom Date `json:"entries_from,omitzero"`
	// Unauthorised lists classes of goods that are never authorised: the period
	// does not touch them.
	Unauthorised []string `json:"unauthorised,omitempty"`
	// Unstated is what holds where the day is not given: ask leaves the finding
	// possible, spared takes the model as authorised before and says so.
	Unstated Unstated `json:"unstated,omitempty"`
}

// Presumed returns what the period forbids, and on which basis, where nothing is
// stated of the product.
func (p *Period) Presumed() (forbids []string, basis Basis) {
	if p.Spares != nil && p.Spares.Unstated == SpareUnstated {
		return []string{"none"}, Choice
	}
	return p.Forbids, p.Basis
}

// EntryDay stands, in Spares.AuthorisedBefore, for the day on which the listing
// begins.
const EntryDay = "entry"

// Unstated is what a rule takes for granted where a product fact is missing.
type Unstated string

// The readings of a missing fact.
const (
	AskUnstated   Unstated = "ask" // also where empty
	SpareUnstated Unstated = "spared"
)

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
