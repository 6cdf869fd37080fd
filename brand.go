package offshelf

import "fmt"

// Brand is the mark a buyer sees.
type Brand struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases,omitempty"`
	Goods     []string `json:"goods,omitempty"`     // goods classes it is known for
	Ambiguous string   `json:"ambiguous,omitempty"` // why the name alone proves nothing
	Common    bool     `json:"common,omitempty"`    // an everyday word: a title alone never brings the brand up
	Not       []string `json:"not,omitempty"`       // phrases that contain the name and mean something else
	Lines     []string `json:"lines,omitempty"`     // product-line words that support the brand, weak alone
	Parent    string   `json:"parent,omitempty"`    // brand this is a line of
	Holders   []Holder `json:"holders,omitempty"`
	Evidence  `yaml:",inline"`
}

// Holder says who holds a brand, and when.
type Holder struct {
	Party    string `json:"party"`
	Interval `yaml:",inline"`
	Evidence `yaml:",inline"`
	Conflict string `json:"conflict,omitempty"`
}

// Make says that a party makes goods sold under a brand.
type Make struct {
	Maker    string       `json:"maker"`
	Brand    string       `json:"brand"`
	Relation MakeRelation `json:"relation,omitempty"`
	All      bool         `json:"all,omitempty"`    // every product of the brand in scope
	Goods    []string     `json:"goods,omitempty"`  // goods classes in scope; none means any
	Models   []string     `json:"models,omitempty"` // model patterns in scope; none means any
	Interval `yaml:",inline"`
	Evidence `yaml:",inline"`
	Conflict string `json:"conflict,omitempty"`
}

// MakeRelation tells what the maker does. Only made can carry a verdict; the
// others raise a question.
type MakeRelation string

// The relations of a Make.
const (
	Made      MakeRelation = ""           // the party makes the goods
	Supplied  MakeRelation = "supplied"   // supplies parts
	Licensed  MakeRelation = "licensed"   // licenses the design
	Firmware  MakeRelation = "firmware"   // supplies the firmware
	LooksLike MakeRelation = "looks-like" // reported as a likeness
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *MakeRelation) UnmarshalText(b []byte) error {
	switch v := MakeRelation(b); v {
	case Supplied, Licensed, Firmware, LooksLike:
		*r = v
	case Made, "made":
		*r = Made
	default:
		return fmt.Errorf("unknown relation %q: use made, supplied, licensed, firmware or looks-like", b)
	}
	return nil
}

// Tell is a mark on a product that betrays its brand or maker.
type Tell struct {
	Kind     TellKind `json:"kind"`
	Pattern  string   `json:"pattern"`
	Brand    string   `json:"brand,omitempty"`
	Party    string   `json:"party,omitempty"`
	Strength Strength `json:"strength"`
	Goods    []string `json:"goods,omitempty"` // classes in which it counts; none means any
	Evidence `yaml:",inline"`
}

// TellKind is where a tell is looked for.
type TellKind string

// The kinds of tells.
const (
	TellModel TellKind = "model" // regular expression on a model number
	TellFCC   TellKind = "fcc"   // FCC grantee code
	TellMAC   TellKind = "mac"   // IEEE prefix, hexadecimal digits
	TellApp   TellKind = "app"   // companion app or software named in the text
	TellMark  TellKind = "mark"  // stream path, feature word or other text
)

// Strength says how much a tell proves by itself.
type Strength string

// The strengths of a tell.
const (
	Strong Strength = "strong" // proves it
	Medium Strength = "medium" // supports it; enough where nothing speaks against it
	Weak   Strength = "weak"   // counts only beside the brand's name
)
