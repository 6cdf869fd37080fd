package casework

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
)

// sum is a digest over texts, each with its length in front.
type sum struct{ h hash.Hash }

func newSum(form string) sum {
	s := sum{sha256.New()}
	s.add(form)
	return s
}

func (s sum) add(texts ...string) {
	var n [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		s.h.Write(n[:])
		s.h.Write([]byte(t))
	}
}

// list adds a list, with its length in front.
func (s sum) list(texts []string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(texts)))
	s.h.Write(n[:])
	s.add(texts...)
}

func (s sum) String() string { return hex.EncodeToString(s.h.Sum(nil)) }

// attribute is one fact of a product that a decision may rest on.
type attribute struct{ name, value string }

// attributes are the facts that say what a product is, and not where it stands
// in a file, what it costs or how it is described.
func attributes(p *offshelf.Product) []attribute {
	return []attribute{
		{"title", p.Title}, {"brand", p.Brand}, {"manufacturer", p.Manufacturer}, {"vendor", p.Vendor}, {"model", p.Model},
		{"mpn", p.MPN}, {"gtin", p.GTIN}, {"fcc_id", p.FCCID}, {"fcc_granted", p.FCCGranted}, {"approval", p.Approval},
		{"mac", p.MAC}, {"category", p.Category}, {"category_code", p.CategoryCode}, {"origin", p.Origin},
	}
}

// parseProduct reads a product as the store keeps it.
func parseProduct(doc string) (offshelf.Product, error) {
	var p offshelf.Product
	err := json.UnmarshalRead(bytes.NewReader([]byte(doc)), &p)
	return p, err
}

// ProductDigest is over the facts of a product, given as the store keeps it,
// that say what it is. Where the text is no product, it is over the text.
func ProductDigest(doc string) string {
	p, err := parseProduct(doc)
	if err != nil {
		s := newSum("offshelf product text 1")
		s.add(doc)
		return s.String()
	}
	s := newSum("offshelf product 1")
	for _, a := range attributes(&p) {
		s.add(a.name, a.value)
	}
	return s.String()
}

// ChainDigest is over what a finding says and how it gets there: verdict,
// basis, what is forbidden, and each hop with its dates, share and grade. Prose
// does not count, nor the order in which chains are told.
func ChainDigest(f *offshelf.Finding) string {
	s := newSum("offshelf chains 1")
	s.add(f.BrandID, f.Goods, f.Regime, string(f.Verdict), string(f.Basis), f.State)
	s.list(slices.Sorted(slices.Values(f.Forbids)))
	chains := make([]string, len(f.Chains))
	for i := range f.Chains {
		c := &f.Chains[i]
		d := newSum("chain")
		d.add(string(c.Verdict), c.Since.String(), c.Until.String())
		for _, h := range c.Hops {
			d.add(h.Kind, h.From, h.To, h.Since.String(), h.Until.String(), h.Share, h.Grade.String(), h.Layer)
		}
		chains[i] = d.String()
	}
	slices.Sort(chains)
	s.list(chains)
	return s.String()
}

// ListingDigest is over the entry that a finding rests on, as the list has it.
// The entry is nil where there is none, as with a documented concern.
func ListingDigest(l *offshelf.Listing, f *offshelf.Finding) string {
	s := newSum("offshelf listing 1")
	s.add(f.Regime, f.Listing, f.Listed)
	if l == nil {
		return s.String()
	}
	s.add(l.ID, l.Party, l.List, l.Name, l.Citation, l.Status, l.From.String(), l.Until.String(), l.Grade.String(), l.Layer)
	for _, part := range [][]string{l.Goods, l.Origin, l.OriginNot} {
		s.list(slices.Sorted(slices.Values(part)))
	}
	exceptions := make([]string, len(l.Exceptions))
	for i, e := range l.Exceptions {
		d := newSum("exception")
		d.add(e.ID, e.What, e.Until.String())
		d.list(slices.Sorted(slices.Values(e.Words)))
		d.list(slices.Sorted(slices.Values(e.Maybe)))
		exceptions[i] = d.String()
	}
	slices.Sort(exceptions)
	s.list(exceptions)
	return s.String()
}
