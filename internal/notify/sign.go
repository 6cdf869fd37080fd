package notify

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Lengths of the key in a secret, in bytes, as Standard Webhooks say.
const (
	minSecret = 24
	newSecret = 32
	maxSecret = 64
)

const secretPrefix = "whsec_"

// Secret is a symmetric signing secret that an endpoint and its sender share.
// It prints as whsec_… only, so that it does not come into a log by chance; its
// text is [Secret.Reveal]. The zero Secret signs nothing.
type Secret struct{ key []byte }

// NewSecret makes a secret of 32 random bytes.
func NewSecret() Secret {
	key := make([]byte, newSecret)
	rand.Read(key) // never fails
	return Secret{key}
}

// ParseSecret reads a secret: whsec_ and the Base64 of 24 to 64 bytes. Its
// errors do not repeat the text.
func ParseSecret(text string) (Secret, error) {
	rest, ok := strings.CutPrefix(text, secretPrefix)
	switch {
	case !ok:
		return Secret{}, errors.New("secret: does not begin with whsec_: take it as it was shown, with the whsec_ and without spaces")
	case len(rest) > base64.StdEncoding.EncodedLen(maxSecret):
		return Secret{}, fmt.Errorf("secret: longer than the Base64 of %d bytes", maxSecret)
	case strings.ContainsAny(rest, "\r\n"): // which the decoder would pass over
		return Secret{}, errors.New("secret: has a line break: take it as it was shown, on one line")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(rest)
	var at base64.CorruptInputError
	switch {
	case errors.As(err, &at):
		return Secret{}, fmt.Errorf("secret: no Base64 at byte %d: after whsec_ come letters, digits, + and /, padded with = to a multiple of four", len(secretPrefix)+int(at)+1)
	case err != nil:
		return Secret{}, fmt.Errorf("secret: %w", err)
	case len(key) < minSecret || len(key) > maxSecret:
		return Secret{}, fmt.Errorf("secret: %d bytes: Standard Webhooks ask for %d to %d", len(key), minSecret, maxSecret)
	}
	return Secret{key}, nil
}

// Reveal is the secret's text, which [ParseSecret] reads; empty for the zero
// Secret.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(s.key)
}

// IsZero says whether there is no secret.
func (s Secret) IsZero() bool { return len(s.key) == 0 }

// Equal compares two secrets in constant time.
func (s Secret) Equal(t Secret) bool { return subtle.ConstantTimeCompare(s.key, t.key) == 1 }

// Format writes whsec_… for every verb.
func (s Secret) Format(f fmt.State, _ rune) { f.Write([]byte(secretPrefix + "…")) }

// MarshalText writes whsec_…, for encoders that log.
func (s Secret) MarshalText() ([]byte, error) { return []byte(secretPrefix + "…"), nil }

// Key is a secret and the time from which on it no longer signs. To rotate, give
// the old key an end and add the new one: until then each message carries the
// signatures of both, and the receiver may change over when it likes.
type Key struct {
	Secret Secret
	Until  time.Time // excluded; zero is no end
}

// maxKeys bounds the signature header.
const maxKeys = 8

// ErrNoKey says that none of an endpoint's keys is valid any more.
var ErrNoKey = errors.New("the endpoint has no signing secret that is still valid: give it a new one")

// Sign makes the headers of Standard Webhooks for a body that is sent at a time:
// webhook-id, webhook-timestamp and webhook-signature, which has one signature
// a valid key, the order kept.
func Sign(keys []Key, id string, at time.Time, body []byte) (http.Header, error) {
	if id == "" || len(id) > maxID || strings.Trim(id, idCharacters) != "" {
		return nil, fmt.Errorf("webhook-id: %q: 1 to %d letters, digits, \"-\", \"_\" and \":\"", shown(id), maxID)
	}
	var valid []Secret
next:
	for _, k := range keys {
		if k.Secret.IsZero() || !k.Until.IsZero() && !at.Before(k.Until) {
			continue
		}
		for _, v := range valid {
			if v.Equal(k.Secret) {
				continue next
			}
		}
		valid = append(valid, k.Secret)
	}
	switch {
	case len(valid) == 0:
		return nil, ErrNoKey
	case len(valid) > maxKeys:
		return nil, fmt.Errorf("the endpoint has %d valid signing secrets: at most %d; end the older ones", len(valid), maxKeys)
	}
	signatures := make([]string, len(valid))
	for i, s := range valid {
		w, err := standardwebhooks.NewWebhookRaw(s.key)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		if signatures[i], err = w.Sign(id, at, body); err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
	}
	h := http.Header{}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return h, nil
}
