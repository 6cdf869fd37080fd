package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// sealer closes a small text so that a browser can keep it and neither read
// nor change it: AES-256-GCM with an expiry.
type sealer struct{ aead cipher.AEAD }

// MinSealKey is the least length, in bytes, of a key to seal with.
const MinSealKey = 32

const maxSealed = 4 << 10 // a cookie holds no more

var errSealed = errors.New("it was changed, or sealed with another key")
var errSealExpired = errors.New("it has expired")

// newSealer derives a key for one purpose, so that what is sealed for one
// opens for no other.
func newSealer(key []byte, purpose string) (sealer, error) {
	if len(key) < MinSealKey {
		return sealer{}, fmt.Errorf("the key has %d bytes and needs at least %d random ones", len(key), MinSealKey)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "offshelf seal 1 "+purpose, 32)
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, err
}

// seal closes the text until the given time, to the second.
func (s sealer) seal(text []byte, until time.Time) string {
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	text = append(binary.BigEndian.AppendUint64(nil, uint64(until.Unix())), text...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, text, nil))
}

// open is what seal closed.
func (s sealer) open(sealed string, now time.Time) ([]byte, error) {
	if len(sealed) > maxSealed || strings.ContainsAny(sealed, "\r\n") { // breaks are passed over by encoding/base64
		return nil, errSealed
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return nil, errSealed
	}
	text, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], nil)
	if err != nil || len(text) < 8 {
		return nil, errSealed
	}
	if now.Unix() >= int64(binary.BigEndian.Uint64(text)) {
		return nil, errSealExpired
	}
	return text[8:], nil
}
