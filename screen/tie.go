package screen

import (
	"fmt"

	"github.com/offshelf/offshelf"
)

// What ties a brand to a party, and what is open of it.

// makeKind is the kind of hop of a make.
func makeKind(m *offshelf.Make) string {
	if m.Relation == offshelf.Made {
		return "made"
	}
	return string(m.Relation)
}

// unsureMake says why a make carries no verdict alone, or nothing where it
// does.
func unsureMake(m *offshelf.Make, maker, brand string) string {
	switch {
	case m.Relation == offshelf.Supplied:
		return fmt.Sprintf("%s supplies parts, which alone carries no verdict: ask who makes this product", maker)
	case m.Relation != offshelf.Made:
		return fmt.Sprintf("the link to %s is %s, not making: ask who makes this product", maker, makeKind(m))
	case m.Grade.Weak():
		return fmt.Sprintf("that %s makes goods of %s rests on a source of grade %s: ask the supplier who makes it", maker, brand, m.Grade)
	}
	return ""
}

func someModels(maker, brand string) string {
	return fmt.Sprintf("%s makes some models of %s: give the model number", maker, brand)
}

func someGoods(maker, brand string) string {
	return fmt.Sprintf("%s makes some goods of %s; whether this is one of them is not known: ask the supplier", maker, brand)
}

func unsureHolder(h offshelf.Holder, party, brand string) string {
	return fmt.Sprintf("that %s holds the brand %s rests on a source of grade %s", party, brand, h.Grade)
}
