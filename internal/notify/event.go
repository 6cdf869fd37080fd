// Package notify tells other systems what has changed, by signed webhooks:
// CloudEvents 1.0 in structured JSON, signed as Standard Webhooks say, and sent
// by a client that does not let an address lead it into the operator's own
// network. It keeps nothing: what is due, and when, is up to the caller.
package notify

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Type says what happened. A receiver picks events by it.
type Type string

// The types of events.
const (
	FindingOpened   Type = "finding.opened"   // a product has a finding that it had not before
	FindingChanged  Type = "finding.changed"  // verdict, action, chains or dates of a finding are others than before
	FindingEnded    Type = "finding.ended"    // a finding no longer holds
	CaseDecided     Type = "case.decided"     // somebody decided what becomes of a product
	ProductReturned Type = "product.returned" // a product that was gone is offered again
	EditionReplaced Type = "edition.replaced" // a list or the knowledge has a newer edition
)

// Types are all types of events, in the order of the constants.
func Types() []Type {
	return []Type{FindingOpened, FindingChanged, FindingEnded, CaseDecided, ProductReturned, EditionReplaced}
}

// ContentType is the media type of an event as [Event.Encode] writes it:
// CloudEvents in structured mode.
const ContentType = "application/cloudevents+json; charset=utf-8"

// MaxEvent is the greatest length of an encoded event in bytes. CloudEvents 1.0,
// "Size Limits", has every intermediary forward at least as much, and none is
// bound to forward more.
const MaxEvent = 64 << 10

const (
	maxID     = 128  // bytes; it is a header too
	maxURI    = 2048 // bytes, of a source and of an endpoint
	maxString = 1024 // bytes, of a subject
)

// Event is something that happened: a CloudEvent 1.0.
type Event struct {
	// ID is the same in every try, so that a receiver can drop what it had
	// already: 1 to 128 letters, digits, "-", "_" and ":". Standard Webhooks sign
	// id, time and body joined by full stops, so an id has none.
	ID string
	// Source is the instance that tells, as a URI or a reference to one.
	Source string
	Type   Type
	// Subject is what it happened to, such as the SKU of a product. It may be
	// empty.
	Subject string
	// Time is when it happened, not when it is sent. It is written in UTC.
	Time time.Time
	// Data is a JSON object; its members depend on the type.
	Data jsontext.Value
}

// wireEvent has the members of the JSON event format of CloudEvents in the
// order in which they are written.
type wireEvent struct {
	SpecVersion     string         `json:"specversion"`
	ID              string         `json:"id"`
	Source          string         `json:"source"`
	Type            Type           `json:"type"`
	Subject         string         `json:"subject,omitzero"`
	Time            string         `json:"time"`
	DataContentType string         `json:"datacontenttype"`
	Data            jsontext.Value `json:"data"`
}

const (
	specVersion     = "1.0"
	dataContentType = "application/json"
)

// Validate says all that is wrong with an event. Only an event without an error
// is encoded.
func (e Event) Validate() error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("event: %s: "+format, append([]any{field}, args...)...))
	}
	switch {
	case e.ID == "":
		wrong("id", "missing: give each event one of its own")
	case len(e.ID) > maxID:
		wrong("id", "%d bytes: at most %d", len(e.ID), maxID)
	case strings.Trim(e.ID, idCharacters) != "":
		wrong("id", "%q: only letters, digits, \"-\", \"_\" and \":\"", shown(e.ID))
	}
	if err := checkSource(e.Source); err != nil {
		wrong("source", "%w", err)
	}
	if !slices.Contains(Types(), e.Type) {
		wrong("type", "%q: none of %s", shown(string(e.Type)), joined(Types()))
	}
	if len(e.Subject) > maxString {
		wrong("subject", "%d bytes: at most %d", len(e.Subject), maxString)
	} else if err := checkString(e.Subject); err != nil {
		wrong("subject", "%w", err)
	}
	if y := e.Time.UTC().Year(); e.Time.IsZero() {
		wrong("time", "missing")
	} else if y < 1 || y > 9999 {
		wrong("time", "year %d: RFC 3339 has only 0001 to 9999", y)
	}
	switch {
	case len(e.Data) == 0:
		wrong("data", "missing: an object without members is {}")
	case len(e.Data) > MaxEvent:
		wrong("data", "%d bytes: an event has at most %d; send less and name where the rest can be read", len(e.Data), MaxEvent)
	case e.Data.Kind() != '{':
		wrong("data", "no JSON object")
	case !e.Data.IsValid():
		v := e.Data.Clone()
		wrong("data", "no valid JSON: %w", v.Format())
	}
	return errors.Join(errs...)
}

const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:"

func joined(types []Type) string {
	s := make([]string, len(types))
	for i, t := range types {
		s[i] = string(t)
	}
	return strings.Join(s, ", ")
}

// checkSource holds a source to the characters of RFC 3986: url.Parse is more
// lenient.
func checkSource(s string) error {
	switch {
	case s == "":
		return errors.New("missing: give the address of this instance, such as https://offshelf.example/")
	case len(s) > maxURI:
		return fmt.Errorf("%d bytes: at most %d", len(s), maxURI)
	}
	for i := range len(s) {
		if !isURI(s[i]) {
			return fmt.Errorf("%q has a %q at byte %d, which a URI may not have: write it as %%%02X", shown(s), s[i], i+1, s[i])
		}
	}
	if _, err := url.Parse(s); err != nil {
		return fmt.Errorf("no URI: %s", parseFault(err))
	}
	return nil
}

func isURI(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~:/?#[]@!$&'()*+,;=%", c) >= 0
}

// checkString holds a string to what CloudEvents 1.0, "Type System", allows.
func checkString(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("no valid UTF-8")
	}
	for i, r := range s {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe {
			return fmt.Errorf("character U+%04X at byte %d: CloudEvents allow no control characters and no noncharacters", r, i+1)
		}
	}
	return nil
}

// Encode writes an event as structured JSON. The same event comes out as the
// same bytes, however its data were laid out: without space, members of data
// ordered by name.
func (e Event) Encode() ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	data := e.Data.Clone()
	// Numbers stay as they are written: they may be longer than a float64.
	if err := data.Format(jsontext.ReorderRawObjects(true)); err != nil {
		return nil, fmt.Errorf("event: data: %w", err)
	}
	b, err := json.Marshal(wireEvent{specVersion, e.ID, e.Source, e.Type, e.Subject, e.Time.UTC().Format(time.RFC3339Nano), dataContentType, data})
	switch {
	case err != nil:
		return nil, fmt.Errorf("event: %w", err)
	case len(b) > MaxEvent:
		return nil, fmt.Errorf("event: %d bytes: at most %d; send less and name where the rest can be read", len(b), MaxEvent)
	}
	return b, nil
}

// ParseEvent reads an event as [Event.Encode] writes it, such as one that was
// kept until it is due. Members that an event of this package does not have are
// an error.
func ParseEvent(b []byte) (Event, error) {
	if len(b) > MaxEvent {
		return Event{}, fmt.Errorf("event: %d bytes: at most %d", len(b), MaxEvent)
	}
	var w wireEvent
	if err := json.Unmarshal(b, &w, json.RejectUnknownMembers(true)); err != nil {
		return Event{}, fmt.Errorf("event: %s", shown(err.Error()))
	}
	switch {
	case w.SpecVersion != specVersion:
		return Event{}, fmt.Errorf("event: specversion: %q: only %q is read", shown(w.SpecVersion), specVersion)
	case w.DataContentType != dataContentType:
		return Event{}, fmt.Errorf("event: datacontenttype: %q: only %q is read", shown(w.DataContentType), dataContentType)
	}
	at, err := time.Parse(time.RFC3339Nano, w.Time)
	if err != nil {
		return Event{}, fmt.Errorf("event: time: %q: write it as 2026-11-24T13:26:43Z", shown(w.Time))
	}
	e := Event{w.ID, w.Source, w.Type, w.Subject, at.UTC(), w.Data}
	if err := e.Validate(); err != nil {
		return Event{}, err
	}
	return e, nil
}
