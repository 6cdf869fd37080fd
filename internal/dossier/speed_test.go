package dossier_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/store/query"
)

// largest is a case with 1,000 products that were ordered off, of which every
// second was seen gone.
func (w *world) largest(products int) {
	rows := make([]shelfRow, products)
	keys := make([]string, products)
	for i := range rows {
		keys[i] = fmt.Sprintf("SKU-%06d", i)
		rows[i] = anvil(keys[i], fmt.Sprintf("Anvil dome camera, number %d, 4 megapixels, white", i), `{"channel":"web","store":"12"}`)
	}
	w.publish("2026-01-10", rows...)
	w.order(w.decide(query.CreateDecisionParams{Kind: "pull", ReasonCode: "required-by-law", Scope: "brand"}), keys...)
	half := rows[:0:0]
	for i := range rows {
		if i%2 == 0 {
			half = append(half, rows[i])
		}
	}
	w.publish("2026-02-01", half...)
}

// The dossier of a case with 1,000 products is put together and written in less
// than 300 ms; it is measured without the race detector, on an idle machine, and
// the test fails far above that.
func TestLargeCase(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test makes a case with 1,000 products")
	}
	eachWorld(t, func(t *testing.T, w *world) {
		w.largest(1000)
		r := &dossier.Reader{Facts: dossier.KeptFacts(w.Store)}
		for _, form := range dossier.Forms() {
			var took []time.Duration
			size := 0
			for range 7 {
				start := time.Now()
				d, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
				w.must(err)
				var b bytes.Buffer
				w.must(d.Write(&b, form))
				took = append(took, time.Since(start))
				size = b.Len()
				if len(d.Products) != 1000 {
					t.Fatalf("%d products", len(d.Products))
				}
			}
			slices.Sort(took)
			t.Logf("%s: median %v, slowest %v, %d bytes", form, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), size)
			if took[0] > 3*time.Second {
				t.Errorf("%s takes %v", form, took[0])
			}
		}
	})
}

// What is not printed is counted; the JSON has all.
func TestMoreThanAPage(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test makes a case with 1,203 products")
	}
	eachWorld(t, func(t *testing.T, w *world) {
		w.largest(1203)
		r := &dossier.Reader{}
		d, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		var html, json bytes.Buffer
		w.must(d.Write(&html, dossier.HTML))
		w.must(d.Write(&json, dossier.JSON))
		if !bytes.Contains(html.Bytes(), []byte("203 more products are not printed")) || bytes.Count(html.Bytes(), []byte("SKU-")) >= 2*1203 {
			t.Errorf("the page does not say what is missing; it names %d", bytes.Count(html.Bytes(), []byte("SKU-")))
		}
		for _, key := range []string{"SKU-000000", "SKU-001202"} {
			if !bytes.Contains(json.Bytes(), []byte(key)) {
				t.Errorf("%s is not in the JSON", key)
			}
		}
	})
}
