package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/text/unicode/norm"
)

// ErrBusy says that too many passwords are being hashed at once.
var ErrBusy = errors.New("too many sign-ins at once; try again in a moment")

// Hasher hashes and checks passwords with argon2id. It is safe for use by many
// goroutines; a service has one.
type Hasher struct {
	params
	room *semaphore.Weighted // KiB
	size int64               // KiB, of room
	wait time.Duration       // for room
}

// NewHasher makes a hasher with the low-memory profile of RFC 9106 (64 MiB,
// three passes, four lanes). At most atOnce passwords are hashed at a time, at
// least one, so that sign-ins take no more than atOnce times 64 MiB; further
// ones wait, ten seconds at most.
func NewHasher(atOnce int) *Hasher { return newHasher(lowMemory, atOnce, 10*time.Second) }

func newHasher(p params, atOnce int, wait time.Duration) *Hasher {
	size := int64(p.memory) * int64(max(atOnce, 1))
	return &Hasher{params: p, room: semaphore.NewWeighted(size), size: size, wait: wait}
}

// Hash is the PHC string to keep of a new password of the login. A password
// that breaks a rule is a *PasswordError, for the person; other errors are
// ErrBusy or the context's.
func (h *Hasher) Hash(ctx context.Context, login, password string) (string, error) {
	if err := CheckPassword(login, password); err != nil {
		return "", err
	}
	out := hashed{params: h.params, saltBytes: make([]byte, h.params.salt)}
	rand.Read(out.saltBytes)
	tag, err := h.derive(ctx, password, out.params, out.saltBytes)
	if err != nil {
		return "", err
	}
	out.tagBytes = tag
	return out.String(), nil
}

// Check tells whether the password is the one of the PHC string, in a time
// that does not depend on the password. The empty string stands for a user
// who does not exist or has no password: it takes the time of a check and is
// false, so that no time tells who is a user. Errors are ErrBusy, the
// context's, or that of a string which is no hash.
func (h *Hasher) Check(ctx context.Context, password, phc string) (bool, error) {
	if len(password) > maxPasswordBytes {
		return false, nil // none that was ever taken, whoever the user is
	}
	if phc == "" {
		_, err := h.derive(ctx, password, h.params, make([]byte, h.params.salt))
		return false, err
	}
	want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	tag, err := h.derive(ctx, password, want.params, want.saltBytes)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(tag, want.tagBytes) == 1, nil
}

// NeedsRehash tells whether the PHC string was made with other costs than
// those of h, so that the password is hashed again when it is next right.
func (h *Hasher) NeedsRehash(phc string) bool {
	have, err := parsePHC(phc)
	return err != nil || have.params != h.params
}

func (h *Hasher) derive(ctx context.Context, password string, p params, salt []byte) ([]byte, error) {
	waiting, cancel := context.WithTimeoutCause(ctx, h.wait, ErrBusy)
	defer cancel()
	weight := min(int64(p.memory), h.size)
	if err := h.room.Acquire(waiting, weight); err != nil {
		if ctx.Err() == nil {
			return nil, ErrBusy
		}
		return nil, fmt.Errorf("password not checked: %w", context.Cause(ctx))
	}
	defer h.room.Release(weight)
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, p.time, p.memory, p.threads, uint32(p.tag)), nil
}
