package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

const benchRows = 100_000 // large enough that opening does not count

// benchCSV writes rows of about 250 bytes, a third of them with quoted fields.
func benchCSV(rows int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("camera outdoor wireless security dome turret kit recorder channel bundle mount night vision color 4k 1080p adapter")
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(words[rng.IntN(len(words))])
			b.WriteByte(' ')
		}
		return b.String()
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.Write([]string{"id", "title", "brand", "manufacturer", "model", "gtin", "category", "price", "stock", "description"})
	for i := range rows {
		desc := text(100)
		if i%3 == 0 {
			desc += `, 19" rack, "new"`
		}
		w.Write([]string{fmt.Sprint(i), text(50), words[i%17], words[i%13], fmt.Sprintf("DS-%d", i), "0012345678905", "electronics > " + words[i%7], "19.99", "5", desc})
	}
	w.Flush()
	return buf.Bytes()
}

func BenchmarkCSV(b *testing.B) {
	data := benchCSV(benchRows)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var dst []offshelf.Product
	for b.Loop() {
		rows := 0
		c, err := Open("x.csv", bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := c.Next()
			if err == io.EOF {
				break
			}
			dst, _ = batch.Decode(dst[:0])
			rows += batch.Rows()
		}
		if rows != benchRows {
			b.Fatal(rows)
		}
	}
}

func BenchmarkCSVNext(b *testing.B) {
	data := benchCSV(benchRows)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		c, err := Open("x.csv", bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := c.Next()
			if err == io.EOF {
				break
			}
			batch.release()
		}
	}
}

func BenchmarkEncodingCSV(b *testing.B) {
	data := benchCSV(benchRows)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			}
		}
	}
}
