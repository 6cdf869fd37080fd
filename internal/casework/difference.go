package casework

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Bounds of what is told of a change: differences, characters of a value, and
// characters in all.
const (
	maxDifferences = 4
	maxValue       = 80
	maxWhy         = 1000
)

// told is what an explanation says that people decide on.
type told struct {
	Regime  string           `json:"regime"`
	Title   string           `json:"regime_title"`
	Listed  string           `json:"listed"`
	Verdict string           `json:"verdict"`
	Basis   string           `json:"basis"`
	State   string           `json:"state"`
	Forbids []string         `json:"forbids"`
	Chains  []offshelf.Chain `json:"chains"`
}

// explanation reads the explanation of a finding. It is asked for words only:
// where there is none, less is said.
func explanation(ctx context.Context, q *query.Queries, f *query.Finding) (t told, ok bool) {
	doc, err := q.Explanation(ctx, f.Explanation)
	if err != nil {
		return t, false
	}
	return t, json.UnmarshalRead(bytes.NewReader([]byte(doc)), &t) == nil
}

func listingChange(ctx context.Context, q *query.Queries, old, now *query.Finding) string {
	a, ok := explanation(ctx, q, old)
	b, ok2 := explanation(ctx, q, now)
	if !ok || !ok2 {
		return ""
	}
	return spelled(appendDifference(nil, "the printed name", a.Listed, b.Listed))
}

func chainChange(ctx context.Context, q *query.Queries, old, now *query.Finding) string {
	a, ok := explanation(ctx, q, old)
	b, ok2 := explanation(ctx, q, now)
	if !ok || !ok2 {
		return ""
	}
	var out []string
	out = appendDifference(out, "the verdict", a.Verdict, b.Verdict)
	out = appendDifference(out, "the basis", a.Basis, b.Basis)
	out = appendDifference(out, "the state of the rule", a.State, b.State)
	out = appendDifference(out, "what is forbidden", strings.Join(a.Forbids, ", "), strings.Join(b.Forbids, ", "))
	before, after := hops(a.Chains), hops(b.Chains)
	for _, h := range after {
		i := slices.IndexFunc(before, func(o offshelf.Hop) bool { return way(o) == way(h) })
		switch {
		case i < 0:
			out = append(out, "new: "+way(h))
		case terms(before[i]) != terms(h):
			out = append(out, fmt.Sprintf("%s was %s and is %s", way(h), terms(before[i]), terms(h)))
		}
	}
	for _, h := range before {
		if !slices.ContainsFunc(after, func(o offshelf.Hop) bool { return way(o) == way(h) }) {
			out = append(out, "no longer: "+way(h))
		}
	}
	return spelled(out)
}

// hops are the hops of all chains, each once.
func hops(chains []offshelf.Chain) []offshelf.Hop {
	var out []offshelf.Hop
	seen := map[string]bool{}
	for _, c := range chains {
		for _, h := range c.Hops {
			if k := way(h) + "\x00" + terms(h); !seen[k] {
				seen[k] = true
				out = append(out, h)
			}
		}
	}
	return out
}

// way names a hop.
func way(h offshelf.Hop) string {
	return fmt.Sprintf("%s to %s (%s)", value(h.From), value(h.To), h.Kind)
}

// terms are the dates, share and grade of a hop.
func terms(h offshelf.Hop) string {
	var out []string
	if !h.Since.IsZero() {
		out = append(out, "since "+h.Since.Spoken())
	}
	if !h.Until.IsZero() {
		out = append(out, "until "+h.Until.Spoken())
	}
	for _, s := range []string{h.Share, h.Grade.String(), h.Layer} {
		if s != "" {
			out = append(out, s)
		}
	}
	if out == nil {
		return "without dates"
	}
	return strings.Join(out, ", ")
}

func productChange(ctx context.Context, q *query.Queries, old, now *query.Finding) string {
	var products [2]offshelf.Product
	for i, f := range []*query.Finding{old, now} {
		row, err := q.Product(ctx, f.ProductID)
		if err != nil {
			return ""
		}
		if products[i], err = parseProduct(row.Doc); err != nil {
			return ""
		}
	}
	var out []string
	after := attributes(&products[1])
	for i, a := range attributes(&products[0]) {
		out = appendDifference(out, a.name, a.value, after[i].value)
	}
	return spelled(out)
}

func appendDifference(out []string, what, a, b string) []string {
	if a == b {
		return out
	}
	return append(out, fmt.Sprintf("%s was %s and is %s", what, value(a), value(b)))
}

// value quotes a value of somebody's, shortened.
func value(s string) string {
	if s == "" {
		return "not given"
	}
	s, _ = clip(s, maxValue)
	return fmt.Sprintf("%q", s)
}

// spelled lists differences behind what changed.
func spelled(out []string) string {
	if len(out) == 0 {
		return ""
	}
	if more := len(out) - maxDifferences; more > 0 {
		out = append(out[:maxDifferences:maxDifferences], fmt.Sprintf("and %d more", more))
	}
	return " (" + strings.Join(out, "; ") + ")"
}

// clip shortens a text to so many characters.
func clip(s string, most int) (string, bool) {
	if utf8.RuneCountInString(s) <= most {
		return s, false
	}
	n := 0
	for i := range s {
		if n++; n == most {
			return s[:i] + "…", true
		}
	}
	return s, false
}
