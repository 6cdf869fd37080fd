package dossier

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// What the ledger holds of a case is told without a crash, in bounded text.
func FuzzTimeline(f *testing.F) {
	f.Add(`{"by":"Ada","from":{"from":"open","to":"pulled"},"list":["a",1,null,true,{"x":[[[1]]]}]}`)
	f.Add(`[1,2`)
	f.Add(`"text"`)
	f.Add(strings.Repeat(`{"a":[`, 300) + strings.Repeat(`]}`, 300))
	f.Fuzz(func(t *testing.T, data string) {
		for _, d := range details([]byte(data)) {
			if utf8.RuneCountInString(d.Value) > maxDetail+60 {
				t.Errorf("%d characters of %s", len(d.Value), d.Name)
			}
		}
		commentOf([]byte(data))
		_, told := editions(data)
		for _, line := range told {
			if strings.Contains(line, "\n") {
				t.Errorf("%q is no line", line)
			}
		}
		texts(data)
	})
}

// The columns that a sheet has are those that its rows have.
func FuzzKept(f *testing.F) {
	f.Add(`{"channel":"web","store":12,"channel":"shop"}`)
	f.Add(`{"a":{"b":[`)
	f.Add("{\"\xff\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, kept string) {
		columns := map[string]bool{}
		eachKept([]byte(kept), func(c string, _ jsontext.Value) { columns[c] = true })
		for c := range keptCells(kept) {
			if !columns[c] {
				t.Errorf("column %q is not in the header", c)
			}
		}
		d := pullDecision{}
		d.limit(`["web"]`)
		d.concerns(keptCells(kept))
	})
}
