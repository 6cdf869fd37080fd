package exchange_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
	"github.com/offshelf/offshelf/knowledge"
)

// model is the part of FollowTheMoney 3.8.4 that is used: properties by
// schema, with the schema that an id in them must be of.
var model = map[string]map[string]string{
	"Asset":        thing(nil),
	"Company":      thing(nil),
	"LegalEntity":  thing(nil),
	"Organization": thing(nil),
	"Person":       thing(nil),
	"PublicBody":   thing(nil),
	"Ownership":    interest(map[string]string{"owner": "LegalEntity", "asset": "Asset", "percentage": ""}),
	"UnknownLink":  interest(map[string]string{"subject": "Thing", "object": "Thing"}),
	"Sanction": interval(map[string]string{"entity": "Thing", "authority": "", "program": "", "programId": "", "listingDate": "date",
		"reason": "", "status": ""}),
}

// is lists what each schema is beside itself.
var is = map[string][]string{
	"Asset": {"Thing"}, "Company": {"Thing", "Asset", "LegalEntity"}, "LegalEntity": {"Thing"}, "Organization": {"Thing", "LegalEntity"},
	"Person": {"Thing", "LegalEntity"}, "PublicBody": {"Thing", "LegalEntity"},
}

func thing(p map[string]string) map[string]string {
	return with(p, "name", "alias", "weakAlias", "country", "notes", "summary", "description", "sourceUrl", "publisher")
}

func interval(p map[string]string) map[string]string {
	p = with(p, "summary", "description", "sourceUrl", "publisher", "recordId")
	p["startDate"], p["endDate"] = "date", "date"
	return p
}

func interest(p map[string]string) map[string]string { return with(interval(p), "role", "status") }

func with(p map[string]string, names ...string) map[string]string {
	if p == nil {
		p = map[string]string{}
	}
	for _, n := range names {
		p[n] = ""
	}
	return p
}

func embedded(t *testing.T) (*offshelf.Knowledge, string) {
	t.Helper()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return k, sum
}

func entities(t *testing.T, k *offshelf.Knowledge) map[string]exchange.Entity {
	t.Helper()
	var b bytes.Buffer
	if err := exchange.FollowTheMoney(&b, k); err != nil {
		t.Fatal(err)
	}
	out := map[string]exchange.Entity{}
	for line := range strings.Lines(b.String()) {
		var e exchange.Entity
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if _, ok := out[e.ID]; ok {
			t.Errorf("id %s is given twice: %s", e.ID, line)
		}
		out[e.ID] = e
	}
	return out
}

var (
	dateShape = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)
	idShape   = regexp.MustCompile(`^offshelf-[0-9a-f]{40}$`)
)

// TestModel holds every entity of the shipped facts to the model.
func TestModel(t *testing.T) {
	k, _ := embedded(t)
	all := entities(t, k)
	seen := map[string]int{}
	for id, e := range all {
		seen[e.Schema]++
		properties := model[e.Schema]
		if properties == nil || !idShape.MatchString(id) {
			t.Fatalf("entity %s of schema %q", id, e.Schema)
		}
		for name, values := range e.Properties {
			want, ok := properties[name]
			if !ok {
				t.Errorf("%s has no property %s", e.Schema, name)
			}
			for _, v := range values {
				switch {
				case v == "":
					t.Errorf("%s of %s is empty", name, id)
				case want == "date" && !dateShape.MatchString(v):
					t.Errorf("%s of %s is %q", name, id, v)
				case name == "country" && (len(v) != 2 || v != strings.ToLower(v)):
					t.Errorf("country %q", v)
				case want != "" && want != "date":
					if to := all[v].Schema; to != want && !strings.Contains(strings.Join(is[to], " "), want) {
						t.Errorf("%s of %s leads to %q, want %s", name, e.Schema, to, want)
					}
				}
			}
		}
		for _, must := range map[string][]string{"Ownership": {"owner", "asset"}, "UnknownLink": {"subject", "object", "role"}, "Sanction": {"entity", "authority", "program", "programId"}, "Company": {"name"}, "Asset": {"name"}}[e.Schema] {
			if len(e.Properties[must]) == 0 {
				t.Errorf("%s %s has no %s", e.Schema, id, must)
			}
		}
	}
	parties := 0 // listings of goods are of no entity
	for _, l := range k.Listings {
		if l.Party != "" {
			parties++
		}
	}
	if seen["Company"] < 100 || seen["Asset"] != len(k.Brands) || seen["Sanction"] != parties || seen["Ownership"] == 0 || seen["UnknownLink"] == 0 {
		t.Errorf("%v", seen)
	}
}

// TestEntities writes a small world.
func TestEntities(t *testing.T) {
	date := func(s string) offshelf.Date {
		d, err := offshelf.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	share := func(s string) offshelf.Share {
		v, err := offshelf.ParseShare(s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	k := &offshelf.Knowledge{
		Sources: []offshelf.Source{{ID: "s", URL: "https://example.org/s", Publisher: "Gazette"}},
		Parties: []offshelf.Party{
			{ID: "a", Name: "Acme", Kind: "company", Country: "CN"}, {ID: "state", Name: "The State", Kind: "state"},
			{ID: "x", Name: "Unknown kind"}, {ID: "group", Name: "Group", Kind: "group"},
		},
		Stakes: []offshelf.Stake{
			{Holder: "state", Held: "a", Share: share("45-55%"), Interval: offshelf.Interval{From: date("..2018"), Until: date("2020-05~")}},
			{Holder: "a", Held: "group", Share: share("100%"), Evidence: offshelf.Evidence{Grade: offshelf.GradeClaim}},
			{Holder: "state", Held: "a", Control: true, Conflict: "does not carry"},
			{Holder: "x", Held: "a", Control: true, Evidence: offshelf.Evidence{Grade: offshelf.GradeOfficial, Sources: []string{"s"}}},
		},
		Brands: []offshelf.Brand{{ID: "a", Name: "Anvil", Aliases: []string{"AV"}, Ambiguous: "a tool", Holders: []offshelf.Holder{{Party: "a", Interval: offshelf.Interval{From: date("2018-02-06")}}}}},
		Makes: []offshelf.Make{
			{Maker: "a", Brand: "a", All: true}, {Maker: "x", Brand: "a", Relation: offshelf.Firmware, Models: []string{"^AV"}}, {Maker: "group", Brand: "a", Conflict: "no"},
		},
		Regimes:  []offshelf.Regime{{ID: "rule", Title: "Rule", Authority: "Office", Lists: []string{"list"}}},
		Listings: []offshelf.Listing{{ID: "list/a", Party: "a", List: "list", Name: "ACME", Citation: "1 FR 2", Status: "modified", Interval: offshelf.Interval{From: date("2019-10-09")}}},
		Concerns: []offshelf.Concern{{Party: "a", What: "Smoke", By: "Paper"}, {Party: "a", What: "None", By: "Acme", Reply: true}},
	}
	var b bytes.Buffer
	if err := exchange.FollowTheMoney(&b, k); err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`offshelf-[0-9a-f]{40}`)
	short := map[string]string{}
	got := ids.ReplaceAllStringFunc(b.String(), func(id string) string {
		if short[id] == "" {
			short[id] = string(rune('A' + len(short)))
		}
		return short[id]
	})
	want := `{"id":"A","schema":"Company","properties":{"country":["cn"],"name":["Acme"],"notes":["Concern, as reported by Paper: Smoke"]}}
{"id":"B","schema":"PublicBody","properties":{"name":["The State"]}}
{"id":"C","schema":"LegalEntity","properties":{"name":["Unknown kind"]}}
{"id":"D","schema":"Organization","properties":{"name":["Group"]}}
{"id":"E","schema":"Asset","properties":{"description":["Brand"],"name":["Anvil"],"summary":["The name alone proves nothing: a tool"],"weakAlias":["AV"]}}
{"id":"F","schema":"Ownership","properties":{"asset":["E"],"owner":["A"],"role":["holder of the brand"],"startDate":["2018-02-06"],"status":["unconfirmed"]}}
{"id":"G","schema":"Ownership","properties":{"asset":["A"],"endDate":["2020-05"],"owner":["B"],"percentage":["45-55"],"role":["owner"],"status":["unconfirmed"],"summary":["Start: on or before 2018","End is approximate"]}}
{"id":"H","schema":"UnknownLink","properties":{"object":["D"],"role":["owner"],"status":["unconfirmed"],"subject":["A"],"summary":["Share: 100%"]}}
{"id":"I","schema":"Ownership","properties":{"asset":["A"],"owner":["C"],"publisher":["Gazette"],"role":["control"],"sourceUrl":["https://example.org/s"]}}
{"id":"J","schema":"UnknownLink","properties":{"object":["E"],"role":["maker"],"status":["unconfirmed"],"subject":["A"]}}
{"id":"K","schema":"UnknownLink","properties":{"object":["E"],"role":["supplier of the firmware"],"status":["unconfirmed"],"subject":["C"],"summary":["Models: ^AV"]}}
{"id":"L","schema":"Sanction","properties":{"authority":["Office"],"entity":["A"],"listingDate":["2019-10-09"],"program":["Rule"],"programId":["list"],"reason":["1 FR 2"],"recordId":["list/a"],"startDate":["2019-10-09"],"status":["modified","unconfirmed"],"summary":["Printed as: ACME"]}}
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestIDsStay: a fact that is added or corrected moves no other id.
func TestIDsStay(t *testing.T) {
	k, _ := embedded(t)
	before := entities(t, k)
	more := *k
	more.Parties = append([]offshelf.Party{{ID: "aaa", Name: "First"}}, k.Parties...)
	more.Stakes = append([]offshelf.Stake{{Holder: "aaa", Held: k.Parties[0].ID}}, k.Stakes...)
	after := entities(t, &more)
	if len(after) != len(before)+2 {
		t.Errorf("%d entities, before %d", len(after), len(before))
	}
	for id := range before {
		if _, ok := after[id]; !ok {
			t.Errorf("entity %s is gone", id)
		}
	}
}

func TestJSONL(t *testing.T) {
	k, sum := embedded(t)
	write := func() string {
		var b bytes.Buffer
		if err := exchange.JSONL(&b, k, sum); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	text := write()
	if write() != text {
		t.Error("not the same bytes each time")
	}
	if !strings.HasPrefix(text, `{"kind":"knowledge","id":"knowledge","fact":{"version":"`+k.Version+`","snapshot":"`+sum+`"}}`+"\n") {
		t.Errorf("starts with %.200s", text)
	}
	seen, kinds, holders := map[string]bool{}, map[string]int{}, 0
	for line := range strings.Lines(text) {
		var x struct {
			Kind, ID string
			Fact     map[string]any
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil || x.ID == "" || len(x.Fact) == 0 {
			t.Fatalf("%v in %s", err, line)
		}
		if seen[x.Kind+x.ID] {
			t.Errorf("%s %s is given twice", x.Kind, x.ID)
		}
		seen[x.Kind+x.ID] = true
		kinds[x.Kind]++
		if x.Kind == "brand" && x.Fact["holders"] != nil {
			t.Errorf("a brand has its holders in it: %s", line)
		}
	}
	for _, b := range k.Brands {
		holders += len(b.Holders)
	}
	if kinds["party"] != len(k.Parties) || kinds["holder"] != holders || kinds["stake"] != len(k.Stakes) || kinds["make"] != len(k.Makes) || kinds["listing"] != len(k.Listings) {
		t.Errorf("%v", kinds)
	}
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func TestBrokenOutput(t *testing.T) {
	k, sum := embedded(t)
	if exchange.JSONL(failing{}, k, sum) == nil || exchange.FollowTheMoney(failing{}, k) == nil {
		t.Error("what could not be written is a success")
	}
}
