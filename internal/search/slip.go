package search

// Costs of edits, in tenths of a slip. A slip costs ten; what transliteration
// systems, the ear, the keyboard or a scanner exchange costs less.
const (
	costEdit   = 10
	costSwap   = 8  // two neighbours change places
	costDouble = 4  // a letter doubled, or not
	costSilent = 6  // an h, which systems of transliteration put in or leave out
	costDigit  = 25 // another digit is another number
)

// substitution[a][b] is what it costs to read b for a.
var substitution = func() (t [36][36]uint8) {
	for i := range t {
		for j := range t[i] {
			if i != j {
				t[i][j] = costEdit
				if i >= 26 && j >= 26 {
					t[i][j] = costDigit
				}
			}
		}
	}
	set := func(cost uint8, pairs ...string) {
		for _, p := range pairs {
			a, b := symbol(p[0]), symbol(p[1])
			t[a][b], t[b][a] = min(t[a][b], cost), min(t[a][b], cost)
		}
	}
	// vowels, which systems of transliteration differ in and the ear confuses
	for _, a := range "aeiouy" {
		for _, b := range "aeiouy" {
			if a != b {
				set(7, string([]rune{a, b}))
			}
		}
	}
	set(5, "ou", "ei", "iy", "ey", "ae", "uw", "ij", "yj")
	// one sound, several letters
	set(4, "ck", "kq", "cq", "vw", "iy")
	set(5, "sz", "cs", "fv", "uv", "xk", "gj", "zj")
	set(6, "bp", "dt", "gk", "bv", "mn", "cz", "kh", "gh", "tz")
	// neighbours on the keyboard
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm"} {
		for i := 1; i < len(row); i++ {
			set(9, row[i-1:i+1])
		}
	}
	// what a scanner takes for another
	set(4, "0o", "1l", "1i", "li")
	set(5, "5s", "8b", "2z", "6g", "9g", "0d")
	return t
}()

// symbol numbers letters and digits; all else folds to one of them.
func symbol(b byte) uint8 {
	switch {
	case 'a' <= b && b <= 'z':
		return b - 'a'
	case '0' <= b && b <= '9':
		return b - '0' + 26
	}
	return b % 26
}

// slips is the cost of the cheapest way from a to b by insertions, deletions,
// substitutions and swaps of neighbours (optimal string alignment), or more
// than limit where that is over the limit. Cost: len(a)·len(b) at most, on a
// band as wide as the limit allows.
func slips(a, b string, limit int) int {
	if a == b {
		return 0
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	n, m := len(a), len(b)
	if m > maxLetter {
		b, m = b[:maxLetter], maxLetter
		if n > maxLetter {
			a, n = a[:maxLetter], maxLetter
		}
	}
	if (m-n)*costDouble > limit {
		return limit + 1
	}
	// Equal ends cost nothing and need no table; what stands before is still
	// seen, since a doubled letter is told by it.
	from := 0
	for from < n && a[from] == b[from] {
		from++
	}
	for n > from && a[n-1] == b[m-1] {
		n, m = n-1, m-1
	}
	var rows [3][maxLetter + 1]int16
	var symbols [maxLetter + 1]uint8 // of b, by column
	var gaps [maxLetter + 1]int16    // what it costs to leave out the letter of b
	two, one, cur := &rows[0], &rows[1], &rows[2]
	one[from] = 0
	for j := from + 1; j <= m; j++ {
		symbols[j], gaps[j] = symbol(b[j-1]), gap(b, j-1)
		one[j] = one[j-1] + gaps[j]
		if doubled(b, j-1) && from > 0 && a[from-1] == b[j-1] {
			one[j] = one[j-1] + costDouble
		}
	}
	for i := from + 1; i <= n; i++ {
		c := a[i-1]
		mine, twice := gap(a, i-1), doubled(a, i-1)
		cur[from] = one[from] + mine
		if twice && from > 0 && b[from-1] == c {
			cur[from] = one[from] + costDouble
		}
		best := cur[from]
		costs := &substitution[symbol(c)]
		for j := from + 1; j <= m; j++ {
			d := b[j-1]
			sub := int16(costs[symbols[j]])
			if i == 1 && j == 1 && sub != 0 {
				sub += 2 // the first letter is the one that is looked at
			}
			v := one[j-1] + sub
			if d == c {
				// Here alone a letter may be the second of a double that the other has once.
				if twice {
					v = min(v, one[j]+costDouble)
				}
				if doubled(b, j-1) {
					v = min(v, cur[j-1]+costDouble)
				}
			}
			v = min(v, one[j]+mine, cur[j-1]+gaps[j])
			if i > from+1 && j > from+1 && c == b[j-2] && a[i-2] == d {
				v = min(v, two[j-2]+costSwap)
			}
			cur[j] = v
			best = min(best, v)
		}
		if int(best) > limit {
			return limit + 1
		}
		two, one, cur = one, cur, two
	}
	return int(one[m])
}

// gap is what it costs that only one name has the letter at i.
func gap(s string, i int) int16 {
	switch c := s[i]; {
	case c >= '0' && c <= '9':
		return costDigit
	case c == 'h' && i > 0:
		return costSilent
	}
	return costEdit
}

// doubled reports whether the letter at i is the same as the one before. Where
// the other name has it once, that costs little; not so a digit.
func doubled(s string, i int) bool {
	return i > 0 && s[i-1] == s[i] && (s[i] < '0' || s[i] > '9')
}

// skeleton appends the consonants of a word by the sound that the systems of
// transliteration write in several ways. Words of scripts that leave out the
// vowels can only be compared so.
func skeleton(into []byte, s string) []byte {
	start := len(into)
	put := func(c byte) {
		if len(into) == start || into[len(into)-1] != c {
			into = append(into, c)
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'w':
			if i == 0 {
				switch c {
				case 'y', 'w':
					put(c)
				default:
					put('a')
				}
			}
		case 'h':
			if i == 0 || isVowel(s[i-1]) && next != 0 {
				put('h')
			}
		case 'c':
			switch next {
			case 'h':
				put('s')
				i++
			case 'e', 'i', 'y':
				put('s')
			default:
				put('k')
			}
		case 's', 'z', 'x':
			if c == 'x' {
				put('k')
			}
			put('s')
			if next == 'h' {
				i++
			}
		case 'q', 'k', 'g':
			if c == 'g' {
				put('g')
			} else {
				put('k')
			}
			if next == 'h' {
				i++
			}
		case 'p', 'b':
			if c == 'p' && next == 'h' {
				put('f')
				i++
			} else {
				put('b')
			}
		case 'v', 'f':
			put('f')
		case 'd', 't':
			if c == 'd' && (next == 'j' || next == 'z') {
				continue
			}
			put(c)
			if next == 'h' {
				i++
			}
		case 'j':
			put('j')
		default:
			put(c)
		}
	}
	return into
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// likeness is how alike two words are, from 0 to 1: 1 for the same word, and
// nothing below the bound of what can be a slip.
func likeness(a, b *token, kind Kind) float32 {
	if a.han != "" && b.han != "" {
		return hanLikeness(a.han, b.han)
	}
	if a.text == b.text {
		return 1
	}
	// Numbers, words of known and different meaning, and abbreviations are not
	// slips of each other.
	if a.class == number || b.class == number || a.abbreviation || b.abbreviation || a.class == place && b.class == place ||
		(a.class == generic || a.class == body) && (b.class == generic || b.class == body) {
		return 0
	}
	if a.given != 0 && a.given == b.given {
		return 0.93
	}
	n := max(len(a.text), len(b.text))
	if n < 2 {
		return 0
	}
	// As many slips as four tenths of the letters is the most that is looked at.
	s := float32(0)
	if d := slips(a.text, b.text, 4*n); d <= 4*n {
		s = 1 - float32(d)/float32(10*n)
	}
	// Transliteration changes vowels: of another script, or in names of persons,
	// which are written by ear.
	if foreign := a.foreign != b.foreign; s < 0.85 && (foreign || kind == Person && s >= 0.5) {
		if t := sound(a.text, b.text); t > s {
			if !foreign {
				t = 0.6*t + 0.4*s
			}
			s = t
		}
	}
	if kind != Person && s < 0.9 {
		if t := derived(a.text, b.text); t > s {
			s = t
		}
	}
	if s < 0.55 {
		return 0
	}
	return s
}

// sound compares by the consonants: a little below what the letters would give
// where these agree and enough of them are left.
func sound(a, b string) float32 {
	var bufA, bufB [maxLetter * 2]byte
	x, y := skeleton(bufA[:0], a), skeleton(bufB[:0], b)
	if len(x) < 2 || string(x) != string(y) {
		return 0
	}
	switch {
	case len(x) >= 4:
		return 0.88
	case len(x) == 3:
		return 0.84
	}
	return 0.74
}

// derived knows the adjective of a Slavic place or name: Murom, Muromskii.
func derived(a, b string) float32 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 4 || len(b)-len(a) < 2 || b[:len(a)-1] != a[:len(a)-1] {
		return 0
	}
	rest := b[len(a)-1:]
	if rest[0] == a[len(a)-1] {
		rest = rest[1:]
	}
	switch rest {
	case "ski", "sky", "skii", "skiy", "skyi", "skij", "skaia", "skaya", "skoe", "skoye", "skogo", "skoi", "skie", "skiye", "iiskii", "iyskiy", "ovskii", "ovskiy":
		return 0.9
	}
	return 0
}

// hanLikeness compares words of scripts whose letters are syllables: another
// letter is another word, not a slip.
func hanLikeness(a, b string) float32 {
	if a == b {
		return 1
	}
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(x) < 4 || len(x) != len(y) {
		return 0
	}
	same := 0
	for i := range x {
		if x[i] == y[i] {
			same++
		}
	}
	if same < len(x)-1 {
		return 0
	}
	return 1 - 1/float32(len(x))
}
