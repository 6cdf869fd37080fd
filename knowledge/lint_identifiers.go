package knowledge

import "github.com/offshelf/offshelf"

// identifiers refuses numbers that cannot be right, two of one scheme that
// gives one, and a number that two parties claim.
func (l *linter) identifiers() {
	first := map[offshelf.Identifier]int{}
	for i, p := range l.Parties {
		own := map[string]string{}
		for _, id := range p.Identifiers {
			if err := id.Check(); err != nil {
				l.report("parties", i, "identifier", "party %s: %v", p.ID, err)
				continue
			}
			n := id.Normal()
			if have, ok := own[n.Scheme]; ok && n.Single() && have != n.ID {
				l.report("parties", i, "identifier", "party %s: two identifiers of %s, %s and %s: keep the right one, or make two parties", p.ID, n.Scheme, have, n.ID)
				continue
			}
			own[n.Scheme] = n.ID
			if j, ok := first[n]; ok && j != i && n.Names() {
				l.report("parties", i, "identifier", "party %s: %s %s is that of party %q %s too: correct one, or merge the two", p.ID, n.Scheme, n.ID, l.Parties[j].ID, l.other("parties", j, i))
				continue
			}
			first[n] = i
		}
	}
}
