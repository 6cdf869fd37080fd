package attribute

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTrieAgreesWithNaiveMatcher compares the trie with a search for every
// phrase at every token.
func TestTrieAgreesWithNaiveMatcher(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "ab", "c1", "hik", "vision", "tp", "link", "é", "ß", "日本"})
	rapid.Check(t, func(t *rapid.T) {
		phrases := rapid.SliceOfN(rapid.SliceOfN(word, 1, 3), 1, 8).Draw(t, "phrases")
		words := rapid.SliceOfN(word, 0, 12).Draw(t, "text")
		separators := make([]string, len(words))
		var text strings.Builder
		for i, w := range words {
			if i > 0 {
				separators[i] = rapid.SampledFrom([]string{" ", "-", "/", " & ", ", ", " (", " | ", "    "}).Draw(t, "separator")
				text.WriteString(separators[i])
			}
			if rapid.Bool().Draw(t, "upper") {
				w = strings.ToUpper(w)
			}
			text.WriteString(w)
		}
		b := newBuilder()
		folded := make([][]string, len(phrases))
		for i, p := range phrases {
			for _, w := range p {
				folded[i] = append(folded[i], nameKey(w))
			}
			b.add(folded[i], output{isBrand, int32(i)})
		}
		var s scanner
		tr := b.build()
		s.all(tr, text.String())
		got := map[[3]int32]bool{}
		for _, m := range s.matches {
			got[[3]int32{m.id, m.first, m.last}] = true
		}
		want := map[[3]int32]bool{}
		for i, p := range folded {
			for at := 0; at+len(p) <= len(words); at++ {
				ok := true
				for j, w := range p {
					if nameKey(words[at+j]) != w || j > 0 && strings.ContainsAny(separators[at+j], ",(|") || j > 0 && len(separators[at+j]) > 3 {
						ok = false
						break
					}
				}
				if ok {
					want[[3]int32{int32(i), int32(at), int32(at + len(p) - 1)}] = true
				}
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%q: got %v, want %v", text.String(), got, want)
		}
		for m := range want {
			if !got[m] {
				t.Fatalf("%q: phrase %v not found", text.String(), m)
			}
		}
		if found := s.find(tr, nil, text.String()); found != (len(want) > 0) {
			t.Fatalf("%q: find says %v, want %v", text.String(), found, len(want) > 0)
		}
	})
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"TP-Link  Archer", []string{"tp", "link", "archer"}},
		{"Überwachung", []string{"uberwachung"}},
		{"ＨＩＫ vision", []string{"hik", "vision"}},
		{"Hik\u200bvision", []string{"hikvision"}},
		{"\u200b\u200d a", []string{"a"}},
		{"🙂 ok", []string{"ok"}},
		{"\xff\xfe x1", []string{"x1"}},
		{"", nil},
	} {
		var s scanner
		s.all(newBuilder().build(), c.text)
		var got []string
		for i := range s.tokens {
			got = append(got, s.tokens[i].word(c.text))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestBuilderKeepsMeanings(t *testing.T) {
	b := newBuilder()
	b.add(nil, output{isBrand, 0})
	b.add([]string{"x"}, output{isBrand, 1})
	b.add([]string{"x"}, output{isBrand, 1})
	b.add([]string{"x"}, output{isNot, 2})
	var s scanner
	s.all(b.build(), "X")
	if len(s.matches) != 2 {
		t.Errorf("matches %v", s.matches)
	}
}

// TestFindAgreesWithAll holds the quick pass to what the full one finds,
// whatever stands between and beside the words.
func TestFindAgreesWithAll(t *testing.T) {
	b := newBuilder()
	for _, p := range [][]string{{"tp", "link"}, {"lorex"}, {"night", "owl"}} {
		b.add(p, output{isBrand, 0})
	}
	tr := b.build()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"tp", "TP", "link", "lorex", "Lorex", "night", "owl", " ", "-", "–", "®", ", ", "é", "Ηλ", "lοrex", "x1", ":", "  \t  ", "中",
		}), 0, 12).Draw(t, "parts")
		text := strings.Join(parts, "")
		var quick, full scanner
		full.all(tr, text)
		if got, want := quick.find(tr, nil, text), len(full.matches) > 0; got != want {
			t.Fatalf("%q: find says %v, all found %d phrases", text, got, len(full.matches))
		}
	})
}
