package exchange_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
)

// told writes the stakes that carry: who, whom, how much, when, and whether
// weak.
func told(k *offshelf.Knowledge) []string {
	var out []string
	for _, s := range k.Stakes {
		if s.Conflict == "" {
			out = append(out, fmt.Sprintf("%s → %s: %s control=%t %s weak=%t", s.Holder, s.Held, s.Share, s.Control, s.Interval, s.Grade.Weak()))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// again exports a knowledge, reads it, and lays it over the parties alone.
func again(t interface {
	Helper()
	Fatal(...any)
}, k *offshelf.Knowledge, write func(*bytes.Buffer) error) (*exchange.Import, *offshelf.Knowledge, *exchange.Laid) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	im, err := exchange.Read("again.json", &b)
	if err != nil {
		t.Fatal(err)
	}
	if im.Refused > 0 {
		t.Fatal(im.Refusals)
	}
	empty := *k
	empty.Stakes, empty.Listings = nil, nil
	out, laid := exchange.Lay(&empty, im)
	return im, out, laid
}

// TestRoundTripShipped: the shipped stakes come back from either format the
// same, at the same parties.
func TestRoundTripShipped(t *testing.T) {
	k, _ := embedded(t)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"ftm":  func(b *bytes.Buffer) error { return exchange.FollowTheMoney(b, k) },
		"bods": func(b *bytes.Buffer) error { return exchange.Statements(b, k) },
	} {
		im, back, laid := again(t, k, write)
		if diff := cmp.Diff(told(k), told(back)); diff != "" {
			t.Errorf("%s: stakes before and after:\n%s", name, diff)
		}
		if laid.Added.Parties != 0 || laid.Left != 0 {
			t.Errorf("%s: %d parties added, %d facts left out: %v", name, laid.Added.Parties, laid.Left, laid.LeftOut)
		}
		t.Logf("%s: %+v, %d stakes, %d findings", name, im.Counts, len(im.Stakes), im.FindingCount)
		if name == "ftm" {
			listings := map[string]bool{}
			for _, x := range k.Listings {
				if x.Party == "" {
					continue // an entry on a class of goods has no entity
				}
				listings[x.Party+" "+x.List+" "+x.Name+" "+x.Interval.String()] = true
			}
			for _, x := range back.Listings {
				delete(listings, x.Party+" "+x.List+" "+x.Name+" "+x.Interval.String())
			}
			if len(listings) > 0 {
				t.Errorf("listings that do not come back: %v", listings)
			}
		}
	}
}

// TestRoundTripStakes: any stake comes back the same from either format.
func TestRoundTripStakes(t *testing.T) {
	dates := rapid.SampledFrom([]string{"", "2018", "2018-02", "2018-02-06", "2017~", "2017-05?", "..2018-02-06", "..2019", "2019-03-01~"})
	ends := rapid.SampledFrom([]string{"", "2022", "2022-11", "2022-11-24", "2023~", "2023-05?"})
	kinds := rapid.SampledFrom([]string{"company", "person", "state", "group", ""})
	rapid.Check(t, func(t *rapid.T) {
		k := &offshelf.Knowledge{Version: "2026-11-24"}
		n := rapid.IntRange(2, 5).Draw(t, "parties")
		for i := range n {
			k.Parties = append(k.Parties, offshelf.Party{ID: fmt.Sprint("p", i), Name: fmt.Sprint("Party ", i), Kind: kinds.Draw(t, "kind"), Evidence: offshelf.Evidence{Grade: offshelf.GradeFiling}})
		}
		for range rapid.IntRange(1, 6).Draw(t, "stakes") {
			a := rapid.IntRange(0, n-1).Draw(t, "holder")
			b := rapid.IntRange(0, n-1).Draw(t, "held")
			if a == b || k.Parties[b].Kind == "person" {
				continue
			}
			s := offshelf.Stake{Holder: k.Parties[a].ID, Held: k.Parties[b].ID, Control: rapid.Bool().Draw(t, "control"), Evidence: offshelf.Evidence{Grade: offshelf.GradeFiling}}
			if rapid.Bool().Draw(t, "weak") {
				s.Grade = offshelf.GradeClaim
			}
			if rapid.Bool().Draw(t, "known") {
				low := rapid.Int32Range(0, 10000).Draw(t, "min")
				s.Share = offshelf.Share{Min: low, Max: rapid.Int32Range(low, 10000).Draw(t, "max"), Known: true}
			}
			s.From, _ = offshelf.ParseDate(dates.Draw(t, "from"))
			s.Until, _ = offshelf.ParseDate(ends.Draw(t, "until"))
			k.Stakes = append(k.Stakes, s)
		}
		for name, write := range map[string]func(*bytes.Buffer) error{
			"ftm":  func(b *bytes.Buffer) error { return exchange.FollowTheMoney(b, k) },
			"bods": func(b *bytes.Buffer) error { return exchange.Statements(b, k) },
		} {
			_, back, _ := again(t, k, write)
			was := told(&offshelf.Knowledge{Stakes: started(k)})
			if diff := cmp.Diff(was, told(back)); diff != "" {
				t.Fatalf("%s: before and after:\n%s", name, diff)
			}
		}
	})
}

// started gives the stakes the start that a fact without one gets.
func started(k *offshelf.Knowledge) []offshelf.Stake {
	out := slices.Clone(k.Stakes)
	for i := range out {
		s := &out[i]
		if s.From.IsZero() {
			d, _ := offshelf.ParseDate(k.Version)
			s.From = d.OnOrBefore()
			if !s.Until.IsZero() && s.Until.Earliest() <= s.From.Latest() {
				s.From = (s.Until.Earliest() - 1).Date().OnOrBefore()
			}
		}
	}
	return out
}

// TestStatements holds the export to the form of the standard.
func TestStatements(t *testing.T) {
	k, _ := embedded(t)
	var a, b bytes.Buffer
	if err := exchange.Statements(&a, k); err != nil {
		t.Fatal(err)
	}
	if err := exchange.Statements(&b, k); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("not the same bytes each time")
	}
	if n := strings.Count(a.String(), "\n"); n < len(k.Parties) {
		t.Errorf("%d lines", n)
	}
	if exchange.Statements(failing{}, k) == nil {
		t.Error("what could not be written is a success")
	}
	var none bytes.Buffer
	if err := exchange.Statements(&none, &offshelf.Knowledge{}); err != nil || none.String() != "[]\n" {
		t.Errorf("of nothing: %q, %v", none.String(), err)
	}
}

// TestRoundTripIdentifiers: numbers come back from either format; what has no
// code on the list of BODS comes back by its name.
func TestRoundTripIdentifiers(t *testing.T) {
	all := ids("lei", leiA, "uscc", "91330000733796106P", "inn", "1841015504", "ogrn", "1101841007938", "imo", "9074729", "cik", "320193", "duns", "080466467",
		"isin", "US0378331005", "isin", "GB0009895292", "GB-COH", "02723534", "RA000242", "HRB 1", "registration", "CN 77")
	k := &offshelf.Knowledge{Version: "2026-11-24", Parties: []offshelf.Party{{ID: "a", Name: "A", Kind: "company", Country: "CN", Identifiers: all}}}
	less := func(a, b offshelf.Identifier) int { return strings.Compare(a.Scheme+a.ID, b.Scheme+b.ID) }
	slices.SortFunc(all, less)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"ftm":  func(b *bytes.Buffer) error { return exchange.FollowTheMoney(b, k) },
		"bods": func(b *bytes.Buffer) error { return exchange.Statements(b, k) },
	} {
		im, _, laid := again(t, k, write)
		got := slices.Clone(im.Parties[0].Identifiers)
		slices.SortFunc(got, less)
		if diff := cmp.Diff(all, got); diff != "" || laid.Joined != 1 || im.FindingCount > 0 {
			t.Errorf("%s: %s\n%d joined, %v", name, diff, laid.Joined, im.Findings)
		}
	}
}
