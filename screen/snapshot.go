// Package screen finds which products a regime reaches, through which brand,
// owner or maker, since when, and what the policy says of it.
//
// Compile a Snapshot from a state of the knowledge once, make a Screener for a
// policy and a day, and hand it products from any number of goroutines.
package screen

import (
	"fmt"
	"regexp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/reach"
	"github.com/offshelf/offshelf/knowledge"
)

// Snapshot is the immutable, compiled form of one state of the knowledge.
type Snapshot struct {
	knowledge *offshelf.Knowledge
	sum       string
	matcher   *attribute.Matcher
	world     *reach.World
	brands    map[string]*offshelf.Brand
	makes     map[string][]brandMake // by brand
	parties   map[string]*offshelf.Party
	goods     map[string]*offshelf.GoodsClass
	lists     *Lists // or nil
}

// brandMake is a make with its model patterns compiled.
type brandMake struct {
	*offshelf.Make
	models []*regexp.Regexp
}

// Compile builds a snapshot. The sum names the state of the knowledge; it is
// the SHA-256 that knowledge.Embedded returns beside the facts.
func Compile(k *offshelf.Knowledge, sum string) (*Snapshot, error) {
	m, err := attribute.Compile(k)
	if err != nil {
		return nil, fmt.Errorf("compile the knowledge: %w", err)
	}
	s := &Snapshot{
		knowledge: k, sum: sum, matcher: m, world: reach.Compile(k),
		brands: map[string]*offshelf.Brand{}, makes: map[string][]brandMake{},
		parties: map[string]*offshelf.Party{}, goods: map[string]*offshelf.GoodsClass{},
	}
	for i := range k.Brands {
		s.brands[k.Brands[i].ID] = &k.Brands[i]
	}
	for i := range k.Makes {
		m := brandMake{Make: &k.Makes[i]}
		for _, pattern := range m.Models {
			re, err := regexp.Compile("(?i)" + pattern)
			if err != nil {
				return nil, fmt.Errorf("compile the knowledge: make of %s by %s: %w", m.Brand, m.Maker, err)
			}
			m.models = append(m.models, re)
		}
		s.makes[m.Brand] = append(s.makes[m.Brand], m)
	}
	for i := range k.Parties {
		s.parties[k.Parties[i].ID] = &k.Parties[i]
	}
	for i := range k.Goods {
		s.goods[k.Goods[i].ID] = &k.Goods[i]
	}
	return s, nil
}

// Embedded compiles the knowledge that this program was built with.
func Embedded() (*Snapshot, error) {
	k, sum, err := knowledge.Embedded()
	if err != nil {
		return nil, err
	}
	return Compile(k, sum)
}

// Sum is the SHA-256 of the state of the knowledge, in hexadecimal.
func (s *Snapshot) Sum() string { return s.sum }

// Version is the day up to which the facts were read, with "+ overlay" behind
// it where an operator's own facts lie over the shipped ones.
func (s *Snapshot) Version() string { return s.knowledge.State() }

// Withdrawn lists what an operator's overlay took out of the shipped facts.
func (s *Snapshot) Withdrawn() []offshelf.Withdrawal { return s.knowledge.Withdrawn }

// Policy returns a shipped policy by its id.
func (s *Snapshot) Policy(id string) (offshelf.Policy, bool) {
	for _, p := range s.knowledge.Policies {
		if p.ID == id {
			return p, true
		}
	}
	return offshelf.Policy{}, false
}

// Policies lists the ids of the shipped policies.
func (s *Snapshot) Policies() []string {
	var ids []string
	for _, p := range s.knowledge.Policies {
		ids = append(ids, p.ID)
	}
	return ids
}

// Listing returns the listing with this id.
func (s *Snapshot) Listing(id string) (offshelf.Listing, bool) {
	for _, l := range s.knowledge.Listings {
		if l.ID == id {
			return l, true
		}
	}
	return offshelf.Listing{}, false
}

// BrandName returns the printed name of a brand id; an unknown id stands for
// itself.
func (s *Snapshot) BrandName(id string) string { return s.matcher.BrandName(id) }

// PartyName returns the printed name of a party id; an unknown id stands for
// itself.
func (s *Snapshot) PartyName(id string) string { return s.world.Name(id) }
