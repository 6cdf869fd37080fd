package exchange

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// property is a span of values in the scanner's store.
type property struct {
	key      key
	from, to int32
}

// maxDepth bounds the nesting of a record.
const maxDepth = 64

// maxValues bounds the values of one property.
const maxValues = 5000

// scanner reads one entity of FollowTheMoney a call. It is own code because a
// world of millions of lines is read with it: it checks the whole line, as a
// JSON library would, and keeps only what keyOf knows, without allocation.
type scanner struct {
	s          string
	i          int
	id, schema string
	caption    string   // the name that the writer shows
	referents  property // other ids under which the entity is known
	props      []property
	values     []string
	seen       uint64
}

var errCut = errors.New("the record ends in the middle")

// entity reads the entity on a line. What it finds is valid until the next
// call; the strings are pieces of the line.
func (x *scanner) entity(line string) error {
	*x = scanner{s: line, props: x.props[:0], values: x.values[:0]}
	x.space()
	if err := x.expect('{'); err != nil {
		return err
	}
	var hasID, hasSchema, hasProperties bool
	err := x.members(func(name string) error {
		var err error
		switch name {
		case "id":
			if hasID {
				return x.bad("id stands twice")
			}
			hasID = true
			x.id, err = x.text("id")
		case "schema":
			if hasSchema {
				return x.bad("schema stands twice")
			}
			hasSchema = true
			x.schema, err = x.text("schema")
		case "caption":
			if x.peek() != '"' {
				return x.skip(0)
			}
			x.caption, err = x.str()
		case "referents":
			if x.peek() != '[' || x.referents.to > 0 {
				return x.skip(0)
			}
			x.i++
			x.referents.from = int32(len(x.values))
			err = x.list("referents", x.referents.from)
			x.referents.to = int32(len(x.values))
		case "properties":
			if hasProperties {
				return x.bad("properties stand twice")
			}
			hasProperties = true
			err = x.properties()
		default:
			err = x.skip(0)
		}
		return err
	})
	if err != nil {
		return err
	}
	x.space()
	switch {
	case x.i != len(x.s):
		return x.bad("something stands behind the entity: write one a line")
	case x.id == "":
		return errors.New("the entity has no id")
	case x.schema == "":
		return errors.New("the entity has no schema")
	}
	return nil
}

// get returns the values of a property.
func (x *scanner) get(k key) []string {
	if x.seen&(1<<k) == 0 {
		return nil
	}
	for _, p := range x.props {
		if p.key == k {
			return x.values[p.from:p.to:p.to]
		}
	}
	return nil
}

// first returns the first value of a property, or nothing.
func (x *scanner) first(k key) string {
	if v := x.get(k); len(v) > 0 {
		return v[0]
	}
	return ""
}

func (x *scanner) properties() error {
	if err := x.expect('{'); err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	return x.members(func(name string) error {
		k := keyOf(name)
		if k == keyNone {
			return x.skip(1)
		}
		if x.seen&(1<<k) != 0 {
			return x.bad("property " + name + " stands twice")
		}
		x.seen |= 1 << k
		from := int32(len(x.values))
		switch x.peek() {
		case '"': // a lone value, as some writers leave it
			v, err := x.str()
			if err != nil {
				return err
			}
			x.values = append(x.values, v)
		case '[':
			x.i++
			if err := x.list(name, from); err != nil {
				return err
			}
		default:
			return x.skip(1)
		}
		x.props = append(x.props, property{k, from, int32(len(x.values))})
		return nil
	})
}

// list reads the texts of an array behind its bracket.
func (x *scanner) list(name string, from int32) error {
	return x.elements(func() error {
		if len(x.values)-int(from) >= maxValues {
			return fmt.Errorf("property %s has more than %d values", name, maxValues)
		}
		if x.peek() != '"' {
			return x.skip(2) // numbers and objects name no party
		}
		v, err := x.str()
		if v != "" {
			x.values = append(x.values, v)
		}
		return err
	})
}

func (x *scanner) text(what string) (string, error) {
	if x.peek() != '"' {
		if x.i >= len(x.s) {
			return "", errCut
		}
		return "", x.bad(what + " is no text")
	}
	return x.str()
}

// members reads the members of an object behind its brace.
func (x *scanner) members(member func(name string) error) error {
	x.space()
	if x.peek() == '}' {
		x.i++
		return nil
	}
	for {
		x.space()
		if x.peek() != '"' {
			if x.i >= len(x.s) {
				return errCut
			}
			return x.bad("a name in quotes belongs here")
		}
		name, err := x.str()
		if err != nil {
			return err
		}
		x.space()
		if err := x.expect(':'); err != nil {
			return err
		}
		x.space()
		if err := member(name); err != nil {
			return err
		}
		x.space()
		switch x.peek() {
		case ',':
			x.i++
		case '}':
			x.i++
			return nil
		default:
			return x.expect('}')
		}
	}
}

// elements reads the elements of an array behind its bracket.
func (x *scanner) elements(element func() error) error {
	x.space()
	if x.peek() == ']' {
		x.i++
		return nil
	}
	for {
		x.space()
		if err := element(); err != nil {
			return err
		}
		x.space()
		switch x.peek() {
		case ',':
			x.i++
		case ']':
			x.i++
			return nil
		default:
			return x.expect(']')
		}
	}
}

// skip checks a value and passes over it.
func (x *scanner) skip(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested more than %d deep: this is no entity", maxDepth)
	}
	switch c := x.peek(); {
	case c == '"':
		_, err := x.str()
		return err
	case c == '{':
		x.i++
		return x.members(func(string) error { return x.skip(depth + 1) })
	case c == '[':
		x.i++
		return x.elements(func() error { return x.skip(depth + 1) })
	case c == '-' || c >= '0' && c <= '9':
		return x.number()
	}
	for _, w := range []string{"true", "false", "null"} {
		if strings.HasPrefix(x.s[x.i:], w) {
			x.i += len(w)
			return nil
		}
		if strings.HasPrefix(w, x.s[x.i:]) {
			return errCut
		}
	}
	return x.bad("no value of JSON")
}

func (x *scanner) number() error {
	run := func() int {
		from := x.i
		for x.i < len(x.s) && x.s[x.i] >= '0' && x.s[x.i] <= '9' {
			x.i++
		}
		return x.i - from
	}
	if x.peek() == '-' {
		x.i++
	}
	if x.peek() == '0' {
		x.i++
	} else if run() == 0 {
		return x.bad("no number of JSON")
	}
	if x.peek() == '.' {
		x.i++
		if run() == 0 {
			return x.bad("no number of JSON")
		}
	}
	if c := x.peek(); c == 'e' || c == 'E' {
		x.i++
		if c := x.peek(); c == '+' || c == '-' {
			x.i++
		}
		if run() == 0 {
			return x.bad("no number of JSON")
		}
	}
	return nil
}

// str reads a string. Without escapes it is a piece of the line.
func (x *scanner) str() (string, error) {
	s, from := x.s, x.i+1
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			x.i = i + 1
			return s[from:i], nil
		case c == '\\':
			return x.escaped(from, i)
		case c < ' ':
			x.i = i
			return "", x.bad(fmt.Sprintf("byte %#x in a text: write it as an escape", c))
		}
	}
	return "", errCut
}

// escaped reads a string from its first escape on.
func (x *scanner) escaped(from, i int) (string, error) {
	s := x.s
	var b strings.Builder
	b.WriteString(s[from:i])
	for i < len(s) {
		switch c := s[i]; {
		case c == '"':
			x.i = i + 1
			return b.String(), nil
		case c < ' ':
			x.i = i
			return "", x.bad(fmt.Sprintf("byte %#x in a text: write it as an escape", c))
		case c != '\\':
			b.WriteByte(c)
			i++
			continue
		}
		if i+1 >= len(s) {
			return "", errCut
		}
		switch c := s[i+1]; c {
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, ok := hex4(s[i+2:])
			if !ok {
				x.i = i
				if len(s) < i+6 {
					return "", errCut
				}
				return "", x.bad("no escape of JSON")
			}
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if strings.HasPrefix(s[i+2:], `\u`) {
					low, _ = hex4(s[i+4:])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					x.i = i
					return "", x.bad("half of a surrogate pair, which is no character")
				}
				i += 6
			}
			b.WriteRune(r)
		default:
			x.i = i
			return "", x.bad("no escape of JSON")
		}
		i += 2
	}
	return "", errCut
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return -1, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	if err != nil {
		return -1, false
	}
	return rune(n), true
}

func (x *scanner) peek() byte {
	if x.i < len(x.s) {
		return x.s[x.i]
	}
	return 0
}

func (x *scanner) space() {
	for x.i < len(x.s) {
		switch x.s[x.i] {
		case ' ', '\t', '\r', '\n':
			x.i++
		default:
			return
		}
	}
}

func (x *scanner) expect(c byte) error {
	if x.i >= len(x.s) {
		return errCut
	}
	if x.s[x.i] != c {
		return x.bad(fmt.Sprintf("%q belongs here", c))
	}
	x.i++
	return nil
}

// bad says what is wrong and at which character.
func (x *scanner) bad(what string) error {
	return fmt.Errorf("character %d: %s", utf8.RuneCountInString(x.s[:min(x.i, len(x.s))])+1, what)
}
