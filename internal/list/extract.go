package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

// Extract is an entry of the JSON form into which lists that are published as
// PDF, DOCX or web pages are extracted: an object with list_id, extracted,
// count and entities.
type Extract struct {
	Name            string   `json:"name"`
	Aliases         []string `json:"aliases"`
	Country         string   `json:"country"`
	Address         string   `json:"address"`
	Status          string   `json:"status"`
	EffectiveDate   string   `json:"effective_date"`
	FederalRegister string   `json:"federal_register"`
	Notes           string   `json:"notes"`

	Row int `json:"-"`
}

// ReadExtract reads the JSON form of a list. ids are the values of list_id
// that the list may have. An entity with a field of another type is refused,
// and the others are read.
func (b *Builder) ReadExtract(data []byte, each func(Extract), ids ...string) error {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	counted, known, entities := -1, false, false
	err := object(d, func(key string) error {
		switch key {
		case "list_id":
			id, err := text(d)
			if err != nil {
				return err
			}
			if known = slices.Contains(ids, id); !known {
				return fmt.Errorf("%w: list_id is %q, not %q", ErrNoList, clip(id), ids[0])
			}
			return nil
		case "extracted":
			s, err := text(d)
			if err != nil {
				return err
			}
			day, err := offshelf.ParseDate(s)
			if err != nil {
				return fmt.Errorf("extracted: %w", err)
			}
			b.Date(day)
			return nil
		case "count":
			return json.UnmarshalDecode(d, &counted)
		case "entities":
			entities = true
			return b.EachJSON(d, func(row int, value jsontext.Value) {
				x := Extract{Row: row}
				if err := json.Unmarshal(value, &x); err != nil {
					b.Refuse(row, "%s", JSONReason(err))
					return
				}
				each(x)
			})
		}
		return d.SkipValue()
	})
	if err != nil {
		return jsonError(err)
	}
	if !entities || !known {
		return fmt.Errorf("%w: JSON without list_id and entities", ErrNoList)
	}
	if counted >= 0 && counted != b.edition.Rows {
		b.Warn("%s: count says %d entities, and there are %d", b.edition.List, counted, b.edition.Rows)
	}
	return nil
}

// EachJSON reads an array value by value and gives out each with its place,
// from 1.
func (b *Builder) EachJSON(d *jsontext.Decoder, f func(row int, value jsontext.Value)) error {
	if t, err := d.ReadToken(); err != nil {
		return err
	} else if t.Kind() != '[' {
		return fmt.Errorf("%w: no array where the entries are expected", ErrNoList)
	}
	for row := 1; d.PeekKind() != ']' && !b.Full(); row++ {
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if len(value) > MaxElement {
			b.Refuse(row, "an entry of %s, over %s", size(int64(len(value))), size(MaxElement))
			continue
		}
		f(row, value)
	}
	_, err := d.ReadToken()
	return err
}

// ObjectJSON reads an object and calls f at the value of each key; f reads the
// value.
func ObjectJSON(data []byte, f func(d *jsontext.Decoder, key string) error) error {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	if err := object(d, func(key string) error { return f(d, key) }); err != nil {
		return jsonError(err)
	}
	return nil
}

func object(d *jsontext.Decoder, f func(key string) error) error {
	if t, err := d.ReadToken(); err != nil {
		return err
	} else if t.Kind() != '{' {
		return fmt.Errorf("%w: no JSON object", ErrNoList)
	}
	for d.PeekKind() != '}' {
		key, err := text(d)
		if err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func text(d *jsontext.Decoder) (string, error) {
	t, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	switch t.Kind() {
	case '"':
		return t.String(), nil
	case 'n':
		return "", nil
	}
	return "", fmt.Errorf("%w: no text where one is expected", ErrNoList)
}

func jsonError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the file is cut off: fetch it again")
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d: the file is broken: fetch it again", syntax.ByteOffset)
	}
	return err
}

// JSONReason says in a few words why a value of JSON cannot be an entry, with
// the field where one has the wrong type.
func JSONReason(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		return fmt.Sprintf("%s: not of the type that the field has", semantic.JSONPointer)
	}
	return fmt.Sprintf("not readable: %v", clip(err.Error()))
}
