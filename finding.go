package offshelf

import (
	"fmt"
	"strings"
)

// Verdict is what a regime says of a product.
type Verdict string

// The verdicts that a finding can carry; what is not reached is no finding.
const (
	Reached  Verdict = "reached"
	Possible Verdict = "possible"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(b []byte) error {
	switch Verdict(b) {
	case Reached, Possible, "":
		*v = Verdict(b)
		return nil
	}
	return fmt.Errorf("unknown verdict %q: use reached or possible", b)
}

// Hop is one step of a chain.
type Hop struct {
	Kind    string   `json:"kind"` // attributed, goods, held, made, supplied, licensed, firmware, looks-like, owned, controlled, listed, concern
	From    string   `json:"from"` // printed name of the side nearer to the product
	To      string   `json:"to"`   // printed name of the side nearer to the listing
	Since   Date     `json:"since,omitzero"`
	Until   Date     `json:"until,omitzero"`
	Share   string   `json:"share,omitempty"`
	Grade   Grade    `json:"grade,omitempty"`
	Sources []Source `json:"sources,omitempty"`
	Note    string   `json:"note,omitempty"`
	Layer   string   `json:"layer,omitempty"` // LayerOperator where the fact is the operator's own, LayerHypothetical where it is supposed
}

// OwnFact is how a fact of LayerOperator is marked for readers.
const OwnFact = "own fact"

// Mark says of the hop, for programs and for readers, that the fact behind it
// is the operator's own, or only supposed, where it is.
func (h *Hop) Mark(e Evidence) {
	h.Layer = e.Layer
	if m := h.LayerMark(); m != "" {
		h.Note = strings.TrimPrefix(h.Note+"; "+m, "; ")
	}
}

// LayerMark is how the layer of the fact is told to readers, or "" where the
// fact is a shipped one.
func (h *Hop) LayerMark() string {
	switch h.Layer {
	case LayerOperator:
		return OwnFact
	case LayerHypothetical:
		return LayerHypothetical
	}
	return ""
}

// Interval returns the days on which the hop holds.
func (h Hop) Interval() Interval { return Interval{From: h.Since, Until: h.Until} }

// Chain is the way from the product to the listing. It holds while all its
// hops hold, and, where a stake counts together with others, enough of those.
type Chain struct {
	Hops    []Hop   `json:"hops"`
	Since   Date    `json:"since,omitzero"`
	Until   Date    `json:"until,omitzero"`
	Verdict Verdict `json:"verdict"`
	Open    string  `json:"open,omitempty"` // for possible: what would settle it
}

// Finding is that a regime reaches a product through a listing.
type Finding struct {
	Fingerprint string   `json:"fingerprint"` // stable over runs: product, regime, listing, and brand unless Goods is set
	Product     Product  `json:"product"`
	Brand       string   `json:"brand,omitempty"` // printed brand name
	BrandID     string   `json:"brand_id,omitempty"`
	Maker       string   `json:"maker,omitempty"` // printed name of the maker that a tell betrays
	Goods       string   `json:"goods,omitempty"` // title of the goods class, where the listing names one and no company
	Probability float64  `json:"probability"`
	Reasons     []Reason `json:"reasons,omitempty"`
	Regime      string   `json:"regime"`
	RegimeTitle string   `json:"regime_title"`
	Listing     string   `json:"listing"`
	Listed      string   `json:"listed"` // listed party, as printed on the list
	Verdict     Verdict  `json:"verdict"`
	Basis       Basis    `json:"basis"`
	State       string   `json:"state"`
	Forbids     []string `json:"forbids,omitempty"`
	Spared      string   `json:"spared,omitempty"` // why the rule forbids nothing for this product
	Needs       []string `json:"needs,omitempty"`  // product fields that would settle it, by their names in Product
	Action      Action   `json:"action"`
	Why         string   `json:"why,omitempty"`
	Since       Date     `json:"since,omitzero"`
	Until       Date     `json:"until,omitzero"`
	Days        int      `json:"days,omitempty"` // from since to the as-of date, where since is known to the day
	Chains      []Chain  `json:"chains"`
	Snapshot    string   `json:"snapshot"` // SHA-256 of the state of the knowledge

	SinceListed *ShelfDays `json:"since_listed,omitempty"` // where it was asked for
}
