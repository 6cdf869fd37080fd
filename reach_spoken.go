package offshelf

import "strings"

// aspect is one thing to say about a reach: in short, for a line of a table,
// and as a sentence. Either may be empty.
type aspect struct{ short, sentence string }

// aspects says a reach one thing after the other. What a new field of Reach
// means is one more entry here.
func (r Reach) aspects() []aspect {
	var out []aspect
	add := func(short, sentence string) { out = append(out, aspect{short, sentence}) }
	switch r.Kind {
	case ReachGoods:
		add("goods by their class, whoever makes them", "All goods of the classes of its entries, whoever makes them.")
		return out
	case ReachOwned:
		share := r.least()
		if r.Aggregate == AggregatePerson {
			add(share+", person by person, cascading", "From a listed party on to every party of which it holds "+share+", directly and through what it reaches; the shares of two listed parties do not add up.")
		} else {
			add(share+", aggregated, cascading", "From a listed party on to every party of which listed or reached parties together hold "+share+", directly or through others.")
		}
		if r.Affiliates {
			add("affiliates up and sideways too", "Up as well, to who holds "+share+" of a listed party, and from there down to what else it holds: ownership in common.")
			if r.State == "ask" {
				add("state ownership is a question", "Ownership in common through a state body leaves the answer possible.")
			} else {
				add("not by state ownership", "Ownership in common through a state body does not count.")
			}
		}
		switch r.Control {
		case "reach":
			add("control counts", "Control without such a share reaches as well.")
		case "ask":
			add("control is a question", "Control without such a share leaves the answer possible.")
		default:
			add("control does not count", "Control without such a share does not count.")
		}
	default:
		add("the listed party only", "The listed party only, not what it owns.")
	}
	if r.NotSelf {
		add("not the listed party itself", "The listed party itself falls under another rule.")
	}
	switch {
	case r.Owner && r.Maker:
		add("", "Goods are reached through who holds the brand and through who makes them.")
	case r.Owner:
		add("by the brand's holder only", "Goods are reached through who holds the brand.")
	case r.Maker:
		add("by the maker only", "Goods are reached through who makes them.")
	default:
		add("no goods", "It reaches no goods.")
	}
	return out
}

// least says the share that reaches: "50% or more", "more than 50%".
func (r Reach) least() string {
	share := Share{Min: r.Threshold, Max: r.Threshold, Known: true}.String()
	if r.Over {
		return "more than " + share
	}
	return share + " or more"
}

// Spoken says in short how far a regime reaches: "50% or more, aggregated,
// cascading; control does not count".
func (r Reach) Spoken() string {
	var parts []string
	for _, a := range r.aspects() {
		if a.short != "" {
			parts = append(parts, a.short)
		}
	}
	return strings.Join(parts, "; ")
}

// Sentences says in full how far a regime reaches from a listed party.
func (r Reach) Sentences() []string {
	var out []string
	for _, a := range r.aspects() {
		if a.sentence != "" {
			out = append(out, a.sentence)
		}
	}
	return out
}
