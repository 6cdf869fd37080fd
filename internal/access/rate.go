package access

import (
	"net/netip"
	"sync"
	"time"
)

// Rate bounds how often one address may try. Addresses of IPv6 count by their
// /64, of which one customer has all. It keeps a bounded number of addresses
// and forgets the one that was quiet for longest; it is safe for use by many
// goroutines.
type Rate struct {
	every time.Duration
	burst time.Duration

	mu sync.Mutex
	// due is when an address would have used up what it was given, had it
	// tried evenly: the generic cell rate algorithm of ITU-T I.371.
	due *recent[netip.Prefix, time.Time]
}

// NewRate allows burst tries at once and one more each every, of each of the
// latest addresses.
func NewRate(burst int, every time.Duration, addresses int) *Rate {
	return &Rate{every: every, burst: every * time.Duration(max(burst, 1)), due: newRecent[netip.Prefix, time.Time](addresses)}
}

// Wait counts a try of the address at the time now. It is 0 where the try is
// allowed, and otherwise how long the address has to wait; a try that is not
// allowed does not lengthen that.
func (r *Rate) Wait(from netip.Addr, now time.Time) time.Duration {
	key := network(from)
	r.mu.Lock()
	defer r.mu.Unlock()
	due, ok := r.due.get(key)
	if !ok || due.Before(now) || due.Sub(now) > r.burst { // the last: the clock was set back
		due = now
	}
	due = due.Add(r.every)
	if over := due.Sub(now) - r.burst; over > 0 {
		return over
	}
	r.due.set(key, due)
	return 0
}

// network is what counts as one address. All that are none count as one.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
