package attribute

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"pgregory.net/rapid"
)

// TestMayStartAdmitsWhatMatches draws words that a tell's pattern matches and
// checks that the bitmap in front of it lets them through.
func TestMayStartAdmitsWhatMatches(t *testing.T) {
	m, k := embedded(t)
	for i, tell := range k.Tells {
		if tell.Kind != offshelf.TellModel || tell.Strength == offshelf.Weak {
			continue
		}
		re := regexp.MustCompile("(?i)" + tell.Pattern)
		words := rapid.StringMatching(body(t, tell.Pattern)).Filter(func(s string) bool {
			return len(s) >= 3 && len(s) <= maxModel && hasDigit(s) && re.MatchString(s) && lower[s[0]] != 0
		})
		rapid.Check(t, func(t *rapid.T) {
			w := words.Draw(t, "word")
			if rapid.Bool().Draw(t, "lower") {
				w = strings.ToLower(w)
			}
			if !m.models.mayStart(w, 0) {
				t.Fatalf("mayStart turns %q away, which %q matches", w, tell.Pattern)
			}
			if whole(w) && !m.models.betrays(w) {
				t.Fatalf("betrays turns %q away, which %q matches", w, tell.Pattern)
			}
			found := false
			for _, id := range m.models.match(w) {
				found = found || id == int32(i)
			}
			if !found {
				t.Fatalf("match(%q) lacks tell %d", w, i)
			}
		})
	}
}

// body is the pattern without its anchors, with a short tail, so that strings
// can be drawn from it.
func body(t *testing.T, pattern string) string {
	t.Helper()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	tail := "[0-9A-Z]{0,3}"
	if strings.Contains(pattern, "$") || strings.HasSuffix(pattern, "$") {
		tail = ""
	}
	return unanchored(re).String() + tail
}

func unanchored(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	}
	out := *re
	out.Sub = nil
	for _, s := range re.Sub {
		out.Sub = append(out.Sub, unanchored(s))
	}
	return &out
}

// whole reports whether a word is read as one model number.
func whole(w string) bool {
	for i := range len(w) {
		if lower[w[i]] == 0 && !isModelMark(w[i]) {
			return false
		}
	}
	return true
}

func TestModelTokens(t *testing.T) {
	p := &offshelf.Product{Model: "DS-7608NI-I2/8P", MPN: "ab", Title: "Dome (DS-2CD2143G0-I), 4MP. x1 " + strings.Repeat("9", maxModel+1)}
	got := ModelTokens(nil, p)
	want := []string{"DS-7608NI-I2/8P", "DS-2CD2143G0-I", "4MP"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPrefixes(t *testing.T) {
	if len(prefixes("(")) != 0 {
		t.Error("a broken pattern has prefixes")
	}
	for _, c := range []struct {
		pattern, word string
		want          bool
	}{
		{"^ab+c", "abb", true}, {"^ab+c", "abc", true}, {"^a?bcd", "bcd", true}, {"^a?bcd", "abc", true},
		{"^(x|yz)[0-9]", "x12", true}, {"^(x|yz)[0-9]", "yz1", true}, {"^(x|yz)[0-9]", "zz1", false},
		{"^a[^b]c", "axc", true}, {"^a{2}b", "aab", true}, {"^a{2}b", "abb", false}, {"^a.c", "a9c", true}, {"^a*b1", "b12", true},
	} {
		has := false
		for _, p := range prefixes(c.pattern) {
			has = has || p == startOf(c.word)
		}
		if has != c.want {
			t.Errorf("prefixes(%q) hold %q: %v, want %v", c.pattern, c.word, has, c.want)
		}
	}
}

func TestMayStartInsideAWord(t *testing.T) {
	m, _ := embedded(t)
	text := "NDS-2CD2143G0-I X-DS-2CD2143G0-I DS"
	if m.models.mayStart(text, strings.Index(text, "X-")+2) {
		t.Error("the middle of a model number is taken for its beginning")
	}
	if m.models.mayStart(text, len(text)-2) {
		t.Error("two characters are taken for a beginning")
	}
}
