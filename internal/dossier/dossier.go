// Package dossier is what leaves the house on paper: the pull sheet, the
// dossier of a case, and the register of all decisions.
//
// The same state of the database gives the same bytes, on both engines.
package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/offshelf/offshelf/internal/store"
)

// Forms in which papers are written.
const (
	CSV  = "csv"
	XLSX = "xlsx"
	JSON = "json"
	HTML = "html"
)

// MediaType is the media type of a form, for an answer over HTTP.
func MediaType(form string) string {
	switch form {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSON:
		return "application/json"
	case HTML:
		return "text/html; charset=utf-8"
	}
	return ""
}

// checkForm fails with the forms that there are.
func checkForm(form string, forms ...string) error {
	if !slices.Contains(forms, form) {
		return fmt.Errorf("unknown form %q: use %s", form, strings.Join(forms, ", "))
	}
	return nil
}

// wire is how JSON is written: broken UTF-8 becomes U+FFFD, as in the stream
// of a screening.
var wire = json.JoinOptions(
	json.Deterministic(true),
	jsontext.AllowInvalidUTF8(true),
	jsonv1.OmitEmptyWithLegacySemantics(true),
)

// Reader hands out dossiers. It is safe for concurrent use.
type Reader struct {
	// Facts gives the facts that a run answered from, for the periods of the
	// rules and the list entries; nil leaves them to what the findings say.
	// See KeptFacts.
	Facts Facts
}

// Forms lists the forms of a dossier.
func Forms() []string { return []string{HTML, JSON} }

// Read returns the dossier of a case, in the form HTML or JSON. That it was
// read, by whom, and the SHA-256 of the bytes is an event of the ledger before
// they are handed out; it fails where that cannot be written. A case of another
// workspace is store.ErrNotFound.
func (r *Reader) Read(ctx context.Context, s *store.Store, actor string, workspace, caseID int64, form string) ([]byte, error) {
	if err := checkForm(form, Forms()...); err != nil {
		return nil, err
	}
	d, err := r.Collect(ctx, s, workspace, caseID)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := d.Write(&b, form); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	if err := s.Update(ctx, actor, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: workspace, Kind: "dossier.read", Case: caseID, Data: readEvent{
			Title: d.Case.Title, Form: form, Size: b.Len(), SHA256: hex.EncodeToString(sum[:]), Ledger: d.State.Ledger.Size,
		}})
		return nil
	}); err != nil {
		return nil, fmt.Errorf("the dossier is not handed out, as the ledger could not be told: %w", err)
	}
	return b.Bytes(), nil
}

// readEvent is the data of a dossier.read event.
type readEvent struct {
	Title  string `json:"title"`
	Form   string `json:"form"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
	Ledger int64  `json:"ledger_size"` // when it was put together
}

// Write writes the dossier in the form HTML or JSON.
func (d *Document) Write(w io.Writer, form string) error {
	switch form {
	case JSON:
		if err := json.MarshalWrite(w, d, wire, jsontext.WithIndent("  ")); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	case HTML:
		return d.html(w)
	}
	return checkForm(form, Forms()...)
}
