package exchange

import (
	"fmt"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// maxProposals bounds the proposals of one question.
const maxProposals = 1000

// proposals pairs the parties of a file that have one name. A person is never
// matched by name.
func proposals(im *Import) []Proposal {
	first := map[string]int{}
	var out []Proposal
	for i, p := range im.Parties {
		if p.Kind == "person" || len(out) >= maxProposals {
			continue
		}
		k := name.Key(p.Name)
		if k == "" {
			continue
		}
		j, ok := first[k]
		if !ok {
			first[k] = i
			continue
		}
		out = append(out, Proposal{im.Parties[j].ID, p.ID, sameName(&im.Parties[j], &p)})
	}
	return out
}

func sameName(a, b *offshelf.Party) string {
	why := fmt.Sprintf("one name, %q", cutTo(a.Name, 200))
	switch {
	case a.Country != "" && a.Country == b.Country:
		why += ", in " + a.Country
	case a.Country != "" && b.Country != "":
		why += fmt.Sprintf(", but in %s and %s", a.Country, b.Country)
	}
	return why
}
