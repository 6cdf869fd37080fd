package dossier

import (
	"time"

	"github.com/go-json-experiment/json"
)

// Concerns tells whether a decision with these channels is about a product that
// keeps these columns.
func Concerns(channels, kept string) bool {
	var d pullDecision
	d.limit(channels)
	return d.concerns(keptCells(kept))
}

var ColumnNames = columnNames

// ReadTimes reads times back, as they are written.
var ReadTimes = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFunc(func(b []byte, t *Time) error {
		at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
		*t = Time(at.UnixMicro())
		return err
	}),
))

// Told reports whether there are words for a kind of event.
func Told(kind string) bool { return said[kind] != "" }
