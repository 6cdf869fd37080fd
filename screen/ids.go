package screen

// maxIDs bounds the memory that looking for repeated ids takes, to 32 MiB.
const maxIDs = 1_000_000

// idRow is an id, hashed, and the row that it stands in.
type idRow struct {
	hash uint64
	row  int32
}

// hashID is FNV-1a over 64 bits; 0 stands for no id. Among a million ids, two
// collide with a chance of one in thirty million.
func hashID(id string) uint64 {
	if id == "" {
		return 0
	}
	h := uint64(0xcbf29ce484222325)
	for i := 0; i < len(id); i++ {
		h = (h ^ uint64(id[i])) * 0x100000001b3
	}
	return max(h, 1)
}

// idSet is an open-addressing table that grows up to maxIDs entries.
type idSet struct {
	slots []idRow
	used  int
}

func newIDSet() *idSet { return &idSet{slots: make([]idRow, 1<<10)} }

// add reports the first row with this id where there is one, and whether the
// set is full.
func (s *idSet) add(x idRow) (first int32, seen, full bool) {
	if x.hash == 0 {
		return 0, false, false
	}
	if s.used*3 > len(s.slots)*2 {
		if s.used >= maxIDs {
			return 0, false, true
		}
		old := s.slots
		s.slots = make([]idRow, len(old)*2)
		for _, o := range old {
			if o.hash != 0 {
				*s.slot(o.hash) = o
			}
		}
	}
	at := s.slot(x.hash)
	if at.hash != 0 {
		return at.row, true, false
	}
	*at = x
	s.used++
	return 0, false, s.used > maxIDs
}

func (s *idSet) slot(hash uint64) *idRow {
	mask := uint64(len(s.slots) - 1)
	for i := hash * 0x9e3779b97f4a7c15 >> 20 & mask; ; i = (i + 1) & mask {
		if s.slots[i].hash == 0 || s.slots[i].hash == hash {
			return &s.slots[i]
		}
	}
}
