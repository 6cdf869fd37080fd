package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// country is how many parties a country has. A world of twice the size has
// twice as many countries, each with its own large holders.
const country = 20_000

// generate writes an invented world as entities of FollowTheMoney. How many
// stakes a party has, and how many holders, follows a power law in each
// country, and one holder in twenty is of another; one party in
// a hundred stands in a circle of two to five that hold each other; one in a
// hundred is listed, by all three authorities. Of the stakes one in twenty has no share, one in thirty is
// not confirmed, one in twenty is dated to the month or year only, and three
// in ten have ended.
func generate(file string, parties int) error {
	f, err := os.Create(file + ".part")
	if err != nil {
		return err
	}
	defer os.Remove(file + ".part")
	w := &world{
		out: bufio.NewWriterSize(f, 1<<20), parties: parties,
		random: rand.New(rand.NewPCG(1, uint64(parties))),
	}
	for p := range parties {
		w.party(p)
	}
	w.circles()
	for w.stakes < parties*5/2 {
		w.holders(w.random.IntN(parties))
	}
	for i := range parties / 100 {
		w.listing(i, w.random.IntN(parties))
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

type world struct {
	out     *bufio.Writer
	random  *rand.Rand
	parties int
	stakes  int
}

func (w *world) party(p int) {
	schema := "Company"
	if w.random.IntN(5) == 0 {
		schema = "Person"
	}
	fmt.Fprintf(w.out, `{"id":"p%d","schema":"%s","properties":{"name":["%s %d"],"country":["%s"]}}`+"\n",
		p, schema, schema, p, [...]string{"cn", "us", "gb", "de", "ru", "nl"}[w.random.IntN(6)])
}

// heavy draws from a discrete power law with exponent 2.2.
func (w *world) heavy(most int) int {
	return min(most, int(math.Pow(1-w.random.Float64(), -1/1.2)))
}

// circles makes a hundredth of the parties hold each other.
func (w *world) circles() {
	for left := w.parties / 100; left > 0; {
		n := 2 + w.random.IntN(4)
		first := w.random.IntN(w.parties - n)
		for i := range n {
			w.stake(first+i, first+(i+1)%n, 1000+w.random.IntN(5000))
		}
		left -= n
	}
}

// holders divides a party among its holders. Those with many stakes have low
// numbers, but seldom hold a party with a lower one: a circle is an exception.
func (w *world) holders(held int) {
	n := w.heavy(200)
	left := 10000
	for range n {
		share := left
		if n > 1 {
			share = 1 + w.random.IntN(max(1, left))
		}
		start := held / country * country
		holder := start + int(math.Pow(w.random.Float64(), 2.5)*float64(held-start))
		if w.random.IntN(20) == 0 {
			holder = w.random.IntN(w.parties)
		}
		if holder == held {
			continue
		}
		w.stake(holder, held, share)
		if left -= share; left <= 0 {
			return
		}
	}
}

func (w *world) stake(holder, held, share int) {
	w.stakes++
	var b strings.Builder
	fmt.Fprintf(&b, `{"id":"s%d","schema":"Ownership","properties":{"owner":["p%d"],"asset":["p%d"]`, w.stakes, holder, held)
	if w.random.IntN(20) > 0 {
		fmt.Fprintf(&b, `,"percentage":["%d.%02d"]`, share/100, share%100)
	}
	from := time.Date(2000, 1, 1+w.random.IntN(9500), 0, 0, 0, 0, time.UTC)
	fmt.Fprintf(&b, `,"startDate":["%s"]`, w.date(from))
	if w.random.IntN(10) < 3 {
		fmt.Fprintf(&b, `,"endDate":["%s"]`, w.date(from.AddDate(0, 0, 400+w.random.IntN(4000))))
	}
	if w.random.IntN(30) == 0 {
		b.WriteString(`,"status":["unconfirmed"]`)
	}
	b.WriteString("}}\n")
	w.out.WriteString(b.String())
}

func (w *world) date(t time.Time) string {
	return t.Format("2006-01-02")[:[...]int{4, 7, 10}[min(2, w.random.IntN(40))]]
}

var programmes = [...]string{"us-ofac-sdn", "eu-asset-freeze", "uk-asset-freeze"}

func (w *world) listing(i, p int) {
	from := time.Date(2010, 1, 1+w.random.IntN(5500), 0, 0, 0, 0, time.UTC)
	until := ""
	if w.random.IntN(10) == 0 {
		until = fmt.Sprintf(`,"endDate":["%s"]`, from.AddDate(0, 0, 200+w.random.IntN(2000)).Format("2006-01-02"))
	}
	fmt.Fprintf(w.out, `{"id":"l%d","schema":"Sanction","properties":{"entity":["p%d"],"programId":["%s"],"startDate":["%s"]%s}}`+"\n",
		i, p, strings.Join(programmes[:], `","`), from.Format("2006-01-02"), until)
}
