package exchange

import (
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// maxProposals bounds the proposals of one question.
const maxProposals = 1000

// cluster joins the parties of several sources that are one. It is a
// union-find over the parties of the knowledge, which come first, and of the
// files; only a common identifier joins, never a name.
type cluster struct {
	parties []*offshelf.Party
	files   []*Import           // by party; nil for the knowledge
	above   []int               // union-find
	numbers []map[string]string // of a root: scheme → the one number of the cluster
	known   int                 // parties of the knowledge
	byID    map[offshelf.Identifier]int
	mixed   map[int]map[string]bool // by party: schemes of which it has several numbers and should have one
	tell    func(file string, kind, format string, args ...any)
}

func newCluster(k *offshelf.Knowledge, imports []*Import, tell func(string, string, string, ...any)) *cluster {
	c := &cluster{known: len(k.Parties), byID: map[offshelf.Identifier]int{}, mixed: map[int]map[string]bool{}, tell: tell}
	minted := map[string]int{} // ids that our own exports give
	for i := range k.Parties {
		c.parties = append(c.parties, &k.Parties[i])
		c.files = append(c.files, nil)
		minted[partyID(k.Parties[i].ID)] = i
	}
	for _, im := range imports {
		for i := range im.Parties {
			c.parties = append(c.parties, &im.Parties[i])
			c.files = append(c.files, im)
		}
	}
	c.above = make([]int, len(c.parties))
	c.numbers = make([]map[string]string, len(c.parties))
	for i := range c.parties {
		c.above[i] = i
	}
	for i, p := range c.parties {
		ids := c.own(i)
		if j, ok := minted[p.ID]; ok && i >= c.known {
			c.join(j, i, "the id that offshelf gave to it")
		}
		for _, id := range ids {
			j, ok := c.byID[id]
			if !ok {
				c.byID[id] = i
				continue
			}
			c.join(j, i, id.Scheme+" "+id.ID)
		}
	}
	return c
}

// own notes the numbers of a party, and returns those that may join it with
// others. Of a scheme that gives one number, two different ones say that the
// source itself has mixed up parties: none is used.
func (c *cluster) own(i int) []offshelf.Identifier {
	var out []offshelf.Identifier
	numbers := map[string]string{}
	mixed := map[string]bool{}
	for _, id := range c.parties[i].Identifiers {
		id = id.Normal()
		if !id.Names() || id.Check() != nil {
			continue
		}
		if have, ok := numbers[id.Scheme]; ok && id.Single() && have != id.ID {
			if !mixed[id.Scheme] {
				c.tell(c.file(i), "identifier", "%s has two numbers of %s, %s and %s: none of them is used", c.parties[i].ID, id.Scheme, have, id.ID)
			}
			mixed[id.Scheme] = true
			continue
		}
		if id.Single() {
			numbers[id.Scheme] = id.ID
		}
		out = append(out, id)
	}
	for s := range mixed {
		delete(numbers, s)
		c.mixed[i] = mixed
	}
	if len(numbers) > 0 {
		c.numbers[i] = numbers
	}
	return slices.DeleteFunc(out, func(id offshelf.Identifier) bool { return mixed[id.Scheme] })
}

// sure returns the numbers of a party without those that its source mixed up.
func (c *cluster) sure(i int) []offshelf.Identifier {
	return slices.DeleteFunc(slices.Clone(c.parties[i].Identifiers), func(id offshelf.Identifier) bool { return c.mixed[i][id.Normal().Scheme] })
}

func (c *cluster) file(i int) string {
	if im := c.files[i]; im != nil {
		return im.File
	}
	return "the knowledge"
}

func (c *cluster) root(i int) int {
	for c.above[i] != i {
		c.above[i] = c.above[c.above[i]]
		i = c.above[i]
	}
	return i
}

// join makes two clusters one, unless another number says that they are two.
// The root of a cluster is its first party, so that one of the knowledge is
// always the root.
func (c *cluster) join(i, j int, by string) {
	a, b := c.root(i), c.root(j)
	if a == b {
		return
	}
	if a > b {
		a, b = b, a
	}
	if b < c.known {
		c.tell(c.file(max(i, j)), "identifier", "%s would make one party of %s and %s, which the knowledge holds to be two: they stay apart", by, c.parties[a].ID, c.parties[b].ID)
		return
	}
	if scheme, x, y := c.clash(a, b); scheme != "" {
		c.tell(c.file(j), "identifier", "%s and %s have %s in common, but %s %s and %s: they stay apart", c.parties[a].ID, c.parties[b].ID, by, scheme, x, y)
		return
	}
	c.above[b] = a
	if c.numbers[a] == nil {
		c.numbers[a] = c.numbers[b]
		return
	}
	for scheme, n := range c.numbers[b] {
		c.numbers[a][scheme] = n
	}
}

// clash finds a scheme of which two clusters have different numbers.
func (c *cluster) clash(a, b int) (scheme, x, y string) {
	for s, n := range c.numbers[b] {
		if m, ok := c.numbers[a][s]; ok && m != n && (scheme == "" || s < scheme) {
			scheme, x, y = s, m, n
		}
	}
	return scheme, x, y
}

// proposals pairs clusters that have a name in common. A person is never
// matched by name, nor what numbers tell apart.
func (c *cluster) proposals(id func(root int) string) []Proposal {
	first := map[string]int{} // by name
	seen := map[[2]int]bool{}
	var out []Proposal
	for i, p := range c.parties {
		if p.Kind == "person" {
			continue
		}
		root := c.root(i)
		for n, alias := range append([]string{p.Name}, p.Aliases...) {
			k := name.Key(alias)
			if len(k) < 3 {
				continue
			}
			j, ok := first[k]
			if !ok {
				if n == 0 || i < c.known {
					first[k] = root // an alias of a file says less: it only asks
				}
				continue
			}
			pair := [2]int{j, root}
			if j == root || root < c.known || seen[pair] || len(out) >= maxProposals {
				continue
			}
			if scheme, _, _ := c.clash(j, root); scheme != "" {
				continue
			}
			seen[pair] = true
			out = append(out, Proposal{id(j), id(root), sameName(c.parties[j], c.parties[root], alias)})
		}
	}
	return out
}

// proposals pairs the parties of a file that have one name.
func proposals(im *Import) []Proposal {
	c := newCluster(&offshelf.Knowledge{}, []*Import{im}, func(string, string, string, ...any) {})
	return c.proposals(func(root int) string { return c.parties[root].ID })
}

func sameName(a, b *offshelf.Party, alias string) string {
	why := fmt.Sprintf("one name, %q", cutTo(alias, 200))
	switch {
	case a.Country != "" && a.Country == b.Country:
		why += ", in " + a.Country
	case a.Country != "" && b.Country != "":
		why += fmt.Sprintf(", but in %s and %s", a.Country, b.Country)
	}
	return why
}
