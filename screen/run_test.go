package screen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// shelf writes a catalog: a hit in every 20 rows, a row with a broken quote in
// every 97, an empty row in every 101, and an id again in every 50.
func shelf(rows int) string {
	hits := []string{
		`Lorex,"Lorex 4K Ultra HD 8-Channel NVR, boxed",Security Cameras`, `EZVIZ,EZVIZ C6N Indoor Camera,Security Cameras`,
		`Hikvision,Hikvision DS-2CD2043G2-I Bullet Camera,Security Cameras`, `Wasserstein,Wall Mount for Lorex Cameras,Mounts`,
		`Kaspersky,Kaspersky Total Security 3 Devices,Antivirus Software`, `DJI,DJI Mini 3 Drone,Drones`,
	}
	var b strings.Builder
	b.WriteString("id,brand,title,category\n")
	for i := 1; i <= rows; i++ {
		id := i
		if i%50 == 0 {
			id = i - 1
		}
		switch {
		case i%97 == 0:
			fmt.Fprintf(&b, "%d,\"bro\"ken,Hammer,Tools\n", id)
		case i%101 == 0:
			b.WriteString(",,,\n")
		case i%20 == 7:
			fmt.Fprintf(&b, "%d,%s\n", id, hits[i%len(hits)])
		default:
			fmt.Fprintf(&b, "%d,Estwing,Claw Hammer %d oz,Tools\n", id, i)
		}
	}
	return b.String()
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b offshelf.Date) bool { return a == b }))
}

func stream(t testing.TB, sc *screen.Screener, sources []screen.Source, run screen.Run) ([]offshelf.Message, *offshelf.Summary) {
	t.Helper()
	var out []offshelf.Message
	run.Emit = func(m *offshelf.Message) error {
		out = append(out, *m)
		return nil
	}
	sum, err := sc.Catalogs(context.Background(), sources, run)
	if err != nil {
		t.Fatal(err)
	}
	return out, sum
}

func source(name, text string) screen.Source {
	return screen.Source{Name: name, Read: strings.NewReader(text)}
}

func TestSameStreamHoweverManyWorkers(t *testing.T) {
	const rows = 6000
	run := screen.Run{Tool: "test", Notes: []string{"a note"}}
	text := shelf(rows)
	var want []offshelf.Message
	for _, workers := range []int{1, 2, 7, 0} {
		sc := screener(t, "2021-lowes", "2021-10-25", screen.Workers(workers))
		got, _ := stream(t, sc, []screen.Source{source("a.csv", text), source("b.csv", text)}, run)
		if want == nil {
			want = got
			continue
		}
		if d := diff(want, got); d != "" {
			t.Fatalf("%d workers: %s", workers, d)
		}
	}
	count(t, want)
}

// count adds up what the stream tells and compares it with its summary.
func count(t *testing.T, messages []offshelf.Message) {
	t.Helper()
	got := offshelf.Summary{Actions: map[string]int{}, Regimes: map[string]int{}}
	strongest, left := offshelf.NoAction, 0
	for i, m := range messages {
		switch {
		case m.Config != nil:
			if i != 0 {
				t.Errorf("message %d is a second config", i)
			}
		case m.Product != nil:
			if left != 0 {
				t.Errorf("message %d: %d findings are missing", i, left)
			}
			if left = m.Product.Findings; left > 0 {
				got.Products++
			}
			strongest = offshelf.NoAction
		case m.Finding != nil:
			got.Findings++
			got.Regimes[m.Finding.Regime]++
			strongest = max(strongest, m.Finding.Action)
			if left--; left == 0 {
				got.Actions[strongest.String()]++
			}
		case m.Summary != nil:
			s := m.Summary
			if i != len(messages)-1 {
				t.Errorf("the summary is message %d of %d", i, len(messages))
			}
			if s.Read != s.Screened+s.Skipped+s.Failed {
				t.Errorf("%d read, but %d screened, %d skipped, %d failed", s.Read, s.Screened, s.Skipped, s.Failed)
			}
			if s.Products != got.Products || s.Findings != got.Findings || !cmp.Equal(s.Actions, got.Actions) || !cmp.Equal(s.Regimes, got.Regimes) {
				t.Errorf("summary %+v, counted %+v", s, got)
			}
			if s.Products == 0 || s.Failed == 0 || s.Skipped == 0 || s.Statement != screen.Statement {
				t.Errorf("summary %+v", s)
			}
		}
	}
}

func TestProblemsAndRepeatedIDs(t *testing.T) {
	text := "id,brand,title\n1,Estwing,Hammer\n2,Lorex,Lorex Camera NVR\n1,Estwing,Axe\n"
	_, sum := stream(t, screener(t, "default", today), []screen.Source{
		source("a.csv", text), source("b.csv", "id,brand,title\n2,Estwing,Saw\n3,Estwing,File\n3,Estwing,Rasp\n"),
	}, screen.Run{Notes: []string{"a day in the future"}})
	var got []string
	for _, p := range sum.Problems {
		got = append(got, fmt.Sprintf("%s:%d %s %s", p.File, p.Row, p.Kind, strings.SplitAfter(p.Text, "already")[0]))
	}
	want := []string{
		":0 warning a day in the future",
		"a.csv:3 warning the id of this row stood in row 1 already",
		"b.csv:3 warning the id of this row stood in row 2 already",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if sum.Read != 6 || sum.Screened != 6 {
		t.Errorf("%d read, %d screened", sum.Read, sum.Screened)
	}
}

// However many problems there are, what concerns the whole run is told.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,brand,title\n")
	for range 300 {
		b.WriteString(",,\n1,Estwing,Hammer\n")
	}
	_, sum := stream(t, screener(t, "default", today), []screen.Source{source("a.csv", b.String())}, screen.Run{})
	if sum.Read != 600 || sum.Skipped != 300 || sum.Screened != 300 {
		t.Errorf("%d read, %d screened, %d skipped, %d failed", sum.Read, sum.Screened, sum.Skipped, sum.Failed)
	}
	last := sum.Problems[len(sum.Problems)-1]
	if len(sum.Problems) > 102 || last.Text != "299 rows in all have an id that stood in an earlier row" {
		t.Errorf("%d problems, the last %+v", len(sum.Problems), last)
	}
}

func TestAllAndProgress(t *testing.T) {
	const rows = 250_000
	var b strings.Builder
	b.WriteString("title\n")
	for range rows {
		b.WriteString("Hammer\n")
	}
	seen, products, beats := 0, 0, []int{}
	run := screen.Run{All: true, Watch: func(n int) { seen = n }, Emit: func(m *offshelf.Message) error {
		switch {
		case m.Product != nil:
			products++
		case m.Progress != nil:
			beats = append(beats, m.Progress.Rows)
		}
		return nil
	}}
	sum, err := screener(t, "default", today).Catalogs(context.Background(), []screen.Source{source("a.csv", b.String())}, run)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Read != rows || products != rows || seen != rows || !cmp.Equal(beats, []int{100_000, 200_000}) {
		t.Errorf("%d read, %d products, %d watched, progress %v", sum.Read, products, seen, beats)
	}
}

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestCatalogThatFailsToOpen(t *testing.T) {
	before := runtime.NumGoroutine()
	emitted := 0
	run := screen.Run{Emit: func(*offshelf.Message) error { emitted++; return nil }}
	broken := screen.Source{Name: "broken.csv", Read: io.MultiReader(strings.NewReader("id,"), failing{})}
	odd := source("odd.csv", "a,b\n1,2\n")
	_, err := screener(t, "default", today).Catalogs(context.Background(), []screen.Source{source("good.csv", shelf(10)), broken, odd}, run)
	if err == nil || emitted > 0 {
		t.Fatalf("%d messages, %v", emitted, err)
	}
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "broken.csv") || !strings.Contains(err.Error(), "odd.csv") {
		t.Errorf("the error does not tell both: %v", err)
	}
	settled(t, before)
}

var errBroken = errors.New("the line is dead")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func TestCatalogThatBreaksOff(t *testing.T) {
	before := runtime.NumGoroutine()
	src := screen.Source{Name: "a.csv", Read: io.MultiReader(strings.NewReader(shelf(20_000)), failing{})}
	products, summaries := 0, 0
	run := screen.Run{Emit: func(m *offshelf.Message) error {
		if m.Product != nil {
			products++
		}
		if m.Summary != nil {
			summaries++
		}
		return nil
	}}
	sum, err := screener(t, "default", today).Catalogs(context.Background(), []screen.Source{src, source("b.csv", shelf(40))}, run)
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "a.csv") || summaries != 1 || products == 0 {
		t.Fatalf("%d products, %d summaries, %v", products, summaries, err)
	}
	// What was read is screened, the rest counts as one failed row, and the next catalog follows.
	if sum.Read != sum.Screened+sum.Skipped+sum.Failed || sum.Read <= 19_000 || sum.Failed == 0 {
		t.Errorf("%d read, %d screened, %d skipped, %d failed", sum.Read, sum.Screened, sum.Skipped, sum.Failed)
	}
	settled(t, before)
}

func TestCancelHalfWay(t *testing.T) {
	text := shelf(60_000)
	for _, workers := range []int{1, 7} {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(context.Background())
		products, summaries := 0, 0
		run := screen.Run{Emit: func(m *offshelf.Message) error {
			if m.Product != nil {
				if products++; products == 50 {
					cancel()
				}
			}
			if m.Summary != nil {
				summaries++
			}
			return nil
		}}
		_, err := screener(t, "default", today, screen.Workers(workers)).Catalogs(ctx, []screen.Source{source("a.csv", text)}, run)
		if !errors.Is(err, context.Canceled) || summaries > 0 || products < 50 {
			t.Errorf("%d workers: %d products, %d summaries, %v", workers, products, summaries, err)
		}
		settled(t, before)
		cancel()
	}
}

func TestEmitThatFails(t *testing.T) {
	text := shelf(20_000)
	for _, at := range []int{1, 2, 3, 200} {
		before := runtime.NumGoroutine()
		n := 0
		run := screen.Run{Emit: func(*offshelf.Message) error {
			if n++; n == at {
				return errBroken
			}
			return nil
		}}
		_, err := screener(t, "default", today, screen.Workers(3)).Catalogs(context.Background(), []screen.Source{source("a.csv", text)}, run)
		if !errors.Is(err, errBroken) || n != at {
			t.Errorf("message %d: %d emitted, %v", at, n, err)
		}
		settled(t, before)
	}
}

func TestConfig(t *testing.T) {
	p, _ := snapshot(t).Policy("2021-lowes")
	messages, _ := stream(t, screener(t, "2021-lowes", "2021-10-25", screen.Minimum(0.7)), []screen.Source{source("a.csv", shelf(5))}, screen.Run{Tool: "1.0", PolicySum: "abc"})
	c := messages[0].Config
	if c == nil || c.Protocol != "offshelf/1" || c.Tool != "1.0" || c.AsOf != "2021-10-25" || c.Policy != p.ID || c.PolicySum != "abc" ||
		c.Minimum != 0.7 || c.Snapshot != snapshot(t).Sum() || c.Knowledge != snapshot(t).Version() || len(c.Catalogs) != 1 || c.Catalogs[0].File != "a.csv" {
		t.Errorf("config %+v", c)
	}
}
