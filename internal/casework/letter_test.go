package casework_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
)

var update = flag.Bool("update", false, "write the golden files")

func (w *world) ask(t fataler, q casework.Question) (r query.SupplierRequest, err error) {
	c := w.theCase(t)
	err = w.as("ann", func(tx *store.Tx) error {
		_, r, err = casework.AskSupplier(context.Background(), tx, w.ws, c.ID, c.Version, q)
		return err
	})
	return r, err
}

func TestLetters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		products := []product{camera("A", offshelf.Law), camera("B", offshelf.Choice)}
		products[0].product.Title = "Camera\r\nTo: somebody else {{.Person}} <script>"
		for i := range 60 {
			products = append(products, camera("N"+string(rune('a'+i%26))+string(rune('a'+i/26)), offshelf.Law))
			products[len(products)-1].product.Vendor = "Other Ltd"
			products[len(products)-1].product.Manufacturer = ""
		}
		w.publish(t, products...)
		for _, x := range []struct {
			file string
			q    casework.Question
		}{
			{"documents", casework.Question{Supplier: "ACME  imports", Due: day("2026-08-10")}},
			{"reminder", casework.Question{Supplier: "Other Ltd", Template: casework.TemplateReminder, Documents: []string{"The grant of 2019"}}},
		} {
			r, err := w.ask(t, x.q)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "letter-"+x.file+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(r.Letter), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), r.Letter); diff != "" {
				t.Error(diff)
			}
		}
		for name, x := range map[string]struct {
			q    casework.Question
			want string
		}{
			"no supplier":   {casework.Question{}, "supplier: it is empty"},
			"template":      {casework.Question{Supplier: "x", Template: "../../etc/passwd"}, "template: "},
			"a file's name": {casework.Question{Supplier: "x", Template: "documents.txt"}, "template: "},
			"due today":     {casework.Question{Supplier: "x", Due: day("2026-07-20")}, "due: 2026-07-20 is out of bounds"},
			"long letter":   {casework.Question{Supplier: "x", Letter: strings.Repeat("x", 20001)}, "letter: 20001 characters"},
		} {
			if _, err := w.ask(t, x.q); err == nil || !strings.HasPrefix(err.Error(), x.want) {
				t.Errorf("%s: %v, want %s", name, err, x.want)
			}
		}
	})
}

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		r, err := w.ask(t, casework.Question{Supplier: "Acme Imports"})
		if err != nil {
			t.Fatal(err)
		}
		answer := func(id int64, evidence ...int64) error {
			c := w.theCase(t)
			return w.as("ben", func(tx *store.Tx) error {
				_, _, err := casework.AnswerSupplier(context.Background(), tx, w.ws, c.ID, c.Version, id, "here is the grant", evidence)
				return err
			})
		}
		if err := answer(r.ID, 99); err == nil || !strings.HasPrefix(err.Error(), "evidence: the case has no attachment 99") {
			t.Error(err)
		}
		if err := answer(r.ID + 1); err == nil {
			t.Error("no such request was answered")
		}
		if err := answer(r.ID, w.attach(t, "ben")); err != nil {
			t.Fatal(err)
		}
		if err := answer(r.ID); err == nil || !strings.Contains(err.Error(), "is answered") {
			t.Error(err)
		}
	})
}

// Every rule of the shipped knowledge asks for something of its own, or for
// what another asks for.
func TestEveryRegimeHasDocuments(t *testing.T) {
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	general := len(casework.Documents(nil))
	for _, r := range k.Regimes {
		if len(casework.Documents([]string{r.ID})) <= general {
			t.Errorf("%s asks a supplier for nothing", r.ID)
		}
	}
	if n := len(casework.Documents([]string{"us-fcc-covered", "us-fcc-covered-category", "us-fcc-covered"})); n != general+5 {
		t.Errorf("%d documents: the same is asked twice", n)
	}
}
