package list

import (
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// Entry is one party, vessel, place or class of goods as a list prints it.
// It states what the list says and decides nothing.
type Entry struct {
	List string `json:"list"` // id of the list, such as us-bis-el
	UID  string `json:"uid"`  // the authority's own number; where it has none, DerivedUID
	Name string `json:"name"` // as printed
	Kind Kind   `json:"kind,omitempty"`

	Country     string       `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Aliases     []Alias      `json:"aliases,omitempty"`
	Addresses   []Address    `json:"addresses,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Programmes  []string     `json:"programmes,omitempty"`
	Citations   []Citation   `json:"citations,omitempty"` // in printed order

	offshelf.Interval `json:",inline"`

	Status  string   `json:"status,omitempty"` // as printed: Active, Partially Modified
	Goods   []string `json:"goods,omitempty"`  // as printed, where the entry covers some goods only
	Remarks string   `json:"remarks,omitempty"`
	Facts   []Fact   `json:"facts,omitempty"` // read from the remarks and the printed name

	Row int `json:"row,omitempty"` // row of the file, or its place among the entries, from 1
}

// Kind is what is listed.
type Kind string

// The kinds. An unknown kind is empty: many lists do not tell a person from a
// company.
const (
	Entity   Kind = "entity"
	Person   Kind = "person"
	Vessel   Kind = "vessel"
	Aircraft Kind = "aircraft"
	Place    Kind = "place"
	Category Kind = "category" // a class of goods, whoever makes them
)

// Alias is another printed name.
type Alias struct {
	Name string    `json:"name"`
	Kind AliasKind `json:"kind"`
}

// AliasKind says how a name relates to the party.
type AliasKind string

// The kinds of aliases.
const (
	AKA  AliasKind = "aka"  // also known as
	FKA  AliasKind = "fka"  // formerly known as
	NKA  AliasKind = "nka"  // now known as
	Weak AliasKind = "weak" // the authority itself calls it broad or of low quality
)

// Address is a printed address. Country is that of the address alone.
type Address struct {
	Text    string `json:"text"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Identifier is a number in a register. Documents of people, such as
// passports, are not read out of the remarks: nothing here needs them.
type Identifier struct {
	Kind    IdentifierKind `json:"kind"`
	Value   string         `json:"value"`
	Country string         `json:"country,omitempty"` // ISO 3166-1 alpha-2 of the register
}

// IdentifierKind names a register.
type IdentifierKind string

// The kinds of identifiers.
const (
	LEI          IdentifierKind = "lei"          // ISO 17442
	USCC         IdentifierKind = "uscc"         // unified social credit code of China
	IMO          IdentifierKind = "imo"          // of a ship
	IMOCompany   IdentifierKind = "imo-company"  // of a ship's owner
	MMSI         IdentifierKind = "mmsi"         // of a ship's radio
	TailNumber   IdentifierKind = "tail-number"  // of an aircraft
	Registration IdentifierKind = "registration" // in a company register
	TaxID        IdentifierKind = "tax"
	OGRN         IdentifierKind = "ogrn" // company register of Russia
	BIC          IdentifierKind = "bic"  // ISO 9362
	ISIN         IdentifierKind = "isin" // ISO 6166
	Ticker       IdentifierKind = "ticker"
	DUNS         IdentifierKind = "duns"
	Website      IdentifierKind = "website"
	UNReference  IdentifierKind = "un-reference" // permanent reference number of the UN Security Council
)

// Identifies reports whether two parties with the same number are one party.
// A website or a ticker is shared and changes hands.
func (k IdentifierKind) Identifies() bool {
	switch k {
	case Website, Ticker, TailNumber, MMSI, ISIN, BIC:
		return false
	}
	return true
}

// Citation is where the act was published.
type Citation struct {
	Text string        `json:"text"` // 84 FR 54004
	Date offshelf.Date `json:"date,omitzero"`
}

// Fact is something that the printed text says about the listed party.
type Fact struct {
	Kind  FactKind       `json:"kind"`
	Value string         `json:"value,omitempty"`
	Share offshelf.Share `json:"share,omitzero"`
	Until offshelf.Date  `json:"until,omitzero"` // of an exception
}

// FactKind says what a fact is about.
type FactKind string

// The kinds of facts.
const (
	LinkedTo     FactKind = "linked-to"    // the value is the other party
	OwnedBy      FactKind = "owned-by"     // with its share where one is printed
	ListedWith   FactKind = "listed-with"  // named under or beside the value in the same row
	Subsidiaries FactKind = "subsidiaries" // the printed text reaches subsidiaries, affiliates or successors; the value is its wording
	Scope        FactKind = "scope"        // the entry holds to this extent
	Exception    FactKind = "exception"
	AlsoCovers   FactKind = "also-covers" // what a row covers beside the goods that it names first
	Updated      FactKind = "updated"     // the value is the day
	Effective    FactKind = "effective"   // the value is the day, where it is not the day of listing
	Requirement  FactKind = "requirement"
	Review       FactKind = "review" // review policy for licences
	Period       FactKind = "period" // one of several periods, from/until
	CallSign     FactKind = "call-sign"
	VesselType   FactKind = "vessel-type"
	Flag         FactKind = "flag"
	VesselOwner  FactKind = "vessel-owner"
)

// DerivedUID makes a number for an entry of a list that prints none, from what
// the entry is told apart by there, such as country and name. Case, accents
// and punctuation do not count, so that an entry keeps it when the list is
// only set anew.
func DerivedUID(parts ...string) string {
	var out []string
	for _, p := range parts {
		if s := strings.Join(name.Tokens(p), "-"); s != "" {
			out = append(out, shorten(s, maxUID))
		}
	}
	return strings.Join(out, "/")
}

// Names returns the printed name and all aliases.
func (e *Entry) Names() []string {
	out := make([]string, 0, 1+len(e.Aliases))
	out = append(out, e.Name)
	for _, a := range e.Aliases {
		out = append(out, a.Name)
	}
	return out
}

// Standing is the printed status in the words that offshelf.Listing has for it;
// empty is active.
func (e *Entry) Standing() string {
	status := strings.ToLower(e.Status)
	switch {
	case strings.Contains(status, "pending"):
		return "pending-litigation"
	case strings.HasPrefix(status, "inactive"), strings.HasPrefix(status, "revoked"):
		return "inactive"
	case strings.Contains(status, "modified"):
		return "modified"
	}
	return ""
}

// ID is the list and the number, by which an entry is asked for.
func (e *Entry) ID() string { return e.List + "/" + e.UID }
