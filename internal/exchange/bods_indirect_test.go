package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/exchange"
)

func bodsOf(statements ...string) string {
	var b strings.Builder
	for _, s := range append([]string{entityStatement("e1", "a", "A"), entityStatement("e2", "b", "B"), entityStatement("e3", "c", "C")}, statements...) {
		b.WriteString(strings.ReplaceAll(s, "\n", " ") + "\n")
	}
	return b.String()
}

func held(id, status, date, holder, held, details string) string {
	s := relationStatement(id, "r-"+holder+held, status, date, details)
	return strings.Replace(s, `"subject":"b","interestedParty":"a"`, fmt.Sprintf(`"subject":%q,"interestedParty":%q`, held, holder), 1)
}

func stakesRead(im *exchange.Import) string {
	var out []string
	for _, s := range im.Stakes {
		out = append(out, fmt.Sprintf("%s>%s %s %v %s", s.Holder, s.Held, s.Share, s.Control, s.Interval))
	}
	return strings.Join(out, "; ")
}

// TestIndirectBODS: an indirect stake is left out only where chains say as much.
func TestIndirectBODS(t *testing.T) {
	share := func(n string) string {
		return `"interests":[{"type":"shareholding","directOrIndirect":"direct","share":{"exact":` + n + `}}]`
	}
	indirect := func(kind, n string) string {
		return `"interests":[{"type":"` + kind + `","directOrIndirect":"indirect","share":{"exact":` + n + `}}]`
	}
	for _, c := range []struct {
		name, ab, bc, ac string
		kept             bool
	}{
		{"a weak chain does not say a strong stake", "5", "5", indirect("shareholding", "60"), true},
		{"a weak chain does not say control", "5", "5", indirect("votingRights", "60"), true},
		{"by multiplication", "60", "60", indirect("shareholding", "36"), false},
		{"by majority", "60", "75", indirect("shareholding", "75"), false},
		{"control by majority", "60", "60", indirect("votingRights", "60"), false},
		{"declared, whatever it says of itself", "60", "30", `"componentRecords":["r-ab","r-bc"],"interests":[{"type":"shareholding","directOrIndirect":"unknown","share":{"exact":18}}]`, false},
		{"declared, and silent", "60", "30", `"componentRecords":["r-ab","r-bc"],"interests":[{"type":"shareholding","share":{"exact":18}}]`, false},
	} {
		im, err := read(t, "x", bodsOf(held("s1", "new", "2020-01-01", "a", "b", share(c.ab)), held("s2", "new", "2020-01-01", "b", "c", share(c.bc)), held("s3", "new", "2020-01-01", "a", "c", c.ac)))
		if err != nil || strings.Contains(stakesRead(im), "a>c") != c.kept {
			t.Errorf("%s: %v, %s", c.name, err, stakesRead(im))
		}
	}
}

// TestUndatedBODS: a statement without a date was made on or before the day of
// its publication; without either, what it ends or replaces stays open.
func TestUndatedBODS(t *testing.T) {
	share := func(n string) string { return `"interests":[{"type":"shareholding","share":{"exact":` + n + `}}]` }
	published := func(s string) string {
		return strings.Replace(s, `"bodsVersion":"0.4"`, `"bodsVersion":"0.4","publicationDate":"2023-05-01"`, 1)
	}
	for _, c := range []struct {
		first, second, stakes string
		refused               int
	}{
		{held("s1", "new", "2020-01-01", "a", "b", share("60")), published(held("s2", "closed", "", "a", "b", `"interests":[]`)), "a>b 60% false /..2023-05-01", 0},
		{held("s1", "new", "2020-01-01", "a", "b", share("60")), held("s2", "closed", "", "a", "b", `"interests":[]`), "a>b 60% false ..2020-01-01/", 1},
		{held("s2", "updated", "2021-01-01", "a", "b", share("40")), published(held("s1", "new", "", "a", "b", share("60"))), "a>b 60% false ..2020-12-31/2021-01-01; a>b 40% false 2021-01-01/", 0},
	} {
		im, err := read(t, "x", bodsOf(c.first, c.second))
		if err != nil || stakesRead(im) != c.stakes || im.Refused != c.refused {
			t.Errorf("%v, %s, want %s; %v", err, stakesRead(im), c.stakes, im.Refusals)
		}
	}
}

// TestOneLineBODS: statements that stand in one line are told apart.
func TestOneLineBODS(t *testing.T) {
	share := `"interests":[{"type":"shareholding","share":{"exact":60}}]`
	text := bodsOf(held("s1", "new", "2020-01-01", "a", "b", share), held("s2", "new", "2020-01-01", "a", "c", `"interests":[{"type":"boardMember"}]`))
	lines, err := read(t, "x", text)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := read(t, "x", "["+strings.ReplaceAll(strings.TrimSpace(text), "\n", ",")+"]")
	if err != nil || flat.Counts != lines.Counts || flat.Counts.Ignored != 1 {
		t.Errorf("%v, %+v, in lines %+v", err, flat.Counts, lines.Counts)
	}
}
