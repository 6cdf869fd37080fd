package screen

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestIDSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, want := newIDSet(), map[uint64]int32{}
		for row := range int32(rapid.IntRange(1, 3000).Draw(t, "rows")) {
			x := idRow{hashID(strconv.Itoa(int(rapid.Uint16().Draw(t, "id")) % 2500)), row}
			first, seen, full := s.add(x)
			before, known := want[x.hash]
			if seen != known || seen && first != before || full {
				t.Fatalf("row %d: %d, %v, %v; want %d, %v", row, first, seen, full, before, known)
			}
			if !known {
				want[x.hash] = row
			}
		}
	})
}

func TestNoIDNeverRepeats(t *testing.T) {
	s := newIDSet()
	for row := range int32(2) {
		if _, seen, full := s.add(idRow{hashID(""), row}); seen || full {
			t.Errorf("row %d: seen %v, full %v", row, seen, full)
		}
	}
}

func TestIDSetIsBounded(t *testing.T) {
	tally := newTally(Run{}, nil)
	rows := make([]idRow, 0, 2*maxIDs)
	for i := range int32(2 * maxIDs) {
		rows = append(rows, idRow{hashID(strconv.Itoa(int(i))), i})
	}
	if problems := tally.checkIDs(rows); len(problems) > 0 || tally.wantsIDs() {
		t.Errorf("%d problems, ids wanted: %v", len(problems), tally.wantsIDs())
	}
	if tally.ids.used > maxIDs+1 || len(tally.ids.slots)*16 > 32<<20 {
		t.Errorf("%d ids in %d slots", tally.ids.used, len(tally.ids.slots))
	}
	if problems := tally.checkIDs(rows[:1]); len(problems) > 0 {
		t.Errorf("a full set still tells %v", problems)
	}
	sum := tally.summary()
	if n := len(sum.Problems); n != 1 || sum.Problems[0].Text != "repeated ids were looked for in the first 1000000 rows only" {
		t.Errorf("%+v", sum.Problems)
	}
}
