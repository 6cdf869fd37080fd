package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store/query"
)

// The states of a clock.
const (
	ClockRuns    = "runs"    // the due day is to come
	ClockDue     = "due"     // the due day is today
	ClockOverdue = "overdue" // the due day is past
	ClockStopped = "stopped" // nothing is due any more
	ClockCounts  = "counts"  // it has no due day: it counts days
)

// Clock is a term that runs in a case, or an age that grows.
type Clock struct {
	Kind   string            `json:"kind"` // report, supplier, keep, wait, age-listed, age-open
	Title  string            `json:"title"`
	Since  string            `json:"since,omitempty"` // the day it counts from, as far as it is known
	Due    string            `json:"due,omitempty"`   // the last day, YYYY-MM-DD
	State  string            `json:"state"`
	Days   offshelf.DayCount `json:"days"`             // so far
	Rule   string            `json:"rule"`             // how it counts
	Source string            `json:"source,omitempty"` // where the rule is to be read
	About  int64             `json:"about,omitempty"`  // the supplier request or decision
}

// The source of the terms for reports.
const (
	far889    = "48 CFR 52.204-25(d)"
	far889URL = "https://www.acquisition.gov/far/52.204-25"
)

// easternOffset takes an instant to US Eastern standard time. In summer it is
// an hour early, so that a report may be due a day early and never late.
const easternOffset = 5 * 60 * 60 * 1e6

// Clocks tells the terms and ages of a case as of a day.
func Clocks(ctx context.Context, q *query.Queries, ws, caseID int64, today offshelf.Day) ([]Clock, error) {
	c, err := caseOf(ctx, q, ws, caseID)
	if err != nil {
		return nil, err
	}
	w, err := q.Workspace(ctx, ws)
	if err != nil {
		return nil, err
	}
	settings, err := ParseSettings(w.Settings)
	if err != nil {
		return nil, err
	}
	var out []Clock
	if settings.reports(ReportingRegime) {
		first, err := q.FirstReached(ctx, query.FirstReachedParams{CaseID: c.ID, Regime: ReportingRegime})
		if err != nil {
			return nil, err
		}
		if first.OpenedAt != 0 {
			out = append(out, reportClocks(first, today)...)
		}
	}
	requests, err := q.SupplierRequestsOfCase(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range requests {
		asked := DayOf(r.AskedAt)
		k := dated("supplier", "Answer of "+r.Supplier, asked, offshelf.Day(r.DueOn), today)
		k.Rule, k.About = "the day that the letter names", r.ID
		if r.State != "open" {
			k.State, k.Days = ClockStopped, between(asked, DayOf(r.AnsweredAt))
		}
		out = append(out, k)
	}
	effective, err := q.EffectiveDecisions(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for i := range effective {
		if last, ok := EndsOn(&effective[i]); ok {
			k := dated(effective[i].Kind, fmt.Sprintf("Decision to %s", effective[i].Kind), DayOf(effective[i].DecidedAt), last, today)
			k.Rule, k.About = "the last day of the decision; the case opens again on the next", effective[i].ID
			out = append(out, k)
		}
	}
	listed, err := listedAge(ctx, q, c.ID, today)
	if err != nil {
		return nil, err
	}
	if listed != nil {
		out = append(out, *listed)
	}
	age := Clock{Kind: "age-open", Title: "Since the case was opened", Since: DayOf(c.OpenedAt).String(), State: ClockCounts, Rule: "days since the first finding opened the case"}
	age.Days = between(DayOf(c.OpenedAt), today)
	if c.State == Closed {
		age.State, age.Days = ClockStopped, between(DayOf(c.OpenedAt), DayOf(c.ClosedAt))
	}
	return append(out, age), nil
}

// reportClocks are the two terms of the contractor's report. The clause counts
// the second from the day of the first report; counted from the finding it is
// never too late.
func reportClocks(first query.FirstReachedRow, today offshelf.Day) []Clock {
	found := DayOf(first.OpenedAt - easternOffset)
	terms := []struct {
		days  int
		title string
		rule  string
	}{
		{1, "First report to the contracting officer", "1 business day after the finding; US federal holidays do not count"},
		{10, "Report on what was done about it", "10 business days; the clause counts them from the first report, here they count from the finding, so as never to be late"},
	}
	var out []Clock
	for _, t := range terms {
		k := dated("report", t.title, found, addBusinessDays(found, t.days), today)
		k.Rule, k.Source = t.rule+". It binds US federal contractors that use the goods in performing a contract", far889+", "+far889URL
		if first.Open == 0 {
			k.State = ClockStopped
		}
		out = append(out, k)
	}
	return out
}

// dated is a clock with a due day.
func dated(kind, title string, since, due, today offshelf.Day) Clock {
	k := Clock{Kind: kind, Title: title, Since: since.String(), Due: due.String(), State: ClockRuns, Days: between(since, today)}
	switch {
	case today == due:
		k.State = ClockDue
	case today > due:
		k.State = ClockOverdue
	}
	return k
}

func between(from, to offshelf.Day) offshelf.DayCount {
	return offshelf.Interval{From: from.Date()}.DaysBefore(max(from, to))
}

// listedAge counts from the earliest day since which an open finding holds.
// Findings that hold since no known day are not counted.
func listedAge(ctx context.Context, q *query.Queries, caseID int64, today offshelf.Day) (*Clock, error) {
	var best *Clock
	for s := ""; ; { // from each date to the next in the index: a case has many findings and few dates
		var err error
		s, err = q.NextSince(ctx, query.NextSinceParams{CaseID: caseID, Since: s})
		if errors.Is(err, sql.ErrNoRows) {
			return best, nil
		}
		if err != nil {
			return nil, err
		}
		d, err := offshelf.ParseDate(s)
		if err != nil {
			return nil, err
		}
		days := offshelf.Interval{From: d}.DaysBefore(today)
		if best == nil || days.Compare(best.Days) > 0 {
			best = &Clock{
				Kind: "age-listed", Title: "Since the rule reached it", Since: d.String(), State: ClockCounts, Days: days,
				Rule: "days since the longest finding holds, as if the product had been on the shelf on all of them",
			}
		}
	}
}
