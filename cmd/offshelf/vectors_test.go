package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is a case of OFAC's 50 Percent Rule, or of another rule on the same
// facts: F401-1 is the first example of OFAC's FAQ 401, D1 follows from the
// text of the rule. A listing is written "X sdn 2019-10-09/", a stake
// "X>A:50 2018/2020", with ? for a share that is not known, + for control and ! for what is unconfirmed.
// What has no dates holds from 2014-01-01 on; a start of ".." is not stated.
type vector struct {
	id, facts string
	asks      []string // "A us-ofac-50 2021-10-25: reached 2018-02-05/2022-11-24"
}

const ofac = "us-ofac-50 2025-10-10: "

var vectors = []vector{
	{"F401-1", "X sdn, X>A:50, A>B:50", []string{"A " + ofac + "reached", "B " + ofac + "reached"}},
	{"F401-2", "X sdn, X>A:50, X>B:50, A>C:25, B>C:25", []string{"C " + ofac + "reached"}},
	{"F401-3", "X sdn, X>A:50, X>B:10, A>B:40", []string{"B " + ofac + "reached"}},
	{"F401-4", "X sdn, X>A:50, X>B:25, A>C:25, B>C:25", []string{"C " + ofac + "not reached", "B " + ofac + "not reached"}},
	{"F401-5", "X sdn, X>A:25, X>B:25, A>C:50, B>C:50", []string{"C " + ofac + "not reached"}},
	{"F401-6", "X sdn, Y sdn, X>A:50, Y>B:10, A>B:40", []string{"B " + ofac + "reached"}},
	{"F398", "X sdn, X>A:30+", []string{"A " + ofac + "not reached"}},
	{"F399-a", "X sdn, Y sdn, X>A:25, Y>A:25", []string{"A " + ofac + "reached"}},
	{"F399-b", "X sdn, Y sdn, X>A:30, Y>A:25", []string{"A " + ofac + "reached"}},
	{"F402", "X sdn, X>A:60 2015-01-01/2020-06-01, X>A:40 2020-06-01/", []string{
		"A us-ofac-50 2020-05-31: reached 2015-01-01/2020-06-01", "A us-ofac-50 2020-06-01: not reached"}},
	{"F573", "X sdn, X>A:49.99", []string{"A " + ofac + "not reached"}},
	{"D1", "X sdn, X>A:49.99", []string{"A " + ofac + "not reached"}},
	{"D2", "X sdn, X eu, X uk, X>A:50", []string{
		"A " + ofac + "reached", "A eu-asset-freeze 2024-07-03: reached 2024-07-03/", "A eu-asset-freeze 2024-07-02: not reached", "A uk-asset-freeze 2025-10-10: not reached"}},
	{"D2-above", "X eu, X uk, X>A:50.01", []string{
		"A eu-asset-freeze 2024-07-02: reached 2014-01-01/", "A eu-asset-freeze 2024-07-03: reached 2014-01-01/", "A uk-asset-freeze 2025-10-10: reached"}},
	{"D3", "X sdn, X>A:50, A>B:50, B>C:50, C>D:50", []string{"D " + ofac + "reached 2014-08-13/"}},
	{"D4", "X sdn, X>A:49, A>B:100", []string{"B " + ofac + "not reached"}},
	{"D5", "X sdn, Y sdn, X>A:49, Y>A:1, A>B:50", []string{"B " + ofac + "reached"}},
	{"D6", "X sdn, Y sdn, X>A:50, A>B:30, Y>B:20", []string{"B " + ofac + "reached"}},
	{"D7", "X sdn, X>A:40, B>A:10, A>B:60", []string{"A " + ofac + "not reached", "B " + ofac + "not reached"}},
	{"D8", "X sdn, X>A:40, X>B:50, B>A:10, A>B:40", []string{"A " + ofac + "reached"}},
	{"D9", "X sdn, X>A:?", []string{"A " + ofac + "possible"}},
	{"D10", "X sdn, X>A:45-55", []string{"A " + ofac + "possible"}},
	{"D10-year", "X sdn, X>A:60 2018/2022-03", []string{
		"A us-ofac-50 2017-12-31: not reached", "A us-ofac-50 2018-01-01: possible", "A us-ofac-50 2018-12-31: reached 2018/2022-03",
		"A us-ofac-50 2022-02-28: reached 2018/2022-03", "A us-ofac-50 2022-03-01: possible", "A us-ofac-50 2022-03-31: not reached"}},
	{"D11", "X sdn, X>A:60 2018-02-05/2022-11-24", []string{
		"A us-ofac-50 2018-02-04: not reached", "A us-ofac-50 2018-02-05: reached 2018-02-05/2022-11-24",
		"A us-ofac-50 2022-11-23: reached 2018-02-05/2022-11-24", "A us-ofac-50 2022-11-24: not reached"}},
	{"D12", "X sdn 2019-10-09/, X>A:100 2018-01-01/", []string{"A us-ofac-50 2019-10-08: not reached", "A us-ofac-50 2019-10-09: reached 2019-10-09/"}},
	{"D13", "X sdn 2019-10-09/2025-01-07, X>A:100", []string{"A us-ofac-50 2025-01-06: reached 2019-10-09/2025-01-07", "A us-ofac-50 2025-01-07: not reached"}},
	{"D14", "X sdn, X>A:50, X>A:50, X>B:25, X>B:25", []string{"A " + ofac + "reached", "B " + ofac + "not reached"}},
	{"D15", "X sdn, X>A:60, Y>A:60", []string{"A " + ofac + "reached"}},
	{"D16", "X sdn, Y sdn, Z sdn, X>A:16.67, Y>A:16.67, Z>A:16.66, X>B:16.66, Y>B:16.67, Z>B:16.66", []string{"A " + ofac + "reached", "B " + ofac + "not reached"}},
	{"D17", "X cmic, X>A:100", []string{"A " + ofac + "not reached", "A us-ns-cmic 2025-10-10: not reached", "X us-ns-cmic 2025-10-10: reached"}},
	{"D18-889", "X 889, Y 889, X>A:26, Y>A:26, X>B:50, X>C:50.01, X>D:1+", []string{
		"A us-ndaa-889 2025-10-10: not reached", "B us-ndaa-889 2025-10-10: not reached", "C us-ndaa-889 2025-10-10: reached", "D us-ndaa-889 2025-10-10: reached"}},
	{"D18-1260H", "X 1260h, Y 1260h, X>A:26, Y>A:26, X>C:50.01", []string{"A us-1260h 2025-10-10: not reached", "C us-1260h 2025-10-10: reached"}},
	{"D18-FCC", "X fcc, Y fcc, X>A:6, Y>A:6, X>B:10, X>C:10.01, H>X:11, H>D:11, X>E:1+", []string{
		"A us-fcc-covered 2025-10-10: not reached", "B us-fcc-covered 2025-10-10: not reached", "C us-fcc-covered 2025-10-10: reached",
		"H us-fcc-covered 2025-10-10: reached", "D us-fcc-covered 2025-10-10: reached", "E us-fcc-covered 2025-10-10: reached"}},
	{"three-rules", "L sdn, L el, L fcc, L eu, L uk, L>E:48+", []string{
		"E " + ofac + "not reached", "E us-bis-affiliates 2025-10-10: not reached", "E us-fcc-covered 2025-10-10: reached",
		"E eu-asset-freeze 2025-10-10: possible", "E uk-asset-freeze 2025-10-10: possible"}},
	{"affiliates-days", "L el 2019-10-09/, L>E:50", []string{
		"E us-bis-affiliates 2025-09-28: not reached", "E us-bis-affiliates 2025-09-29: reached 2025-09-29/2025-11-10",
		"E us-bis-affiliates 2025-11-09: reached 2025-09-29/2025-11-10", "E us-bis-affiliates 2025-11-10: not reached",
		"E us-bis-affiliates 2026-11-09: not reached", "E us-bis-affiliates 2026-11-10: possible 2026-11-10/"}},
	{"unconfirmed", "X sdn!, X>A:60, Y sdn, Y>B:60!", []string{"A " + ofac + "possible", "B " + ofac + "possible"}},
	{"no-such-day", "X sdn 2015-01-01/2019-02-29, X>A:60, Y sdn, Y>B:60 2014-01-01/2019-02-30", []string{
		"A us-ofac-50 2019-02-27: possible", "A us-ofac-50 2019-02-28: not reached", "B us-ofac-50 2024-01-01: not reached"}},
	{"circle", "B sdn, A>B:100, B>A:100", []string{"A " + ofac + "possible"}},
	{"circle-turned", "B sdn, A>B:100, B>A:100, C sdn, C>D:100, D>C:100", []string{"D " + ofac + "reached"}},
	{"circle-in-time", "B sdn, A>B:100 ../2019-04-22, B>A:100 ../", []string{"A us-ofac-50 2100-01-01: reached"}},
}

var vectorLists = map[string]string{
	"sdn": "us-ofac-sdn", "el": "us-bis-el", "cmic": "us-ns-cmic", "889": "us-ndaa-889", "1260h": "us-1260h", "fcc": "us-fcc-covered",
	"eu": "eu-asset-freeze", "uk": "uk-asset-freeze",
}

// TestVectors types the cases as ownership data and asks the command.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.id, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "world.ftm.json")
			if err := os.WriteFile(file, v.world(t), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, ask := range v.asks {
				question, want, _ := strings.Cut(ask, ": ")
				q := strings.Fields(question)
				verdict, days, dated := strings.Cut(want, " 2")
				a := askReach(t, file, vectorName(q[0]), q[1], q[2])
				if a.Verdict != verdict || dated && a.Since+"/"+a.Until != "2"+days {
					t.Errorf("%s: %s %s/%s, want %s", question, a.Verdict, a.Since, a.Until, want)
				}
				for _, f := range a.Flips {
					if f.Then == a.Verdict {
						t.Errorf("%s: %s turns nothing", question, f.Change)
					}
				}
				if (a.Verdict != "not reached") != (len(a.Facts) > 0) || (a.Verdict == "possible") != (len(a.Open) > 0) {
					t.Errorf("%s: %s by %d facts, open %q", question, a.Verdict, len(a.Facts), a.Open)
				}
				if v.id == "F398" && len(a.Warnings) != 1 { // control is not ownership, and has to be warned of
					t.Errorf("%s: warnings %q", question, a.Warnings)
				}
			}
		})
	}
}

type reachAnswer struct {
	Verdict, Since, Until string
	Facts                 []any
	Open                  []string
	Warnings              []string
	Flips                 []struct{ Change, Then string }
}

// TestFlipsUnderAScheduledRule: under a rule of which it is not confirmed that
// it took effect, no fact makes more than possible.
func TestFlipsUnderAScheduledRule(t *testing.T) {
	file := filepath.Join(t.TempDir(), "world.ftm.json")
	v := vector{facts: "L el, L>A:49, L>B:50"}
	if err := os.WriteFile(file, v.world(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for party, want := range map[string]string{"A": "possible", "B": "not reached"} {
		a := askReach(t, file, vectorName(party), "us-bis-affiliates", "2026-11-10")
		if len(a.Flips) == 0 {
			t.Errorf("%s: nothing turns it", party)
		}
		for _, f := range a.Flips {
			if f.Then != want {
				t.Errorf("%s: %s: %s, want %s", party, f.Change, f.Then, want)
			}
		}
	}
}

func askReach(t *testing.T, file, party, regime, day string) (a reachAnswer) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := []string{"reach", party, "--lists", "none", "--with", file, "--regime", regime, "--as-of", day, "-o", "json"}
	if code := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("%q: exit code %d, %s", args, code, stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, stdout.String())
	}
	return a
}

// vectorName is a name that is no name of the knowledge.
func vectorName(party string) string { return "Vectorworld " + party + party + party }

// world writes the facts as FollowTheMoney.
func (v vector) world(t *testing.T) []byte {
	t.Helper()
	var parties []string
	var lines []map[string]any
	add := func(schema string, properties map[string][]string, span string) {
		from, until, _ := strings.Cut(span, "/")
		if from == "" {
			from = "2014-01-01"
		}
		if from != ".." {
			properties["startDate"] = []string{from}
		}
		if until != "" {
			properties["endDate"] = []string{until}
		}
		lines = append(lines, map[string]any{"id": fmt.Sprintf("fact-%d", len(lines)), "schema": schema, "properties": properties})
	}
	for _, fact := range strings.Split(v.facts, ", ") {
		word := append(strings.Fields(fact), "", "")
		holder, rest, stake := strings.Cut(word[0], ">")
		parties = append(parties, holder)
		if !stake {
			name, weak := strings.CutSuffix(word[1], "!")
			list, ok := vectorLists[name]
			if !ok {
				t.Fatalf("%s: no list %q", fact, word[1])
			}
			properties := map[string][]string{"entity": {holder}, "programId": {list}}
			if weak {
				properties["status"] = []string{"unconfirmed"}
			}
			add("Sanction", properties, word[2])
			continue
		}
		held, share, _ := strings.Cut(rest, ":")
		parties = append(parties, held)
		properties := map[string][]string{"owner": {holder}, "asset": {held}}
		share, weak := strings.CutSuffix(share, "!")
		if weak {
			properties["status"] = []string{"unconfirmed"}
		}
		share, control := strings.CutSuffix(share, "+")
		if control {
			properties["role"] = []string{"controls"}
		}
		if share != "?" {
			properties["percentage"] = []string{share + "%"}
		}
		add("Ownership", properties, word[1])
	}
	slices.Sort(parties)
	for _, p := range slices.Compact(parties) {
		lines = append(lines, map[string]any{"id": p, "schema": "Company", "properties": map[string][]string{"name": {vectorName(p)}}})
	}
	var b bytes.Buffer
	for _, line := range lines {
		data, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(data, '\n'))
	}
	return b.Bytes()
}
