package attribute

import (
	"slices"
	"strconv"
	"testing"
)

func TestColumns(t *testing.T) {
	m, _ := embedded(t)
	w := m.NewWorker()
	brands := func(list []int32) (ids []string) {
		for _, b := range list {
			ids = append(ids, m.brands[b].id)
		}
		return ids
	}
	for _, c := range []struct {
		value              string
		full, part, cued   []string
		nobody, known, any bool
	}{
		{value: "HIKVISION", full: []string{"hikvision"}, known: true, any: true},
		{value: "tp link", full: []string{"tp-link"}, known: true, any: true},
		{value: "Lexmark International Inc", part: []string{"lexmark"}, known: true, any: true},
		{value: "For Huawei", cued: []string{"huawei"}, any: true},
		{value: "Compatible with DJI", cued: []string{"dji"}, any: true},
		{value: "Lexmark compatible", cued: []string{"lexmark"}, any: true},
		{value: "Generic", nobody: true},
		{value: "--", nobody: true},
		{value: "Incipio", known: true},
		{value: "Incipio LLC", known: true},
		{value: "Acme"},
	} {
		got := w.column(c.value)
		if !slices.Equal(brands(got.brands), c.full) || !slices.Equal(brands(got.part), c.part) || !slices.Equal(brands(got.cued), c.cued) ||
			got.nobody != c.nobody || got.known != c.known || got.speaks() != c.any {
			t.Errorf("%q: full %v part %v cued %v nobody %v known %v speaks %v", c.value, brands(got.brands), brands(got.part), brands(got.cued),
				got.nobody, got.known, got.speaks())
		}
		if w.column(c.value) != got {
			t.Errorf("%q is read again", c.value)
		}
	}
	if !w.column("Verizon Wireless").channel {
		t.Error("a carrier is no channel")
	}
	if got := brands(w.column("Hikvisoin").fuzzy); !slices.Equal(got, []string{"hikvision"}) {
		t.Errorf("one slip away from Hikvision: %v", got)
	}
	if w.column("") != emptyColumn {
		t.Error("an empty field is no empty column")
	}
}

func TestColumnCacheIsBounded(t *testing.T) {
	m, _ := embedded(t)
	w := m.NewWorker()
	for i := range maxColumns + 10 {
		w.column("seller " + strconv.Itoa(i))
	}
	if len(w.columns) > maxColumns {
		t.Errorf("%d values kept", len(w.columns))
	}
}
