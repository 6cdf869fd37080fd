package report

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/offshelf/offshelf"
)

// wire is how a message is written. Catalogs hold broken UTF-8: it becomes
// U+FFFD here as in every other format. Zero numbers are left out where the
// words of the domain say omitempty.
var wire = json.JoinOptions(
	json.Deterministic(true),
	jsontext.AllowInvalidUTF8(true),
	jsonv1.OmitEmptyWithLegacySemantics(true),
)

// strict is how a message is read. It refuses what it does not know: a
// member that were dropped in silence would be missing from the next
// rendering.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.UnmarshalFunc(unmarshalAction)),
)

// unmarshalAction lets "" stand for no action, as it is written.
func unmarshalAction(b []byte, a *offshelf.Action) error {
	text, err := jsontext.AppendUnquote(nil, b)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		*a = offshelf.NoAction
		return nil
	}
	return a.UnmarshalText(text)
}
