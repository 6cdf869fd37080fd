package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// keeper is a handler that keeps the messages of a stream.
type keeper struct{ all []*offshelf.Message }

func (k *keeper) Handle(m *offshelf.Message) error { k.all = append(k.all, m); return nil }
func (k *keeper) Close() error                     { return nil }

// direct renders messages as screen does, without a saved stream.
func direct(t rapid.TB, all []*offshelf.Message, format string, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	h, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := h.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func same(t rapid.TB, all []*offshelf.Message) {
	t.Helper()
	saved := direct(t, all, "json", Options{})
	for _, f := range Formats() {
		if d := cmp.Diff(string(direct(t, all, f, Options{})), string(render(t, saved, f, Options{}))); d != "" {
			t.Errorf("%s differs after saving (-direct +rendered):\n%s", f, d)
		}
	}
}

func TestSavedStreamRendersAsDirect(t *testing.T) {
	for name, stream := range streams(t) {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			if err := Read(bytes.NewReader(stream), k); err != nil && err != ErrIncomplete {
				t.Fatal(err)
			}
			same(t, k.all)
		})
	}
}

// The same holds for whatever bytes a catalog has in its cells.
func TestHostileTextRendersAsDirect(t *testing.T) {
	text := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"\x1b[31", "\x1b]0;x", "\x9b1m", "\xc2\x9b\xffm", "=1+1", "\t=1", ";\"=1", "<b>", "\u202e", "a\xffb", "\x1b\xff", "\u009d\xc2\x9cx"}),
	)
	rapid.Check(t, func(r *rapid.T) {
		p := offshelf.Product{File: text.Draw(r, "file"), Row: rapid.IntRange(0, 3).Draw(r, "row"), ID: text.Draw(r, "id"), Title: text.Draw(r, "title"), Brand: text.Draw(r, "brand")}
		var all []*offshelf.Message
		all = append(all, &offshelf.Message{Config: &offshelf.Config{Protocol: protocol, Policy: text.Draw(r, "policy"), All: true}})
		for range rapid.IntRange(1, 3).Draw(r, "findings") {
			q := p
			q.ID += text.Draw(r, "more")
			all = append(all, &offshelf.Message{Finding: &offshelf.Finding{
				Product: q, Brand: text.Draw(r, "brand name"), BrandID: text.Draw(r, "brand id"), Maker: text.Draw(r, "maker"),
				Regime: text.Draw(r, "regime"), Action: offshelf.Action(rapid.IntRange(0, 4).Draw(r, "action")), Probability: rapid.Float64Range(0, 1).Draw(r, "p"),
				Chains: []offshelf.Chain{{Hops: []offshelf.Hop{{Kind: "held", From: text.Draw(r, "from"), To: text.Draw(r, "to"), Note: text.Draw(r, "note")}}}},
			}})
		}
		all = append(all, &offshelf.Message{Product: &offshelf.ScreenedProduct{Product: p}}, &offshelf.Message{Summary: &offshelf.Summary{Statement: text.Draw(r, "statement")}})
		same(r, all)
		for _, f := range []string{"text", "html", "csv"} {
			if bad := controls.Find(direct(r, all, f, Options{})); bad != nil {
				r.Errorf("%s has the control character %q", f, bad)
			}
		}
	})
}

var controls = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]`)

// many is a stream of n products of one brand.
func many(n int) []*offshelf.Message {
	all := []*offshelf.Message{{Config: &offshelf.Config{Protocol: protocol, AsOf: "2021-10-25"}}}
	for i := range n {
		all = append(all, &offshelf.Message{Finding: &offshelf.Finding{
			Product: offshelf.Product{ID: fmt.Sprint(i), Title: "Lorex camera", Row: i + 1},
			Brand:   "Lorex", BrandID: "lorex", Regime: "house", Action: offshelf.Pull, Probability: 1, Verdict: offshelf.Reached,
		}})
	}
	return append(all, &offshelf.Message{Summary: &offshelf.Summary{Read: n, Screened: n, Products: n, Actions: map[string]int{"pull": n}}})
}

func TestLongGroupsAreCounted(t *testing.T) {
	all := many(2312)
	text := string(direct(t, all, "text", Options{}))
	for _, want := range []string{"Lorex — 2,312 products to pull", "… and 2,304 more: -o csv has all of them"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	html := string(direct(t, all, "html", Options{}))
	if n := strings.Count(html, `<td class="title">`); n != htmlKeep {
		t.Errorf("html lists %d products, want %d", n, htmlKeep)
	}
	if want := "The first 2,000 are listed, 312 more are not: offshelf render STREAM.json -o csv has all of them."; !strings.Contains(html, want) {
		t.Errorf("html lacks %q", want)
	}
	if n := strings.Count(string(direct(t, all, "csv", Options{})), "\n"); n != 2313 {
		t.Errorf("csv has %d lines, want 2313", n)
	}
}

// A report must never say more than that nothing was found.
func TestNoPromises(t *testing.T) {
	promise := regexp.MustCompile(`(?i)\b(clean|safe|compliant|compliance|approved|permitted)\b`)
	for name, stream := range streams(t) {
		for _, f := range []string{"text", "csv", "html"} {
			if got := promise.Find(render(t, stream, f, Options{})); got != nil {
				t.Errorf("%s as %s promises %q", name, f, got)
			}
		}
	}
}

func TestTextKeepsToItsWidth(t *testing.T) {
	for name, stream := range streams(t) {
		for _, width := range []int{72, 100, 140} {
			for l := range strings.SplitSeq(string(render(t, stream, "text", Options{Width: width})), "\n") {
				if cells(l) > width && !strings.HasPrefix(l, "    http") {
					t.Errorf("%s at %d: %d columns: %q", name, width, cells(l), l)
				}
			}
		}
	}
}

// Colour adds sequences of its own and changes nothing else.
func TestColor(t *testing.T) {
	sgr := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for name, stream := range streams(t) {
		plain, colored := render(t, stream, "text", Options{}), render(t, stream, "text", Options{Color: true})
		if d := cmp.Diff(string(plain), string(sgr.ReplaceAll(colored, nil))); d != "" {
			t.Errorf("%s (-plain +colour):\n%s", name, d)
		}
	}
	if !bytes.Contains(render(t, streams(t)["lowes_2021"], "text", Options{Color: true}), []byte("\x1b[1;31mPULL\x1b[0m")) {
		t.Error("pull is not red")
	}
}

func BenchmarkJSON(b *testing.B) { benchmark(b, "json") }
func BenchmarkCSV(b *testing.B)  { benchmark(b, "csv") }
func BenchmarkText(b *testing.B) { benchmark(b, "text") }

func benchmark(b *testing.B, format string) {
	k := &keeper{}
	if err := Read(bytes.NewReader(streams(b)["lowes_2021"]), k); err != nil {
		b.Fatal(err)
	}
	h, err := New(format, discard{}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Handle(k.all[1]); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
