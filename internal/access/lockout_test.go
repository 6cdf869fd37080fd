package access

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func TestLockout(t *testing.T) {
	var f Failures
	now := noon
	for n, want := range []time.Duration{0, 0, 0, 0, 0, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour, time.Hour} {
		f = f.Fail(now)
		if got := f.Locked(now); got != want || f.Count != n+1 {
			t.Errorf("after %d failures locked for %v, want %v", f.Count, got, want)
		}
		if want > 0 && (f.Locked(now.Add(want-time.Second)) != time.Second || f.Locked(now.Add(want)) != 0) {
			t.Errorf("after %d failures the lock ends at another time", f.Count)
		}
		now = now.Add(want)
	}
	if f = f.Fail(now.Add(ForgetAfter)); f.Count != 1 || !f.LockedUntil().IsZero() {
		t.Errorf("a day later: %+v", f)
	}
}

func TestLockoutInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Failures{Count: rapid.Int().Draw(t, "count"), Last: noon.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "last")))}
		for range 3 {
			now := noon.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "now"))) // clocks jump
			before := f.LockedUntil()
			f = f.Fail(now)
			lock := f.Locked(now)
			if lock < 0 || lock > LongestLock || f.Count < 1 || f.LockedUntil().Before(before) && f.Count > 1 {
				t.Fatalf("%+v is locked for %v", f, lock)
			}
		}
	})
}

func TestRate(t *testing.T) {
	a, b := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.8")
	r := NewRate(3, time.Minute, 10)
	for i, want := range []time.Duration{0, 0, 0, time.Minute, time.Minute} {
		if got := r.Wait(a, noon); got != want {
			t.Errorf("try %d waits %v, want %v", i+1, got, want)
		}
	}
	if r.Wait(b, noon) != 0 {
		t.Error("another address waits")
	}
	if r.Wait(a, noon.Add(59*time.Second)) != time.Second || r.Wait(a, noon.Add(time.Minute)) != 0 || r.Wait(a, noon.Add(time.Minute)) != time.Minute {
		t.Error("one more each minute")
	}
	if got := r.Wait(a, noon.Add(-time.Hour)); got != 0 {
		t.Errorf("a clock set back makes an address wait %v", got)
	}
}

func TestRateNetworks(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"198.51.100.7", "::ffff:198.51.100.7", true},
		{"198.51.100.7", "198.51.100.8", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	} {
		if got := network(netip.MustParseAddr(c.a)) == network(netip.MustParseAddr(c.b)); got != c.same {
			t.Errorf("%s and %s are one: %v", c.a, c.b, got)
		}
	}
	r := NewRate(1, time.Minute, 10)
	if r.Wait(netip.Addr{}, noon) != 0 || r.Wait(netip.Addr{}, noon) == 0 {
		t.Error("what has no address goes uncounted")
	}
}

// TestRateBounded sends more addresses than are kept: memory stays bounded,
// and the one that keeps trying is not forgotten.
func TestRateBounded(t *testing.T) {
	r := NewRate(2, time.Hour, 100)
	busy := netip.MustParseAddr("203.0.113.1")
	r.Wait(busy, noon)
	r.Wait(busy, noon)
	for i := range 10_000 {
		r.Wait(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), noon)
		if i%50 == 0 && r.Wait(busy, noon) == 0 {
			t.Fatalf("forgotten after %d others", i)
		}
	}
	if len(r.due.at) != 100 || r.due.order.Len() != 100 {
		t.Errorf("%d addresses are kept", len(r.due.at))
	}
}

// TestRateInvariant holds that in no window are more tries allowed than the
// burst and one more for each period.
func TestRateInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		burst := rapid.IntRange(1, 5).Draw(t, "burst")
		every := time.Duration(rapid.IntRange(1, 60).Draw(t, "every")) * time.Second
		r := NewRate(burst, every, 4)
		a := netip.MustParseAddr("192.0.2.1")
		var allowed []time.Time
		now := noon
		for range 40 {
			now = now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
			wait := r.Wait(a, now)
			if wait == 0 {
				allowed = append(allowed, now)
			} else if r.Wait(a, now.Add(wait-1)) == 0 {
				t.Fatal("allowed before the wait was over")
			}
		}
		for i := range allowed {
			for j := i; j < len(allowed); j++ {
				if most := burst + int(allowed[j].Sub(allowed[i])/every); j-i+1 > most {
					t.Fatalf("%d tries in %v, and %d are allowed", j-i+1, allowed[j].Sub(allowed[i]), most)
				}
			}
		}
	})
}

func TestRecent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 4).Draw(t, "size")
		m := newRecent[int, int](size)
		var order []int // model: latest last
		value := map[int]int{}
		touch := func(k int) {
			for i, o := range order {
				if o == k {
					order = append(order[:i], order[i+1:]...)
					break
				}
			}
			order = append(order, k)
		}
		for i := range 30 {
			k := rapid.IntRange(0, 6).Draw(t, "key")
			if rapid.Bool().Draw(t, "set") {
				m.set(k, i)
				value[k] = i
				touch(k)
				if len(order) > size {
					delete(value, order[0])
					order = order[1:]
				}
			} else {
				got, ok := m.get(k)
				want, has := value[k]
				if got != want || ok != has {
					t.Fatalf("get %d: %d, %v; want %d, %v", k, got, ok, want, has)
				}
				if ok {
					touch(k)
				}
			}
			if fmt.Sprint(len(m.at), m.order.Len()) != fmt.Sprint(len(order), len(order)) {
				t.Fatalf("%d kept, want %d", len(m.at), len(order))
			}
		}
	})
}
