package attribute_test

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/catalog"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

// scored are the brands that the labels were decided for.
var scored = set("lorex", "flir", "swann", "qsee", "nightowl", "uniden", "hikvision", "hilook", "hiwatch", "ezviz", "dahua", "imou",
	"amcrest", "annke", "lts", "laview", "zmodo", "reolink", "honeywell", "huawei", "honor", "zte", "nubia", "hytera", "tplink", "tapo",
	"kasa", "mercusys", "dji", "autel", "lexmark", "pantum", "ninestar", "kaspersky", "iflytek", "uniview", "hikmicro")

func set(words ...string) map[string]bool {
	s := map[string]bool{}
	for _, w := range words {
		s[w] = true
	}
	return s
}

// verdict is what readers decided about a row.
type verdict struct {
	made, also map[string]bool
	traps      []string // brands that the row only names
}

type tally struct{ right, wrong, missed, traps, taken int }

// shipped is the matcher of the embedded facts.
func shipped(t testing.TB) *attribute.Matcher {
	t.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	m, err := attribute.Compile(k)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// eachProduct reads a catalog to its end.
func eachProduct(t *testing.T, c *catalog.Catalog, take func(*offshelf.Product)) {
	t.Helper()
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		products, _ := b.Decode(nil)
		for i := range products {
			take(&products[i])
		}
	}
}

// TestLabels holds attribution to its bars on real, labelled catalogs.
func TestLabels(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared", "data")
	files, _ := filepath.Glob(filepath.Join(data, "labels", "*.csv"))
	if len(files) == 0 {
		t.Skip("shared/data is absent")
	}
	m := shipped(t)
	var all tally
	for _, f := range files {
		n := score(t, m, verdicts(t, f), filepath.Join(data, "catalogs", filepath.Base(f)))
		t.Logf("%s: %+v", filepath.Base(f), n)
		all.right += n.right
		all.wrong += n.wrong
		all.missed += n.missed
		all.traps += n.traps
		all.taken += n.taken
	}
	precision := float64(all.right) / float64(all.right+all.wrong)
	recall := float64(all.right) / float64(all.right+all.missed)
	t.Logf("precision %.4f recall %.4f, %d of %d traps taken", precision, recall, all.taken, all.traps)
	if precision < 0.99 || recall < 0.98 || all.taken > 2 {
		t.Errorf("precision %.4f (want .99), recall %.4f (want .98), %d of %d traps taken (want 2 at most)", precision, recall, all.taken, all.traps)
	}
}

var alternative = regexp.MustCompile(`alt=([\w-]+)`)

func verdicts(t *testing.T, file string) map[string]*verdict {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*verdict{}
	for _, r := range rows[1:] {
		row, about, brand, relation, confidence, note := r[1], name.Key(r[2]), name.Key(r[3]), r[4], r[5], r[6]
		if confidence != "sure" && confidence != "likely" {
			continue
		}
		v := out[row]
		if v == nil {
			v = &verdict{made: map[string]bool{}, also: map[string]bool{}}
			out[row] = v
		}
		switch relation {
		case "made":
			if scored[brand] {
				v.made[brand] = true
			}
		case "compatible", "mention", "bundle":
			v.traps = append(v.traps, about)
		}
		for _, a := range alternative.FindAllStringSubmatch(note, -1) {
			v.also[name.Key(a[1])] = true
		}
	}
	return out
}

func score(t *testing.T, m *attribute.Matcher, truth map[string]*verdict, file string) tally {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := catalog.Open(file, f, catalog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := m.NewWorker()
	said := map[string]map[string]bool{}
	eachProduct(t, c, func(p *offshelf.Product) {
		for _, a := range w.Attribute(p) {
			if a.Relation == offshelf.RelationMade && a.Brand != "" && a.Probability >= 0.5 {
				if said[p.ID] == nil {
					said[p.ID] = map[string]bool{}
				}
				said[p.ID][name.Key(m.BrandName(a.Brand))] = true
			}
		}
	})
	var n tally
	for row, v := range truth {
		hit := false
		for b := range said[row] {
			ok := v.made[b] || v.also[b]
			hit = hit || ok && scored[b] && len(v.made) > 0
			if scored[b] && !ok {
				n.wrong++
			}
		}
		switch {
		case hit:
			n.right++
		case len(v.made) > 0:
			n.missed++
		}
		for _, about := range v.traps {
			n.traps++
			if said[row][about] && !v.made[about] && !v.also[about] {
				n.taken++
			}
		}
	}
	return n
}
