package api

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/dossier"
)

func (s *Server) documentRoutes() {
	text := func(name, in, about string) *huma.Param {
		return &huma.Param{Name: name, In: in, Schema: &huma.Schema{Type: huma.TypeString}, Description: about}
	}
	form := func(forms []string) *huma.Param {
		p := text("format", "query", "Instead of Accept: "+strings.Join(forms, ", ")+".")
		for _, f := range forms {
			p.Schema.Enum = append(p.Schema.Enum, f)
		}
		return p
	}
	types := func(forms []string) []string {
		var out []string
		for _, f := range forms {
			t, _, _ := mime.ParseMediaType(dossier.MediaType(f))
			out = append(out, t)
		}
		return out
	}

	op := operation(http.MethodGet, "/v1/cases/{id}/dossier", "dossier", "Documents", "The dossier of a case", rules{need: access.Read, streams: true}, notAcceptable)
	op.Description = "All that is known of a case and what people did about it, with the state that it rests on. That it was read, and by whom, is in the ledger. Needs the permission read."
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}}, form(dossier.Forms())}
	op.Responses = answerOf("The dossier.", types(dossier.Forms())...)
	reader := dossier.Reader{Facts: dossier.KeptFacts(s.Store)}
	s.raw(op, func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r, "id")
		if err != nil {
			return err
		}
		f, err := formOf(r, dossier.Forms())
		if err != nil {
			return err
		}
		p := principal(r.Context())
		data, err := reader.Read(r.Context(), s.Store, actor(p), p.Workspace, id, f)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", dossier.MediaType(f))
		if f == dossier.HTML {
			// The page is one file with its style in it, and no script.
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox allow-same-origin allow-popups")
		}
		_, err = w.Write(data)
		return err
	})

	op = operation(http.MethodGet, "/v1/pulls", "pulls", "Documents", "The pull sheet: what was ordered off the shelf, and whether it went", rules{need: access.Read, streams: true}, invalid, notAcceptable)
	op.Parameters = []*huma.Param{text("case", "query", "Number of a case."), text("decision", "query", "Number of a decision."), text("catalog", "query", "Number of a catalog."),
		text("state", "query", strings.Join(dossier.PullStates, ", ")+"; more than one with commas. All but withdrawn where it is left out."), form(dossier.PullForms())}
	op.Responses = answerOf("The sheet.", types(dossier.PullForms())...)
	s.raw(op, func(w http.ResponseWriter, r *http.Request) error {
		f, err := formOf(r, dossier.PullForms())
		if err != nil {
			return err
		}
		var filter dossier.PullFilter
		for name, into := range map[string]*int64{"case": &filter.Case, "decision": &filter.Decision, "catalog": &filter.Catalog} {
			v := r.URL.Query().Get(name)
			if v == "" {
				continue
			}
			if _, err := fmt.Sscanf(v, "%d", into); err != nil || *into < 1 {
				return invalid.problem(name+" must be a number.", &huma.ErrorDetail{Message: "expected a number", Location: "query." + name})
			}
		}
		if v := r.URL.Query().Get("state"); v != "" {
			filter.States = strings.Split(v, ",")
			for _, state := range filter.States {
				if !slices.Contains(dossier.PullStates, state) {
					return invalid.problem(fmt.Sprintf("There is no state %q: take %s.", clip(state), strings.Join(dossier.PullStates, ", ")))
				}
			}
		}
		return s.paper(w, f, "pull-sheet", func(out io.Writer) error {
			_, err := dossier.PullSheet(r.Context(), s.Store, out, f, principal(r.Context()).Workspace, filter)
			return err
		})
	})

	op = operation(http.MethodGet, "/v1/register", "register", "Documents", "The register of all decisions of a period", rules{need: access.Audit, streams: true}, invalid, notAcceptable)
	op.Parameters = []*huma.Param{{Name: "from", In: "query", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "date"}, Description: "The first day."},
		{Name: "until", In: "query", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "date"}, Description: "The day after the last."}, form(dossier.RegisterForms())}
	op.Responses = answerOf("The register.", types(dossier.RegisterForms())...)
	s.raw(op, func(w http.ResponseWriter, r *http.Request) error {
		f, err := formOf(r, dossier.RegisterForms())
		if err != nil {
			return err
		}
		var days [2]offshelf.Day
		for i, name := range []string{"from", "until"} {
			if days[i], err = offshelf.ParseDay(r.URL.Query().Get(name)); err != nil {
				return invalid.problem(sentence(fmt.Errorf("%s: %w", name, err)), &huma.ErrorDetail{Message: err.Error(), Location: "query." + name})
			}
		}
		if days[0] >= days[1] {
			return invalid.problem("until must be a day after from.")
		}
		return s.paper(w, f, "register", func(out io.Writer) error {
			_, err := dossier.Register(r.Context(), s.Store, out, f, principal(r.Context()).Workspace, days[0], days[1])
			return err
		})
	})
}

// paper writes a paper as it is made. What fails before its first byte becomes
// a problem.
func (s *Server) paper(w http.ResponseWriter, form, name string, f func(io.Writer) error) error {
	return f(&late{w: w, begin: func(h http.Header) {
		h.Set("Content-Type", dossier.MediaType(form))
		if form == dossier.CSV || form == dossier.XLSX {
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + "." + form}))
		}
		if form == dossier.HTML {
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox allow-same-origin allow-popups")
		}
	}})
}

// late sets the header of an answer at its first byte.
type late struct {
	w     http.ResponseWriter
	begin func(http.Header)
}

// Write implements io.Writer.
func (l *late) Write(p []byte) (int, error) {
	if l.begin != nil {
		l.begin(l.w.Header())
		l.begin = nil
	}
	return l.w.Write(p)
}

// formOf is the form that is asked for: by the query, or by the first of the
// Accept header that there is; JSON where nothing is asked for.
func formOf(r *http.Request, forms []string) (string, error) {
	if f := r.URL.Query().Get("format"); f != "" {
		if slices.Contains(forms, f) {
			return f, nil
		}
		return "", notAcceptable.problem(fmt.Sprintf("There is no format %q here: take %s.", clip(f), strings.Join(forms, ", ")))
	}
	accept := r.Header.Get("Accept")
	if accept == "" {
		return dossier.JSON, nil
	}
	for one := range strings.SplitSeq(accept, ",") {
		t, params, err := mime.ParseMediaType(strings.TrimSpace(one))
		if err != nil || params["q"] == "0" {
			continue
		}
		if t == "*/*" || t == "application/*" {
			return dossier.JSON, nil
		}
		for _, f := range forms {
			if known, _, _ := mime.ParseMediaType(dossier.MediaType(f)); known == t {
				return f, nil
			}
		}
	}
	return "", notAcceptable.problem(fmt.Sprintf("No format that Accept names is made here: take %s by ?format=.", strings.Join(forms, ", ")))
}
