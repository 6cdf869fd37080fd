package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// sound holds an Import to what is always true of one.
func sound(t *testing.T, im *Import, err error) {
	t.Helper()
	if im.Read != im.Imported+im.Refused+im.Ignored {
		t.Fatalf("%+v do not add up", im.Counts)
	}
	if err != nil && len(im.Parties)+len(im.Stakes)+len(im.Listings)+im.Imported > 0 {
		t.Fatalf("half imported: %v", err)
	}
	ids := map[string]bool{}
	for _, p := range im.Parties {
		if ids[p.ID] || p.Name == "" || !utf8.ValidString(p.Name) {
			t.Fatalf("party %+v", p)
		}
		ids[p.ID] = true
		for _, i := range p.Identifiers {
			if err := i.Check(); err != nil || i.Normal() != i {
				t.Fatalf("party %s: %+v, %v", p.ID, i, err)
			}
		}
	}
	for _, s := range im.Stakes {
		if !im.open && (!ids[s.Holder] || !ids[s.Held]) || s.Holder == s.Held || s.Backwards() || s.Share.Min < 0 || s.Share.Max > 10000 || s.Share.Min > s.Share.Max {
			t.Fatalf("stake %+v", s)
		}
		if len(s.Sources) == 0 || s.Grade == offshelf.GradeUnset {
			t.Fatalf("stake without a source: %+v", s)
		}
	}
	for _, l := range im.Listings {
		if !ids[l.Party] || l.List == "" || l.Name == "" || l.Backwards() {
			t.Fatalf("listing %+v", l)
		}
	}
	out, l := Lay(&offshelf.Knowledge{Version: "2026-11-24", Regimes: []offshelf.Regime{{ID: "r", Lists: []string{"us-bis-el"}}}}, im)
	taken := map[string]bool{}
	for _, p := range out.Parties {
		if taken[p.ID] || !p.Own() {
			t.Fatalf("laid party %+v", p)
		}
		taken[p.ID] = true
	}
	for _, s := range out.Stakes {
		if !taken[s.Holder] || !taken[s.Held] || s.Holder == s.Held || s.Backwards() {
			t.Fatalf("laid stake %+v", s)
		}
	}
	if len(out.Stakes)+l.Same+l.Left < len(im.Stakes) {
		t.Fatalf("stakes are lost: %d of %d", len(out.Stakes), len(im.Stakes))
	}
}

func FuzzFtM(f *testing.F) {
	f.Add([]byte(`{"id":"a","schema":"Company","properties":{"name":["A"],"leiCode":["529900T8BM49AURSDO55"],"country":["de"],"registrationNumber":["HRB 1"]}}
{"id":"b","schema":"Company","properties":{"name":["B é"],"alias":["B2"]}}
{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["≥ 25"],"startDate":["2018-02"],"role":["parent"]}}
{"id":"l","schema":"Sanction","properties":{"entity":["a"],"programId":["US-BIS-EL"],"startDate":["2019-10-09"]}}
{"id":"u","schema":"UnknownLink","properties":{"subject":["a"],"object":["b"],"role":["subsidiary of"]}}
{"id":"x","schema":"Succession","properties":{"predecessor":["a"],"successor":["b"]}}
`))
	f.Add([]byte("{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{\"name\":\"A\"}}\r\n\r\n{\"id\":\"a\",\"schema\":\"Person\",\"x\":[1.5e3,null,{\"y\":true}]}"))
	f.Add([]byte(`{"id":"s","schema":"Ownership","properties":{"owner":["a","b"],"asset":["c","a"],"percentage":["0.5","50,5"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		im := newImport("x")
		im.Format = FtM
		err := readFtM(im, bytes.NewReader(data))
		if err != nil {
			im.drop()
		}
		im.finish()
		sound(t, im, err)
	})
}

// FuzzScan holds the scanner of a line to encoding/json: what it takes is JSON,
// and says the same.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"id":"a","schema":"Company","properties":{"name":["A","\u00e9\n\ud83d\ude00"],"alias":"lone","x":{"y":[1,-0.5e+3,true,null]}}}`,
		`{"id":"a","schema":"b","properties":null}`, `{"id":"a","schema":"b","properties":{"name":[1,"x",["y"]]}} `, `{"id":"\/","schema":"\"","n":01}`, `{"id":"a","schema":"b","x":tru`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) {
			return
		}
		var x scanner
		err := x.entity(line)
		var e struct {
			ID         string                     `json:"id"`
			Schema     string                     `json:"schema"`
			Properties map[string]json.RawMessage `json:"properties"`
		}
		valid := json.Valid([]byte(line))
		if err == nil && !valid {
			t.Fatalf("%q is taken and is no JSON", line)
		}
		if err != nil {
			if !valid {
				return
			}
			// What is JSON and refused must be no entity, or twice in it, or deep.
			text := err.Error()
			for _, why := range []string{"twice", "no id", "no schema", "is no text", "belongs here", "nested more", "surrogate", "values"} {
				if strings.Contains(text, why) {
					return
				}
			}
			t.Fatalf("%q is JSON and refused: %v", line, err)
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || strings.Contains(line, `\u`) {
			return // members of the same name in other case, and escapes in names
		}
		for _, member := range []string{`"id"`, `"schema"`, `"properties"`, `"name"`} { // encoding/json takes them in any case
			if strings.Count(strings.ToLower(line), member) != strings.Count(line, member) || strings.Count(line, member) > 1 || strings.Contains(line, `\`) {
				return
			}
		}
		if e.ID != x.id || e.Schema != x.schema {
			t.Fatalf("%q: id %q and schema %q, want %q and %q", line, x.id, x.schema, e.ID, e.Schema)
		}
		var names []any
		if err := json.Unmarshal(e.Properties["name"], &names); err != nil {
			return
		}
		var want []string
		for _, n := range names {
			if s, ok := n.(string); ok && s != "" {
				want = append(want, s)
			}
		}
		if !slices.Equal(x.get(keyName), want) {
			t.Fatalf("%q: names %q, want %q", line, x.get(keyName), want)
		}
	})
}

func FuzzBODS(f *testing.F) {
	f.Add([]byte(`[{"statementId":"1","statementDate":"2020-01-01","publicationDetails":{"bodsVersion":"0.4"},"recordId":"a","recordStatus":"new","recordType":"entity","recordDetails":{"entityType":{"type":"registeredEntity"},"name":"A","identifiers":[{"scheme":"XI-LEI","id":"529900T8BM49AURSDO55"}]}},
{"statementId":"2","statementDate":"2020-01-01","publicationDetails":{"bodsVersion":"0.4"},"recordId":"p","recordStatus":"new","recordType":"person","recordDetails":{"personType":"knownPerson","names":[{"fullName":"P"}]}},
{"statementId":"3","statementDate":"2020-01-01","publicationDetails":{"bodsVersion":"0.4"},"recordId":"r","recordStatus":"new","recordType":"relationship","recordDetails":{"subject":"a","interestedParty":"p","interests":[{"type":"shareholding","share":{"exact":50.5},"startDate":"2019"},{"type":"votingRights","share":{"minimum":51}},{"type":"trustee","directOrIndirect":"indirect"}]}},
{"statementId":"4","statementDate":"2021-01-01","publicationDetails":{"bodsVersion":"0.4"},"recordId":"r","recordStatus":"updated","recordType":"relationship","recordDetails":{"subject":"a","interestedParty":{"reason":"unknown"},"interests":[{"type":"shareholding","share":{"exclusiveMinimum":25,"maximum":50}}]}},
{"statementId":"5","statementDate":"2022-01-01","publicationDetails":{"bodsVersion":"0.4"},"recordId":"r","recordStatus":"closed","recordType":"relationship","recordDetails":{"subject":"a","interestedParty":"p","interests":[]}}]`))
	f.Add([]byte(`{"bodsVersion":"0.4","statements":[{"statementId":"1","publicationDetails":{"bodsVersion":"0.3"},"recordType":"entity"},"x",[{}],null]}`))
	f.Add([]byte("{\"statementId\":\"1\"\n{\"statementId\":\"2\",\"recordType\":\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		im := newImport("x")
		im.Format = BODS
		err := readBODS(im, buffered(data), data)
		if err != nil {
			im.drop()
		}
		im.finish()
		sound(t, im, err)
	})
}

func FuzzGLEIF(f *testing.F) {
	f.Add([]byte("LEI,Entity.LegalName,Entity.LegalJurisdiction,Entity.RegistrationAuthority.RegistrationAuthorityID,Entity.RegistrationAuthority.RegistrationAuthorityEntityID\n529900T8BM49AURSDO55,\"A, Inc\",CN,RA000182,91330000733796106P\nx,y,z,,\n"), false)
	f.Add([]byte("Relationship.StartNode.NodeID,Relationship.EndNode.NodeID,Relationship.RelationshipType,Relationship.Period.1.startDate,Relationship.Period.1.endDate,Relationship.Period.1.periodType,Relationship.RelationshipStatus\nPY6ZZQWO2IZFZC3IOL08,529900T8BM49AURSDO55,IS_DIRECTLY_CONSOLIDATED_BY,2018-01-01T00:00:00Z,,RELATIONSHIP_PERIOD,ACTIVE\n\"x\n"), true)
	f.Add([]byte(`{"records":[{"LEI":{"$":"529900T8BM49AURSDO55"},"Entity":{"LegalName":{"$":"A","@xml:lang":"en"},"OtherEntityNames":{"OtherEntityName":[{"$":"B"}]}},"Registration":{"RegistrationStatus":{"$":"ISSUED"}}}]}`), false)
	f.Add([]byte(`{"relations":[{"RelationshipRecord":{"Relationship":{"StartNode":{"NodeID":{"$":"PY6ZZQWO2IZFZC3IOL08"},"NodeIDType":{"$":"LEI"}},"EndNode":{"NodeID":{"$":"529900T8BM49AURSDO55"},"NodeIDType":{"$":"LEI"}},"RelationshipType":{"$":"IS_ULTIMATELY_CONSOLIDATED_BY"},"RelationshipPeriods":{"RelationshipPeriod":{"StartDate":{"$":"2018-01-01"},"PeriodType":{"$":"RELATIONSHIP_PERIOD"}}},"RelationshipStatus":{"$":"ACTIVE"}}}}]}`), true)
	f.Fuzz(func(t *testing.T, data []byte, relations bool) {
		im := newImport("x")
		im.Format = GLEIFEntities
		if relations {
			im.Format = GLEIFRelations
		}
		err := readGLEIF(im, buffered(data), data)
		if err != nil {
			im.drop()
		}
		im.finish()
		sound(t, im, err)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Add([]byte(`[{"statementId":"1","recordType":"entity"}]`))
	f.Add([]byte("\ufeff{\"id\":\"a\",\"schema\":\"Company\",\"properties\":{}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := Read("x", bytes.NewReader(data))
		sound(t, im, err)
	})
}

func buffered(data []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(data)) }
