package main

// winkler is the Jaro–Winkler similarity of two lower-case names, as a
// screening tool would scan a list with: scratch kept, bytes, no allocation.
type winkler struct{ usedA, usedB []bool }

func (w *winkler) similarity(a, b string) float64 {
	if a == b {
		return 1
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	reach := max(len(b)/2-1, 0)
	if cap(w.usedA) < len(a) {
		w.usedA = make([]bool, 2*len(a))
	}
	if cap(w.usedB) < len(b) {
		w.usedB = make([]bool, 2*len(b))
	}
	ua, ub := w.usedA[:len(a)], w.usedB[:len(b)]
	clear(ua)
	clear(ub)
	m := 0
	for i := range len(a) {
		for j := max(i-reach, 0); j < min(i+reach+1, len(b)); j++ {
			if !ub[j] && a[i] == b[j] {
				ua[i], ub[j] = true, true
				m++
				break
			}
		}
	}
	if m == 0 {
		return 0
	}
	t, j := 0, 0
	for i := range len(a) {
		if !ua[i] {
			continue
		}
		for !ub[j] {
			j++
		}
		if a[i] != b[j] {
			t++
		}
		j++
	}
	fm := float64(m)
	jaro := (fm/float64(len(a)) + fm/float64(len(b)) + (fm-float64(t)/2)/fm) / 3
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}
