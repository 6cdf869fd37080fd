package screen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// lines are the messages of a run as they would be printed.
func lines(t testing.TB, sc *screen.Screener, sources []screen.Source, run screen.Run) ([]byte, *offshelf.Summary, error) {
	t.Helper()
	var out bytes.Buffer
	also := run.Emit
	run.Emit = func(m *offshelf.Message) error {
		if also != nil {
			also(m)
		}
		return json.NewEncoder(&out).Encode(m)
	}
	sum, err := sc.Catalogs(t.Context(), sources, run)
	return out.Bytes(), sum, err
}

// TestSeen compares what Seen is told with the stream of the same run, and that
// stream with one without Seen, however many workers there are.
func TestSeen(t *testing.T) {
	const rows = 6000
	text := shelf(rows)
	small := strings.Repeat("DJI,DJI Mini 3 Drone\n", 2500) // more than one piece a batch
	sources := func() []screen.Source {
		return []screen.Source{
			{Name: "a.csv", Read: strings.NewReader(text), Keep: []string{"category", "ID"}},
			{Name: "b.csv", Read: strings.NewReader(text)},
			{Name: "c.csv", Read: strings.NewReader("brand,title\n" + small), Keep: []string{"brand"}},
		}
	}
	for _, all := range []bool{false, true} {
		without, _, err := lines(t, screener(t, "2021-lowes", "2021-10-25", screen.Workers(1)), sources(), screen.Run{All: all})
		if err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 2, 8} {
			var products, pieces, hits, found int
			problems := map[string]int{}
			last := [3]int{}
			// Of each product, by file and row.
			emitted, attributed := map[string][]*offshelf.Finding{}, map[string][]offshelf.Attribution{}
			key := func(p *offshelf.Product) string { return fmt.Sprint(p.File, p.Row) }
			emit := func(m *offshelf.Message) error {
				if m.Product != nil {
					attributed[key(&m.Product.Product)] = m.Product.Attributions
				}
				if m.Finding != nil {
					emitted[key(&m.Finding.Product)] = append(emitted[key(&m.Finding.Product)], m.Finding)
				}
				return nil
			}
			run := screen.Run{All: all, Emit: emit, Seen: func(b *screen.SeenBatch) error {
				pieces++
				if len(b.Findings) != len(b.Products) || len(b.Attributions) != len(b.Products) || b.Kept != nil && len(b.Kept) != len(b.Products) || len(b.Products) > 2000 {
					t.Fatalf("%d products, %d kept, %d findings, %d attributions", len(b.Products), len(b.Kept), len(b.Findings), len(b.Attributions))
				}
				for i, p := range b.Products {
					products++
					if p.Row <= last[b.Source] || p.File != string(rune('a'+b.Source))+".csv" {
						t.Fatalf("source %d: %s row %d behind row %d", b.Source, p.File, p.Row, last[b.Source])
					}
					last[b.Source] = p.Row
					switch {
					case b.Source == 0 && (len(b.Kept[i]) != 2 || b.Kept[i][0] != p.Category || b.Kept[i][1] != p.ID),
						b.Source == 1 && b.Kept != nil,
						b.Source == 2 && (len(b.Kept[i]) != 1 || b.Kept[i][0] != p.Brand):
						t.Fatalf("%s row %d keeps %q", p.File, p.Row, b.Kept)
					}
					if len(b.Findings[i]) > 0 {
						hits++
						found += len(b.Findings[i])
					}
					// Emit was told before, and of the same.
					if a := attributed[key(&p)]; !reflect.DeepEqual(a, b.Attributions[i]) {
						t.Fatalf("%s: attributions %v, emitted %v", key(&p), b.Attributions[i], a)
					}
					if len(emitted[key(&p)]) != len(b.Findings[i]) {
						t.Fatalf("%s: %d findings, emitted %d", key(&p), len(b.Findings[i]), len(emitted[key(&p)]))
					}
					for j, f := range emitted[key(&p)] {
						if !reflect.DeepEqual(*f, b.Findings[i][j]) {
							t.Fatalf("%s: finding %v, emitted %v", key(&p), b.Findings[i][j], *f)
						}
					}
					delete(attributed, key(&p))
					delete(emitted, key(&p))
				}
				for _, p := range b.Problems {
					problems[p.Kind]++
					if p.File != string(rune('a'+b.Source))+".csv" {
						t.Fatalf("source %d: a problem of %q", b.Source, p.File)
					}
				}
				return nil
			}}
			sc := screener(t, "2021-lowes", "2021-10-25", screen.Workers(workers))
			with, sum, err := lines(t, sc, sources(), run)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(with, without) {
				t.Errorf("%d workers, all %v: the stream is another with Seen", workers, all)
			}
			if sum.Read != products+problems["skipped"]+problems["failed"] || products != sum.Screened || sum.Skipped != problems["skipped"] || sum.Failed != problems["failed"] ||
				hits != sum.Products || found != sum.Findings || products == 0 || hits == 0 || problems["warning"] == 0 {
				t.Errorf("%d workers: %d products, %d of them with %d findings, problems %v; summary %+v", workers, products, hits, found, problems, sum)
			}
			if len(attributed)+len(emitted) > 0 {
				t.Errorf("%d products and findings of %d are in the stream only", len(attributed), len(emitted))
			}
			if pieces < 5 {
				t.Errorf("%d calls", pieces)
			}
		}
	}
}

// TestSeenOfWhatBreaksOff counts the rest of a broken catalog as the summary does.
func TestSeenOfWhatBreaksOff(t *testing.T) {
	r := io.MultiReader(strings.NewReader(shelf(30000)), iotest.ErrReader(errors.New("the disk is gone")))
	products, lost := 0, 0
	_, sum, err := lines(t, screener(t, "default", today), []screen.Source{{Name: "a.csv", Read: r, Keep: []string{"id"}}}, screen.Run{Seen: func(b *screen.SeenBatch) error {
		products += len(b.Products)
		for _, p := range b.Problems {
			if p.Kind != "warning" {
				lost++
			}
		}
		return nil
	}})
	if err == nil || sum == nil || sum.Read != products+lost || products == 0 {
		t.Errorf("%d products, %d lost; %+v, %v", products, lost, sum, err)
	}
}

// TestSeenStops ends the run with the error of Seen.
func TestSeenStops(t *testing.T) {
	stop := errors.New("enough")
	calls := 0
	_, _, err := lines(t, screener(t, "default", today), []screen.Source{source("a.csv", shelf(60000))}, screen.Run{Seen: func(b *screen.SeenBatch) error {
		if calls++; calls == 3 {
			return stop
		}
		return nil
	}})
	if !errors.Is(err, stop) || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestKeepNoSuchColumn fails before anything is emitted.
func TestKeepNoSuchColumn(t *testing.T) {
	out, _, err := lines(t, screener(t, "default", today), []screen.Source{{Name: "a.csv", Read: strings.NewReader("id,title\n1,a\n"), Keep: []string{"store"}}}, screen.Run{})
	if err == nil || !strings.Contains(err.Error(), `a.csv: column "store" is to be kept`) || len(out) > 0 {
		t.Errorf("%s%v", out, err)
	}
}
