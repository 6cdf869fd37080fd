package site

import (
	"fmt"

	"github.com/offshelf/offshelf"
)

type brandView struct {
	*frame
	Answer   string
	Names    []line
	Rules    *rules
	Timeline *chart
	Tables   []*facts
	Refuted  []refutation
	Tells    []tell
	proof
}

// line is a word and what belongs to it.
type line struct {
	Word string
	What []piece
}

func (b *book) brandPage(x *offshelf.Brand) (*brandView, error) {
	p, ok := b.s.BrandProfile(x.ID)
	if !ok {
		return nil, fmt.Errorf("brand %q: the screener was made from another knowledge", x.ID)
	}
	f := b.frame("../", "Brand", x.Name)
	f.Kicker, f.Show = "Brand", x.ID
	v := &brandView{frame: f, Rules: f.rules(p.Findings)}
	v.Answer = v.Rules.answer("goods of " + x.Name)
	for i := range p.Findings {
		b.note(x, &p.Findings[i])
	}
	v.Names = b.brandNames(x)
	v.Timeline = b.brandTimeline(x, &p)

	var held []fact
	for i := range x.Holders {
		h := &x.Holders[i]
		held = append(held, f.fact(h.Interval, h.Evidence, h.Conflict, b.party(h.Party)))
	}
	stakes := f.stakes(p.Holders)
	makes := f.makes(p.Makes, func(m *offshelf.Make) piece { return b.party(m.Maker) })
	for _, t := range []*facts{
		f.table("holders", "Who holds the brand", "Holder", held),
		f.table("owners", "Who holds the holders", "Stake", stakes),
		f.table("makers", "Who makes its goods", "Maker", makes),
	} {
		if t != nil {
			v.Tables = append(v.Tables, t)
		}
	}
	v.Refuted = f.refuted(p.Refuted)
	v.Tells = f.tells(func(t *offshelf.Tell) bool { return t.Brand == x.ID })
	v.proof = f.proof(x.Evidence)
	return v, nil
}

// note keeps, for the page of the regime, that it reaches the brand.
func (b *book) note(x *offshelf.Brand, f *offshelf.Finding) {
	list := b.reached[f.Regime]
	if n := len(list) - 1; n >= 0 && list[n].brand == x {
		if list[n].verdict == offshelf.Possible && f.Verdict == offshelf.Reached {
			list[n].verdict, list[n].since = f.Verdict, f.Since
		} else if list[n].verdict == f.Verdict && f.Since.Latest() < list[n].since.Latest() {
			list[n].since = f.Since
		}
		return
	}
	b.reached[f.Regime] = append(list, reach{x, f.Verdict, f.Since})
}

func (b *book) brandNames(x *offshelf.Brand) []line {
	var out []line
	add := func(word string, what ...string) {
		if len(what) > 0 && what[0] != "" {
			out = append(out, line{word, pieces(what)})
		}
	}
	add("Also written", x.Aliases...)
	if x.Parent != "" {
		out = append(out, line{"A line of", []piece{b.brand(x.Parent)}})
	}
	var below []piece
	for i := range b.k.Brands {
		if o := &b.k.Brands[i]; o.Parent == x.ID {
			below = append(below, piece{o.Name, "../brand/" + o.ID + ".html"})
		}
	}
	if len(below) > 0 {
		out = append(out, line{"Brands below it", separated(below)})
	}
	add("Known for", b.goodsTitles(x.Goods))
	add("Product lines", x.Lines...)
	add("The name alone proves nothing", x.Ambiguous)
	if x.Common {
		add("An everyday word", "a title that holds it proves nothing by itself")
	}
	add("Not this brand", x.Not...)
	return out
}

func pieces(list []string) []piece {
	var out []piece
	for _, s := range list {
		out = append(out, text(s))
	}
	return separated(out)
}

func separated(list []piece) []piece {
	var out []piece
	for i, p := range list {
		if i > 0 {
			out = append(out, text("; "))
		}
		out = append(out, p)
	}
	return out
}
