package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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

// loadedPolicy is a policy, and where it was read.
type loadedPolicy struct {
	offshelf.Policy
	sum  string                // SHA-256 of what was read
	file *knowledge.PolicyFile // nil for a shipped one
}

// loadPolicy takes the policy of a --policy flag.
func loadPolicy(snapshot *screen.Snapshot, name string) (*loadedPolicy, error) {
	p, err := readPolicy(snapshot, name)
	if err != nil {
		return nil, fmt.Errorf("--policy: %w", err)
	}
	return p, nil
}

// readPolicy takes a shipped policy by name, or reads a file.
func readPolicy(snapshot *screen.Snapshot, name string) (*loadedPolicy, error) {
	if p, ok := snapshot.Policy(name); ok {
		data, err := json.Marshal(p, json.Deterministic(true))
		return &loadedPolicy{Policy: p, sum: sum(data)}, err
	}
	data, err := policyBytes(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no shipped policy and no file %q: use %s, or the path of a YAML file", name, strings.Join(snapshot.Policies(), ", "))
	}
	if err != nil {
		return nil, err
	}
	f, err := knowledge.ReadPolicy(name, data)
	if err != nil {
		return nil, err
	}
	return &loadedPolicy{f.Policy, sum(data), f}, nil
}

// policyBytes reads a file of a policy or of its tests.
func policyBytes(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	unfit := &knowledge.PolicyError{File: name, Text: "not a policy file (a folder, a device, or over 1 MiB)"}
	if info.Size() > maxPolicy || !info.Mode().IsRegular() {
		return nil, unfit
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPolicy+1))
	if len(data) > maxPolicy {
		return nil, unfit
	}
	return data, err
}

// newScreener makes a screener. What is wrong with a policy of the user's own
// is told with its place in the file.
func newScreener(snapshot *screen.Snapshot, p *loadedPolicy, options ...screen.Option) (*screen.Screener, error) {
	s, err := screen.New(snapshot, p.Policy, options...)
	if err != nil && p.file != nil {
		return nil, p.file.Explain(err)
	}
	return s, err
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
