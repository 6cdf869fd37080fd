package job

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/screen"
)

// explanation is what findings share that have the same way to a listing.
type explanation struct {
	sum, doc        string
	chains, listing string // digests
	subject, title  string
	since           string
}

// explainer makes each explanation once: findings of one brand under one rule
// share their chains in memory.
type explainer struct {
	snapshot *screen.Snapshot
	made     map[sameWay]*explanation
}

// sameWay is what an explanation depends on. The first hop of the first chain
// stands for the chains, which are worked out once a snapshot.
type sameWay struct {
	chains                                             *offshelf.Chain
	number                                             int
	regime, listing, brand, maker, goods, state        string
	verdict                                            offshelf.Verdict
	basis                                              offshelf.Basis
	action                                             offshelf.Action
	why, spared, needs, forbids, since, until, printed string
}

// of returns the explanation of a finding.
func (e *explainer) of(f *offshelf.Finding) (*explanation, error) {
	k := sameWay{number: len(f.Chains), regime: f.Regime, listing: f.Listing, brand: f.BrandID, maker: f.Maker, goods: f.Goods, state: f.State, verdict: f.Verdict,
		basis: f.Basis, action: f.Action, why: f.Why, spared: f.Spared, needs: strings.Join(f.Needs, "\x00"), forbids: strings.Join(f.Forbids, "\x00"),
		since: f.Since.String(), until: f.Until.String(), printed: f.Brand}
	if len(f.Chains) > 0 {
		k.chains = &f.Chains[0]
	}
	if x, ok := e.made[k]; ok {
		return x, nil
	}
	bare := *f
	bare.Fingerprint, bare.Product, bare.Probability, bare.Reasons = "", offshelf.Product{}, 0, nil
	bare.Snapshot, bare.Days, bare.SinceListed = "", 0, nil
	doc, err := json.Marshal(&bare, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(doc)
	x := &explanation{sum: hex.EncodeToString(sum[:]), doc: string(doc), chains: casework.ChainDigest(f), since: f.Since.String()}
	listing, known := e.snapshot.Listing(f.Listing)
	if known {
		x.listing = casework.ListingDigest(&listing, f)
	}
	switch {
	case f.Goods != "":
		x.subject, x.title = "goods:"+f.Listing, f.Goods
	case f.BrandID != "":
		x.subject, x.title = "brand:"+f.BrandID, f.Brand
	case known && listing.Party != "":
		x.subject, x.title = "party:"+listing.Party, e.snapshot.PartyName(listing.Party)
	default:
		x.subject, x.title = "party:"+f.Listing, f.Listed
	}
	if len(e.made) >= maxExplanations {
		clear(e.made) // the rows are written once all the same
	}
	e.made[k] = x
	return x, nil
}

// maxExplanations bounds what is remembered.
const maxExplanations = 100_000
