package job

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"math"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/screen"
)

// batchRows is how many rows one transaction writes.
const batchRows = 20_000

// batch is what a transaction writes while a run is at work.
type batch struct {
	products     []store.ProductRow
	attributions []store.AttributionRow
	ended        []int64
	rows         int // read so far
}

// collector takes what a screening tells and works out what changed.
type collector struct {
	run       *query.Run
	keep      []string
	shelf     *shelf
	explain   explainer
	known     map[string]*known // findings of the catalog, by fingerprint
	send      func(*batch) error
	batch     *batch
	row       int
	rows      int
	found     []query.Finding // new ones, and those that are to be changed, with their id
	docs      map[string]string
	stream    hash.Hash
	products  ledger.SetSum
	ended     ledger.SetSum
	attribute ledger.SetSum
	titles    map[string]string // subject to title
	repeats   map[int64]int     // by the hash of a key that several rows have: the number of the next of them
}

// known is a finding that the catalog already has.
type known struct {
	id     int64
	open   bool
	seen   bool
	state  [16]byte // digest of what the finding says
	caseID int64
}

// stateOf digests all of a finding that a run may change.
func stateOf(f *query.Finding) [16]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d\x00%s\x00%s\x00%s\x00%s\x00%d\x00%s\x00%d\x00%s\x00%s\x00%s\x00%s", f.ProductID, f.Brand, f.Subject, f.Verdict, f.Basis, f.Action, f.Since, f.Probability,
		f.Reasons, f.Explanation, f.ChainDigest, f.ListingDigest)
	return [16]byte(h.Sum(nil)[:16])
}

// seen takes a batch of products.
func (c *collector) seen(b *screen.SeenBatch) error {
	for i := range b.Products {
		var kept []string
		if b.Kept != nil {
			kept = b.Kept[i]
		}
		if err := c.product(&b.Products[i], kept, b.Attributions[i], b.Findings[i]); err != nil {
			return err
		}
	}
	c.rows += len(b.Products) + len(b.Problems)
	c.batch.rows = c.rows
	if len(c.batch.products) >= batchRows {
		return c.flush()
	}
	return nil
}

func (c *collector) flush() error {
	b := c.batch
	c.batch = &batch{rows: c.rows}
	return c.send(b)
}

// product works out whether a row is a new version of a product.
func (c *collector) product(p *offshelf.Product, kept []string, attributions []offshelf.Attribution, findings []offshelf.Finding) error {
	c.row++
	bare := *p
	bare.File, bare.Row = "", 0
	data, err := json.Marshal(&bare, json.Deterministic(true))
	if err != nil {
		return err
	}
	doc, keptDoc := string(data), c.keptDoc(kept)
	content := store.ContentHash(doc, keptDoc)
	key := productKey(p, doc)
	id := store.ProductID(c.run.UploadID, c.row)
	hash := store.KeyHash(key, 0)
	first, nth := hash, 0 // nth is of the rows with this key
	f, ok := c.shelf.place(hash, content, id)
	if !ok {
		// A file may have one id in all of its rows: none is tried twice.
		for nth = max(c.repeats[first], 1); !ok; nth++ {
			hash = store.KeyHash(key, nth)
			f, ok = c.shelf.place(hash, content, id)
		}
		c.repeats[first] = nth
		nth--
	}
	if f.opens {
		row := store.ProductRow{ID: id, CatalogID: c.run.CatalogID, KeyHash: hash, ContentHash: content, Key: key, Doc: doc, Kept: keptDoc}
		c.products.Add(store.ProductDigest(&row))
		if f.add {
			c.batch.products = append(c.batch.products, row)
		}
		c.attributionsOf(id, f.add, attributions)
	}
	if f.gone != 0 {
		c.end(f.gone, f.ends == 0)
	}
	for i := range findings {
		if err := c.finding(f.id, hash, nth, &findings[i]); err != nil {
			return err
		}
	}
	return nil
}

// end takes a version off the shelf.
func (c *collector) end(id int64, already bool) {
	c.ended.Add(store.EndedDigest(id, c.run.UploadID))
	if !already {
		c.batch.ended = append(c.batch.ended, id)
	}
}

// productKey is the id of a product in its catalog; what has none is known by
// all that the catalog says of it.
func productKey(p *offshelf.Product, doc string) string {
	if p.ID != "" {
		return strings.ReplaceAll(p.ID, "\x00", "\uFFFD")
	}
	h := sha256.Sum256([]byte(doc))
	return fmt.Sprintf("~%x", h[:12])
}

func (c *collector) keptDoc(kept []string) string {
	if len(kept) == 0 {
		return ""
	}
	cells := make(map[string]string, len(kept))
	for i, v := range kept {
		if v != "" {
			cells[c.keep[i]] = v
		}
	}
	if len(cells) == 0 {
		return ""
	}
	data, _ := json.Marshal(cells, json.Deterministic(true))
	return string(data)
}

func (c *collector) attributionsOf(product int64, add bool, attributions []offshelf.Attribution) {
	for n := range min(len(attributions), store.MaxAttributions) {
		a := &attributions[n]
		row := store.AttributionRow{ID: store.AttributionID(product, n), ProductID: product, CatalogID: c.run.CatalogID, Brand: a.Brand, Maker: a.Maker,
			Relation: string(a.Relation), Probability: millionths(a.Probability), Goods: a.Goods}
		c.attribute.Add(store.AttributionDigest(&row))
		if add {
			c.batch.attributions = append(c.batch.attributions, row)
		}
	}
}

// finding compares a finding with what the catalog has.
func (c *collector) finding(product, key int64, nth int, f *offshelf.Finding) error {
	x, err := c.explain.of(f)
	if err != nil {
		return err
	}
	reasons, err := json.Marshal(f.Reasons, json.Deterministic(true))
	if err != nil {
		return err
	}
	row := query.Finding{WorkspaceID: c.run.WorkspaceID, CatalogID: c.run.CatalogID, Fingerprint: f.Fingerprint, ProductID: product, KeyHash: key, Brand: f.BrandID,
		Subject: x.subject, Regime: f.Regime, Listing: f.Listing, Verdict: string(f.Verdict), Basis: string(f.Basis), Action: int64(f.Action), Since: x.since,
		Probability: millionths(f.Probability), Reasons: string(reasons), Explanation: x.sum, ChainDigest: x.chains, ListingDigest: x.listing, State: "open"}
	if nth > 0 {
		row.Fingerprint = fmt.Sprintf("%s.%d", f.Fingerprint, nth)
	}
	k := c.known[row.Fingerprint]
	if k != nil && k.seen {
		return nil // the same finding twice on one product
	}
	if k != nil {
		k.seen = true
		if k.open && k.state == stateOf(&row) {
			return nil
		}
		row.ID = k.id
	} else {
		c.known[row.Fingerprint] = &known{seen: true}
	}
	c.docs[x.sum] = x.doc
	c.titles[x.subject] = x.title
	c.found = append(c.found, row)
	return nil
}

func millionths(p float64) int64 { return int64(math.Round(p * 1e6)) }
