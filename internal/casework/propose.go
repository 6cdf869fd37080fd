package casework

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// The scopes of a decision.
const (
	ScopeProduct  = "product"  // the named products of the case, or all of them
	ScopeBrand    = "brand"    // what is made under the brand of the case, or by its maker, on the shelf now
	ScopeSupplier = "supplier" // the products of the case that come from a supplier
)

// Bounds of a proposal.
const (
	maxReason   = 4000
	maxProducts = 10000
	maxKey      = 1000 // characters
	maxChannels = 50
	maxChannel  = 100 // characters
	maxEvidence = 100
)

// Proposal is what a person decides, or proposes to a second one.
type Proposal struct {
	Kind       string       // Pull, Keep or Wait
	ReasonCode string       // see Reasons
	Reason     string       // in own words
	Scope      string       // ScopeProduct where empty; others only for Pull
	Products   []string     // keys, for ScopeProduct: those of the case; none means all of it
	Supplier   string       // for ScopeSupplier, as the vendor or manufacturer of the catalog has it
	Channels   []string     // for Pull: where it is to come off; none means everywhere
	Evidence   []int64      // attachments of the case
	Until      offshelf.Day // for Keep and Wait: the last day on which it holds
}

// Handled is a case and its decision after a step.
type Handled struct {
	Case     query.Case
	Decision query.Decision
}

// Propose decides on a case. Where the settings of the workspace ask for a
// second person, the decision waits for one; else it is effective at once.
func Propose(ctx context.Context, tx *store.Tx, ws, caseID, version int64, p Proposal) (Handled, error) {
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return Handled{}, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return Handled{}, err
	}
	settings, err := settingsOf(ctx, tx, ws)
	if err != nil {
		return Handled{}, err
	}
	if d, err := tx.ProposedDecision(ctx, c.ID); err == nil {
		return Handled{}, untimely("decision %d waits for a second person: have it agreed to or refused, or withdraw it, before another is proposed", d.ID)
	} else if _, err := store.Found(d, err); !errors.Is(err, store.ErrNotFound) {
		return Handled{}, err
	}
	reason, err := check(ctx, tx, &c, &p, settings)
	if err != nil {
		return Handled{}, err
	}
	subject, err := deciding(ctx, tx, &c, p.Products)
	if err != nil {
		return Handled{}, err
	}
	if err := fits(reason, p.Kind, subject); err != nil {
		return Handled{}, err
	}
	second := settings.second(p.Kind, subject.law || c.Basis == string(offshelf.Law))
	state := "effective"
	if second {
		state = "proposed"
	}
	d, err := tx.CreateDecision(ctx, query.CreateDecisionParams{
		WorkspaceID: ws, CaseID: c.ID, Kind: p.Kind, State: state, ReasonCode: p.ReasonCode, Reason: p.Reason, Scope: p.Scope,
		Products: list(p.Products), Supplier: p.Supplier, Channels: list(p.Channels), Evidence: list(p.Evidence), ExpiresOn: int64(p.Until),
		BasisDigest: subject.digest(p.Kind), DecidedBy: who.ID, DecidedAt: tx.Now,
	})
	if err != nil {
		return Handled{}, err
	}
	if !second {
		return effect(ctx, tx, c, d, subject, who, person{})
	}
	if p.Kind == Pull { // not only when the second person agrees
		if _, err := targets(ctx, tx, &c, &d); err != nil {
			return Handled{}, err
		}
	}
	c.State = Proposed
	if err := settle(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	if err := save(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	tx.Log(store.Event{Workspace: ws, Kind: "decision.proposed", Case: c.ID, Data: spoken(&d, who.Name, ""), Rows: []store.Ref{store.Row("decisions", d.ID), store.Row("cases", c.ID)}})
	return Handled{c, d}, nil
}

func settingsOf(ctx context.Context, tx *store.Tx, ws int64) (Settings, error) {
	w, err := store.Found(tx.Workspace(ctx, ws))
	if err != nil {
		return Settings{}, err
	}
	return ParseSettings(w.Settings)
}

// check reads the form of a proposal and tidies it.
func check(ctx context.Context, tx *store.Tx, c *query.Case, p *Proposal, settings Settings) (Reason, error) {
	reason, err := reasonOf(p.Kind, p.ReasonCode)
	if err != nil {
		return reason, err
	}
	if p.Reason, err = text("reason", p.Reason, maxReason, true); err != nil {
		return reason, err
	}
	if err := checkScope(c, p); err != nil {
		return reason, err
	}
	if err := checkUntil(p, settings, DayOf(tx.Now)); err != nil {
		return reason, err
	}
	if p.Kind != Pull && len(p.Channels) > 0 {
		return reason, invalid("channels", "only a decision to pull has channels: leave them out")
	}
	if p.Channels, err = texts("channels", p.Channels, maxChannels, maxChannel); err != nil {
		return reason, err
	}
	p.Evidence = slices.Compact(slices.Sorted(slices.Values(p.Evidence)))
	if len(p.Evidence) > maxEvidence {
		return reason, invalid("evidence", "%d attachments are too many: name at most %d", len(p.Evidence), maxEvidence)
	}
	if reason.Evidence && len(p.Evidence) == 0 {
		return reason, invalid("evidence", "%s needs a document: attach it to the case and name the attachment", p.ReasonCode)
	}
	return reason, checkEvidence(ctx, tx, c, p.Evidence)
}

func checkScope(c *query.Case, p *Proposal) error {
	var err error
	if p.Scope == "" {
		p.Scope = ScopeProduct
	}
	if p.Supplier, err = text("supplier", p.Supplier, maxKey, p.Scope == ScopeSupplier); err != nil {
		return err
	}
	if p.Products, err = texts("products", p.Products, maxProducts, maxKey); err != nil {
		return err
	}
	switch {
	case p.Scope != ScopeProduct && p.Scope != ScopeBrand && p.Scope != ScopeSupplier:
		return invalid("scope", "%q is unknown: use product, brand or supplier", p.Scope)
	case p.Kind != Pull && p.Scope != ScopeProduct:
		return invalid("scope", "only a decision to pull can be about a %s: leave the scope out, and name products where it is not about all of them", p.Scope)
	case p.Scope != ScopeProduct && len(p.Products) > 0:
		return invalid("products", "products are named only with the scope product: leave them out")
	case p.Scope != ScopeSupplier && p.Supplier != "":
		return invalid("supplier", "a supplier is named only with the scope supplier: leave it out")
	case p.Scope == ScopeBrand && strings.HasPrefix(c.Subject, "goods:"):
		return invalid("scope", "this case is about a class of goods, which has no brand: use the scope product or supplier")
	}
	return nil
}

func checkUntil(p *Proposal, settings Settings, today offshelf.Day) error {
	most, setting := settings.KeepDays, "keep_days"
	switch p.Kind {
	case Pull:
		if p.Until != 0 {
			return invalid("until", "a decision to pull has no end: leave it out")
		}
		return nil
	case Wait:
		most, setting = settings.WaitDays, "wait_days"
	}
	switch {
	case p.Until == 0:
		return invalid("until", "a decision to %s needs a day on which it ends, %s at the latest", p.Kind, today+offshelf.Day(most))
	case p.Until <= today:
		return invalid("until", "%s is not after today, %s: name a later day", p.Until, today)
	case p.Until > today+offshelf.Day(most):
		return invalid("until", "%s is too late: the workspace lets a decision to %s last %d days (%s), which is until %s", p.Until, p.Kind, most, setting, today+offshelf.Day(most))
	}
	return nil
}

// texts checks a list of short texts and returns it sorted, each once.
func texts(field string, all []string, most, longest int) ([]string, error) {
	if len(all) > most {
		return nil, invalid(field, "%d are too many: at most %d", len(all), most)
	}
	out := make([]string, len(all))
	for i, s := range all {
		var err error
		if out[i], err = text(field, s, longest, true); err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// list writes a JSON array.
func list[T any](all []T) string {
	if len(all) == 0 {
		return "[]"
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // numbers and valid texts
	}
	return string(b)
}

func unlist[T any](doc string) (out []T, err error) {
	return out, json.Unmarshal([]byte(doc), &out)
}

// matter is what a decision is about: findings that are open, with the
// products that they are on.
type matter struct {
	findings []query.FindingsToDecideRow
	law      bool // a law is the basis of one of them
	choice   bool // policy is the basis of one of them
}

// deciding reads the open findings of a case, of named products or of all.
func deciding(ctx context.Context, tx *store.Tx, c *query.Case, products []string) (*matter, error) {
	all, err := tx.FindingsToDecide(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	m := &matter{findings: all}
	if len(products) > 0 {
		m.findings = nil
		found := map[string]bool{}
		for _, f := range all {
			if _, ok := slices.BinarySearch(products, f.Key); ok {
				m.findings = append(m.findings, f)
				found[f.Key] = true
			}
		}
		for _, key := range products {
			if !found[key] {
				return nil, invalid("products", "the case has no open finding on %q: name products of the case by their keys", key)
			}
		}
	}
	for i := range m.findings {
		if m.findings[i].Finding.Basis == string(offshelf.Law) {
			m.law = true
		} else {
			m.choice = true
		}
	}
	return m, nil
}

// fits refuses a reason that the findings do not bear.
func fits(r Reason, kind string, m *matter) error {
	switch {
	case len(m.findings) == 0:
		return untimely("nothing is open in this case: there is nothing to %s", kind)
	case r.PolicyOnly && m.law:
		return invalid("reason_code", "%s holds only where policy is the basis; here a law is, for one finding at least", r.Code)
	case r.LawOnly && !m.law:
		return invalid("reason_code", "%s holds only where a law is the basis; here policy is", r.Code)
	}
	return nil
}

// digest is over what is decided on. A decision to keep rests on each finding
// and the facts of its product; the others on what the rules say.
func (m *matter) digest(kind string) string {
	lines := make([]string, len(m.findings))
	for i := range m.findings {
		f := &m.findings[i].Finding
		d := newSum("finding")
		d.add(f.Regime, f.Verdict, f.Basis, f.ListingDigest, f.ChainDigest)
		if kind == Keep {
			d.add(f.Fingerprint, ProductDigest(m.findings[i].Doc))
			d.add(store.IDs([]int64{f.CatalogID}))
		}
		lines[i] = d.String()
	}
	slices.Sort(lines)
	s := newSum("offshelf basis 1")
	s.list(slices.Compact(lines))
	return s.String()
}

// spoken is how an event tells of a decision.
func spoken(d *query.Decision, by, agreed string) map[string]any {
	r, _ := reasonOf(d.Kind, d.ReasonCode)
	out := map[string]any{
		"decision": d.ID, "kind": d.Kind, "reason_code": d.ReasonCode, "meaning": r.Meaning, "reason": d.Reason, "scope": d.Scope, "by": by,
		"products": json.RawMessage(d.Products), "channels": json.RawMessage(d.Channels), "evidence": json.RawMessage(d.Evidence),
	}
	if d.Supplier != "" {
		out["supplier"] = d.Supplier
	}
	if d.ExpiresOn != 0 {
		out["until"] = offshelf.Day(d.ExpiresOn).String()
	}
	if agreed != "" {
		out["agreed_by"] = agreed
	}
	return out
}
