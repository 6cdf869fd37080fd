package api

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// writeJSON writes a body and a line's end. Maps are in the order of their
// names, so that the same answer is the same bytes.
func writeJSON(w io.Writer, v any) error {
	if err := json.MarshalWrite(w, v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// jsonError says what is wrong with a body, and where, in plain words.
func jsonError(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		where := ""
		if syntax.JSONPointer != "" {
			where = ", at " + clip(string(syntax.JSONPointer))
		}
		if errors.Is(syntax.Err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the JSON ends too early, after %d bytes%s: send all of it", syntax.ByteOffset, where)
		}
		return fmt.Errorf("this is no JSON: byte %d%s: %v", syntax.ByteOffset+1, where, syntax.Err)
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		where := clip(string(semantic.JSONPointer))
		if where == "" {
			where = "the body"
		}
		switch {
		case errors.Is(semantic.Err, json.ErrUnknownName):
			return fmt.Errorf("%s: there is no such field: see /openapi.yaml for the fields", where)
		case semantic.JSONKind != 0 && semantic.GoType != nil:
			return fmt.Errorf("%s: a JSON %s does not fit here%s", where, kindName(semantic.JSONKind), because(semantic.Err))
		}
		return fmt.Errorf("%s: %v", where, semantic.Err)
	}
	return err
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	}
	return "null"
}

// mergeSettings writes settings over a stored text, whose other members belong
// to others.
func mergeSettings(doc string, v any) (string, error) {
	all := map[string]any{}
	if doc != "" {
		if err := json.Unmarshal([]byte(doc), &all); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	over := map[string]any{}
	if err := json.Unmarshal(data, &over); err != nil {
		return "", err
	}
	for name, x := range over {
		all[name] = x
	}
	out, err := json.Marshal(all, json.Deterministic(true))
	return string(out), err
}
