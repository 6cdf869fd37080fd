package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// quick are costs for tests of what does not depend on them.
var quick = params{memory: 64, time: 1, threads: 1, salt: 16, tag: 32}

const good = "vier warme Steine"

func TestHashAndCheck(t *testing.T) {
	// The real costs.
	h := NewHasher(2)
	phc, err := h.Hash(t.Context(), "rosa", good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=65536,t=3,p=4$") || len(phc) != 97 {
		t.Errorf("%s", phc)
	}
	if ok, err := h.Check(t.Context(), good, phc); !ok || err != nil {
		t.Errorf("right password: %v, %v", ok, err)
	}
	if ok, err := h.Check(t.Context(), good+" ", phc); ok || err != nil {
		t.Errorf("wrong password: %v, %v", ok, err)
	}
	if h.NeedsRehash(phc) {
		t.Error("a fresh hash is old")
	}
}

// TestKnownHash checks a hash of the test vectors of argon2's reference
// program: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32.
func TestKnownHash(t *testing.T) {
	h := newHasher(quick, 1, time.Second)
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := h.Check(t.Context(), "password", phc); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if !h.NeedsRehash(phc) {
		t.Error("other costs need no rehash")
	}
}

func TestCheckNormalizes(t *testing.T) {
	h := newHasher(quick, 1, time.Second)
	phc, err := h.Hash(t.Context(), "rosa", "d\u00e9j\u00e0 vu d\u00e9j\u00e0")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := h.Check(t.Context(), "de\u0301ja\u0300 vu de\u0301ja\u0300", phc); !ok {
		t.Error("the same letters typed on another keyboard are refused")
	}
	other, err := h.Hash(t.Context(), "rosa", "d\u00e9j\u00e0 vu d\u00e9j\u00e0")
	if err != nil || other == phc {
		t.Errorf("two hashes are alike: no salt (%v)", err)
	}
}

func TestCheckOfNobody(t *testing.T) {
	h := newHasher(params{memory: 16 << 10, time: 2, threads: 1, salt: 16, tag: 32}, 1, time.Minute)
	phc, err := h.Hash(t.Context(), "rosa", good)
	if err != nil {
		t.Fatal(err)
	}
	took := func(phc string) time.Duration {
		best := time.Hour
		for range 8 {
			start := time.Now()
			if ok, err := h.Check(t.Context(), "wrong password", phc); ok || err != nil {
				t.Fatal(ok, err)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	// The best of several, and wide bounds: a check that is skipped takes a thousandth.
	if user, nobody := took(phc), took(""); nobody < user/2 || nobody > 2*user {
		t.Errorf("a user takes %v and nobody %v", user, nobody)
	}
}

func TestCheckRefusesStored(t *testing.T) {
	h := newHasher(quick, 1, time.Second)
	valid := hashed{params: quick, saltBytes: make([]byte, 16), tagBytes: make([]byte, 32)}.String()
	if _, err := parsePHC(valid); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to string }{
		{"argon2id", "argon2i"}, {"argon2id", "argon2d"}, {"v=19", "v=16"}, {"m=64", "m=064"}, {"m=64", "m=+64"}, {"m=64", "m=4294967295"},
		{"m=64", "m=99999999999999999999"}, {"m=64", "m=0"}, {"t=1", "t=0"}, {"t=1", "t=4000000000"}, {"p=1", "p=0"}, {"p=1", "p=255"}, {"p=1", "p=9"},
		{"m=64,t=1", "t=1,m=64"}, {",p=1", ""}, {",p=1", ",p=1,data=AA"}, {"$A", "$A="}, {"$A", "$\n"}, {"$A", "$"}, {valid, "$2b$12$abc"}, {valid, valid + "$"},
		{valid, valid[:len(valid)-1] + "B"}, {valid, "x" + valid}, {valid, strings.Repeat("$", 1<<20)}, {valid, "plain"},
	} {
		bad := strings.Replace(valid, c.from, c.to, 1)
		if bad == valid {
			t.Fatalf("%q changes nothing", c.from)
		}
		if ok, err := h.Check(t.Context(), good, bad); ok || err == nil || !strings.Contains(err.Error(), "set the password anew") || len(err.Error()) > 200 {
			t.Errorf("%.100q: %v, %v", bad, ok, err)
		}
		if !h.NeedsRehash(bad) {
			t.Errorf("%.100q needs no rehash", bad)
		}
	}
}

// TestHasherBounds holds that no more passwords are hashed at once than there
// is room for, and that who waits too long or gives up is told.
func TestHasherBounds(t *testing.T) {
	h := newHasher(quick, 1, 30*time.Millisecond)
	if err := h.room.Acquire(t.Context(), h.size); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Hash(t.Context(), "rosa", good); !errors.Is(err, ErrBusy) {
		t.Errorf("no room: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Check(gone, good, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("gone: %v", err)
	}
	h.room.Release(h.size)

	// A stored hash of higher costs than there is room for takes all of it.
	big := hashed{params: params{memory: 128, time: 1, threads: 1}, saltBytes: make([]byte, 16), tagBytes: make([]byte, 32)}
	if _, err := h.Check(t.Context(), good, big.String()); err != nil {
		t.Error(err)
	}

	// Many at once: all are served, as room comes free.
	h = newHasher(params{memory: 1 << 10, time: 1, threads: 1, salt: 16, tag: 32}, 2, time.Minute)
	var wg sync.WaitGroup
	var served atomic.Int32
	for range 32 {
		wg.Go(func() {
			if _, err := h.Check(t.Context(), good, ""); err == nil {
				served.Add(1)
			}
		})
	}
	wg.Wait()
	if served.Load() != 32 || !h.room.TryAcquire(h.size) {
		t.Errorf("%d served; room left behind: %v", served.Load(), h.room)
	}
}

func TestPasswordRules(t *testing.T) {
	for _, c := range []struct{ login, password, rule string }{
		{"rosa", good, ""},
		{"rosa", "xkqzvwpl", ""}, // eight letters are enough: no rule asks for signs
		{"rosa", "        mmm      q", ""},
		{"", "vier warme Steine", ""},
		{"rosa", "日本語のパスワードです", ""},
		{"rosa", strings.Repeat("abc d", 51) + "z", ""},
		{"rosa", strings.Repeat("e\u0301xyz", 64), ""}, // 256 after normalisation
		{"rosa", strings.Repeat("\u1112\u1161\u11ab\u1100\u1173\u11af", 127) + "\u1112\u1161\u11ab1", ""}, // 2,296 bytes: Hangul in parts
		{"rosa", "root 8374 9182 7465 0192", ""},                                                          // more than a word with a date
		{"rosa", "", "short"},
		{"rosa", "seven77", "short"},
		{"rosa", strings.Repeat("e\u0301", 7), "short"}, // 14 as typed
		{"rosa", strings.Repeat("abc d", 51) + "zz", "long"},
		{"rosa", strings.Repeat("x", 1<<20), "long"},
		{"rosa", "vier \xff Steine", "encoding"},
		{"rosa", "vier Steine\n", "control"},
		{"rosa", "vier\x00Steine", "control"},
		{"rosa.vega", "Rosa.Vega", "login"},
		{"rosavega", "rosavega2024", "login"},
		{"rosavega", "!ROSAVEGA!", "login"},
		{"rosa.vega@example.com", "rosa.vega", "login"},
		{"rosa.vega@example.com", "Rosa.Vega@Example.com", "login"},
		{"rosa", "rosarosa", "login"},
		{"rosa", "Password", "common"},
		{"rosa", "password1!", "common"},
		{"rosa", "Ｐａｓｓｗｏｒｄ", "common"},
		{"rosa", "P@ssw0rd", "common"},
		{"rosa", "Summer2026!", "common"},
		{"rosa", "offshelf2026", "common"},
		{"rosa", "1q2w3e4r", "common"},
		{"rosa", "correct horse battery staple", "common"},
		{"rosa", "aaaaaaaa", "pattern"},
		{"rosa", "abababababab", "pattern"},
		{"rosa", "12345678", "pattern"},
		{"rosa", "1234567890", "pattern"},
		{"rosa", "hgfedcba", "pattern"},
		{"42", "vier warme Steine 42", ""}, // a login without letters makes no word
	} {
		err := CheckPassword(c.login, c.password)
		bad, _ := errors.AsType[*PasswordError](err)
		rule := ""
		if bad != nil {
			rule = bad.Rule
		}
		if rule != c.rule || (err == nil) != (c.rule == "") {
			t.Errorf("%q for %q: %v, want %q", c.password[:min(40, len(c.password))], c.login, err, c.rule)
		}
		if err != nil && len(c.password) > 2 && strings.Contains(err.Error(), c.password) {
			t.Errorf("%v repeats the password", err)
		}
	}
	for word := range frequent() {
		if fold(word) != word {
			t.Errorf("%q in the list is not folded and can never match", word)
		}
	}
}

func TestPasswordRulesInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		login, password := rapid.String().Draw(t, "login"), rapid.String().Draw(t, "password")
		h := newHasher(quick, 1, time.Second)
		phc, err := h.Hash(t.Context(), login, password)
		if bad := CheckPassword(login, password); (bad == nil) != (err == nil) {
			t.Fatalf("the rules say %v and the hasher %v", bad, err)
		}
		if err != nil {
			return
		}
		if ok, err := h.Check(t.Context(), password, phc); !ok || err != nil {
			t.Fatalf("a password that was taken is refused: %v, %v", ok, err)
		}
	})
}
