package exchange_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
)

// writeWorld writes entities as a gatherer of registers does: companies, and
// two and a half times as many ownerships.
func writeWorld(w io.Writer, companies int) error {
	b := bufio.NewWriterSize(w, 1<<20)
	for i := range companies {
		fmt.Fprintf(b, `{"id": "co-%d", "caption": "Company No. %d Limited", "schema": "Company", "properties": {"name": ["Company No. %d Limited", "Gesellschaft Nr. %d GmbH"], "jurisdiction": ["gb"], "registrationNumber": ["%08d"], "address": ["%d High Street, Newtown"], "incorporationDate": ["2001-02-03"]}, "datasets": ["register"], "referents": []}`+"\n", i, i, i, i, i, i)
	}
	for i := range companies * 5 / 2 {
		owner, asset := i*7919%companies, i%companies
		if owner == asset {
			owner = (owner + 1) % companies
		}
		fmt.Fprintf(b, `{"id": "own-%d", "caption": "Ownership", "schema": "Ownership", "properties": {"owner": ["co-%d"], "asset": ["co-%d"], "percentage": ["%d"], "startDate": ["2015-11-25"], "sharesCount": ["6494.29"]}, "datasets": ["register"], "referents": []}`+"\n", i, owner, asset, i%101)
	}
	return b.Flush()
}

// TestStream: what is called back stands in the order of the file, whatever
// the pieces in which it is read.
func TestStream(t *testing.T) {
	var world bytes.Buffer
	if err := writeWorld(&world, 5000); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(world.Bytes()), "halves": iotest.HalfReader(bytes.NewReader(world.Bytes())), "errors late": iotest.DataErrReader(bytes.NewReader(world.Bytes()))} {
		line, parties, stakes := 0, 0, 0
		c, err := exchange.StreamFtM(r, exchange.Handler{
			Party: func(p *exchange.PartyRecord) error {
				if p.ID != "co-"+strconv.Itoa(parties) || p.Country != "GB" || len(p.Identifiers) != 1 || len(p.Aliases) != 1 {
					return fmt.Errorf("party %+v", p)
				}
				parties++
				return nil
			},
			Stake: func(s *exchange.StakeRecord) error {
				if s.ID != "own-"+strconv.Itoa(stakes) || s.Share.Min != int32(stakes%101)*100 || s.From.String() != "2015-11-25" {
					return fmt.Errorf("stake %+v", s)
				}
				stakes++
				return nil
			},
			Done: func(o *exchange.Outcome) error {
				if line++; o.Line != line {
					return fmt.Errorf("line %d, want %d", o.Line, line)
				}
				return nil
			},
		})
		if err != nil || parties != 5000 || stakes != 12500 || c.Imported != 17500 {
			t.Errorf("%s: %v, %d parties, %d stakes, %+v", name, err, parties, stakes, c)
		}
	}
}

// TestStreamStops: an error of the handler or of the reader ends the stream,
// and no worker stays behind.
func TestStreamStops(t *testing.T) {
	before := runtime.NumGoroutine()
	var world bytes.Buffer
	if err := writeWorld(&world, 20000); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	if _, err := exchange.StreamFtM(bytes.NewReader(world.Bytes()), exchange.Handler{Stake: func(*exchange.StakeRecord) error { return enough }}); !errors.Is(err, enough) {
		t.Error(err)
	}
	broken := io.MultiReader(bytes.NewReader(world.Bytes()[:world.Len()/2]), iotest.ErrReader(enough))
	if _, err := exchange.StreamFtM(broken, exchange.Handler{}); !errors.Is(err, enough) || !strings.Contains(err.Error(), "line ") {
		t.Error(err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}

// TestStreamMemory: a line without an end takes no more memory than the bound.
func TestStreamMemory(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"id":"`), io.LimitReader(zeros{}, 300<<20), strings.NewReader("\n"+twoCompanies))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.TotalAlloc
	c, err := exchange.StreamFtM(endless, exchange.Handler{})
	runtime.ReadMemStats(&m)
	if err != nil || c.Refused != 1 || c.Imported != 2 {
		t.Errorf("%v, %+v", err, c)
	}
	if used := m.TotalAlloc - before; used > 64<<20 {
		t.Errorf("%d MiB allocated", used>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// loader keeps of a world what ownership needs: ids as numbers, and stakes as
// pairs of them.
type loader struct {
	ids    map[string]int32
	known  []bool
	stakes []compactStake
}

type compactStake struct {
	holder, held int32
	share        offshelf.Share
	period       offshelf.Interval
}

func (l *loader) id(s string) int32 {
	if i, ok := l.ids[s]; ok {
		return i
	}
	i := int32(len(l.ids))
	l.ids[strings.Clone(s)] = i
	l.known = append(l.known, false)
	return i
}

func (l *loader) load(r io.Reader) (exchange.Counts, error) {
	return exchange.StreamFtM(r, exchange.Handler{
		Party: func(p *exchange.PartyRecord) error { l.known[l.id(p.ID)] = true; return nil },
		Stake: func(s *exchange.StakeRecord) error {
			l.stakes = append(l.stakes, compactStake{l.id(s.Holder), l.id(s.Held), s.Share, s.Interval})
			return nil
		},
	})
}

// BenchmarkStreamFtM reads 350,000 lines a round; lines/s is the figure.
func BenchmarkStreamFtM(b *testing.B) {
	var world bytes.Buffer
	if err := writeWorld(&world, 100_000); err != nil {
		b.Fatal(err)
	}
	lines := bytes.Count(world.Bytes(), []byte{'\n'})
	for _, mode := range []string{"callback", "intern"} {
		b.Run(mode, func(b *testing.B) {
			b.SetBytes(int64(world.Len()))
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if mode == "callback" {
					_, err = exchange.StreamFtM(bytes.NewReader(world.Bytes()), exchange.Handler{})
				} else {
					l := &loader{ids: map[string]int32{}}
					_, err = l.load(bytes.NewReader(world.Bytes()))
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
