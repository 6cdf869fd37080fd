package access

import "time"

// Bounds of failed sign-ins to one login.
const (
	FreeFailures = 5           // lock nothing
	FirstLock    = time.Minute // of the sixth, doubled by each further one
	LongestLock  = time.Hour
	ForgetAfter  = 24 * time.Hour // without a further failure
)

// Failures are the failed sign-ins in a row to one login, whether or not it is
// a user's. Its zero value is none; a sign-in that goes well sets it back to
// that. What is tried while the login is locked is not checked and not
// counted, so that nobody is kept locked out for longer than LongestLock.
type Failures struct {
	Count int
	Last  time.Time
}

// Fail counts one more at the time now.
func (f Failures) Fail(now time.Time) Failures {
	if f.Count < 0 || now.Sub(f.Last) >= ForgetAfter {
		f.Count = 0
	}
	const enough = 1000 // no lock is longer by more, and none overflows
	f.Count = min(f.Count, enough-1) + 1
	if now.After(f.Last) { // a clock that was set back opens no lock
		f.Last = now
	}
	return f
}

// LockedUntil is when the next try is allowed; the zero time is always.
func (f Failures) LockedUntil() time.Time {
	if f.Count <= FreeFailures {
		return time.Time{}
	}
	lock := FirstLock
	for n := FreeFailures + 1; n < f.Count && lock < LongestLock; n++ {
		lock *= 2
	}
	return f.Last.Add(min(lock, LongestLock))
}

// Locked tells for how long still the login is locked at the time now; 0 is
// not. A lock is never longer than LongestLock, even by a clock set back.
func (f Failures) Locked(now time.Time) time.Duration {
	until := f.LockedUntil()
	if until.IsZero() {
		return 0
	}
	return min(max(until.Sub(now), 0), LongestLock)
}
