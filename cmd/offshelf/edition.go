package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/offshelf/offshelf/knowledge"
)

// editionMap maps lists to files, from LIST=FILE.
type editionMap columnMap

// Decode implements kong.MapperValue.
func (m *editionMap) Decode(ctx *kong.DecodeContext) error {
	if err := (*columnMap)(m).Decode(ctx); err != nil {
		return fmt.Errorf("write LIST=FILE once for each list, for example --edition us-bis-el=entity-list.json: %w", err)
	}
	return nil
}

// read reads the editions in the order of their lists.
func (m editionMap) read() ([]knowledge.Edition, error) {
	var lists []string
	for list := range m {
		lists = append(lists, list)
	}
	slices.Sort(lists)
	var out []knowledge.Edition
	for _, list := range lists {
		data, err := os.ReadFile(m[list])
		if err != nil {
			return nil, fmt.Errorf("--edition %s: %w", list, err)
		}
		e, err := knowledge.ReadEdition(list, data)
		if err != nil {
			return nil, fmt.Errorf("--edition %s: %s: %w", list, m[list], err)
		}
		out = append(out, e)
	}
	return out, nil
}
