package access

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// params are the costs of argon2id.
type params struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
	salt    int // bytes
	tag     int // bytes
}

// lowMemory is the second recommended option of RFC 9106, section 4.
var lowMemory = params{memory: 64 << 10, time: 3, threads: 4, salt: 16, tag: 32}

// Bounds of a stored hash that is checked: one that was tampered with must not
// take the memory or the time of the service.
const (
	maxMemory  = 256 << 10 // KiB
	maxTime    = 16
	maxThreads = 16
	minSalt    = 8 // RFC 9106, section 3.1
	maxSalt    = 64
	minTag     = 16
	maxTag     = 64
	maxPHC     = 256 // bytes of the string
)

// hashed is a password hash in parts.
type hashed struct {
	params
	saltBytes []byte
	tagBytes  []byte
}

var errNotPHC = errors.New("the stored password is no argon2id hash ($argon2id$v=19$m=…,t=…,p=…$salt$hash); set the password anew")

// parsePHC reads the string form of the Password Hashing Competition, in the
// one spelling that String writes.
func parsePHC(s string) (hashed, error) {
	var h hashed
	if len(s) > maxPHC {
		return h, errNotPHC
	}
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, errNotPHC
	}
	cost := strings.Split(part[3], ",")
	if len(cost) != 3 {
		return h, errNotPHC
	}
	var n [3]uint32
	for i, c := range []struct {
		name     string
		min, max uint32
	}{{"m", 8, maxMemory}, {"t", 1, maxTime}, {"p", 1, maxThreads}} {
		digits, ok := strings.CutPrefix(cost[i], c.name+"=")
		v, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || strconv.FormatUint(v, 10) != digits {
			return h, errNotPHC
		}
		if v < uint64(c.min) || v > uint64(c.max) {
			return h, fmt.Errorf("the stored password has %s=%d, and only %d to %d is taken; set the password anew", c.name, v, c.min, c.max)
		}
		n[i] = uint32(v)
	}
	h.memory, h.time, h.threads = n[0], n[1], uint8(n[2])
	if h.memory < 8*uint32(h.threads) { // RFC 9106, section 3.1
		return h, fmt.Errorf("the stored password has m=%d, which is under 8 times p=%d; set the password anew", h.memory, h.threads)
	}
	var err error
	if h.saltBytes, err = phcBase64.DecodeString(part[4]); err != nil {
		return h, errNotPHC
	}
	if h.tagBytes, err = phcBase64.DecodeString(part[5]); err != nil {
		return h, errNotPHC
	}
	h.salt, h.tag = len(h.saltBytes), len(h.tagBytes)
	if h.salt < minSalt || h.salt > maxSalt || h.tag < minTag || h.tag > maxTag || h.String() != s {
		return h, errNotPHC
	}
	return h, nil
}

// phcBase64 is base64 without padding and with no bits to spare.
var phcBase64 = base64.RawStdEncoding.Strict()

// String is the PHC string.
func (h hashed) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		phcBase64.EncodeToString(h.saltBytes), phcBase64.EncodeToString(h.tagBytes))
}
