package api

import (
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/internal/search"
)

// The Reconciliation Service API 0.2 (W3C community group report of 2023-04-10),
// which OpenRefine speaks. Its clients cannot send headers, so it is served a
// second time under an address that holds an API key; such a key should have
// the scope read alone. Cookies do not count here, so that pages of other
// sites, which may ask, never ask in somebody's name.

// Bounds of a reconciliation.
const (
	maxReconcileQueries = 50
	maxReconcileBody    = 256 << 10
	maxCandidates       = 25
)

// When a candidate is called a match: its score, and its lead over the next.
const (
	matchScore = 92.0
	matchLead  = 5.0
)

// ReconcileType is what an entity is.
type ReconcileType struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var reconcileTypes = []ReconcileType{{"company", "Company or other body"}, {"person", "Person"}, {"vessel", "Vessel"}}

// ReconcileManifest is what the service can do.
type ReconcileManifest struct {
	Versions        []string          `json:"versions"`
	Name            string            `json:"name"`
	IdentifierSpace string            `json:"identifierSpace"`
	SchemaSpace     string            `json:"schemaSpace"`
	DefaultTypes    []ReconcileType   `json:"defaultTypes"`
	View            ReconcileView     `json:"view"`
	Suggest         ReconcileSuggests `json:"suggest"`
	BatchSize       int               `json:"batchSize"`
}

// ReconcileView is where an entity is described.
type ReconcileView struct {
	URL string `json:"url"`
}

// ReconcileSuggests are the services that complete what is typed.
type ReconcileSuggests struct {
	Entity   ReconcileService `json:"entity"`
	Type     ReconcileService `json:"type"`
	Property ReconcileService `json:"property"`
}

// ReconcileService is where a service is.
type ReconcileService struct {
	URL  string `json:"service_url"`
	Path string `json:"service_path"`
}

// ReconcileQuery asks for one name.
type ReconcileQuery struct {
	Query string `json:"query" maxLength:"500"`
	Type  any    `json:"type,omitempty" doc:"company, person or vessel, or an array of these."`
	Limit int    `json:"limit,omitempty"`
	// what it says beyond is taken and not used
	Strict     any `json:"type_strict,omitempty"`
	Properties any `json:"properties,omitempty"`
}

// ReconcileResult answers one query.
type ReconcileResult struct {
	Result []ReconcileCandidate `json:"result"`
}

// ReconcileCandidate is an entity that may be meant.
type ReconcileCandidate struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	Type        []ReconcileType    `json:"type"`
	Score       float64            `json:"score" doc:"0 to 100."`
	Match       bool               `json:"match" doc:"Only where the score is high and the next candidate far."`
	Features    []ReconcileFeature `json:"features,omitempty"`
}

// ReconcileFeature is a measure of a candidate.
type ReconcileFeature struct {
	ID    string  `json:"id"`
	Value float64 `json:"value"`
}

// ReconcileSuggestions completes what is typed.
type ReconcileSuggestions struct {
	Result []ReconcileSuggestion `json:"result"`
}

// ReconcileSuggestion is an entity or type that may be meant.
type ReconcileSuggestion struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Notable     []ReconcileType `json:"notable,omitempty"`
}

func (s *Server) reconcileRoutes() {
	schema := func(v reflect.Type) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: "See the Reconciliation Service API 0.2.", Content: map[string]*huma.MediaType{"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(v, true, "")}}}}
	}
	callback := &huma.Param{Name: "callback", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "Name of a function, for JSONP."}
	for _, keyed := range []bool{false, true} {
		prefix, id, ru := "/v1/reconcile", "reconcile", rules{need: access.Read}
		var at []*huma.Param
		if keyed {
			prefix, id, ru = "/v1/reconcile/{key}", "reconcileByKey", rules{open: true}
			at = []*huma.Param{{Name: "key", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "An API key with the scope read."}}
		}
		add := func(method, path, suffix, summary string, params []*huma.Param, answers map[string]*huma.Response, h func(http.ResponseWriter, *http.Request) error) {
			op := operation(method, prefix+path, id+suffix, "Reconciliation", summary, ru, badRequest, unauthenticated, forbidden, tooLarge)
			op.Parameters = append(append(append(op.Parameters, at...), params...), callback)
			op.Responses = answers
			s.raw(op, s.reconciling(keyed, h))
		}
		query := []*huma.Param{{Name: "queries", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "JSON: an object of queries, each under a name of the client's. Without it the manifest is answered."}}
		prefixed := []*huma.Param{{Name: "prefix", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "What was typed."}, {Name: "cursor", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}, Description: "How many to pass over."}}
		add(http.MethodGet, "", "", "The manifest, or names reconciled", query, schema(reflect.TypeFor[ReconcileManifest]()), s.reconcile)
		add(http.MethodGet, "/suggest/entity", "SuggestEntity", "Complete a name", prefixed, schema(reflect.TypeFor[ReconcileSuggestions]()), s.suggestEntity)
		add(http.MethodGet, "/suggest/type", "SuggestType", "Complete a type", prefixed, schema(reflect.TypeFor[ReconcileSuggestions]()), s.suggestType)
		add(http.MethodGet, "/suggest/property", "SuggestProperty", "Complete a property; there are none", prefixed, schema(reflect.TypeFor[ReconcileSuggestions]()), s.suggestProperty)

		op := operation(http.MethodPost, prefix, id+"Post", "Reconciliation", "Reconcile names", ru, badRequest, unauthenticated, forbidden, tooLarge, mediaType)
		op.Parameters = append(op.Parameters, at...)
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/x-www-form-urlencoded": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"queries": {Type: huma.TypeString}}}},
			"application/json":                  {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}},
		}}
		op.Responses = map[string]*huma.Response{"200": {Description: "A result for each query, under its name.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ReconcileResult](), true, "")}}}}}
		s.raw(op, s.reconciling(keyed, s.reconcile))
		for _, path := range []string{"", "/suggest/entity", "/suggest/type", "/suggest/property"} {
			s.mux.HandleFunc("OPTIONS "+prefix+path, func(w http.ResponseWriter, r *http.Request) {
				allowOrigins(w)
				w.WriteHeader(http.StatusNoContent)
			})
		}
	}
}

// allowOrigins lets pages of any site read the answer, without cookies.
func allowOrigins(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// reconciling has other sites' pages read the answer, and, in the second form,
// takes the key from the address.
func (s *Server) reconciling(keyed bool, h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		allowOrigins(w)
		if keyed {
			key, err := access.ParseAPIKey(r.PathValue("key"))
			if err != nil {
				return unauthenticated.problem("The address must hold an API key, /v1/reconcile/osk_…: " + err.Error() + ".")
			}
			p, err := s.byKey(r, key)
			if err != nil {
				return err
			}
			if !p.May(access.Read) {
				return forbidden.problem(refusal(p, access.Read))
			}
			if p.Scopes != access.Permissions(access.Read) {
				return forbidden.problem("A key in an address may be seen by others: take one that has the scope read alone.")
			}
			if o := observed(r); o != nil {
				o.who = actor(p)
			}
			r = r.WithContext(access.NewContext(r.Context(), p))
		} else if principal(r.Context()).Kind != access.Key {
			return forbidden.problem("Reconciliation is for programs: send an API key with the scope read, or put it into the address as /v1/reconcile/osk_….")
		}
		return h(w, r)
	}
}

// answerJSON writes an answer, for JSONP where it is asked for.
func answerJSON(w http.ResponseWriter, r *http.Request, v any) error {
	callback := r.URL.Query().Get("callback")
	if callback == "" {
		w.Header().Set("Content-Type", "application/json")
		return writeJSON(w, v)
	}
	if len(callback) > 100 || !functionName.MatchString(callback) {
		return badRequest.problem("callback is no name of a function: letters, digits, _, $ and dots are taken.")
	}
	data, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	// The comment keeps plug-ins from taking the answer for a file of theirs,
	// and the two separators end a line in JavaScript before 2019.
	text := strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`).Replace(string(data))
	_, err = fmt.Fprintf(w, "/**/%s(%s);", callback, text)
	return err
}

var functionName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*$`)

func (s *Server) reconcile(w http.ResponseWriter, r *http.Request) error {
	text, err := queriesOf(w, r)
	if err != nil {
		return err
	}
	if text == "" {
		return answerJSON(w, r, s.manifest(r))
	}
	var queries map[string]ReconcileQuery
	if err := json.Unmarshal([]byte(text), &queries); err != nil {
		return badRequest.problem("queries: " + jsonError(err).Error() + ". Send an object such as {\"q0\": {\"query\": \"Dahua\"}}.")
	}
	if len(queries) > maxReconcileQueries {
		return badRequest.problem(fmt.Sprintf("%d queries came: send at most %d at a time.", len(queries), maxReconcileQueries))
	}
	k, err := s.state()
	if err != nil {
		return err
	}
	out := make(map[string]ReconcileResult, len(queries))
	for name, q := range queries {
		kinds, err := kindsOf(q.Type)
		if err != nil {
			return badRequest.problem(fmt.Sprintf("Query %q: %v.", clip(name), err))
		}
		if len([]rune(q.Query)) > maxQuery {
			return badRequest.problem(fmt.Sprintf("Query %q has over %d characters.", clip(name), maxQuery))
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
		out[name] = ReconcileResult{candidates(k.Names, q.Query, kinds, q.Limit)}
	}
	return answerJSON(w, r, out)
}

// queriesOf finds the queries: in the address, in a form, or as JSON.
func queriesOf(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		v := r.URL.Query()
		if v.Get("queries") == "" && v.Get("query") != "" { // one query, as version 0.1 has it
			one, err := json.Marshal(map[string]ReconcileQuery{"q0": {Query: v.Get("query")}})
			return string(one), err
		}
		return v.Get("queries"), nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxReconcileBody)
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t = ""
	}
	switch t {
	case "application/x-www-form-urlencoded", "multipart/form-data", "":
		if t == "multipart/form-data" {
			err = r.ParseMultipartForm(maxReconcileBody)
		} else {
			err = r.ParseForm()
		}
		if err != nil {
			return "", bodyError(err)
		}
		return r.PostForm.Get("queries"), nil
	case "application/json":
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return "", bodyError(err)
		}
		text := string(data)
		var wrapped struct {
			Queries map[string]any `json:"queries"`
		}
		if json.Unmarshal([]byte(text), &wrapped) == nil && wrapped.Queries != nil {
			inner, err := json.Marshal(wrapped.Queries)
			return string(inner), err
		}
		return text, nil
	}
	return "", mediaType.problem(fmt.Sprintf("The body is called %q: send a form with the field queries, or JSON.", clip(t)))
}

// kindsOf reads the type of a query.
func kindsOf(v any) ([]search.Kind, error) {
	var names []string
	switch v := v.(type) {
	case nil:
	case string:
		if v != "" {
			names = []string{v}
		}
	case []any:
		for _, x := range v {
			n, ok := x.(string)
			if !ok {
				return nil, fmt.Errorf("the type must be a string or an array of strings")
			}
			names = append(names, n)
		}
	default:
		return nil, fmt.Errorf("the type must be a string or an array of strings")
	}
	if len(names) == 0 {
		return []search.Kind{search.Any}, nil
	}
	var out []search.Kind
	for _, n := range names {
		var k search.Kind
		if err := k.UnmarshalText([]byte(n)); err != nil || !slices.ContainsFunc(reconcileTypes, func(t ReconcileType) bool { return t.ID == k.String() }) {
			return nil, fmt.Errorf("there is no type %q: take company, person or vessel", clip(n))
		}
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out, nil
}

// candidates are the entities whose names come near, each once, with its best
// name.
func candidates(names *namebook.Book, name string, kinds []search.Kind, limit int) []ReconcileCandidate {
	if limit <= 0 || limit > maxCandidates {
		limit = min(10, maxCandidates)
	}
	out := []ReconcileCandidate{}
	if strings.TrimSpace(name) == "" {
		return out
	}
	for _, kind := range kinds {
		for _, hit := range names.Find(name, search.Options{Kind: kind, Limit: 4 * limit}) {
			for _, src := range hit.Sources {
				score := math.Round(hit.Score*10000) / 100
				i := slices.IndexFunc(out, func(c ReconcileCandidate) bool { return c.ID == src.Party })
				if i >= 0 {
					out[i].Score = max(out[i].Score, score)
					continue
				}
				out = append(out, ReconcileCandidate{ID: src.Party, Name: orElse(src.Name, hit.Name), Description: describeSource(hit, src), Score: score, Type: []ReconcileType{typeOf(hit.Kind)},
					Features: []ReconcileFeature{{"name_score", score}}})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ReconcileCandidate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	if len(out) > 0 && out[0].Score >= matchScore && (len(out) == 1 || out[0].Score-out[1].Score >= matchLead) {
		out[0].Match = true
	}
	return out[:min(len(out), limit)]
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func describeSource(hit namebook.Found, src namebook.Source) string {
	switch src.As {
	case "listing":
		return strings.TrimSuffix(strings.TrimSpace("as printed on "+src.List+", "+src.Citation), ",")
	case "brand":
		return "a brand"
	case "alias":
		return "also written " + hit.Name
	}
	return ""
}

func typeOf(kind string) ReconcileType {
	for _, t := range reconcileTypes {
		if t.ID == kind {
			return t
		}
	}
	return ReconcileType{kind, kind}
}

// base is the address of the service as its clients see it.
func (s *Server) base(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/")
	}
	scheme := "http"
	if access.ClientOf(r).TLS {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}

func (s *Server) manifest(r *http.Request) ReconcileManifest {
	base := s.base(r)
	at := base + "/v1/reconcile"
	if key := r.PathValue("key"); key != "" {
		at += "/" + key
	}
	service := func(path string) ReconcileService { return ReconcileService{at, "/suggest/" + path} }
	return ReconcileManifest{
		Versions: []string{"0.1", "0.2"}, Name: "offshelf: listed and known parties",
		IdentifierSpace: "https://github.com/offshelf/offshelf/blob/main/docs/api.md#party-ids", SchemaSpace: "https://github.com/offshelf/offshelf/blob/main/docs/api.md#party-types",
		DefaultTypes: reconcileTypes, View: ReconcileView{base + "/v1/who?id={{id}}"},
		Suggest: ReconcileSuggests{service("entity"), service("type"), service("property")}, BatchSize: maxReconcileQueries,
	}
}

// typed reads what a suggest service is asked.
func typed(r *http.Request) (prefix string, pass int, err error) {
	v := r.URL.Query()
	prefix = v.Get("prefix")
	if len([]rune(prefix)) > maxQuery {
		return "", 0, badRequest.problem(fmt.Sprintf("prefix has over %d characters.", maxQuery))
	}
	if c := v.Get("cursor"); c != "" {
		if _, err := fmt.Sscanf(c, "%d", &pass); err != nil || pass < 0 {
			return "", 0, badRequest.problem("cursor must be a number from 0.")
		}
	}
	return prefix, pass, nil
}

func (s *Server) suggestEntity(w http.ResponseWriter, r *http.Request) error {
	prefix, pass, err := typed(r)
	if err != nil {
		return err
	}
	k, err := s.state()
	if err != nil {
		return err
	}
	out := ReconcileSuggestions{Result: []ReconcileSuggestion{}}
	for i, c := range candidates(k.Names, prefix, []search.Kind{search.Any}, maxCandidates) {
		if i >= pass {
			out.Result = append(out.Result, ReconcileSuggestion{c.ID, c.Name, c.Description, c.Type})
		}
	}
	return answerJSON(w, r, out)
}

func (s *Server) suggestType(w http.ResponseWriter, r *http.Request) error {
	prefix, pass, err := typed(r)
	if err != nil {
		return err
	}
	out := ReconcileSuggestions{Result: []ReconcileSuggestion{}}
	n := 0
	for _, t := range reconcileTypes {
		if strings.HasPrefix(t.ID, strings.ToLower(prefix)) || strings.HasPrefix(strings.ToLower(t.Name), strings.ToLower(prefix)) {
			if n++; n > pass {
				out.Result = append(out.Result, ReconcileSuggestion{ID: t.ID, Name: t.Name})
			}
		}
	}
	return answerJSON(w, r, out)
}

// suggestProperty answers that there are none: names alone are compared.
func (s *Server) suggestProperty(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := typed(r); err != nil {
		return err
	}
	return answerJSON(w, r, ReconcileSuggestions{Result: []ReconcileSuggestion{}})
}
