package knowledge

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/offshelf/offshelf"
)

//go:generate go run ./build

//go:embed compiled.json
var compiled []byte

// Embedded returns the knowledge that this binary was built with, and the
// SHA-256 of its compiled form.
func Embedded() (*offshelf.Knowledge, string, error) {
	return Decode(compiled)
}

// EmbeddedSum is the SHA-256 that Embedded returns, without reading the facts.
func EmbeddedSum() string {
	sum := sha256.Sum256(compiled)
	return hex.EncodeToString(sum[:])
}

// Decode reads the compiled form of a knowledge.
func Decode(data []byte) (*offshelf.Knowledge, string, error) {
	k := new(offshelf.Knowledge)
	if err := json.Unmarshal(data, k); err != nil {
		return nil, "", fmt.Errorf("compiled knowledge: %w", err)
	}
	sum := sha256.Sum256(data)
	return k, hex.EncodeToString(sum[:]), nil
}

// Compile writes the compiled form of a knowledge: JSON, one fact a line, the
// same bytes for the same facts.
func Compile(k *offshelf.Knowledge) ([]byte, error) {
	raw, err := json.Marshal(k, json.Deterministic(true), jsonv1.OmitEmptyWithLegacySemantics(true))
	if err != nil {
		return nil, err
	}
	// A line a fact keeps differences readable in review.
	return append(bytes.ReplaceAll(raw, []byte("},{"), []byte("},\n{")), '\n'), nil
}
