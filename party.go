package offshelf

// Party is a legal entity, person or state body that can own, make or be
// listed.
type Party struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Kind        string   `json:"kind,omitempty"`    // company, person, state, group
	Country     string   `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Aliases     []string `json:"aliases,omitempty"`
	Registrants []string `json:"registrants,omitempty"` // exact spellings in the IEEE registry

	Identifiers []Identifier `json:"identifiers,omitempty"` // in registers; see Identifier
	Evidence    `yaml:",inline"`
}

// Stake is ownership or control: Holder has Share of Held.
type Stake struct {
	Holder   string `json:"holder"`
	Held     string `json:"held"`
	Share    Share  `json:"share,omitzero"`
	Control  bool   `json:"control,omitempty"` // subsidiary or controlled, whatever the share
	Interval `yaml:",inline"`
	Evidence `yaml:",inline"`
	Conflict string `json:"conflict,omitempty"` // why this claim does not carry
}

// Listing is the fact that an authority put a party on a list, or, where a
// list names no company, a class of goods (see ReachGoods).
type Listing struct {
	ID       string `json:"id"`
	Party    string `json:"party,omitempty"`
	List     string `json:"list"`
	Name     string `json:"name"` // as printed on the list
	Citation string `json:"citation,omitempty"`

	// An order may cover some goods only, only where made in some countries
	// (ISO 3166-1 alpha-2), and have a status of its own.
	Goods     []string `json:"goods,omitempty"`
	Origin    []string `json:"origin,omitempty"`
	OriginNot []string `json:"origin_not,omitempty"` // everywhere but there; not together with Origin
	Status    string   `json:"status,omitempty"`     // active where empty; modified, inactive, pending-litigation

	Exceptions []Exception `json:"exceptions,omitempty"`

	Interval `yaml:",inline"`
	Evidence `yaml:",inline"`
}

// Exception takes some goods out of a listing. A product's Approval claims it
// by the exception's ID or Words.
type Exception struct {
	ID    string   `json:"id"`
	What  string   `json:"what"`            // in a few words, after "for"
	Until Date     `json:"until,omitzero"`  // the first day on which it no longer holds; unknown: no end
	Words []string `json:"words,omitempty"` // phrases of an approval that mean this exception

	// Maybe lists phrases of a title or category that leave it open whether the
	// product falls under the exception, as "toy drone" does.
	Maybe []string `json:"maybe,omitempty"`
}

// Concern is a documented report about a party that is no listing: policy
// may act on it, law does not.
type Concern struct {
	ID       string `json:"id"`
	Party    string `json:"party"`
	What     string `json:"what"`
	By       string `json:"by"`
	Reply    bool   `json:"reply,omitempty"` // the company's own statement; never raises a finding
	Date     Date   `json:"date,omitzero"`
	Evidence `yaml:",inline"`
}

// Refuted is a relation that is known not to hold, or a look-alike.
type Refuted struct {
	Subject  string `json:"subject"`
	Not      string `json:"not"` // party or brand id
	Why      string `json:"why"`
	Evidence `yaml:",inline"`
}
