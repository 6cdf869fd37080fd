package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// maxPolicy bounds a policy file.
const maxPolicy = 1 << 20

// loadPolicy takes a shipped policy by name, or reads a file.
func loadPolicy(snapshot *screen.Snapshot, name string) (offshelf.Policy, string, error) {
	if p, ok := snapshot.Policy(name); ok {
		data, err := json.Marshal(p, json.Deterministic(true))
		return p, sum(data), err
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return offshelf.Policy{}, "", fmt.Errorf("--policy: there is no shipped policy and no file %q: use %s, or the path of a YAML file", name, strings.Join(snapshot.Policies(), ", "))
	}
	if err != nil {
		return offshelf.Policy{}, "", fmt.Errorf("--policy: %w", err)
	}
	if info.Size() > maxPolicy || !info.Mode().IsRegular() {
		return offshelf.Policy{}, "", fmt.Errorf("--policy %s: not a policy file (a folder, a device, or over 1 MiB)", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return offshelf.Policy{}, "", fmt.Errorf("--policy: %w", err)
	}
	p, err := knowledge.ParsePolicy(name, data)
	if err != nil {
		return offshelf.Policy{}, "", fmt.Errorf("--policy: %w", err)
	}
	return p, sum(data), nil
}

// newScreener makes a screener. What is wrong with a policy of the user's own
// is told with its file.
func newScreener(snapshot *screen.Snapshot, name string, p offshelf.Policy, options ...screen.Option) (*screen.Screener, error) {
	s, err := screen.New(snapshot, p, options...)
	if err != nil && name != p.ID {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, err
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
