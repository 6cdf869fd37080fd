package knowledge

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
)

// fact is any fact in the form in which two states are compared.
type fact struct {
	kind, key   string // what facts have in common that may be the same
	subject, id string
	what        string
	fields      map[string]value
}

// names are the printed names of ids in either of two states, the newer first.
type names struct{ parties, brands map[string]string }

func newNames(states ...*offshelf.Knowledge) *names {
	n := &names{map[string]string{}, map[string]string{}}
	for _, k := range states {
		for _, p := range k.Parties {
			n.parties[p.ID] = p.Name
		}
		for _, b := range k.Brands {
			n.brands[b.ID] = b.Name
		}
	}
	return n
}

func (n *names) party(id string) string { return cmp.Or(n.parties[id], id) }
func (n *names) brand(id string) string { return cmp.Or(n.brands[id], id) }
func (n *names) any(id string) string   { return cmp.Or(n.brands[id], n.parties[id], id) }

// named lists all facts of a state.
func named(k *offshelf.Knowledge, n *names) []fact {
	var out []fact
	add := func(kind, key, subject, id, what string, fields map[string]value) {
		out = append(out, fact{kind, key, subject, id, strings.TrimSpace(what), fields})
	}
	for _, x := range k.Parties {
		add("party", x.ID, n.party(x.ID), x.ID, "the company itself", fieldValues(x, "id"))
	}
	for _, x := range k.Brands {
		add("brand", x.ID, n.brand(x.ID), x.ID, "the brand itself", fieldValues(x, "id", "holders"))
		for _, h := range x.Holders {
			add("holder", x.ID+" "+h.Party, n.brand(x.ID), x.ID, "held by "+n.party(h.Party)+when(h.Interval), dated(k, fieldValues(h, "party")))
		}
	}
	for _, x := range k.Stakes {
		share := x.Share.String()
		if !x.Share.Known {
			share = "a share not known"
			if x.Control {
				share = "control"
			}
		}
		add("stake", x.Holder+" "+x.Held, n.party(x.Held), x.Held, fmt.Sprintf("%s has %s%s", n.party(x.Holder), share, when(x.Interval)), dated(k, fieldValues(x, "holder", "held")))
	}
	for _, x := range k.Makes {
		relation := cmp.Or(string(x.Relation), "made")
		extent := "some goods"
		if x.All {
			extent = "all goods"
		}
		add("make", x.Maker+" "+x.Brand, n.brand(x.Brand), x.Brand, fmt.Sprintf("%s by %s (%s)%s", relation, n.party(x.Maker), extent, when(x.Interval)), dated(k, fieldValues(x, "maker", "brand")))
	}
	for _, x := range k.Listings {
		subject := n.party(x.Party)
		if x.Party == "" {
			subject = "Goods " + strings.Join(x.Goods, ", ")
		}
		add("listing", x.ID, subject, x.Party, fmt.Sprintf("on %s as “%s”%s", x.List, x.Name, when(x.Interval)), fieldValues(x, "id"))
	}
	for _, x := range k.Concerns {
		add("concern", x.ID, n.party(x.Party), x.Party, x.By+": "+x.What, fieldValues(x, "id"))
	}
	for _, x := range k.Tells {
		of, name := x.Brand, n.brand(x.Brand)
		if of == "" {
			of, name = x.Party, n.party(x.Party)
		}
		fields, what := fieldValues(x, "kind"), fmt.Sprintf("%s %s", x.Kind, x.Pattern)
		key := string(x.Kind) + " " + x.Pattern
		if x.Kind == offshelf.TellMAC { // one tell holds all prefixes of a party
			key, what = fmt.Sprintf("mac %s %s", x.Party, x.Brand), "MAC prefixes"
			fields["pattern"] = value{list: strings.Fields(x.Pattern)}
		}
		add("tell", key, name, of, what, fields)
	}
	for _, x := range k.Refuted {
		add("refuted", x.Not+" "+x.Subject, n.any(x.Not), x.Not, "not "+x.Subject, fieldValues(x, "subject", "not"))
	}
	for _, x := range k.Regimes {
		add("regime", x.ID, cmp.Or(x.Title, x.ID), x.ID, "the rule", fieldValues(x, "id"))
	}
	for _, x := range k.Policies {
		add("policy", x.ID, cmp.Or(x.Title, x.ID), x.ID, "the policy", fieldValues(x, "id"))
	}
	for _, x := range k.Goods {
		add("goods", x.ID, cmp.Or(x.Title, x.ID), x.ID, "the goods class", fieldValues(x, "id"))
	}
	for _, x := range k.Weights {
		add("weight", x.Feature, "Attribution", "", "weight of "+x.Feature, fieldValues(x, "feature"))
	}
	add("word", "", "Attribution", "", "the ordinary brands", map[string]value{"words": {list: k.Lexicon}})
	add("language", "", "Attribution", "", "the words around a brand", fieldValues(k.Language))
	for _, x := range k.Sources {
		add("source", x.ID, "Sources", x.ID, strings.TrimPrefix(x.Publisher+", "+x.Title, ", "), fieldValues(x, "id"))
	}
	return out
}

func when(iv offshelf.Interval) string {
	if iv.From.IsZero() && iv.Until.IsZero() {
		return ""
	}
	return ", " + iv.String()
}

// dated leaves out a start that was only derived from the day up to which the
// facts were read: it moves with every state and says nothing.
func dated(k *offshelf.Knowledge, fields map[string]value) map[string]value {
	read, err := offshelf.ParseDate(k.Version)
	if err == nil && !read.IsZero() && fields["from"].text == read.OnOrBefore().String() {
		delete(fields, "from")
	}
	return fields
}
