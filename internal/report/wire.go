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
	json.WithMarshalers(json.MarshalToFunc(marshalHop)),
)

// strict is how a message is read. It refuses what it does not know: a
// member that were dropped in silence would be missing from the next
// rendering.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFunc(unmarshalAction),
		json.UnmarshalFromFunc(unmarshalHop),
	)),
)

// hop is offshelf.Hop on the wire. There the side nearer to the product and
// the start of the interval would both be called "from", and the start would
// be lost: it is "since", as in a chain.
type hop struct {
	Kind    string            `json:"kind"`
	From    string            `json:"from"`
	To      string            `json:"to"`
	Since   offshelf.Date     `json:"since,omitzero"`
	Until   offshelf.Date     `json:"until,omitzero"`
	Share   string            `json:"share,omitempty"`
	Grade   offshelf.Grade    `json:"grade,omitempty"`
	Sources []offshelf.Source `json:"sources,omitempty"`
	Note    string            `json:"note,omitempty"`
}

func marshalHop(enc *jsontext.Encoder, h offshelf.Hop) error {
	return json.MarshalEncode(enc, &hop{
		Kind: h.Kind, From: h.From, To: h.To,
		Since: h.Interval.From, Until: h.Interval.Until,
		Share: h.Share, Grade: h.Grade, Sources: h.Sources, Note: h.Note,
	})
}

func unmarshalHop(dec *jsontext.Decoder, h *offshelf.Hop) error {
	var w hop
	if err := json.UnmarshalDecode(dec, &w); err != nil {
		return err
	}
	*h = offshelf.Hop{
		Kind: w.Kind, From: w.From, To: w.To,
		Interval: offshelf.Interval{From: w.Since, Until: w.Until},
		Share:    w.Share, Grade: w.Grade, Sources: w.Sources, Note: w.Note,
	}
	return nil
}

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
