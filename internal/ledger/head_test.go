package ledger

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func testKey(t *testing.T) *Key {
	t.Helper()
	text, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestOpenExact: a note has bits that its signature does not cover, at the end
// of the base64, and room for the signatures of others.
func TestOpenExact(t *testing.T) {
	k := testKey(t)
	want := Head{Size: 77, Root: tlog.RecordHash([]byte("x"))}
	text, err := k.Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	c := k.Checker()
	if h, err := c.OpenExact(text); err != nil || h != want {
		t.Errorf("%v, %v", h, err)
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.LastIndex(text, "=") - 1
	at := strings.IndexByte(digits, text[i])
	other := text[:i] + string(digits[at^1]) + text[i+1:]
	stranger, err := testKey(t).Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	cosigned := text + stranger[strings.Index(stranger, "\u2014"):]
	for _, s := range []string{other, cosigned} {
		if h, err := c.Open(s); err != nil || h != want {
			t.Errorf("Open: %v, %v", h, err)
		}
		if _, err := c.OpenExact(s); err == nil {
			t.Errorf("OpenExact takes %s", s)
		}
	}
	for i := range len(text) {
		b := []byte(text)
		b[i] ^= 1
		if _, err := c.OpenExact(string(b)); err == nil {
			t.Errorf("byte %d altered: %q is taken", i, b)
		}
	}
}

// TestFrontier: the root is that of the whole tree, also where the frontier was
// put down and taken up.
func TestFrontier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.String(), 0, 70).Draw(t, "leaves")
		stored := map[int64]tlog.Hash{}
		read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
			for _, i := range at {
				out = append(out, stored[i])
			}
			return out, nil
		})
		f := &Frontier{}
		for n, l := range leaves {
			hashes, err := tlog.StoredHashes(int64(n), []byte(l), read)
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range hashes {
				stored[tlog.StoredHashIndex(0, int64(n))+int64(i)] = h
			}
			f.Append(tlog.RecordHash([]byte(l)))
			if f, err = Resume(f.Size(), f.Marshal()); err != nil {
				t.Fatal(err)
			}
		}
		want, err := tlog.TreeHash(int64(len(leaves)), read)
		if err != nil || f.Root() != want {
			t.Fatalf("%v, want %v, %v", f.Root(), want, err)
		}
	})
}

// TestSetSum: neither the order nor the parts matter; each row does.
func TestSetSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfNDistinct(rapid.Int64(), 1, 40, rapid.ID).Draw(t, "rows")
		sum := func(rows []int64) *SetSum {
			var s SetSum
			var r Row
			for _, v := range rows {
				r.Start("t").Int("c", v)
				s.Add(r.Digest())
			}
			return &s
		}
		whole := sum(rows).String()
		at := rapid.IntRange(0, len(rows)).Draw(t, "at")
		parts := sum(rows[at:])
		parts.Merge(sum(rows[:at]))
		if parts.String() != whole || sum(rapid.Permutation(rows).Draw(t, "order")).String() != whole {
			t.Fatal("the order matters")
		}
		i := rapid.IntRange(0, len(rows)-1).Draw(t, "i")
		rows[i] ^= 1
		if sum(rows).String() == whole {
			t.Fatal("a row does not matter")
		}
	})
}
