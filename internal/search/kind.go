package search

import "fmt"

// Kind is what a name names. It decides what differences mean: a person's
// middle name may be left out, a company's words may not be swapped for others.
type Kind uint8

// The kinds. Any finds out from the words.
const (
	Any Kind = iota
	Company
	Person
	Vessel
)

var kindNames = [...]string{"any", "company", "person", "vessel"}

// String returns any, company, person or vessel.
func (k Kind) String() string { return kindNames[k] }

// UnmarshalText implements encoding.TextUnmarshaler. Beside the kinds it takes
// the schema names of FollowTheMoney.
func (k *Kind) UnmarshalText(b []byte) error {
	switch string(b) {
	case "", "any", "LegalEntity", "Thing":
		*k = Any
	case "company", "Company", "Organization", "PublicBody", "organization", "entity", "state", "group":
		*k = Company
	case "person", "Person", "individual":
		*k = Person
	case "vessel", "Vessel", "Vehicle", "Airplane", "aircraft":
		*k = Vessel
	default:
		return fmt.Errorf("%q is no kind of name: use company, person, vessel or any", b)
	}
	return nil
}
