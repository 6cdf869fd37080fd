package offshelf

// Withdrawal takes shipped facts out of an operator's state of the knowledge.
// It names a listing, concern, tell, refuted relation, party or brand; or the
// two ends of a stake (holder, held), a make (maker, brand) or the holding of
// a brand (holder, brand). A party or brand takes the shipped facts that name
// it along.
type Withdrawal struct {
	Party   string   `json:"party,omitempty"`
	Brand   string   `json:"brand,omitempty"`
	Holder  string   `json:"holder,omitempty"`
	Held    string   `json:"held,omitempty"`
	Maker   string   `json:"maker,omitempty"`
	Listing string   `json:"listing,omitempty"` // id
	Concern string   `json:"concern,omitempty"` // id
	Tell    string   `json:"tell,omitempty"`    // pattern
	Refuted string   `json:"refuted,omitempty"` // subject
	Why     string   `json:"why"`
	About   []string `json:"about,omitempty" yaml:"-"` // ids of the parties and brands that the facts named; the loader sets it
}

// String names what is withdrawn.
func (w Withdrawal) String() string {
	switch {
	case w.Listing != "":
		return "listing " + w.Listing
	case w.Concern != "":
		return "concern " + w.Concern
	case w.Tell != "":
		return "tell " + w.Tell
	case w.Refuted != "":
		return "refuted " + w.Refuted
	case w.Held != "":
		return "stake of " + w.Holder + " in " + w.Held
	case w.Maker != "":
		return "make of " + w.Brand + " by " + w.Maker
	case w.Holder != "":
		return "holder " + w.Holder + " of brand " + w.Brand
	case w.Brand != "":
		return "brand " + w.Brand
	}
	return "party " + w.Party
}
