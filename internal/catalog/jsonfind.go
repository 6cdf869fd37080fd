package catalog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// found is an array of objects within an object.
type found struct {
	key string // dotted
	at  int64  // of the first byte behind its bracket
}

// rowKeys are the names that arrays of products go by.
var rowKeys = []string{"products", "items", "hits", "results", "records", "data", "rows", "listings", "docs", "entries", "catalog", "@graph", "itemListElement"}

// arrayInside finds the array that holds the rows in an object that is a
// wrapper. The text may be cut off anywhere. An object that looks like a
// product itself, and whose array has no name that says otherwise, has none.
func arrayInside(text []byte) (key string, at int, others []string) {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var arrays []found
	product := false
	findArrays(dec, "", 0, &arrays, &product)
	best := -1
	for i, a := range arrays {
		name := a.key[strings.LastIndexByte(a.key, '.')+1:]
		named := slices.ContainsFunc(rowKeys, func(k string) bool { return strings.EqualFold(k, name) })
		if named || best < 0 && !product {
			best = i
		}
		if named {
			break
		}
	}
	if best < 0 {
		return "", 0, nil
	}
	for i, a := range arrays {
		if i != best {
			others = append(others, a.key)
		}
	}
	return arrays[best].key, int(arrays[best].at), others
}

// findArrays lists the arrays of objects in the object that comes next, until
// the text ends.
func findArrays(dec *jsontext.Decoder, prefix string, depth int, arrays *[]found, product *bool) bool {
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return false
	}
	for dec.PeekKind() == '"' {
		tok, err := dec.ReadToken()
		if err != nil {
			return false
		}
		key := prefix + tok.String()
		switch kind := dec.PeekKind(); {
		case kind == '{' && depth < 3:
			if !findArrays(dec, key+".", depth+1, arrays, product) {
				return false
			}
		case kind == '[':
			if _, err := dec.ReadToken(); err != nil {
				return false
			}
			if dec.PeekKind() == '{' && len(*arrays) < 100 {
				*arrays = append(*arrays, found{key, dec.InputOffset()})
			}
			for dec.PeekKind() != ']' {
				if dec.SkipValue() != nil {
					return false
				}
			}
			if _, err := dec.ReadToken(); err != nil {
				return false
			}
		default:
			if t, ok := tellOf(key); depth == 0 && ok && (t.field == fieldTitle || t.field == fieldBrand) {
				*product = true
			}
			if dec.SkipValue() != nil {
				return false
			}
		}
	}
	_, err := dec.ReadToken()
	return err == nil
}

// isLines reports whether text, which starts with an object, is NDJSON rather
// than one object over many lines or a wrapper.
func isLines(text []byte) bool {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	first = bytes.TrimSpace(first)
	rest = bytes.TrimLeft(rest, " \t\r\n")
	whole := jsontext.Value(first).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch {
	case len(rest) == 0:
		key, _, _ := arrayInside(first)
		return whole && key == ""
	case whole:
		return true
	case bytes.IndexByte([]byte("[{,:"), first[len(first)-1]) >= 0:
		return false // it goes on in the next line
	}
	// A second object tells, even where the first is broken.
	open := bytes.TrimLeft(rest[1:], " \t\r\n")
	return rest[0] == '{' && (len(open) == 0 || open[0] == '"' || open[0] == '}')
}
