package job

import "github.com/offshelf/offshelf/internal/store"

// shelf is what a catalog had on the shelf before an upload, and what became of
// each version. It takes some 60 bytes a product.
type shelf struct {
	upload    int64
	published bool // the upload has been published before: this run changes no product
	at        map[int64]version
	staged    map[int64]staged // versions that an attempt before this one wrote
}

type version struct {
	id, content int64
	seen        bool
	ended       bool // already taken off by an attempt before this one
}

type staged struct{ id, content int64 }

func (s *shelf) add(e store.RosterEntry) {
	if !s.published && store.UploadOf(e.ID) == s.upload {
		if s.staged == nil {
			s.staged = map[int64]staged{}
		}
		s.staged[e.KeyHash] = staged{e.ID, e.ContentHash}
		return
	}
	s.at[e.KeyHash] = version{id: e.ID, content: e.ContentHash, ended: e.Ended}
}

// fate is what an upload does to a product.
type fate struct {
	id    int64 // of the version that is on the shelf from now on
	add   bool  // it must be written
	opens bool  // it is on the shelf from this upload on
	ends  int64 // version that it replaces, not yet taken off; or 0
	gone  int64 // the same, taken off already or not; or 0
}

// place tells what becomes of the product with this key. The id is what a new
// version of it would get.
func (s *shelf) place(key, content, id int64) (f fate, ok bool) {
	old, had := s.at[key]
	if had && old.seen {
		return f, false // another row with the same key
	}
	if had && old.content == content {
		old.seen = true
		s.at[key] = old
		return fate{id: old.id}, true
	}
	f = fate{id: id, add: true, opens: true}
	if had {
		f.gone = old.id
		if !old.ended {
			f.ends = old.id
		}
	}
	if st, ok := s.staged[key]; ok && st.id == id && st.content == content {
		f.add = false
	}
	s.at[key] = version{id: id, content: content, seen: true}
	return f, true
}

// missing tells each version that the upload did not have again.
func (s *shelf) missing(each func(id int64, ended bool)) {
	for _, v := range s.at {
		if !v.seen {
			each(v.id, v.ended)
		}
	}
}

// on reports which version of a product is on the shelf in the upload.
func (s *shelf) on(key int64) (int64, bool) {
	v, ok := s.at[key]
	return v.id, ok && v.seen
}
