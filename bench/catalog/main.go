// Command catalog writes a synthetic catalog of any size: the words, brands
// and categories of real shops at their real frequencies, about 250 bytes a
// row, one row in 500 of a brand that stands on a list.
//
//	go run ./bench/catalog -rows 10000000 -o catalog.csv
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"strings"
)

//go:embed words.txt
var words string

//go:embed brands.txt
var brands string

//go:embed categories.txt
var categories string

// hits are rows that must be found; each is brand and title.
var hits = [][2]string{
	{"Lorex", "Lorex 4K Ultra HD 8-Channel NVR Security System N4K3-84WB"},
	{"EZVIZ", "EZVIZ C6N 1080p Indoor Pan/Tilt Wi-Fi Camera"},
	{"Hikvision", "HIKVISION DS-2CD2043G2-I 4MP Bullet Network Camera"},
	{"", "5MP Turret IP Camera DS-2CD2352-I 2.8mm PoE"},
	{"Dahua", "Dahua IPC-HDW2431T-ZS-S2 4MP Eyeball Camera"},
	{"TP-Link", "TP-Link Archer AX50 Wi-Fi 6 Router"},
	{"Huawei", "Huawei P30 Lite 128GB Smartphone"},
	{"DJI", "DJI Mini 3 Fly More Combo Drone"},
	{"Kaspersky", "Kaspersky Total Security 3 Devices 1 Year"},
	{"Hytera", "Hytera PD785G Digital Two-Way Radio"},
}

// sampler draws entries at their frequencies.
type sampler struct {
	entries []string
	sums    []int
}

func newSampler(text string) *sampler {
	s := new(sampler)
	total := 0
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		n, entry, _ := strings.Cut(line, "\t")
		count, err := strconv.Atoi(n)
		if err != nil {
			panic(err)
		}
		total += count
		s.entries, s.sums = append(s.entries, entry), append(s.sums, total)
	}
	return s
}

func (s *sampler) draw(r *rand.Rand) string {
	n := r.IntN(s.sums[len(s.sums)-1]) + 1
	return s.entries[sort.SearchInts(s.sums, n)]
}

func main() {
	rows := flag.Int("rows", 1_000_000, "rows to write")
	out := flag.String("o", "catalog.csv", "file to write")
	flag.Parse()
	if err := write(*out, *rows); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(name string, rows int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	ws, bs, cs := newSampler(words), newSampler(brands), newSampler(categories)
	fmt.Fprintln(w, "id,title,brand,category,model,price,description")
	for i := range rows {
		brand := bs.draw(r)
		title := brand
		for range 5 + r.IntN(9) {
			title += " " + ws.draw(r)
		}
		if i%500 == 250 {
			hit := hits[r.IntN(len(hits))]
			brand, title = hit[0], hit[1]
		}
		var description strings.Builder
		for n := 89 + r.IntN(90); description.Len() < n; {
			description.WriteString(ws.draw(r))
			description.WriteByte(' ')
		}
		text := strings.TrimSpace(description.String())
		if i%20 == 0 {
			text = `"` + text + `, ""new"", boxed"`
		}
		fmt.Fprintf(w, "%08d,%s,%s,%s,%c%c-%d,%d.%02d,%s\n", i, plain(title), plain(brand), plain(cs.draw(r)),
			'A'+rune(r.IntN(26)), 'A'+rune(r.IntN(26)), 100+r.IntN(9900), 1+r.IntN(900), r.IntN(100), plain2(text))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// plain keeps a field from needing quotes.
func plain(s string) string { return strings.NewReplacer(",", " ", `"`, "").Replace(s) }

func plain2(s string) string {
	if strings.HasPrefix(s, `"`) {
		return s
	}
	return plain(s)
}
