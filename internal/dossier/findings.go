package dossier

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// productKey names a product through its versions.
type productKey struct{ catalog, hash int64 }

// findings collects the findings of the case, what they share, and their
// products.
func (c *collector) findings(id int64) error {
	at := map[productKey]int{} // in doc.Products
	latest := map[productKey]int64{}
	answers := map[string]int{}
	verdicts := map[string]int{}
	product := func(k productKey, key string) (*Product, error) {
		i, ok := at[k]
		if !ok {
			if err := c.catalog(k.catalog); err != nil {
				return nil, err
			}
			i = len(c.doc.Products)
			at[k] = i
			c.doc.Products = append(c.doc.Products, Product{Key: key, Catalog: c.catalogs[k.catalog].Name})
		}
		return &c.doc.Products[i], nil
	}
	quiet, err := c.quietOnes(id)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := c.q.FindingsOfCase(c.ctx, query.FindingsOfCaseParams{CaseID: id, After: after, Most: pageRows})
		if err != nil {
			return err
		}
		for i := range page {
			r := &page[i]
			after = r.ID
			if r.WorkspaceID != c.workspace {
				return fmt.Errorf("finding %d is of another workspace than its case: run offshelf ledger verify", r.ID)
			}
			for _, run := range []int64{r.OpenedRun, r.ChangedRun, r.EndedRun} {
				if err := c.run(run); err != nil {
					return err
				}
			}
			n, ok := answers[r.Explanation]
			if !ok {
				a, err := c.answer(r)
				if err != nil {
					return err
				}
				n = len(c.doc.Answers)
				answers[r.Explanation] = n
				c.doc.Answers = append(c.doc.Answers, *a)
			}
			a := &c.doc.Answers[n]
			a.Findings++
			f := Finding{
				ID: r.ID, Fingerprint: r.Fingerprint, Regime: r.Regime, Listing: r.Listing, Verdict: offshelf.Verdict(r.Verdict), Basis: offshelf.Basis(r.Basis),
				Action: action(r.Action), Since: r.Since, Probability: float64(r.Probability) / 1e6, Answer: r.Explanation, State: r.State, EndedWhy: r.EndedWhy,
				OpenedRun: r.OpenedRun, Opened: Time(r.OpenedAt), ChangedRun: r.ChangedRun, Changed: Time(r.ChangedAt), EndedRun: r.EndedRun, Ended: Time(r.EndedAt),
			}
			if r.Reasons != "" {
				if err := json.Unmarshal([]byte(r.Reasons), &f.Reasons); err != nil {
					f.Reasons = []offshelf.Reason{{Text: r.Reasons}}
				}
			}
			f.Quiet = quiet[r.ID]
			k := productKey{r.CatalogID, r.KeyHash}
			p, err := product(k, "")
			if err != nil {
				return err
			}
			p.Findings = append(p.Findings, f)
			if r.ProductID >= latest[k] {
				latest[k], p.reasons = r.ProductID, f.Reasons
			}
			c.verdict(verdicts, a, &f)
			if f.State == "open" {
				a.Open++
				p.strong = max(p.strong, f.Action)
				if !slices.Contains(p.verdicts, f.Verdict) {
					p.verdicts = append(p.verdicts, f.Verdict)
				}
			}
		}
		if len(page) < pageRows {
			break
		}
	}
	pulls, err := c.q.PullsOfCase(c.ctx, id)
	if err != nil {
		return err
	}
	for i := range pulls {
		r := &pulls[i]
		if r.WorkspaceID != c.workspace {
			return fmt.Errorf("pull %d is of another workspace than its case: run offshelf ledger verify", r.ID)
		}
		k := productKey{r.CatalogID, r.KeyHash}
		p, err := product(k, r.Key)
		if err != nil {
			return err
		}
		if latest[k] == 0 {
			latest[k] = r.ProductID
		}
		for _, u := range []int64{r.OrderedUpload, r.SeenUpload} {
			if err := c.upload(u); err != nil {
				return err
			}
		}
		x := Pull{Decision: r.DecisionID, State: r.State, OrderedUpload: r.OrderedUpload, SeenUpload: r.SeenUpload, Gone: Time(r.GoneAt), Back: Time(r.BackAt)}
		if u := c.uploads[r.SeenUpload]; u != nil {
			x.Seen = Time(u.CreatedAt)
		}
		p.Pulls = append(p.Pulls, x)
	}
	slices.SortStableFunc(c.doc.Verdicts, func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(b.Action, a.Action), cmp.Compare(a.Regime, b.Regime), cmp.Compare(a.Listing, b.Listing), cmp.Compare(b.Verdict, a.Verdict))
	})
	slices.SortStableFunc(c.doc.Answers, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(b.Action, a.Action), cmp.Compare(a.Regime, b.Regime), cmp.Compare(a.Listing, b.Listing), cmp.Compare(a.ID, b.ID))
	})
	if err := c.versions(at, latest); err != nil {
		return err
	}
	slices.SortStableFunc(c.doc.Products, func(a, b Product) int { return cmp.Or(cmp.Compare(a.Catalog, b.Catalog), cmp.Compare(a.Key, b.Key)) })
	return nil
}

// answer reads what a finding shares with others.
func (c *collector) answer(r *query.Finding) (*Answer, error) {
	a := &Answer{
		ID: r.Explanation, Regime: r.Regime, Listing: r.Listing, Verdict: offshelf.Verdict(r.Verdict), Basis: offshelf.Basis(r.Basis), Action: action(r.Action),
	}
	doc, err := c.q.Explanation(c.ctx, r.Explanation)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("finding %d: its explanation %s is not in the database: run offshelf ledger verify", r.ID, r.Explanation)
	}
	if err != nil {
		return nil, err
	}
	var f offshelf.Finding
	if err := json.Unmarshal([]byte(doc), &f, json.WithUnmarshalers(json.UnmarshalFunc(noAction))); err != nil {
		return nil, fmt.Errorf("finding %d: its explanation %s cannot be read: run offshelf ledger verify (%w)", r.ID, r.Explanation, err)
	}
	a.Brand, a.Maker, a.Goods, a.Listed, a.State, a.Forbids = f.Brand, f.Maker, f.Goods, f.Listed, f.State, f.Forbids
	a.Spared, a.Needs, a.Why, a.Since, a.Until, a.Chains = f.Spared, f.Needs, f.Why, f.Since, f.Until, f.Chains
	c.rule(r, &f)
	c.listing(r, &f)
	return a, nil
}

// noAction lets "" stand for no action, as it is written.
func noAction(b []byte, a *offshelf.Action) error {
	text, err := jsontext.AppendUnquote(nil, b)
	if err != nil || len(text) == 0 {
		return err
	}
	return a.UnmarshalText(text)
}

// verdict counts the finding among those that say the same.
func (c *collector) verdict(at map[string]int, a *Answer, f *Finding) {
	key := fmt.Sprintf("%q %q %s %s %d", f.Regime, f.Listing, f.Verdict, f.Basis, f.Action)
	i, ok := at[key]
	if !ok {
		i = len(c.doc.Verdicts)
		at[key] = i
		v := Verdict{Regime: f.Regime, Listing: f.Listing, Listed: a.Listed, Verdict: f.Verdict, Basis: f.Basis, Action: f.Action, Since: a.Since}
		for _, r := range c.doc.Rules {
			if r.ID == f.Regime {
				v.RegimeTitle = r.Title
			}
		}
		c.doc.Verdicts = append(c.doc.Verdicts, v)
	}
	v := &c.doc.Verdicts[i]
	if !a.Since.IsZero() && (v.Since.IsZero() || a.Since.Earliest() < v.Since.Earliest()) {
		v.Since = a.Since
	}
	switch {
	case f.State != "open":
		v.Ended++
	default:
		v.Open++
		if f.Quiet != nil && f.Quiet.State == "active" {
			v.Quiet++
		}
	}
}

// quietOnes reads what decisions of the case kept quiet: the last of each
// finding.
func (c *collector) quietOnes(id int64) (map[int64]*Quiet, error) {
	rows, err := c.sql.QueryContext(c.ctx, `SELECT s.finding_id, s.decision_id, s.state, s.why, s.created_at, s.ended_at
		FROM decisions d JOIN suppressions s ON s.decision_id = d.id WHERE d.case_id = $1 ORDER BY s.id`, id)
	if err != nil {
		return nil, err
	}
	out := map[int64]*Quiet{}
	return out, each(rows, func() error {
		var finding, since, ended int64
		var q Quiet
		err := rows.Scan(&finding, &q.Decision, &q.State, &q.Why, &since, &ended)
		q.Since, q.Ended = Time(since), Time(ended)
		out[finding] = &q
		return err
	})
}

// versions reads the products, and when each was on the shelf.
func (c *collector) versions(at map[productKey]int, latest map[productKey]int64) error {
	byCatalog := map[int64][]int64{}
	for k := range at {
		byCatalog[k.catalog] = append(byCatalog[k.catalog], k.hash)
	}
	for _, catalog := range sortedKeys(byCatalog) {
		published, err := c.published(catalog)
		if err != nil {
			return err
		}
		hashes := byCatalog[catalog]
		slices.Sort(hashes)
		for part := range slices.Chunk(hashes, pageRows/2) {
			spans, err := c.spans(catalog, part)
			if err != nil {
				return err
			}
			for _, h := range part {
				p := &c.doc.Products[at[productKey{catalog, h}]]
				p.Seen, p.OnShelf = sightings(published, spans[h], c.catalogs[catalog].CurrentUpload)
			}
		}
	}
	ids := make([]int64, 0, len(latest))
	of := map[int64]productKey{}
	for k, id := range latest {
		ids = append(ids, id)
		of[id] = k
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, pageRows/2) {
		rows, err := c.sql.QueryContext(c.ctx, "SELECT id, key, doc, kept FROM products WHERE id IN ("+store.IDs(part)+")")
		if err != nil {
			return err
		}
		if err := each(rows, func() error {
			var id int64
			var key, doc, kept string
			if err := rows.Scan(&id, &key, &doc, &kept); err != nil {
				return err
			}
			p := &c.doc.Products[at[of[id]]]
			p.Key = key
			var x offshelf.Product
			if json.Unmarshal([]byte(doc), &x) == nil {
				p.Product = &x
			}
			p.Kept = keptCells(kept)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// each calls f for each row, and closes the rows.
func each(rows *sql.Rows, f func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// sighted is an upload that was published.
type sighted struct{ id, at int64 }

// published lists the uploads of a catalog that were published, in order.
func (c *collector) published(catalog int64) ([]sighted, error) {
	rows, err := c.sql.QueryContext(c.ctx, `SELECT u.id, u.created_at FROM uploads u WHERE u.catalog_id = $1 AND u.id <= $2
		AND EXISTS (SELECT 1 FROM runs r WHERE r.catalog_id = u.catalog_id AND r.upload_id = u.id AND r.state = 'published') ORDER BY u.id`,
		catalog, c.catalogs[catalog].CurrentUpload)
	if err != nil {
		return nil, err
	}
	var out []sighted
	err = each(rows, func() error {
		var u sighted
		err := rows.Scan(&u.id, &u.at)
		out = append(out, u)
		return err
	})
	return out, err
}

// span is a version of a product: on the shelf in [from, to), to 0 for no end.
type span struct{ from, to int64 }

func (c *collector) spans(catalog int64, hashes []int64) (map[int64][]span, error) {
	rows, err := c.sql.QueryContext(c.ctx, "SELECT key_hash, from_upload, to_upload FROM products WHERE catalog_id = $1 AND key_hash IN ("+store.IDs(hashes)+")", catalog)
	if err != nil {
		return nil, err
	}
	out := map[int64][]span{}
	return out, each(rows, func() error {
		var h int64
		var s span
		err := rows.Scan(&h, &s.from, &s.to)
		out[h] = append(out[h], s)
		return err
	})
}

// sightings tells from the versions of a product in which of the published
// uploads it was on the shelf.
func sightings(published []sighted, versions []span, current int64) (seen []Sighting, onShelf bool) {
	on := false
	for _, u := range published {
		was := on
		on = slices.ContainsFunc(versions, func(s span) bool { return s.from <= u.id && (s.to == 0 || s.to > u.id) })
		switch {
		case on && !was:
			seen = append(seen, Sighting{First: Time(u.at), FirstUpload: u.id, Last: Time(u.at), LastUpload: u.id, Uploads: 1})
		case on:
			s := &seen[len(seen)-1]
			s.Last, s.LastUpload = Time(u.at), u.id
			s.Uploads++
		case was:
			s := &seen[len(seen)-1]
			s.Gone, s.GoneUpload = Time(u.at), u.id
		}
		if u.id == current {
			onShelf = on
		}
	}
	return seen, onShelf
}
