package attribute

import (
	"testing"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

func FuzzAttribute(f *testing.F) {
	for _, s := range [][3]string{
		{"Hikvision DS-2CD2143G0-I 4MP", "HIKVISION", "FCC ID: 2ADTD-22CD"},
		{"Funda para Huawei P30 Lite", "For Huawei", "Brand: Spigen"},
		{"DJI Fly compatible phone holder", "", "DJI Fly"},
		{"Lorex", "4K Wired Floodlight Camera", ""},
		{"Samsung/Huawei/Xiaomi cable - - -", "Generic", "\xff\xfe"},
		{"Hik\u200bvision ＨＩＫ Нikvision", "tp  link", "FCC ID"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	m, _ := embedded(f)
	w := m.NewWorker()
	f.Fuzz(func(t *testing.T, title, brand, description string) {
		said := w.Attribute(&offshelf.Product{Title: title, Brand: brand, Description: description})
		made := map[string]bool{}
		for _, a := range said {
			if !(a.Probability >= 0 && a.Probability <= 1) {
				t.Fatalf("probability %v", a.Probability)
			}
			if a.Brand == "" && a.Maker == "" || a.Relation == "" {
				t.Fatalf("says nothing: %+v", a)
			}
			if a.Relation == offshelf.RelationMade && a.Brand != "" {
				made[a.Brand] = true
			}
			for _, r := range a.Reasons {
				if utf8.ValidString(title+brand+description) && !utf8.ValidString(r.Text) {
					t.Fatalf("reason %q", r.Text)
				}
			}
		}
		if len(made) > 1 {
			t.Fatalf("made by %v", made)
		}
		if again := m.NewWorker().Attribute(&offshelf.Product{Title: title, Brand: brand, Description: description}); print(again) != print(said) {
			t.Fatalf("another worker says%s\nnot%s", print(again), print(said))
		}
	})
}
