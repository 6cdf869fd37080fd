package attribute

import (
	"strconv"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

func nameKey(s string) string { return name.Key(s) }

func TestCompileRefuses(t *testing.T) {
	many := &offshelf.Knowledge{}
	for i := range offshelf.MaxGoods + 1 {
		many.Goods = append(many.Goods, offshelf.GoodsClass{ID: strconv.Itoa(i)})
	}
	for want, k := range map[string]*offshelf.Knowledge{
		"at most 128":              many,
		`unknown feature "nosuch"`: {Weights: []offshelf.Weight{{Feature: "nosuch"}}},
	} {
		if _, err := Compile(k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestWeightsReplacePriors(t *testing.T) {
	m, err := Compile(&offshelf.Knowledge{Weights: []offshelf.Weight{{Feature: "bias", Weight: -9}}})
	if err != nil {
		t.Fatal(err)
	}
	if m.weights[bias] != -9 || m.weights[titleHead] != priorWeights[titleHead] {
		t.Errorf("weights %v", m.weights)
	}
	if p := PriorWeights(); len(p) != int(featureCount) || p[bias].Feature != "bias" || p[bias].Weight != priorWeights[bias] {
		t.Errorf("prior weights %v", p)
	}
}

// TestHostileRows holds rows that took minutes while every phrase was compared
// with every other one.
func TestHostileRows(t *testing.T) {
	m, _ := embedded(t)
	w := m.NewWorker()
	for _, p := range []*offshelf.Product{
		{Title: strings.Repeat("hikvision ", 90_000)},
		{Title: strings.Repeat("case for hikvision dahua ", 20_000), Description: strings.Repeat("hikvision dahua fcc id ", 20_000)},
		{Title: strings.Repeat("DS-2CD2143G0-I ", 40_000), Brand: strings.Repeat("for hikvision ", 14), Description: strings.Repeat("lorex ", 40_000)},
	} {
		if len(w.Attribute(p)) == 0 {
			t.Errorf("%.40q: nothing said", p.Title)
		}
	}
}

func TestBrandName(t *testing.T) {
	m, _ := embedded(t)
	if m.BrandName("q-see") != "Q-See" || m.BrandName("nosuch") != "nosuch" {
		t.Error("brand names")
	}
}
