package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
)

// LEIs with the right check digits, of no company in particular.
const (
	leiA = "PY6ZZQWO2IZFZC3IOL08"
	leiB = "529900T8BM49AURSDO55"
)

// leiOf makes an LEI of a prefix.
func leiOf(t *testing.T, prefix string) string {
	t.Helper()
	body := prefix + strings.Repeat("0", 18-len(prefix))
	for n := range 100 {
		id := fmt.Sprintf("%s%02d", body, n)
		if (offshelf.Identifier{Scheme: "lei", ID: id}).Check() == nil {
			return id
		}
	}
	t.Fatal("no check digits fit")
	return ""
}

const levelOne = "LEI,Entity.LegalName,Entity.LegalName.xmllang,Entity.OtherEntityNames.OtherEntityName.1,Entity.LegalAddress.Country,Entity.RegistrationAuthority.RegistrationAuthorityID," +
	"Entity.RegistrationAuthority.RegistrationAuthorityEntityID,Entity.LegalJurisdiction,Entity.EntityCategory,Entity.EntityStatus,Entity.SuccessorEntity.1.SuccessorLEI,Registration.RegistrationStatus\n"

const levelTwo = "Relationship.StartNode.NodeID,Relationship.StartNode.NodeIDType,Relationship.EndNode.NodeID,Relationship.EndNode.NodeIDType,Relationship.RelationshipType,Relationship.RelationshipStatus," +
	"Relationship.Period.1.startDate,Relationship.Period.1.endDate,Relationship.Period.1.periodType,Relationship.Period.2.startDate,Relationship.Period.2.endDate,Relationship.Period.2.periodType," +
	"Relationship.Quantifiers.1.MeasurementMethod,Relationship.Quantifiers.1.QuantifierAmount,Registration.LastUpdateDate,Registration.RegistrationStatus\n"

func relationRow(start, end, kind, status, from, until, registration string) string {
	return fmt.Sprintf("%s,LEI,%s,LEI,%s,%s,2019-01-01T00:00:00Z,2019-12-31T00:00:00Z,ACCOUNTING_PERIOD,%s,%s,RELATIONSHIP_PERIOD,ACCOUNTING_CONSOLIDATION,100.00,2022-05-01T10:00:00Z,%s\n", start, end, kind, status, from, until, registration)
}

// TestGLEIF reads both levels as CSV and lays them over a knowledge of which
// one party has the same LEI.
func TestGLEIF(t *testing.T) {
	leiC, leiD, leiE := leiOf(t, "OFFS00C"), leiOf(t, "OFFS00D"), leiOf(t, "OFFS00E")
	one, err := read(t, "lei2.csv", levelOne+
		leiA+`,"Alpha, PLC",en,Alpha Ltd,GB,RA000585,2723534,GB,GENERAL,ACTIVE,,ISSUED`+"\n"+
		leiB+",Beta,en,,DE,RA000242,HRB 1,DE,GENERAL,ACTIVE,,LAPSED\n"+
		leiC+",Gamma,zh,,CN,RA000182,91330000733796106P,CN,GENERAL,INACTIVE,"+leiA+",ISSUED\n"+
		leiD+",Delta,en,,US,RA999999,77,US-DE,FUND,ACTIVE,,DUPLICATE\n"+
		leiB+",Beta again,en,,DE,,,DE,GENERAL,ACTIVE,,ISSUED\n"+
		"529900T8BM49AURSDO56,Slip,en,,DE,,,DE,GENERAL,ACTIVE,,ISSUED\n"+
		leiE+",,en,,DE,,,DE,GENERAL,ACTIVE,,ISSUED\n"+
		leiE+",Short row\n"+
		leiE+",\"a\"b,en,,DE,,,DE,GENERAL,ACTIVE,,ISSUED\n")
	if err != nil {
		t.Fatal(err)
	}
	if one.Format != exchange.GLEIFEntities || one.Read != 9 || one.Imported != 3 || one.Counts.Ignored != 1 || one.Refused != 5 {
		t.Errorf("level 1: %+v\n%v", one.Counts, one.Refusals)
	}
	for i, want := range []string{"lei2.csv:6: " + leiB + ": the LEI stands in line 3 too", "lei2.csv:7: 529900T8BM49AURSDO56: LEI", "lei2.csv:8: " + leiE + ": has no legal name", "lei2.csv:9: has 2 fields and the header has 12", "lei2.csv:10: is no valid CSV"} {
		if got := one.Refusals[i].String(); !strings.HasPrefix(got, want) {
			t.Errorf("refusal %q, want %q", got, want)
		}
	}
	if got := fmt.Sprint(one.Parties[0].Identifiers, one.Parties[2].Identifiers, one.Parties[0].Country, one.Parties[0].Aliases); got != "[{lei "+leiA+"} {GB-COH 02723534}] [{lei "+leiC+"} {uscc 91330000733796106P}]GB[Alpha Ltd]" {
		t.Error(got)
	}
	two, err := read(t, "rr.csv", levelTwo+
		relationRow(leiB, leiA, "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "2018-01-01T00:00:00Z", "", "PUBLISHED")+
		relationRow(leiC, leiB, "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "2019-01-01T00:00:00Z", "", "PUBLISHED")+
		relationRow(leiC, leiA, "IS_ULTIMATELY_CONSOLIDATED_BY", "ACTIVE", "2019-01-01T00:00:00Z", "", "PUBLISHED")+ // B says it
		relationRow(leiB, leiA, "IS_ULTIMATELY_CONSOLIDATED_BY", "ACTIVE", "2018-01-01T00:00:00Z", "", "PUBLISHED")+ // the direct one says it
		relationRow(leiC, leiD, "IS_ULTIMATELY_CONSOLIDATED_BY", "ACTIVE", "2019-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "PUBLISHED")+ // only this says it
		relationRow(leiC, leiE, "IS_FUND-MANAGED_BY", "ACTIVE", "", "", "PUBLISHED")+
		relationRow(leiC, leiE, "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "", "", "ANNULLED")+
		relationRow(leiC, leiC, "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "", "", "PUBLISHED")+
		relationRow(leiC, leiE, "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "2020-01-01", "2019-01-01", "PUBLISHED")+
		relationRow(leiC, leiE, "IS_DIRECTLY_CONSOLIDATED_BY", "INACTIVE", "2010", "", "PUBLISHED")+
		relationRow(leiC, "nobody", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "", "", "PUBLISHED"))
	if err != nil {
		t.Fatal(err)
	}
	if two.Format != exchange.GLEIFRelations || two.Read != 11 || two.Imported != 4 || two.Counts.Ignored != 4 || two.Refused != 3 {
		t.Errorf("level 2: %+v\n%v\n%v", two.Counts, two.Refusals, two.Reasons)
	}
	k := &offshelf.Knowledge{Version: "2026-11-24", Parties: []offshelf.Party{{ID: "alpha", Name: "Alpha PLC", Identifiers: []offshelf.Identifier{{Scheme: "lei", ID: leiA}}}}}
	out, laid := exchange.Lay(k, two, one)
	id := map[string]string{}
	for _, p := range out.Parties {
		for _, i := range p.Identifiers {
			id[i.ID] = p.ID
		}
	}
	var got []string
	for _, s := range out.Stakes {
		if s.Grade != offshelf.GradeFiling || !s.Own() || !s.Control || s.Share.Known {
			t.Errorf("%+v", s)
		}
		got = append(got, s.Holder+" "+s.Held+" "+s.Interval.String())
	}
	want := []string{"alpha " + id[leiB] + " 2018-01-01/", id[leiB] + " " + id[leiC] + " 2019-01-01/"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
	// D and E are in no file: what is said of them waits for nobody.
	if laid.Left != 2 || !strings.Contains(laid.LeftOut[0].String(), "no party with the LEI "+leiE) || laid.Joined != 1 || laid.Added.Parties != 2 {
		t.Errorf("%d left out: %v, %d joined, %+v", laid.Left, laid.LeftOut, laid.Joined, laid.Added)
	}
}

// TestGLEIFJSON: the golden copy in JSON says the same.
func TestGLEIFJSON(t *testing.T) {
	one, err := read(t, "lei2.json", `{"records":[
{"LEI":{"$":"`+leiA+`"},"Entity":{"LegalName":{"@xml:lang":"en","$":"Alpha"},"OtherEntityNames":{"OtherEntityName":[{"@type":"PREVIOUS_LEGAL_NAME","$":"Alpha Ltd"}]},
 "LegalAddress":{"Country":{"$":"GB"}},"RegistrationAuthority":{"RegistrationAuthorityID":{"$":"RA000585"},"RegistrationAuthorityEntityID":{"$":"02723534"}},"LegalJurisdiction":{"$":"GB"}},"Registration":{"RegistrationStatus":{"$":"ISSUED"}}},
{"LEI":{"$":"`+leiB+`"},"Entity":{"LegalName":"Beta"}},
{"LEI":{"$":17},"Entity":{"LegalName":"Number"}}
]}`)
	if err != nil || one.Imported != 2 || one.Refused != 1 || one.Refusals[0].Line != 5 {
		t.Fatalf("%v, %+v, %v", err, one.Counts, one.Refusals)
	}
	if p := one.Parties[0]; p.Name != "Alpha" || len(p.Identifiers) != 2 || p.Country != "GB" || len(p.Aliases) != 1 {
		t.Errorf("%+v", p)
	}
	two, err := read(t, "rr.json", `{"relations":[{"RelationshipRecord":{"Relationship":{"StartNode":{"NodeID":{"$":"`+leiB+`"},"NodeIDType":{"$":"LEI"}},"EndNode":{"NodeID":{"$":"`+leiA+`"},"NodeIDType":{"$":"LEI"}},
"RelationshipType":{"$":"IS_DIRECTLY_CONSOLIDATED_BY"},"RelationshipPeriods":{"RelationshipPeriod":[{"StartDate":{"$":"2019-01-01T00:00:00Z"},"PeriodType":{"$":"ACCOUNTING_PERIOD"}},{"StartDate":{"$":"2018-03-01T00:00:00Z"},"PeriodType":{"$":"RELATIONSHIP_PERIOD"}}]},
"RelationshipStatus":{"$":"ACTIVE"}},"Registration":{"RegistrationStatus":{"$":"PUBLISHED"}}}}]}`)
	if err != nil || len(two.Stakes) != 1 || two.Stakes[0].Interval.String() != "2018-03-01/" || two.Stakes[0].Holder != leiA {
		t.Errorf("%v, %+v, %v", err, two.Stakes, two.Refusals)
	}
}

// TestCutGLEIF: a file that ends in the middle of a row is not used.
func TestCutGLEIF(t *testing.T) {
	row := leiA + `,"Alpha, PLC",en,Alpha Ltd,GB,RA000585,2723534,GB,GENERAL,ACTIVE,,ISSUED`
	for _, c := range []string{levelOne + row[:30], levelOne + row + "\n" + row[:50], levelOne + row + "\n" + leiB + `,"an open quote` + "\n" + row + "\n"} {
		if im, err := read(t, "lei2.csv", c); err == nil || len(im.Parties) > 0 || !strings.Contains(err.Error(), "the file ends in the middle of a row") {
			t.Errorf("%v, %+v", err, im.Counts)
		}
	}
	if im, err := read(t, "lei2.csv", levelOne+row); err != nil || im.Imported != 1 {
		t.Errorf("%v, %+v", err, im.Counts)
	}
	for _, c := range []struct{ start, where string }{{leiB + `,"`, "line 3: "}, {`"`, "the row behind line 2: "}} {
		open := levelOne + row + "\n" + c.start + strings.Repeat("x", 5<<20) + "\n"
		if _, err := read(t, "lei2.csv", open); err == nil || !strings.Contains(err.Error(), c.where) || !strings.Contains(err.Error(), "a quote is probably left open") {
			t.Error(err)
		}
	}
}
