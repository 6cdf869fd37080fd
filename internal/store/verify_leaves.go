package store

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/ledger"
)

// signedNote is a head as it is stored.
type signedNote struct {
	size any
	note any
	head ledger.Head
	err  error
}

// headsAtOnce is how many heads are handed to a core at once.
const headsAtOnce = 256

// readHeads checks the signature of each head, on all cores: that takes longer
// than all else of the ledger.
func (v *verifier) readHeads() error {
	work := make(chan []signedNote)
	done := make(chan []signedNote, runtime.GOMAXPROCS(0))
	var workers, collector sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for part := range work {
				for i := range part {
					n := &part[i]
					n.head, n.err = v.checker.OpenExact(as[string](n.note))
				}
				done <- part
			}
		})
	}
	collector.Go(func() {
		for part := range done {
			for i := range part {
				v.keepHead(&part[i])
			}
		}
	})
	part := make([]signedNote, 0, headsAtOnce)
	err := v.each("SELECT size, note FROM tree_heads ORDER BY size", func(values []any) error {
		part = append(part, signedNote{size: values[0], note: values[1]})
		if len(part) == headsAtOnce {
			work <- part
			part = make([]signedNote, 0, headsAtOnce)
		}
		return nil
	})
	work <- part
	close(work)
	workers.Wait()
	close(done)
	collector.Wait()
	return err
}

func (v *verifier) keepHead(n *signedNote) {
	if v.Heads++; v.Heads%4096 == 0 {
		v.tell("tree heads", v.Heads)
	}
	size, ok := n.size.(int64)
	key := fmt.Sprint(n.size)
	switch {
	case !ok || size <= 0:
		v.fail(-1, "tree_heads", key, "no ledger has this size")
	case n.err != nil:
		v.fail(size-1, "tree_heads", key, "%v", n.err)
		v.badHead[size] = true
	case n.head.Size != size:
		v.fail(size-1, "tree_heads", key, "the head that is signed is of size %d", n.head.Size)
		v.badHead[size] = true
	default:
		v.heads[size] = n.head.Root
	}
}

// checkLeaves grows the tree again, leaf by leaf.
func (v *verifier) checkLeaves(against []string) error {
	checkpoints := make([]ledger.Head, len(against))
	for i, text := range against {
		v.Against++
		h, err := v.checker.Open(text)
		if err != nil {
			v.fail(-1, "checkpoint", strconv.Itoa(i+1), "%v", err)
			h.Size = -1
		}
		checkpoints[i] = h
		v.want[h.Size] = tlog.Hash{}
	}
	t := &treeCheck{verifier: v}
	if _, ok := v.want[0]; ok {
		v.want[0] = t.frontier.Root()
	}
	if err := v.each("SELECT n, batch, workspace_id, at, actor, kind, case_id, data, seals, hash FROM leaves ORDER BY n", t.leaf); err != nil {
		return err
	}
	t.end()
	for i, h := range checkpoints {
		key := strconv.Itoa(i + 1)
		switch {
		case h.Size < 0:
		case h.Size > v.Head.Size:
			v.fail(v.Head.Size, "checkpoint", key, "the ledger had %d leaves when it was signed and has %d now: leaves were removed", h.Size, v.Head.Size)
		case t.broken:
			v.fail(t.next, "checkpoint", key, "cannot be compared, as leaves are missing")
		case v.want[h.Size] != h.Root:
			v.fail(0, "checkpoint", key, "the first %d leaves are not those that it was signed over", h.Size)
		}
	}
	return v.checkState(t)
}

// treeCheck follows the leaves in their order.
type treeCheck struct {
	*verifier
	frontier ledger.Frontier
	next     int64 // the n that must come
	start    int64 // of the batch
	broken   bool  // leaves are missing or too many: no root is right from here on
	wrong    bool  // a root was wrong, so that all after it are
	altered  bool  // a leaf was, which is told and makes the roots after it wrong
	used     int   // heads that stand where a batch ends
}

func (t *treeCheck) leaf(c []any) error {
	n, ok := c[0].(int64)
	if t.Leaves++; t.Leaves%4096 == 0 {
		t.tell("leaves", t.Leaves)
	}
	if !ok || n < t.next || n == math.MaxInt64 {
		t.fail(max(n, 0), "leaves", fmt.Sprint(c[0]), "no leaf has this number")
		t.broken = true
		return nil
	}
	if n > t.next {
		t.fail(t.next, "leaves", strconv.FormatInt(t.next, 10), "missing: the next that is there is %d", n)
		t.broken = true
	}
	t.next = n + 1
	l := ledger.Leaf{N: n, Batch: as[int64](c[1]), Workspace: as[int64](c[2]), At: as[int64](c[3]), Actor: as[string](c[4]), Kind: as[string](c[5]),
		Case: as[int64](c[6]), Data: as[string](c[7]), Seals: as[string](c[8])}
	h := l.Hash()
	if !leafKinds(c) || string(as[[]byte](c[9])) != string(h[:]) {
		t.fail(n, "leaves", strconv.FormatInt(n, 10), "altered: its hash is not that of its columns")
		t.altered = true
	}
	t.batch(n, l.Batch)
	t.frontier.Append(h)
	if _, ok := t.want[t.frontier.Size()]; ok && !t.broken {
		t.want[t.frontier.Size()] = t.frontier.Root()
	}
	t.replay(&l)
	return nil
}

// leafKinds reports whether the columns have the kinds that they were written
// with.
func leafKinds(c []any) bool {
	for i, v := range c {
		_, number := v.(int64)
		_, text := v.(string)
		_, bytes := v.([]byte)
		want := number
		switch i {
		case 4, 5, 7, 8:
			want = text
		case 9:
			want = bytes
		}
		if !want {
			return false
		}
	}
	return true
}

// batch holds that a leaf goes on with the batch, or begins one where a head
// ends the last.
func (t *treeCheck) batch(n, batch int64) {
	if t.broken || batch == t.start && (n > 0 || batch == 0) {
		return
	}
	if batch != n {
		t.fail(n, "leaves", strconv.FormatInt(n, 10), "its transaction began at leaf %d, it says, and at %d by the leaf before", batch, t.start)
		return
	}
	t.head(n)
	t.start = n
}

// head compares the tree with the head that must be signed at its size.
func (t *treeCheck) head(size int64) {
	root, ok := t.heads[size]
	key := strconv.FormatInt(size, 10)
	switch {
	case t.badHead[size]: // told
		t.used++
	case !ok:
		t.fail(t.start, "tree_heads", key, "missing: no head is signed where the transaction of this leaf ended")
	default:
		t.used++
		if root != t.frontier.Root() && !t.wrong && !t.altered {
			t.fail(t.start, "tree_heads", key, "the leaves up to here are not those that were signed; the first that is altered is this or a later one of its transaction")
			t.wrong = true
		}
	}
}

func (t *treeCheck) end() {
	t.Head = ledger.Head{Size: t.frontier.Size(), Root: t.frontier.Root()}
	if t.broken {
		return
	}
	if t.next > 0 {
		t.head(t.next)
	}
	if t.used == len(t.heads)+len(t.badHead) {
		return
	}
	var sizes []int64
	for size := range t.heads {
		if size > t.next {
			sizes = append(sizes, size)
		}
	}
	if len(sizes) == 0 {
		t.fail(-1, "tree_heads", "", "%d heads are signed where no transaction ended", len(t.heads)+len(t.badHead)-t.used)
		return
	}
	t.fail(t.next, "tree_heads", strconv.FormatInt(slices.Max(sizes), 10), "%d leaves were signed and %d are there: the newest were removed", slices.Max(sizes), t.next)
}

// replay notes what a leaf sealed.
func (t *treeCheck) replay(l *ledger.Leaf) {
	var seals []ledger.Seal
	if err := json.Unmarshal([]byte(l.Seals), &seals); err != nil {
		t.fail(l.N, "leaves", strconv.FormatInt(l.N, 10), "its seals cannot be read: %v", err)
		return
	}
	for i := range seals {
		s := &seals[i]
		table := t.seals[s.Table]
		if table == nil {
			t.fail(l.N, "leaves", strconv.FormatInt(l.N, 10), "seals a row of %q, which is no covered table", s.Table)
			continue
		}
		row := &sealed{leaf: l.N, removed: s.D == ""}
		if !row.removed {
			if n, err := hex.Decode(row.digest[:], []byte(s.D[:min(len(s.D), 2*len(row.digest))])); err != nil || 2*n != len(s.D) || n != len(row.digest) {
				t.fail(l.N, "leaves", strconv.FormatInt(l.N, 10), "its seal of %s %s is no SHA-256", s.Table, s.Key)
			}
		}
		table[s.Key] = row
	}
}

// checkState holds that the next leaf would be appended to these.
func (v *verifier) checkState(t *treeCheck) error {
	found := false
	err := v.each("SELECT id, size, frontier FROM ledger_state ORDER BY id", func(c []any) error {
		if c[0] != int64(1) {
			v.fail(-1, "ledger_state", fmt.Sprint(c[0]), "there is one row, 1, and no other")
			return nil
		}
		found = true
		frontier, ok := c[2].([]byte)
		if s, empty := c[2].(string); empty && s == "" { // as SQLite holds that of an empty ledger
			ok = true
		}
		switch size := as[int64](c[1]); {
		case size > t.next:
			v.fail(t.next, "ledger_state", "1", "counts %d leaves and %d are there: the newest were removed", size, t.next)
		case size < t.next:
			v.fail(size, "ledger_state", "1", "counts %d leaves and %d are there", size, t.next)
		case c[1] != size || !ok || !t.broken && string(frontier) != string(t.frontier.Marshal()):
			v.fail(max(t.next-1, 0), "ledger_state", "1", "is not what follows from the leaves")
		}
		return nil
	})
	if err == nil && !found {
		v.fail(-1, "ledger_state", "1", "missing")
	}
	return err
}
