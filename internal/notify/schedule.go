package notify

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// delays come before the first try, the second and so on, as Standard Webhooks
// recommend. In all a message is tried for a little over three days.
var delays = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// MaxTries is how often a message is tried before it is given up.
const MaxTries = len(delays)

// maxAfter bounds the wait that an endpoint may ask for: the longest of the
// delays.
const maxAfter = 24 * time.Hour

// Wait is the time before the next try of an event that has been tried so often
// already. It is longer by up to a tenth, so that what failed together does not
// come back together; by how much depends on the event's id and the try alone.
// It is no less than what the endpoint asked for, see [Result.After]. After the
// last try it is false: the message is dead.
func Wait(tries int, id string, after time.Duration) (time.Duration, bool) {
	if tries >= MaxTries {
		return 0, false
	}
	tries = max(tries, 0)
	d := max(delays[tries], min(after, maxAfter))
	sum := sha256.Sum256([]byte(strconv.Itoa(tries) + "." + id))
	part := time.Duration(binary.BigEndian.Uint32(sum[:]) % 1000)
	return d + d/10_000*part, true
}

// retryAfter reads the header: seconds, or a time. It is 0 where there is nothing
// to wait for or the header cannot be read, and never over maxAfter.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.Trim(s, " \t")
	if s != "" && strings.Trim(s, "0123456789") == "" {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil { // so long that it is over the bound
			return maxAfter
		}
		return min(time.Duration(n)*time.Second, maxAfter)
	}
	t, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	return min(max(t.Sub(now), 0), maxAfter)
}
