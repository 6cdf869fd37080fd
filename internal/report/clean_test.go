package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Lorex 4K camera", "Lorex 4K camera"},
		{"spaces", "  a \t b\r\nc  ", "a b c"},
		{"colour", "\x1b[1;31mred\x1b[0m", "red"},
		{"clear screen", "a\x1b[2J\x1b[Hb", "ab"},
		{"window title", "\x1b]0;owned\atitle", "title"},
		{"link", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"},
		{"device string", "\x1bPq#0\x1b\\x", "x"},
		{"string without end", "\x1b]0;owned", "0;owned"},
		{"charset", "\x1b(0x", "x"},
		{"escape alone", "a\x1b", "a"},
		{"8-bit sequence", "\u009b31mx", "x"},
		{"8-bit string", "\u009d0;x\u009cy", "y"},
		{"bell and backspace", "a\a\bb\x7f", "ab"},
		{"bidi", "camera \u202egnp.exe\u202c \u2066x\u2069\u200f", "camera gnp.exe x"},
		{"invisible", "Lo\u200brex\ufeff\u00ad\u2060", "Lorex"},
		{"tags", "x\U000e0041\U000e0042", "x"},
		{"broken UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"letters that stay", "Überwachung 摄像机 كاميرا می\u200cخواهم 👨\u200d👩\u200d👧 é", "Überwachung 摄像机 كاميرا می\u200cخواهم 👨\u200d👩\u200d👧 é"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("%s: clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// Strings without an end are not searched for it again and again: a megabyte
// of them took minutes.
func TestCleanIsLinear(t *testing.T) {
	start := time.Now()
	clean(strings.Repeat("\x1b]", 1<<19))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a megabyte took %v", took)
	}
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("\x1b[]\\a;m\u009b\u009c \t\a")), 0, 12, -1)).Draw(r, "s")
		once := clean(s)
		if clean(once) != once || !utf8.ValidString(once) || controls.MatchString(once) {
			r.Errorf("clean(%q) = %q", s, once)
		}
	})
}

func TestCell(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Lorex", "Lorex"},
		{"a=b", "a=b"},
		{`=HYPERLINK("http://evil.example")`, `'=HYPERLINK("http://evil.example")`},
		{"+1", "'+1"}, {"-20 °C", "'-20 °C"}, {"@SUM(A1)", "'@SUM(A1)"},
		{"\tx", "'x"}, {"\r=1", "'=1"}, {"\n=1", "'=1"},
		{"  =1", "'=1"}, {"\u200b=1", "'=1"}, {"\x1b[0m=1", "'=1"}, {"＝1", "'＝1"}, {`"=1`, `'"=1`}, {"'=1", "''=1"},
		{"a;=1+1;b", "a;'=1+1;b"}, {`a;"=1`, `a;'"=1`}, {"a; -1", "a;' -1"}, {"a;b", "a;b"},
	} {
		if got := cell(c.in); got != c.want {
			t.Errorf("cell(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// No cell of the CSV starts a formula, read with either separator.
func TestCSVHasNoFormula(t *testing.T) {
	for name, stream := range streams(t) {
		out := string(render(t, stream, "csv", Options{}))
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		header := csvHeader
		if strings.Contains(out, shelfHeader[0]) {
			header = slices.Concat(csvHeader, shelfHeader)
		}
		for i, row := range rows {
			if len(row) != len(header) || i == 0 && !slices.Equal(row, header) {
				t.Errorf("%s: row %d is %q", name, i, row)
			}
			for _, c := range row {
				for part := range strings.SplitSeq(c, ";") {
					if t2 := strings.TrimLeft(part, ` "`); t2 != "" && strings.ContainsRune("=+-@\t\r", rune(t2[0])) {
						t.Errorf("%s: cell %q", name, c)
					}
				}
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", []string{""}},
		{"one two three four five six", []string{"one two three four", "five six"}},
		{"a " + strings.Repeat("x", 45), []string{"a", strings.Repeat("x", 20), strings.Repeat("x", 20), "xxxxx"}},
		{"海康威视网络摄像机室外防水智能警戒", []string{"海康威视网络摄像机室", "外防水智能警戒"}},
	} {
		if got := wrap(c.in, 20); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := clean(rapid.String().Draw(r, "s"))
		n := rapid.IntRange(20, 60).Draw(r, "n")
		lines := wrap(s, n)
		for _, l := range lines {
			if cells(l) > n {
				r.Errorf("%q has %d columns, want at most %d", l, cells(l), n)
			}
		}
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(s, " ", ""); got != want {
			r.Errorf("got %q, want %q", got, want)
		}
		if f := fit(s, n); cells(f) > n {
			r.Errorf("fit(%q) has %d columns", s, cells(f))
		}
	})
}
