package screen_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// drawn returns a function that draws the words of real shops at their
// frequencies, from a list of ../bench/catalog.
func drawn(t testing.TB, file string, r *rand.Rand) func() string {
	t.Helper()
	text, err := os.ReadFile("../bench/catalog/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []string
	var sums []int
	total := 0
	for line := range strings.Lines(string(text)) {
		n, entry, _ := strings.Cut(strings.TrimSpace(line), "\t")
		count, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		total += count
		entries, sums = append(entries, entry), append(sums, total)
	}
	return func() string { return entries[sort.SearchInts(sums, r.IntN(total)+1)] }
}

// shopGoods makes products as shops have them; one in every hits is of a brand
// that rules reach. None where hits is 0.
func shopGoods(t testing.TB, n, hits int) []offshelf.Product {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	word, brand, category := drawn(t, "words.txt", r), drawn(t, "brands.txt", r), drawn(t, "categories.txt", r)
	reached := [...]offshelf.Product{
		{Brand: "Lorex", Title: "Lorex 4K Ultra HD 8-Channel NVR Security System N4K3-84WB", Category: "Security Cameras"},
		{Brand: "EZVIZ", Title: "EZVIZ C6N 1080p Indoor Pan/Tilt Wi-Fi Camera", Category: "Security Cameras"},
		{Brand: "Hikvision", Title: "HIKVISION DS-2CD2043G2-I 4MP Bullet Network Camera", Category: "Security Cameras"},
		{Brand: "DJI", Title: "DJI Mini 3 Fly More Combo Drone", Category: "Drones"},
		{Brand: "Kaspersky", Title: "Kaspersky Total Security 3 Devices 1 Year", Category: "Software"},
	}
	out := make([]offshelf.Product, n)
	for i := range out {
		p := offshelf.Product{Brand: brand(), Category: category()}
		p.Title = p.Brand
		for range 5 + r.IntN(9) {
			p.Title += " " + word()
		}
		if hits > 0 && i%hits == hits/2 {
			p = reached[r.IntN(len(reached))]
		}
		for size := 89 + r.IntN(90); len(p.Description) < size; {
			p.Description += word() + " "
		}
		p.File, p.Row, p.ID = "shop.csv", i+1, fmt.Sprint(i)
		p.Model, p.Price = fmt.Sprintf("AX-%d", 100+r.IntN(9900)), "19.99"
		out[i] = p
	}
	return out
}

// catalogOf writes products as CSV, with a column store.
func catalogOf(t testing.TB, products []offshelf.Product) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"id", "title", "brand", "category", "model", "price", "store", "description"})
	for i := range products {
		p := &products[i]
		w.Write([]string{p.ID, p.Title, p.Brand, p.Category, p.Model, p.Price, fmt.Sprint("store ", i%40), p.Description})
	}
	w.Flush()
	return b.Bytes()
}

func BenchmarkScreenBatch(b *testing.B) {
	for _, hits := range []int{0, 100, 1} {
		b.Run(fmt.Sprintf("one hit in %d", hits), func(b *testing.B) {
			sc := screener(b, "default", today)
			products := shopGoods(b, 1000, hits)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sc.ScreenBatch(context.Background(), products); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(products))/b.Elapsed().Seconds(), "products/s")
		})
	}
}

func BenchmarkScreen(b *testing.B) {
	sc := screener(b, "default", today)
	products := shopGoods(b, 1000, 0)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := sc.Screen(context.Background(), products[i%len(products)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkSeen screens a million rows, without Run.Seen, with one that does
// nothing, and with one that gets two kept columns.
func BenchmarkSeen(b *testing.B) {
	const rows = 1_000_000
	// Descriptions repeat, ids do not.
	products := shopGoods(b, 50_000, 500)
	var text []byte
	for n := range rows / len(products) {
		for i := range products {
			products[i].ID = fmt.Sprint(n*len(products) + i)
		}
		part := catalogOf(b, products)
		if n > 0 {
			part = part[bytes.IndexByte(part, '\n')+1:]
		}
		text = append(text, part...)
	}
	seen := func(*screen.SeenBatch) error { return nil }
	for _, c := range []struct {
		name string
		keep []string
		seen func(*screen.SeenBatch) error
	}{{"without", nil, nil}, {"with", nil, seen}, {"with two kept columns", []string{"store", "price"}, seen}} {
		b.Run(c.name, func(b *testing.B) {
			sc := screener(b, "default", today)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				sum, err := sc.Catalogs(b.Context(), []screen.Source{{Name: "shop.csv", Read: bytes.NewReader(text), Keep: c.keep}},
					screen.Run{Seen: c.seen, Emit: func(*offshelf.Message) error { return nil }})
				if err != nil || sum.Read != rows || sum.Products < rows/500 {
					b.Fatalf("%+v, %v", sum, err)
				}
			}
		})
	}
}
