package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Key signs and checks tree heads.
type Key struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
	private  string
}

// keyName stands in front of each signature.
const keyName = "offshelf.ledger"

// NewKey makes an Ed25519 key. The text is what LoadKey reads: it is secret.
func NewKey() (text string, err error) {
	private, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return "", err
	}
	return private + "\n" + public + "\n", nil
}

// ParseKey reads a key as NewKey made it.
func ParseKey(text string) (*Key, error) {
	lines := strings.Fields(text)
	if len(lines) != 2 {
		return nil, errors.New("no ledger key: it has two lines, the private key and the public one")
	}
	signer, err := note.NewSigner(lines[0])
	if err != nil {
		return nil, fmt.Errorf("the private key of the ledger: %w", err)
	}
	verifier, err := note.NewVerifier(lines[1])
	if err != nil {
		return nil, fmt.Errorf("the public key of the ledger: %w", err)
	}
	if signer.KeyHash() != verifier.KeyHash() || signer.Name() != verifier.Name() {
		return nil, errors.New("the two lines of the ledger key are not of one key")
	}
	return &Key{signer, verifier, lines[1], lines[0]}, nil
}

// LoadKey reads the key from a file, and makes the file where there is none.
// It is readable by its owner alone.
func LoadKey(path string) (*Key, error) {
	for range 2 {
		data, err := os.ReadFile(path)
		if err == nil {
			k, err := ParseKey(string(data))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return k, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: cannot be made", path)
}

// makeKey writes beside and links, so that the file is there as a whole or not
// at all, and two processes never have two keys.
func makeKey(path string) error {
	text, err := NewKey()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".ledger-key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// Public is the public key, to be kept by those who want to check later.
func (k *Key) Public() string { return k.public }

// Derive returns 32 bytes for another use, the same for each process that has
// the key, which tell nothing of it.
func (k *Key) Derive(use string) []byte {
	h := hmac.New(sha256.New, []byte(k.private))
	h.Write([]byte("offshelf " + use))
	return h.Sum(nil)
}

// Checker returns the part of the key that only checks.
func (k *Key) Checker() *Checker { return &Checker{k.verifier} }

// Checker checks tree heads.
type Checker struct{ verifier note.Verifier }

// ParseChecker reads a public key as Key.Public gives it.
func ParseChecker(public string) (*Checker, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fmt.Errorf("the public key of the ledger: %w", err)
	}
	return &Checker{v}, nil
}

// Head is the state of a ledger: how many leaves, and the hash of all.
type Head struct {
	Size int64
	Root tlog.Hash
}

// Sign returns the head as a signed note: a checkpoint.
func (k *Key) Sign(h Head) (string, error) {
	msg, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: h.Size, Hash: h.Root}))}, k.signer)
	return string(msg), err
}

// Open checks a checkpoint's signature and returns the head. Signatures of
// others beside it are let be.
func (c *Checker) Open(checkpoint string) (Head, error) {
	h, _, err := c.open(checkpoint)
	return h, err
}

// OpenExact is Open for a checkpoint that must be as Sign wrote it, to the
// byte: a note says the same with other bits at the end of its base64.
func (c *Checker) OpenExact(checkpoint string) (Head, error) {
	h, n, err := c.open(checkpoint)
	if err != nil {
		return h, err
	}
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return Head{}, err
	}
	exact := string(tlog.FormatTree(tlog.Tree{N: h.Size, Hash: h.Root})) + "\n\u2014 " + n.Sigs[0].Name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
	if checkpoint != exact {
		return Head{}, errors.New("signed, but not the text that was written")
	}
	return h, nil
}

func (c *Checker) open(checkpoint string) (Head, *note.Note, error) {
	n, err := note.Open([]byte(checkpoint), note.VerifierList(c.verifier))
	if err != nil {
		return Head{}, nil, fmt.Errorf("not signed by this ledger's key: %w", err)
	}
	t, err := tlog.ParseTree([]byte(n.Text))
	if err != nil {
		return Head{}, nil, fmt.Errorf("signed, but no tree head: %w", err)
	}
	return Head{t.N, t.Hash}, n, nil
}
