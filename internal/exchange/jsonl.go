package exchange

import (
	"io"

	"github.com/offshelf/offshelf"
)

// line is one fact.
type line struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Fact any    `json:"fact"`
}

// state is the first line: which state of the knowledge follows.
type state struct {
	Version   string                `json:"version"`
	Snapshot  string                `json:"snapshot"` // SHA-256 of the compiled form
	Overlay   bool                  `json:"overlay,omitempty"`
	Withdrawn []offshelf.Withdrawal `json:"withdrawn,omitempty"`
}

// holding is a holder of a brand as a fact of its own.
type holding struct {
	Brand string `json:"brand"`
	offshelf.Holder
}

// JSONL writes the state of the knowledge and then one fact a line, each with
// its kind and a stable id. The weights and words of attribution are no facts
// and are left out.
func JSONL(w io.Writer, k *offshelf.Knowledge, snapshot string) error {
	out := newLines(w)
	add := func(kind, id string, fact any) { out.write(line{kind, id, fact}) }
	add("knowledge", "knowledge", state{k.Version, snapshot, k.Overlay, k.Withdrawn})
	for _, x := range k.Sources {
		add("source", x.ID, x)
	}
	for _, x := range k.Parties {
		add("party", x.ID, x)
	}
	n := counter{}
	for _, x := range k.Brands {
		holders := x.Holders
		x.Holders = nil
		add("brand", x.ID, x)
		for _, h := range holders {
			add("holder", identity("holder", x.ID, h.Party, n.next("holder "+x.ID+" "+h.Party)), holding{x.ID, h})
		}
	}
	for _, x := range k.Stakes {
		add("stake", identity("stake", x.Holder, x.Held, n.next("stake "+x.Holder+" "+x.Held)), x)
	}
	for _, x := range k.Makes {
		add("make", identity("make", x.Maker, x.Brand, n.next("make "+x.Maker+" "+x.Brand)), x)
	}
	for _, x := range k.Tells {
		of := string(x.Kind) + " " + x.Brand + " " + x.Party
		if x.Kind != offshelf.TellMAC { // one tell holds all prefixes of a party
			of += " " + x.Pattern
		}
		add("tell", identity("tell", of, n.next("tell "+of)), x)
	}
	for _, x := range k.Listings {
		add("listing", x.ID, x)
	}
	for _, x := range k.Concerns {
		add("concern", x.ID, x)
	}
	for _, x := range k.Refuted {
		add("refuted", identity("refuted", x.Not, x.Subject), x)
	}
	for _, x := range k.Regimes {
		add("regime", x.ID, x)
	}
	for _, x := range k.Policies {
		add("policy", x.ID, x)
	}
	for _, x := range k.Goods {
		add("goods", x.ID, x)
	}
	return out.err
}
