package casework_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// What a proposal cannot be says which field, and what to do.
func TestProposalsThatAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law), camera("B", offshelf.Choice))
		doc := w.attach(t, "ann")
		c := w.theCase(t)
		keep := casework.Proposal{Kind: casework.Keep, ReasonCode: "not-made-by", Reason: "r", Evidence: []int64{doc}, Until: day("2027-07-20")}
		wait := casework.Proposal{Kind: casework.Wait, ReasonCode: "counsel-asked", Reason: "r", Until: day("2026-10-18")}
		for name, x := range map[string]struct {
			from   casework.Proposal
			change func(p *casework.Proposal)
			want   string
		}{
			"kind":               {byLaw, func(p *casework.Proposal) { p.Kind = "sell" }, `kind: "sell" is unknown: use pull, keep or wait`},
			"code of other kind": {byLaw, func(p *casework.Proposal) { p.ReasonCode = "false-match" }, `reason_code: "false-match" is no reason to pull: use one of required-by-law, own-policy`},
			"no reason":          {byLaw, func(p *casework.Proposal) { p.Reason = " \n" }, "reason: it is empty"},
			"long reason":        {byLaw, func(p *casework.Proposal) { p.Reason = strings.Repeat("é", 4001) }, "reason: 4001 characters are too many: at most 4000"},
			"NUL":                {byLaw, func(p *casework.Proposal) { p.Reason = "a\x00b" }, "reason: it holds the control character U+0000"},
			"bytes":              {byLaw, func(p *casework.Proposal) { p.Reason = "\xff" }, "reason: this is no UTF-8"},
			"scope":              {byLaw, func(p *casework.Proposal) { p.Scope = "world" }, `scope: "world" is unknown`},
			"scope of keep":      {keep, func(p *casework.Proposal) { p.Scope = "brand" }, "scope: only a decision to pull"},
			"products of brand":  {byLaw, func(p *casework.Proposal) { p.Products = []string{"A"} }, "products: products are named only"},
			"supplier of brand":  {byLaw, func(p *casework.Proposal) { p.Supplier = "Acme" }, "supplier: a supplier is named only"},
			"no supplier":        {byLaw, func(p *casework.Proposal) { p.Scope = "supplier" }, "supplier: it is empty"},
			"unknown supplier":   {byLaw, func(p *casework.Proposal) { p.Scope, p.Supplier = "supplier", "Nobody" }, `supplier: no product of the case comes from "Nobody"`},
			"unknown product":    {keep, func(p *casework.Proposal) { p.Products = []string{"Z"} }, `products: the case has no open finding on "Z"`},
			"many products":      {keep, func(p *casework.Proposal) { p.Products = make([]string, 10001) }, "products: 10001 are too many"},
			"channels of keep":   {keep, func(p *casework.Proposal) { p.Channels = []string{"web"} }, "channels: only a decision to pull"},
			"empty channel":      {byLaw, func(p *casework.Proposal) { p.Channels = []string{""} }, "channels: it is empty"},
			"pull until":         {byLaw, func(p *casework.Proposal) { p.Until = day("2027-01-01") }, "until: a decision to pull has no end"},
			"keep for ever":      {keep, func(p *casework.Proposal) { p.Until = 0 }, "until: a decision to keep needs a day on which it ends, 2027-07-20 at the latest"},
			"keep too long":      {keep, func(p *casework.Proposal) { p.Until = day("2027-07-21") }, "until: 2027-07-21 is too late: the workspace lets a decision to keep last 365 days (keep_days), which is until 2027-07-20"},
			"keep till today":    {keep, func(p *casework.Proposal) { p.Until = day("2026-07-20") }, "until: 2026-07-20 is not after today"},
			"wait too long":      {wait, func(p *casework.Proposal) { p.Until = day("2026-10-19") }, "until: 2026-10-19 is too late"},
			"no document":        {keep, func(p *casework.Proposal) { p.Evidence = nil }, "evidence: not-made-by needs a document"},
			"another's document": {keep, func(p *casework.Proposal) { p.Evidence = []int64{doc + 1} }, "evidence: the case has no attachment"},
			"risk against law":   {keep, func(p *casework.Proposal) { p.ReasonCode = "accepted-risk" }, "reason_code: accepted-risk holds only where policy is the basis"},
			"law without law":    {byLaw, func(p *casework.Proposal) { p.Scope, p.Products = "product", []string{"B"} }, "reason_code: required-by-law holds only where a law is the basis"},
		} {
			p := x.from
			x.change(&p)
			_, err := w.tryPropose("ann", c, p)
			var invalid *casework.Invalid
			if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), x.want) {
				t.Errorf("%s: %v, want %s", name, err, x.want)
			}
		}
		if got := w.theCase(t).Version; got != c.Version {
			t.Errorf("the case was written: version %d", got)
		}
		// the product that no law reaches can be kept at the company's own risk
		p := casework.Proposal{Kind: casework.Keep, ReasonCode: "accepted-risk", Reason: "r", Products: []string{"B"}, Until: day("2027-07-20")}
		if _, err := w.tryPropose("ann", c, p); err != nil {
			t.Error(err)
		}
		if _, err := w.tryPropose("ann", c, p); !errors.Is(err, store.ErrConflict) {
			t.Error(err)
		}
		if err := w.s.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
			_, err := casework.Propose(context.Background(), tx, w.ws, c.ID, c.Version+1, byLaw)
			return err
		}); err == nil {
			t.Error("the system decided")
		}
	})
}

func TestNothingToDecide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		w.publish(t)
		var untimely *casework.Untimely
		if _, err := w.tryPropose("ann", w.state(t, casework.Closed, 0), byLaw); !errors.As(err, &untimely) {
			t.Error(err)
		}
	})
}

func TestSettings(t *testing.T) {
	for doc, want := range map[string]string{
		"":                                "",
		"{}":                              "",
		`{"theme":"dark"}`:                "",
		`{"four_eyes":"sometimes"}`:       `four_eyes: "sometimes" is unknown`,
		`{"keep_days":0}`:                 "keep_days: 0 is out of bounds",
		`{"wait_days":367}`:               "wait_days: 367 is out of bounds: use 1 to 366",
		`{"answer_days":-1}`:              "answer_days: -1 is out of bounds",
		`{"report_regimes":["us-uflpa"]}`: `report_regimes: no report is known under "us-uflpa"`,
		`{"keep_days":"x"}`:               "the settings of the workspace cannot be read",
		`{`:                               "the settings of the workspace cannot be read",
	} {
		_, err := casework.ParseSettings(doc)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}

func TestReasons(t *testing.T) {
	codes := map[string]bool{}
	for _, r := range casework.Reasons() {
		if codes[r.Kind+r.Code] || r.Meaning == "" {
			t.Errorf("%+v", r)
		}
		codes[r.Kind+r.Code] = true
		if r.Code == "accepted-risk" && !r.PolicyOnly {
			t.Error("a risk can be accepted against a law")
		}
	}
}

func TestHandling(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		ctx := context.Background()
		do := func(login string, f func(tx *store.Tx, id, version int64) error) error {
			c := w.theCase(t)
			return w.as(login, func(tx *store.Tx) error { return f(tx, c.ID, c.Version) })
		}
		assign := func(to int64) error {
			return do("ann", func(tx *store.Tx, id, version int64) error {
				_, err := casework.Assign(ctx, tx, w.ws, id, version, to)
				return err
			})
		}
		if err := assign(w.people["ben"]); err != nil {
			t.Fatal(err)
		}
		if c := w.theCase(t); c.Assignee != w.people["ben"] {
			t.Error(c)
		}
		other := newWorld(t, w.s, w.now, "Other")
		if err := assign(other.people["ann"]); err == nil || !strings.HasPrefix(err.Error(), "assignee: no member") {
			t.Error(err)
		}
		if err := assign(0); err != nil {
			t.Error(err)
		}
		disable := func(value int64) {
			w.update(t, store.SystemActor, func(tx *store.Tx) error {
				tx.Log(store.Event{Kind: "user.changed", Data: map[string]any{}, Rows: []store.Ref{store.Row("users", w.people["ben"])}})
				return tx.SetDisabled(ctx, query.SetDisabledParams{ID: w.people["ben"], Disabled: value})
			})
		}
		disable(1)
		if err := assign(w.people["ben"]); err == nil || !strings.Contains(err.Error(), "is disabled") {
			t.Error(err)
		}
		var forbidden *casework.Forbidden
		for _, actor := range []string{"user:" + strconv.FormatInt(w.people["ben"], 10), w.key(t, "ben")} {
			c := w.theCase(t)
			if err := w.s.Update(ctx, actor, func(tx *store.Tx) error { _, err := casework.Comment(ctx, tx, w.ws, c.ID, c.Version, "x"); return err }); !errors.As(err, &forbidden) {
				t.Errorf("%s: %v", actor, err)
			}
		}
		disable(0)
		comment := func(text string) error {
			return do("ben", func(tx *store.Tx, id, version int64) error {
				_, err := casework.Comment(ctx, tx, w.ws, id, version, text)
				return err
			})
		}
		if err := comment("<b>asked</b> the buyer\nagain"); err != nil {
			t.Error(err)
		}
		for _, bad := range []string{"", strings.Repeat("x", 10001), "\x1b[31m"} {
			if err := comment(bad); err == nil {
				t.Errorf("%.10q was taken", bad)
			}
		}
		c := w.theCase(t)
		if err := w.as("ann", func(tx *store.Tx) error {
			_, err := casework.Comment(ctx, tx, w.ws, c.ID, c.Version-1, "late")
			return err
		}); !errors.Is(err, store.ErrConflict) {
			t.Error(err)
		}
		entries, err := casework.Timeline(ctx, w.s.Query(), w.ws, c.ID, -1, 100)
		if err != nil {
			t.Fatal(err)
		}
		last := entries[len(entries)-1]
		if last.Kind != "case.commented" || last.Who != "Ben" || !strings.Contains(string(last.Data), "the buyer") {
			t.Errorf("%+v", last)
		}
		more, err := casework.Timeline(ctx, w.s.Query(), w.ws, c.ID, last.Leaf-1, 1)
		if err != nil || len(more) != 1 || more[0].Leaf != last.Leaf {
			t.Error(more, err)
		}
	})
}

func TestAttachmentNames(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		ctx := context.Background()
		for name, want := range map[string]string{
			`..\..\windows\grant.pdf`: "grant.pdf", "/etc/passwd": "passwd", "a\r\nb.pdf": "a__b.pdf", "..": "attachment", "": "attachment",
			"x\u202efdp.exe": "x_fdp.exe", strings.Repeat("ü", 300): strings.Repeat("ü", 100), "\xff.pdf": "_.pdf",
		} {
			b, err := w.s.Receive(ctx, w.ws, strings.NewReader("x"), 10)
			if err != nil {
				t.Fatal(err)
			}
			c := w.theCase(t)
			if err := w.as("ann", func(tx *store.Tx) error {
				_, a, err := casework.Attach(ctx, tx, w.ws, c.ID, c.Version, name, "text/html; charset=x", b)
				if a.Name != want || !utf8.ValidString(a.Name) || a.MediaType != "text/html" {
					t.Errorf("%q became %q (%s), want %q", name, a.Name, a.MediaType, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			// once it is kept for one thing, it is not taken for another
			c = w.theCase(t)
			if err := w.as("ann", func(tx *store.Tx) error {
				_, _, err := casework.Attach(ctx, tx, w.ws, c.ID, c.Version, name, "", b)
				return err
			}); !errors.Is(err, store.ErrNotFound) {
				t.Error(err)
			}
		}
	})
}
