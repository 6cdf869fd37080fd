package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPrinciples: what the comparison holds to, by made names.
func TestPrinciples(t *testing.T) {
	const same, yes, no = "same", "match", "no match"
	for _, c := range []struct {
		rule string
		kind Kind
		a, b string
		want string
	}{
		{"the same name", Company, "Norvik Trading Ltd", "Norvik Trading Ltd", same},
		{"case, accents and punctuation", Company, "NORVÍK-TRADING, Ltd.", "Norvik Trading Ltd", same},
		{"full width", Company, "Ｎｏｒｖｉｋ Trading Ltd", "Norvik Trading Ltd", same},
		{"invisible letters", Company, "Nor\u200bvik Trading Ltd", "Norvik Trading Ltd", same},
		{"letters of another alphabet as a disguise", Company, "Nоrvik Trading Ltd", "Norvik Trading Ltd", same},
		{"a legal form spelled out is not the same name, and matches", Company, "Norvik GmbH", "Norvik Gesellschaft mit beschränkter Haftung", yes},
		{"a legal form left out", Company, "Norvik", "Norvik Sp. z o.o.", yes},
		{"a legal form before the name", Company, "OOO Norvik", "Norvik OOO", yes},
		{"a legal form written to the name", Company, "NorvikAG", "Norvik AG", yes},
		{"a legal form alone", Company, "Corp", "Norvik Corp", no},
		{"legal forms alone", Company, "Limited", "Ltd Corp", no},
		{"words of business alone", Company, "Trading Technology Ltd", "Norvik Trading Technology Ltd", no},
		{"a place alone", Company, "Shenzhen Co Ltd", "Shenzhen Norvik Co Ltd", no},
		{"a slip", Company, "Norvkia Trading", "Norvika Trading", yes},
		{"a slip in a word of business", Company, "Norvik Elektronics Technolgy", "Norvik Electronics Technology", yes},
		{"another name", Company, "Norvik Trading Ltd", "Sudval Trading Ltd", no},
		{"another business of one house", Company, "Norvik Shipping", "Norvik Insurance", no},
		{"another country", Company, "Norvik (France) SA", "Norvik (Japan) KK", no},
		{"numbers name a factory", Company, "Norvik No. 5 Factory", "Norvik No. 6 Factory", no},
		{"ordinals name an institute", Company, "Norvik 54th Research Institute", "Norvik 55th Research Institute", no},
		{"the same number in other words", Company, "Fifth Norvik Factory", "Norvik Factory No. 5", yes},
		{"words apart", Company, "Nor Vika Optics", "Norvika Optics", yes},
		{"words together", Company, "NorvikaOptics", "Norvika Optics", yes},
		{"letters with dots", Company, "N.V.K. Optics", "NVK Optics", same},
		{"other letters with dots", Company, "N.V.K. Optics", "K.V.N. Optics", no},
		{"another order", Company, "Optics Norvika", "Norvika Optics", yes},
		{"the same words in another language", Company, "Norvika Handel", "Norvika Trading", yes},
		{"Cyrillic", Company, "ООО «Норвика Оптика»", "Norvika Optics LLC", yes},
		{"Han", Company, "浙江大华技术股份有限公司", "Zhejiang Dahua Technology Co., Ltd.", yes},
		{"Han, with a slip of reading", Company, "深圳市优必选科技有限公司", "Shenzhen UBTECH Technology Ltd", no},
		{"Japanese form", Company, "トヨタ株式会社", "Toyota KK", yes},
		{"Greek", Company, "Νορβίκα", "Norvika", yes},
		{"Korean", Company, "노르비카", "Noreubika", yes},
		{"Arabic", Person, "فرناندو كوستا", "Fernando Costa", yes},
		{"Hebrew", Person, "שלום ברק", "Shalom Barak", yes},
		{"an initial", Person, "M. Norvik", "Marta Norvik", yes},
		{"another initial", Person, "Marta B. Norvik", "Marta C. Norvik", no},
		{"initials together", Person, "MJ Norvik", "Marta Joan Norvik", yes},
		{"family name first", Person, "Norvik, Marta", "Marta Norvik", yes},
		{"a title", Person, "Dr. Marta Norvik", "Marta Norvik", yes},
		{"a form of a given name", Person, "Bill Norvik", "William Norvik", yes},
		{"another given name", Person, "Robert Norvik", "Susan Norvik", no},
		{"another patronymic", Person, "Ivan Petrovich Norvik", "Ivan Olegovich Norvik", no},
		{"a middle name left out", Person, "Marta Elena Norvik", "Marta Norvik", yes},
		{"father and son", Person, "Yusuf bin Tariq Norvik", "Tariq bin Yusuf Norvik", no},
		{"another Han letter", Person, "高市早苗", "高石早苗", no},
		{"a ship with its prefix", Vessel, "MV Norvika Star", "Norvika Star", yes},
		{"a ship of another number", Vessel, "Norvika 5", "Norvika 7", no},
	} {
		r := Compare(c.a, c.b, c.kind)
		got := no
		switch {
		case r.Score == 1:
			got = same
		case r.Match:
			got = yes
		}
		if got != c.want {
			t.Errorf("%s: %q, %q: %s (%.3f), want %s; %s", c.rule, c.a, c.b, got, r.Score, c.want, strings.Join(r.Reasons, "; "))
		}
		if len(r.Reasons) == 0 {
			t.Errorf("%s: a score without a reason", c.rule)
		}
	}
}

// TestRare: a rare word left out costs more than a common one.
func TestRare(t *testing.T) {
	full := "Norvika Qelbur Trading Technology Ltd"
	generic := Compare(full, "Norvika Qelbur Trading Ltd", Company).Score
	rare := Compare(full, "Norvika Trading Technology Ltd", Company).Score
	if generic <= rare {
		t.Errorf("without a word of business %.3f, without a word of the name %.3f", generic, rare)
	}
}

// TestMoreSlips: each slip in a word costs something.
func TestMoreSlips(t *testing.T) {
	last := 1.1
	for _, n := range []string{"Norvikasten Optics", "Norvikastem Optics", "Morvikastem Optics", "Morvigastem Optics", "Morvigaxtem Optics"} {
		s := Compare("Norvikasten Optics", n, Company).Score
		if s >= last {
			t.Errorf("%s scores %.3f, with a slip less %.3f", n, s, last)
		}
		last = s
	}
}

// someName draws names that hold what the comparison has rules for.
func someName() *rapid.Generator[string] {
	word := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z]{1,12}`),
		rapid.SampledFrom(strings.Fields("Ltd GmbH S.A. OOO Co., (Asia) No. 5 5th VII & al- bin Dr. J. Trading Technologies Shenzhen 大华 技术 有限公司 Иван бен أحمد 김 Ωmega A.B.C. SiemensAG '' ’s #7 2004-1")),
		rapid.StringN(0, 6, 12),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 0, 8).Draw(t, "words"), rapid.SampledFrom([]string{" ", "-", ", ", ""}).Draw(t, "between"))
	})
}

var someKind = rapid.SampledFrom([]Kind{Any, Company, Person, Vessel})

func TestCompareIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, k := someName().Draw(t, "a"), someName().Draw(t, "b"), someKind.Draw(t, "kind")
		if x, y := Compare(a, b, k), Compare(b, a, k); x.Score != y.Score || x.Kind != y.Kind {
			t.Fatalf("%q, %q (%s): %v one way, %v the other\n%q\n%q", a, b, k, x.Score, y.Score, x.Reasons, y.Reasons)
		}
	})
}

func TestCompareWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, k := someName().Draw(t, "a"), someKind.Draw(t, "kind")
		r := Compare(a, a, k)
		if want := strings.ContainsFunc(foldedLetters(a), isLetter); (r.Score == 1) != want {
			t.Fatalf("%q with itself (%s): %v", a, k, r.Score)
		}
		if up := Compare(strings.ToUpper(a), a, Company); isASCII(a) && r.Score == 1 && k == Company && up.Score < 0.5 {
			t.Fatalf("%q in capitals: %v %q", a, up.Score, up.Reasons)
		}
	})
}

// foldedLetters are the letters that a name is folded to.
func foldedLetters(s string) string {
	var b strings.Builder
	for _, w := range split(s, nil) {
		b.WriteString(w.text)
	}
	return b.String()
}

// TestSlipsAreADistance: nought for the same, symmetric, and no longer than
// writing all anew.
func TestSlipsAreADistance(t *testing.T) {
	word := rapid.StringMatching(`[a-z0-9]{0,14}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := slips(a, b, 1<<14)
		if d != slips(b, a, 1<<14) {
			t.Fatalf("%q, %q: %d, %d", a, b, d, slips(b, a, 1<<14))
		}
		if (d == 0) != (a == b) {
			t.Fatalf("%q, %q: %d", a, b, d)
		}
		if limit := rapid.IntRange(0, 60).Draw(t, "limit"); (slips(a, b, limit) <= limit) != (d <= limit) {
			t.Fatalf("%q, %q: %d, with the limit %d: %d", a, b, d, limit, slips(a, b, limit))
		}
	})
}

func FuzzCompare(f *testing.F) {
	for _, s := range [][2]string{
		{"Norvik Trading Ltd", "OOO «Норвик»"}, {"浙江大华技术股份有限公司", "Dahua"}, {"", " "}, {"A.B.C.", "a b c"}, {"(((((", ")))"}, {"Mr. bin al-", "'''"},
		{"\xff\xfe", "\x00"}, {strings.Repeat("a ", 600), strings.Repeat("b", 3000)}, {"№ 5", "No. 5"}, {"𠮷野", "김철수"}, {"ﷺ", "ß"}, {"V I X", "IX"}, {"S.A.R.L. Sp. z o.o.", "GmbH & Co. KG"},
	} {
		f.Add(s[0], s[1], uint8(0))
		f.Add(s[1], s[0], uint8(2))
	}
	f.Fuzz(func(t *testing.T, a, b string, k uint8) {
		kind := Kind(k % 4)
		r := Compare(a, b, kind)
		if !(r.Score >= 0 && r.Score <= 1) {
			t.Fatalf("score %v", r.Score)
		}
		if back := Compare(b, a, kind); back.Score != r.Score {
			t.Fatalf("%v one way, %v the other", r.Score, back.Score)
		}
		for _, s := range r.Reasons {
			if utf8.ValidString(a) && utf8.ValidString(b) && !utf8.ValidString(s) {
				t.Fatalf("a reason that is no text: %q", s)
			}
		}
		// The index gives what the comparison gives.
		x := Build([]Entry{{Name: a, Kind: kind, Label: 7}, {Name: "Norvika Optics", Kind: Company}})
		for _, h := range x.Search(b, Options{Kind: kind, Min: 1e-9, Limit: 2}) {
			name, nk, _ := x.Name(h.Name)
			if kind == Any {
				continue // each side was guessed alone
			}
			if want := Compare(b, name, nk).Score; want != h.Score {
				t.Fatalf("search %v, compare %v of %q, %q", h.Score, want, b, name)
			}
		}
		if _, err := Open(x.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}
