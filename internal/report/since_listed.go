package report

import (
	"strings"

	"github.com/offshelf/offshelf"
)

// Bounds of the section on days since listed in text; html and json have all.
const (
	sinceBrands = 20
	sinceRules  = 4
)

// Columns of the table on days since listed.
const (
	sinceProducts    = 9
	sinceDays        = 12
	sinceProductDays = 14
	sinceSince       = 15
)

// sinceListed says how long what was found has been so.
func (h *textHandler) sinceListed() {
	if h.summary == nil || h.summary.SinceListed == nil {
		return
	}
	v := sinceListedView(h.summary.SinceListed)
	h.line("")
	h.line(h.paint("1", "How long since listed"))
	h.para("", 2, v.Statement)
	for _, verdict := range v.Verdicts {
		h.line("")
		h.para("", 2, verdict.Title+": "+verdict.Answer)
		h.sinceRow("2", "", "products", "days", "product-days", "since")
		for _, b := range verdict.Brands[:min(len(verdict.Brands), sinceBrands)] {
			h.sinceRow("1", b.Name, b.Products, b.Longest.Days, b.ProductDays, b.Longest.day)
			for _, r := range b.Rules[:min(len(b.Rules), sinceRules)] {
				h.sinceRow("", "  "+r.Action+": "+r.Longest.Regime+", "+r.Longest.short, r.Products, r.Longest.Days, r.ProductDays, r.Longest.day)
			}
			if more := len(b.Rules) - sinceRules; more > 0 {
				h.line("      and " + count(more, "more rule", "more rules") + ": -o html has all")
			}
		}
		if more := len(verdict.Brands) - sinceBrands; more > 0 {
			h.line("    and " + count(more, "more brand", "more brands") + ": -o html has all")
		}
	}
	for _, n := range v.Notes {
		h.line("")
		h.para("", 2, n)
	}
}

// sinceRow writes a line of the table. A number is never cut.
func (h *textHandler) sinceRow(style, name, products, days, productDays, since string) {
	wide := max(h.o.Width-4-sinceProducts-sinceDays-sinceProductDays-sinceSince, 18)
	name = fit(name, wide)
	right := func(s string, n int) string { return strings.Repeat(" ", max(n-cells(s), 1)) + s }
	h.line("    " + h.paint(style, name) + strings.Repeat(" ", wide-cells(name)) +
		right(products, sinceProducts) + right(days, sinceDays) + right(productDays, sinceProductDays) + "  " + since)
}

// sinceView is the section on days since listed, in words.
type sinceView struct {
	Statement string
	Verdicts  []sinceVerdict
	Notes     []string
}

type sinceVerdict struct {
	Title, Answer string
	Brands        []sinceBrand
}

type sinceBrand struct {
	Name, Products, ProductDays string
	Longest                     sinceSpan
	Rules                       []sinceRule
}

type sinceRule struct {
	Class, Action, Products, ProductDays string
	Longest                              sinceSpan
}

type sinceSpan struct {
	Days, Since, Regime, Title, Basis, Listed string
	short, day                                string // basis and since, in a word
	one                                       bool
}

func (s sinceSpan) spoken() string {
	days := " days"
	if s.one {
		days = " day"
	}
	return s.Days + days + " since " + s.Since
}

// sinceListedView puts the counts in words, or returns nil where there are none.
func sinceListedView(s *offshelf.SinceListed) *sinceView {
	if s == nil {
		return nil
	}
	v := &sinceView{Statement: clean(s.Statement)}
	for _, t := range []struct {
		title string
		*offshelf.ShelfTime
	}{{"Reached", &s.Reached}, {"Possible, not established", &s.Possible}} {
		if t.Products == 0 {
			continue
		}
		v.Verdicts = append(v.Verdicts, sinceVerdictView(t.title, t.ShelfTime))
	}
	if len(v.Verdicts) == 0 {
		v.Notes = append(v.Notes, "No product has a finding through a listing: there are no days to count.")
	}
	if s.Both > 0 {
		v.Notes = append(v.Notes, count(s.Both, "product stands", "products stand")+" both under Reached and under Possible, by different rules.")
	}
	if s.Reports > 0 {
		v.Notes = append(v.Notes, count(s.Reports, "product has", "products have")+" findings through reports of a concern only. A report is no listing: no days are counted.")
	}
	return v
}

func sinceVerdictView(title string, t *offshelf.ShelfTime) sinceVerdict {
	v := sinceVerdict{Title: title, Answer: count(t.Products, "product", "products")}
	if len(t.Brands) > 0 {
		l := spanView(t.Brands[0].Longest)
		v.Answer += ", " + l.spoken() + " at the longest (" + l.Regime + "); " + days(t.ProductDays) + " product-days together."
	}
	if t.Undated > 0 {
		v.Answer += " Of " + thousands(t.Undated) + " of them it is not known since when."
	}
	brands := t.Brands
	if len(brands) > 1 {
		all := offshelf.BrandTime{Brand: "All brands", Products: t.Products, ProductDays: t.ProductDays, Longest: brands[0].Longest, Rules: t.Rules}
		brands = append([]offshelf.BrandTime{all}, brands...)
	}
	for _, b := range brands {
		x := sinceBrand{
			Name: clean(b.Brand), Products: thousands(b.Products), ProductDays: days(b.ProductDays), Longest: spanView(b.Longest)}
		switch {
		case x.Name != "":
		case b.Maker != "":
			x.Name = "goods made by " + clean(b.Maker)
		default:
			x.Name = clean(b.BrandID)
		}
		for _, r := range b.Rules {
			x.Rules = append(x.Rules, sinceRule{
				Class: class(r.Action), Action: actionWord(r.Action), Products: thousands(r.Products), ProductDays: days(r.ProductDays), Longest: spanView(r.Longest)})
		}
		v.Brands = append(v.Brands, x)
	}
	return v
}

func spanView(s offshelf.ShelfSpan) sinceSpan {
	v := sinceSpan{
		Days: days(s.Days), Since: s.Since.Spoken(), Regime: clean(s.Regime), Title: clean(s.RegimeTitle), Basis: basis(s.Basis), Listed: clean(s.Listed),
		short: clean(string(s.Basis)), day: s.Since.String(), one: s.Days.Exact() && s.Days.Least == 1,
	}
	if s.Basis == offshelf.Law {
		v.short = "LAW"
	}
	if by, ok := strings.CutPrefix(v.day, ".."); ok {
		v.day = "by " + by
	}
	if s.Since.IsZero() {
		v.Since, v.day = "a day that is not known", "not known"
	}
	return v
}

// days says a count with thousands set apart.
func days(n offshelf.DayCount) string {
	switch {
	case n.Open:
		return "at least " + thousands(n.Least)
	case n.Least == n.Most:
		return thousands(n.Least)
	}
	return thousands(n.Least) + "–" + thousands(n.Most)
}
