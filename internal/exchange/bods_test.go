package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/exchange"
)

// TestTimeline: what a record's statements say together.
func TestTimeline(t *testing.T) {
	share := func(exact, more string) string {
		return `"interests":[{"type":"shareholding","directOrIndirect":"direct"` + more + `,"share":{"exact":` + exact + `}}]`
	}
	type said struct{ status, date, details string }
	for _, c := range []struct {
		name string
		said []said
		want []string
	}{
		{"one", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019-03"`)}}, []string{"60% control=false 2019-03/ filing"}},
		{"no start", []said{{"new", "2020-05-01", share("60", "")}}, []string{"60% control=false ..2020-05-01/ filing"}},
		{"the same again", []said{{"new", "2020-05-01", share("60", "")}, {"updated", "2021-05-01", share("60", "")}}, []string{"60% control=false ..2020-05-01/ filing"}},
		{"a new start", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"updated", "2022-05-01", share("40", `,"startDate":"2022-03-01"`)}},
			[]string{"60% control=false 2019/2022-03-01 filing", "40% control=false 2022-03-01/ filing"}},
		{"no new start", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"updated", "2022-05-01", share("40", "")}},
			[]string{"60% control=false 2019/2022-05-01 filing", "40% control=false 2022-05-01/ filing"}},
		{"the old start", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"updated", "2022-05-01", share("40", `,"startDate":"2019"`)}},
			[]string{"60% control=false 2019/2022-05-01 filing", "40% control=false 2022-05-01/ filing"}},
		{"out of order in the file", []said{{"updated", "2022-05-01", share("40", "")}, {"new", "2020-05-01", share("60", `,"startDate":"2019"`)}},
			[]string{"60% control=false 2019/2022-05-01 filing", "40% control=false 2022-05-01/ filing"}},
		{"closed", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"closed", "2022-05-01T10:00:00Z", share("60", `,"startDate":"2019"`)}},
			[]string{"60% control=false 2019/2022-05-01 filing"}},
		{"closed, with its end", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"closed", "2022-05-01", share("60", `,"startDate":"2019","endDate":"2021-12-31"`)}},
			[]string{"60% control=false 2019/2021-12-31 filing"}},
		{"closed without a word", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"closed", "2022-05-01", `"interests":[]`}},
			[]string{"60% control=false 2019/2022-05-01 filing"}},
		{"only the closing", []said{{"closed", "2022-05-01", share("60", "")}}, []string{"60% control=false ..2022-04-30/2022-05-01 filing"}},
		{"closed and begun again", []said{{"new", "2020-05-01", share("60", `,"startDate":"2019"`)}, {"closed", "2021-05-01", `"interests":[]`}, {"new", "2022-05-01", share("60", `,"startDate":"2022"`)}},
			[]string{"60% control=false 2019/2021-05-01 filing", "60% control=false 2022/ filing"}},
		{"shares and votes", []said{{"new", "2020-05-01", `"interests":[{"type":"votingRights","startDate":"2019","share":{"minimum":75,"maximum":100}},{"type":"shareholding","startDate":"2019","share":{"minimum":75,"maximum":100}}]`}},
			[]string{"75-100% control=true 2019/ filing"}},
		{"votes up to half", []said{{"new", "2020-05-01", `"interests":[{"type":"votingRights","share":{"maximum":50}}]`}}, nil},
		{"just over half of the votes", []said{{"new", "2020-05-01", `"interests":[{"type":"votingRights","share":{"exclusiveMinimum":50}}]`}}, []string{"unknown control=true ..2020-05-01/ filing"}},
		{"votes of no number", []said{{"new", "2020-05-01", `"interests":[{"type":"appointmentOfBoard"}]`}}, []string{"unknown control=true ..2020-05-01/ claim"}},
		{"legal framework", []said{{"new", "2020-05-01", `"interests":[{"type":"controlByLegalFramework"}]`}}, []string{"unknown control=true ..2020-05-01/ filing"}},
		{"a seat on the board", []said{{"new", "2020-05-01", `"interests":[{"type":"boardMember"}]`}}, nil},
		{"an interest of another code list", []said{{"new", "2020-05-01", `"interests":[{"type":"friendship"}]`}}, []string{"unknown control=false ..2020-05-01/ filing"}},
		{"nothing", []said{{"new", "2020-05-01", `"interests":[]`}}, []string{"unknown control=false ..2020-05-01/ filing"}},
	} {
		text := "[" + entityStatement("s1", "a", "A") + "," + entityStatement("s2", "b", "B")
		for i, s := range c.said {
			text += "," + relationStatement(fmt.Sprint("r", i), "r", s.status, s.date, s.details)
		}
		im, err := read(t, "x", text+"]")
		if err != nil || im.Refused > 0 {
			t.Fatalf("%s: %v, %v", c.name, err, im.Refusals)
		}
		if got := stakesOf(im); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func stakesOf(im *exchange.Import) []string {
	var out []string
	for _, s := range im.Stakes {
		out = append(out, fmt.Sprintf("%s control=%t %s %s", s.Share, s.Control, s.Interval, s.Grade))
	}
	return out
}

// TestIndirect: a summary counts only where no chain in the file says it, and
// chains go on through parties that are not named.
func TestIndirect(t *testing.T) {
	relation := func(id, holder, held, interest string) string {
		s := relationStatement(id, id, "new", "2020-01-01", `"interests":[`+interest+`]`)
		return strings.Replace(strings.Replace(s, `"subject":"b"`, `"subject":`+held, 1), `"interestedParty":"a"`, `"interestedParty":`+holder, 1)
	}
	const direct, indirect = `{"type":"shareholding","directOrIndirect":"direct","share":{"exact":60},"startDate":"2019"}`, `{"type":"shareholding","directOrIndirect":"indirect","share":{"exact":36},"startDate":"2019"}`
	parties := entityStatement("s1", "a", "A") + "," + entityStatement("s2", "b", "B") + "," + entityStatement("s3", "c", "C") + ","
	for _, c := range []struct {
		name, relations string
		stakes          int
		ignored         int
	}{
		{"with its chain", relation("1", `"a"`, `"b"`, direct) + "," + relation("2", `"b"`, `"c"`, direct) + "," + relation("3", `"a"`, `"c"`, indirect), 2, 1},
		{"alone", relation("3", `"a"`, `"c"`, indirect), 1, 0},
		{"with half of its chain", relation("1", `"a"`, `"b"`, direct) + "," + relation("3", `"a"`, `"c"`, indirect), 2, 0},
		{"with a chain of an earlier time", relation("1", `"a"`, `"b"`, strings.Replace(direct, `"2019"`, `"2017","endDate":"2018"`, 1)) + "," + relation("2", `"b"`, `"c"`, direct) + "," + relation("3", `"a"`, `"c"`, indirect), 3, 0},
		{"beside a direct stake", relation("1", `"a"`, `"c"`, direct+","+indirect), 2, 0},
		{"through one that is not named", relation("1", `"a"`, `{"reason":"unknown"}`, direct) + "," + relation("2", `{"reason":"interestedPartyExemptFromDisclosure"}`, `"c"`, direct), 2, 0},
		{"no owner at all", relation("1", `{"reason":"noBeneficialOwners"}`, `"c"`, direct), 0, 1},
	} {
		im, err := read(t, "x", "["+parties+c.relations+"]")
		if err != nil || im.Refused > 0 || len(im.Stakes) != c.stakes || im.Counts.Ignored != c.ignored {
			t.Errorf("%s: %v, %q, %+v, %v", c.name, err, stakesOf(im), im.Counts, im.Refusals)
		}
	}
}
