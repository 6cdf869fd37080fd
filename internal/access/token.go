package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
)

// Digest is the SHA-256 of a secret, which is all that is kept of it. Secrets
// here are 256 random bits, which no guessing reaches, so that a fast hash
// does.
type Digest [sha256.Size]byte

// Equal compares in constant time.
func (d Digest) Equal(o Digest) bool { return subtle.ConstantTimeCompare(d[:], o[:]) == 1 }

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Token is the secret of a session or of a one-time link: 256 random bits.
// Printing or logging it shows no part of the secret.
type Token struct{ secret string }

const tokenBytes = 32

var tokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

// NewToken makes a token.
func NewToken() Token {
	var b [tokenBytes]byte
	rand.Read(b[:])
	return Token{base64.RawURLEncoding.EncodeToString(b[:])}
}

// ErrNotToken says that a text is not the form of a token, so that no store
// needs to be asked for it.
var ErrNotToken = errors.New("the link or session is not whole; open the link as it was sent, or sign in again")

// ParseToken reads what Secret wrote: 43 characters of base64url, in the one
// spelling that they have.
func ParseToken(s string) (Token, error) {
	if len(s) != tokenLength {
		return Token{}, ErrNotToken
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil {
		return Token{}, ErrNotToken
	}
	for i := range len(s) {
		if s[i] == '\r' || s[i] == '\n' { // which encoding/base64 passes over
			return Token{}, ErrNotToken
		}
	}
	return Token{s}, nil
}

// Secret is the token itself, for the cookie or the link and nothing else.
func (t Token) Secret() string { return t.secret }

// Digest is what to keep of the token, and what to look it up by.
func (t Token) Digest() Digest { return sha256.Sum256([]byte(t.secret)) }

// String hides the secret.
func (t Token) String() string { return "token(hidden)" }

// GoString hides the secret.
func (t Token) GoString() string { return t.String() }

// LogValue hides the secret.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText refuses: a token is handed out by Secret alone.
func (t Token) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("a %T is not written; take Secret where it is meant", t)
}
