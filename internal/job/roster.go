package job

import "github.com/offshelf/offshelf/internal/store"

// shelf is what a catalog had on the shelf before an upload, and what became of
// each version. It takes some 60 bytes a product.
type shelf struct {
	upload    int64 // that is screened
	current   int64 // that was published last
	published bool  // they are one: this run changes no product
	at        map[int64]version
	twins     map[int64]*twins // by the hash of number 0; only keys that several rows have or had
	hash      func(key string, nth int) int64
}

type version struct {
	id, content int64
	seen        bool
}

// twins are the rows of one key. Each has a number, which is its own as long as
// what the catalog says of it stays the same: rows that only change places keep
// their numbers, and with them their findings and decisions.
type twins struct {
	key     string
	others  []int64         // hashes of versions with a number above 0, until they are numbered
	numbers map[int64][]int // by content, of versions that were not seen yet; ascending
	next    int             // numbers below are taken
	ready   bool
}

// mostTwins bounds the search for the number of a version.
const mostTwins = 1 << 24

func newShelf(upload, current int64) *shelf {
	return &shelf{upload: upload, current: current, published: upload == current, at: map[int64]version{}, twins: map[int64]*twins{}, hash: store.KeyHash}
}

// add takes a version that was on the shelf before.
func (s *shelf) add(e store.RosterEntry) {
	if e.Ended && s.published { // it went with this upload, for all to see
		return
	}
	s.at[e.KeyHash] = version{id: e.ID, content: e.ContentHash}
	if first := s.hash(e.Key, 0); first != e.KeyHash {
		t := s.twins[first]
		if t == nil {
			t = &twins{key: e.Key}
			s.twins[first] = t
		}
		t.others = append(t.others, e.KeyHash)
	}
}

// fate is what an upload does to a product.
type fate struct {
	id    int64 // of the version that is on the shelf from now on
	hash  int64 // of its key
	nth   int   // of the rows with this key, from 0
	opens bool  // it is on the shelf from this upload on
	gone  int64 // version that it replaces; or 0
}

// place tells what becomes of a row with this key. The id is what a new version
// of the product would get. ok is false where the upload is published and no
// row of it was read so then.
func (s *shelf) place(key string, content, id int64) (f fate, ok bool) {
	first := s.hash(key, 0)
	t := s.twins[first]
	if t == nil {
		if v := s.at[first]; !v.seen {
			return s.settle(first, 0, content, id)
		}
		t = &twins{key: key}
		s.twins[first] = t
	}
	s.number(t)
	if same := t.numbers[content]; len(same) > 0 {
		t.numbers[content] = same[1:]
		if h := s.hash(key, same[0]); !s.at[h].seen {
			return s.settle(h, same[0], content, id)
		}
	}
	for ; t.next < mostTwins; t.next++ {
		h := s.hash(key, t.next)
		if v, had := s.at[h]; !v.seen && (had || !s.published) {
			return s.settle(h, t.next, content, id)
		}
		if s.published && t.next >= len(s.at) { // there cannot be more
			break
		}
	}
	return f, false
}

// number finds the numbers of the versions of a key, once.
func (s *shelf) number(t *twins) {
	if t.ready {
		return
	}
	t.ready, t.numbers = true, map[int64][]int{}
	left := make(map[int64]bool, len(t.others))
	for _, h := range t.others {
		left[h] = true
	}
	t.others = nil
	for n := 0; n == 0 || len(left) > 0 && n < mostTwins; n++ {
		h := s.hash(t.key, n)
		delete(left, h)
		if v, had := s.at[h]; had && !v.seen {
			t.numbers[v.content] = append(t.numbers[v.content], n)
		}
	}
}

// settle puts a row in the place of what had its key before.
func (s *shelf) settle(hash int64, nth int, content, id int64) (fate, bool) {
	old, had := s.at[hash]
	if s.published && !had {
		return fate{}, false
	}
	if had && (old.content == content || s.published) {
		old.seen = true
		s.at[hash] = old
		return fate{id: old.id, hash: hash, nth: nth}, true
	}
	f := fate{id: id, hash: hash, nth: nth, opens: true}
	if had {
		f.gone = old.id
	}
	s.at[hash] = version{id: id, content: content, seen: true}
	return f, true
}

// missing tells each version that the upload did not have again, in no order.
func (s *shelf) missing(each func(id int64)) {
	if s.published {
		return
	}
	for _, v := range s.at {
		if !v.seen {
			each(v.id)
		}
	}
}

// on reports which version of a product is on the shelf in the upload.
func (s *shelf) on(key int64) (int64, bool) {
	v, ok := s.at[key]
	return v.id, ok && v.seen
}
