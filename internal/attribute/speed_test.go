package attribute

import (
	"testing"

	"github.com/offshelf/offshelf"
)

func BenchmarkAttributeMiss(b *testing.B) {
	m, _ := embedded(b)
	w := m.NewWorker()
	p := &offshelf.Product{
		Title: "Otoño camisa de mujer 2023 algodón, talla M (azul) 100% cotton", Brand: "Acme Textil", Category: "Clothing > Shirts",
		Description: "A soft shirt for the cooler days, machine washable at 30 degrees, made of long-staple cotton with horn buttons.",
	}
	b.ReportAllocs()
	for b.Loop() {
		if w.Attribute(p) != nil {
			b.Fatal("attributed")
		}
	}
}

func BenchmarkAttributeHit(b *testing.B) {
	m, _ := embedded(b)
	w := m.NewWorker()
	p := &offshelf.Product{
		Title: "Hikvision DS-2CD2143G0-I 4MP outdoor dome camera with PoE", Brand: "HIKVISION", Category: "Security cameras",
		Description: "Dome camera of Hikvision with 30 m infrared, configured with iVMS-4200.",
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(w.Attribute(p)) == 0 {
			b.Fatal("not attributed")
		}
	}
}
