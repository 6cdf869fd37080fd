package site

import (
	"strings"

	"github.com/offshelf/offshelf"
)

// tell is a mark on the product, as the page shows it.
type tell struct {
	Kind, Strength, Goods string
	Pattern               string
	Prefixes              []string // of a long list, shown on demand
	Points                []piece
	proof
}

var tellWords = map[offshelf.TellKind]string{
	offshelf.TellModel: "Model number", offshelf.TellFCC: "FCC grantee code", offshelf.TellMAC: "MAC prefix",
	offshelf.TellApp: "App or software", offshelf.TellMark: "Mark in the text",
}

// few is how many MAC prefixes stand in the table itself.
const few = 8

func (v *tell) patterns(t *offshelf.Tell) {
	if list := strings.Fields(t.Pattern); t.Kind == offshelf.TellMAC && len(list) > few {
		v.Prefixes = list
		return
	}
	v.Pattern = t.Pattern
}
