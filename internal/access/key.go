package access

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net/http"
	"strings"
)

// APIKey is the secret with which a program acts:
//
//	osk_<id>_<secret>_<crc>
//
// of 0-9, A-Z and a-z: an id of 12, which may be shown and looked up by; a
// secret of 43, 256 bits; and the CRC-32 of what stands before it in 6, as
// GitHub's tokens have it. So scanners for leaked secrets know one when they
// see it (osk_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}), and a typing
// error is told before any store is asked. Printing or logging a key shows its
// prefix alone.
type APIKey struct{ id, secret string }

const (
	keyMark   = "osk"
	keyID     = 12
	keySecret = 43 // 62^43 > 2^256
	keyCRC    = 6  // 62^6 > 2^32
	keyLength = len(keyMark) + 1 + keyID + 1 + keySecret + 1 + keyCRC
	digits62  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewAPIKey makes a key.
func NewAPIKey() APIKey { return APIKey{id: random62(keyID), secret: random62(keySecret)} }

// random62 draws n digits, each as likely as any other.
func random62(n int) string {
	const even = 256 - 256%len(digits62)
	out := make([]byte, 0, n)
	var b [64]byte
	for len(out) < n {
		rand.Read(b[:])
		for _, c := range b {
			if int(c) < even && len(out) < n {
				out = append(out, digits62[int(c)%len(digits62)])
			}
		}
	}
	return string(out)
}

func is62(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func checksum62(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var out [keyCRC]byte
	for i := keyCRC - 1; i >= 0; i-- {
		out[i] = digits62[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// ParseAPIKey reads a key. Its errors say what to do and never repeat the key.
func ParseAPIKey(s string) (APIKey, error) {
	if !strings.HasPrefix(s, keyMark+"_") {
		return APIKey{}, fmt.Errorf("an API key begins with %s_; copy the whole key", keyMark)
	}
	if len(s) != keyLength {
		return APIKey{}, fmt.Errorf("the API key has %d characters instead of %d; copy the whole key, without quotes and spaces", len(s), keyLength)
	}
	body, crc := s[:keyLength-keyCRC-1], s[keyLength-keyCRC:]
	id, secret := body[len(keyMark)+1:len(keyMark)+1+keyID], body[len(body)-keySecret:]
	if !is62(id) || !is62(secret) || s[len(keyMark)+1+keyID] != '_' || s[keyLength-keyCRC-1] != '_' {
		return APIKey{}, fmt.Errorf("the API key is not of the form %s_<id>_<secret>_<crc>; copy the whole key", keyMark)
	}
	if checksum62(body) != crc {
		return APIKey{}, errors.New("the checksum of the API key does not fit: at least one character is wrong; copy the key again")
	}
	return APIKey{id: id, secret: secret}, nil
}

func (k APIKey) body() string { return k.Prefix() + "_" + k.secret }

// ID is what the key is looked up by. It is no secret.
func (k APIKey) ID() string { return k.id }

// Prefix is the part of the key to show: osk_<id>.
func (k APIKey) Prefix() string { return keyMark + "_" + k.id }

// Secret is the whole key, to be shown once, when it is made.
func (k APIKey) Secret() string { return k.body() + "_" + checksum62(k.body()) }

// Digest is what to keep of the key, and to compare with Digest.Equal.
func (k APIKey) Digest() Digest { return sha256.Sum256([]byte(k.body())) }

// String hides the secret.
func (k APIKey) String() string { return k.Prefix() + "_(hidden)" }

// GoString hides the secret.
func (k APIKey) GoString() string { return k.String() }

// LogValue hides the secret.
func (k APIKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: a key is handed out by Secret alone.
func (k APIKey) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("a %T is not written; take Secret where it is meant, or Prefix", k)
}

// BearerKey reads the key of an Authorization header (RFC 6750). It is false
// where there is no such header, and an error where there is one that is no
// key.
func BearerKey(h http.Header) (APIKey, bool, error) {
	values := h.Values("Authorization")
	switch {
	case len(values) == 0:
		return APIKey{}, false, nil
	case len(values) > 1:
		return APIKey{}, true, errors.New("the request has more than one Authorization header; send one")
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return APIKey{}, true, errors.New("the Authorization header must read: Bearer osk_…")
	}
	key, err := ParseAPIKey(strings.Trim(rest, " "))
	return key, true, err
}
