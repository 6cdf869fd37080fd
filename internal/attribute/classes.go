package attribute

import (
	"math/bits"

	"github.com/offshelf/offshelf"
)

// classes is a set of goods classes, by their index.
type classes [offshelf.MaxGoods / 64]uint64

func (s classes) has(i int32) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s *classes) add(i int32) { s[i>>6] |= 1 << (i & 63) }

func (s classes) and(o classes) classes {
	for i := range s {
		s[i] &= o[i]
	}
	return s
}

func (s classes) or(o classes) classes {
	for i := range s {
		s[i] |= o[i]
	}
	return s
}

func (s classes) empty() bool { return s == classes{} }

// first returns the lowest index of the set, or -1.
func (s classes) first() int32 {
	for i, w := range s {
		if w != 0 {
			return int32(i*64 + bits.TrailingZeros64(w))
		}
	}
	return -1
}

// upwards returns, for each class, itself and the broader ones that it lies
// within; index finds a class by its id. A circle, which lint refuses, ends where it closes.
func upwards(goods []offshelf.GoodsClass, index map[string]int32) []classes {
	out := make([]classes, len(goods))
	for i := range goods {
		for at, ok := int32(i), true; ok && !out[i].has(at); at, ok = index[goods[at].Within] {
			out[i].add(at)
		}
	}
	return out
}
