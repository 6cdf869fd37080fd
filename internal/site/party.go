package site

import (
	"fmt"

	"github.com/offshelf/offshelf"
)

type partyView struct {
	*frame
	Answer   string
	Names    []line
	Rules    *rules
	Timeline *chart
	Tables   []*facts
	Concerns []concern
	Refuted  []refutation
	Tells    []tell
	proof
}

func (b *book) partyPage(x *offshelf.Party) (*partyView, error) {
	p, ok := b.s.PartyProfile(x.ID)
	if !ok {
		return nil, fmt.Errorf("party %q: the screener was made from another knowledge", x.ID)
	}
	kind := x.Kind
	if kind == "" {
		kind = "company"
	}
	f := b.frame("../", "Party", x.Name)
	f.Kicker, f.Show = upper(kind), x.ID
	if x.Country != "" {
		f.Kicker += ", " + x.Country
	}
	v := &partyView{frame: f, Rules: f.rules(p.Findings)}
	v.Rules.Note = "A party alone has no goods, so every rule is told in its widest scope."
	v.Answer = v.Rules.answer("what it makes and holds")
	if len(x.Aliases) > 0 {
		v.Names = append(v.Names, line{"Also", pieces(x.Aliases)})
	}
	if len(x.Registrants) > 0 {
		v.Names = append(v.Names, line{"In the IEEE registry", pieces(x.Registrants)})
	}
	v.Timeline = b.partyTimeline(&p)

	var listed, brands []fact
	for i := range p.Listings {
		l := &p.Listings[i]
		row := f.listing(l, b.list(l.List), text(": "))
		var rules []piece
		for _, r := range b.triggered(l.List) {
			rules = append(rules, b.regime(r.ID))
		}
		if len(rules) > 0 {
			row.What = append(append(row.What, text(" → ")), separated(rules)...)
		}
		listed = append(listed, row)
	}
	for i := range p.Brands {
		for j := range p.Brands[i].Holders {
			if h := &p.Brands[i].Holders[j]; h.Party == x.ID {
				brands = append(brands, f.fact(h.Interval, h.Evidence, h.Conflict, b.brand(p.Brands[i].ID)))
			}
		}
	}
	holders, holdings := f.stakes(p.Holders), f.stakes(p.Holdings)
	makes := f.makes(p.Makes, func(m *offshelf.Make) piece { return b.brand(m.Brand) })
	for _, t := range []*facts{
		f.table("listings", "Listings, as printed", "List, name and rules", listed),
		f.table("holders", "Who holds it", "Stake", holders),
		f.table("holdings", "What it holds", "Stake", holdings),
		f.table("brands", "Its brands", "Brand", brands),
		f.table("makes", "What it makes", "Brand", makes),
	} {
		if t != nil {
			v.Tables = append(v.Tables, t)
		}
	}
	v.Concerns = f.concerns(p.Concerns)
	v.Refuted = f.refuted(p.Refuted)
	v.Tells = f.tells(func(t *offshelf.Tell) bool { return t.Party == x.ID })
	v.proof = f.proof(x.Evidence)
	return v, nil
}
