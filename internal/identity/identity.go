// Package identity joins the entries of several lists that are one party: by a
// number that identifies, by the curated knowledge of who is meant, and, where
// only names agree, as a proposal for people. Names alone never join.
package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// Cluster is one party with its entries.
type Cluster struct {
	Party   string // id of the party in the knowledge, or ""
	Entries []*list.Entry
	Reasons []Reason
}

// Reason says why an entry belongs to a cluster.
type Reason struct {
	Entry string `json:"entry"` // its ID
	With  string `json:"with"`  // the entry that it was joined with, or the party
	Why   string `json:"why"`
}

// Proposal is a pair of entries that may be one party. People decide.
type Proposal struct {
	A, B *list.Entry
	Why  string
}

// Join joins entries. Each entry is in exactly one cluster. Clusters come in
// the order of their first entry.
func Join(entries []list.Entry, k *offshelf.Knowledge) ([]Cluster, []Proposal) {
	j := &joiner{entries: entries, parent: make([]int, len(entries)), party: make([]string, len(entries))}
	for i := range j.parent {
		j.parent[i] = i
	}
	j.sameListing()
	j.curated(k)
	j.numbers()
	return j.clusters(), j.propose()
}

type joiner struct {
	entries   []list.Entry
	parent    []int
	party     []string // of the root of a cluster
	reasons   []Reason
	proposals []Proposal
}

func (j *joiner) root(i int) int {
	for j.parent[i] != i {
		j.parent[i] = j.parent[j.parent[i]]
		i = j.parent[i]
	}
	return i
}

// join makes two clusters one, unless the knowledge says that they are two
// parties.
func (j *joiner) join(a, b int, why string) bool {
	ra, rb := j.root(a), j.root(b)
	if ra == rb {
		return true
	}
	if j.party[ra] != "" && j.party[rb] != "" && j.party[ra] != j.party[rb] {
		return false
	}
	if rb < ra {
		ra, rb = rb, ra
	}
	j.parent[rb] = ra
	j.party[ra] = cmp.Or(j.party[ra], j.party[rb])
	if why != "" {
		j.reasons = append(j.reasons, Reason{j.entries[b].ID(), j.entries[a].ID(), why})
	}
	return true
}

// sameListing joins the entries that are one listing in two publications: the
// same list and the same number in it. OFAC numbers its parties across all its
// lists.
func (j *joiner) sameListing() {
	first := map[string]int{}
	at := func(i int, id, why string) {
		if f, ok := first[id]; ok {
			j.join(f, i, why)
		} else {
			first[id] = i
		}
	}
	for i := range j.entries {
		e := &j.entries[i]
		at(i, e.ID(), "the same entry of the same list")
		if n, err := strconv.Atoi(e.UID); err == nil && n > 0 && (strings.HasPrefix(e.List, "us-ofac-") || e.List == "us-ns-cmic") {
			at(i, "ofac "+e.UID, "the same number of OFAC")
		}
	}
}

// curated joins the entries whose printed names the knowledge has as listings
// of one party on these lists.
func (j *joiner) curated(k *offshelf.Knowledge) {
	if k == nil {
		return
	}
	type key struct{ list, name string }
	parties := map[key]string{}
	for _, l := range k.Listings {
		at := key{l.List, name.Key(l.Name)}
		if was, ok := parties[at]; ok && was != l.Party {
			parties[at] = "" // one printed name for two parties tells neither
			continue
		}
		parties[at] = l.Party
	}
	first := map[string]int{}
	for i := range j.entries {
		e := &j.entries[i]
		party := parties[key{e.List, name.Key(e.Name)}]
		for n := 0; party == "" && n < len(e.Aliases); n++ {
			if e.Aliases[n].Kind != list.Weak {
				party = parties[key{e.List, name.Key(e.Aliases[n].Name)}]
			}
		}
		if party == "" {
			continue
		}
		j.reasons = append(j.reasons, Reason{e.ID(), party, "the knowledge has this printed name as a listing of the party"})
		if f, ok := first[party]; ok {
			j.join(f, i, "") // the reason is told already
		} else {
			first[party] = i
			if r := j.root(i); j.party[r] == "" {
				j.party[r] = party
			}
		}
	}
}

// numbers joins the entries of different lists that have one number. Where two
// entries of one list have it, it identifies neither, and people decide.
func (j *joiner) numbers() {
	type key struct {
		kind           list.IdentifierKind
		value, country string
	}
	holders := map[key][]int{}
	var keys []key
	for i := range j.entries {
		for _, id := range j.entries[i].Identifiers {
			if !id.Kind.Identifies() {
				continue
			}
			k := key{id.Kind, name.Key(id.Value), id.Country}
			switch id.Kind {
			case list.Registration, list.TaxID:
				if id.Country == "" {
					continue // registers of two countries give the same numbers
				}
			default:
				k.country = ""
			}
			if len(holders[k]) == 0 {
				keys = append(keys, k)
			}
			holders[k] = append(holders[k], i)
		}
	}
	for _, k := range keys {
		who := holders[k]
		why := fmt.Sprintf("the same number: %s %s", k.kind, k.value)
		clusterOf := map[string]int{} // by list
		shared := false
		for _, i := range who {
			l := j.entries[i].List
			if was, ok := clusterOf[l]; ok && was != j.root(i) {
				shared = true
			}
			clusterOf[l] = j.root(i)
		}
		for _, i := range who[1:] {
			a, b := &j.entries[who[0]], &j.entries[i]
			if j.root(who[0]) == j.root(i) {
				continue
			}
			if shared || !fit(a.Kind, b.Kind) || !j.join(who[0], i, why) {
				j.offer(who[0], i, why)
			}
		}
	}
}

// fit reports whether two kinds may be of one party.
func fit(a, b list.Kind) bool { return a == "" || b == "" || a == b }

// The bounds of the proposals of one name: a name that many entries have tells
// nothing.
const (
	maxProposals = 50
	maxAlike     = 200 // entries
)

func (j *joiner) offer(a, b int, why string) {
	j.proposals = append(j.proposals, Proposal{&j.entries[a], &j.entries[b], why})
}

// propose offers the pairs of clusters in which a printed name or alias agrees
// up to case, accents, spaces and punctuation. Weak aliases do not count, nor
// do short ones.
func (j *joiner) propose() []Proposal {
	holders := map[string][]int{}
	var keys []string
	for i := range j.entries {
		e := &j.entries[i]
		mine := map[string]bool{}
		add := func(s string) {
			k := name.Key(s)
			if len(k) < 6 || mine[k] {
				return
			}
			mine[k] = true
			if len(holders[k]) == 0 {
				keys = append(keys, k)
			}
			holders[k] = append(holders[k], i)
		}
		add(e.Name)
		for _, a := range e.Aliases {
			if a.Kind != list.Weak {
				add(a.Name)
			}
		}
	}
	type pair struct{ a, b int }
	offered := map[pair]bool{}
	for _, k := range keys {
		who := holders[k][:min(len(holders[k]), maxAlike)]
		n := 0
		for x := 0; x < len(who) && n < maxProposals; x++ {
			for y := x + 1; y < len(who) && n < maxProposals; y++ {
				a, b := who[x], who[y]
				p := pair{min(j.root(a), j.root(b)), max(j.root(a), j.root(b))}
				if p.a == p.b || offered[p] || j.entries[a].List == j.entries[b].List || !fit(j.entries[a].Kind, j.entries[b].Kind) {
					continue
				}
				offered[p] = true
				n++
				j.offer(a, b, fmt.Sprintf("one name only: %q and %q", j.entries[a].Name, j.entries[b].Name))
			}
		}
	}
	return j.proposals
}

func (j *joiner) clusters() []Cluster {
	at := map[int]int{}
	var out []Cluster
	where := map[string]int{}
	for i := range j.entries {
		r := j.root(i)
		c, ok := at[r]
		if !ok {
			c = len(out)
			at[r] = c
			out = append(out, Cluster{Party: j.party[r]})
		}
		out[c].Entries = append(out[c].Entries, &j.entries[i])
		where[j.entries[i].ID()] = c
	}
	for _, r := range j.reasons {
		c := where[r.Entry]
		if !slices.Contains(out[c].Reasons, r) {
			out[c].Reasons = append(out[c].Reasons, r)
		}
	}
	return out
}
