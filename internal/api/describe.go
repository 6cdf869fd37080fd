package api

import (
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// describe is what the description of the API says beside its operations.
func describe(tool string) huma.Config {
	c := huma.DefaultConfig("offshelf", "1")
	c.CreateHooks = nil // no $schema in the answers
	c.DocsPath, c.SchemasPath = "", ""
	c.Formats = formats()
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "Finds which products of a catalog must come off the shelf, says why and since when, and keeps what a team decides. It never says that a product is clean: only that no evidence was found.\n\n" +
		"Problems are of RFC 9457. A POST takes an Idempotency-Key; what changes a case needs its ETag as If-Match. Lists are read on with the cursor in next."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":     {Type: "http", Scheme: "bearer", Description: "An API key, osk_…, which an admin of the workspace makes."},
		"session": {Type: "apiKey", In: "cookie", Name: "__Host-offshelf-session", Description: "The session of somebody who signed in; without the prefix where the service is not served over TLS."},
	}
	c.Tags = []*huma.Tag{
		{Name: "Screening", Description: "Products in, findings out; nothing is stored."},
		{Name: "Knowledge", Description: "What is known of names, rules and lists."},
		{Name: "Reconciliation", Description: "OpenRefine and other clients of the Reconciliation Service API 0.2."},
		{Name: "Catalogs", Description: "Catalogs, their uploads and runs."},
		{Name: "Findings", Description: "What the runs found."},
		{Name: "Cases", Description: "The handling of findings by people."},
		{Name: "Documents", Description: "Pull sheets, dossiers and the register."},
		{Name: "Policies", Description: "What the retailer does about findings."},
		{Name: "Webhooks", Description: "Where events are sent."},
		{Name: "Ledger", Description: "What proves that nothing was changed afterwards."},
		{Name: "Access", Description: "Sessions, users, keys and workspaces."},
		{Name: "Service", Description: "Whether it lives, and what it counts."},
	}
	_ = tool // not in the description: it would change with each version
	return c
}

// schemaName names a type of the description. Two packages may have types of
// one name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch pkg := path.Base(t.PkgPath()); pkg {
	case "offshelf":
		if name == "Problem" {
			return "RowProblem" // api has the other
		}
		return name
	case "api", "huma", ".", "":
		return name
	default:
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
}

// describeSecurity says of each operation how to sign in, and names its
// permission for programs.
func (s *Server) describeSecurity() {
	for _, item := range s.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch, item.Options, item.Head} {
			if op == nil {
				continue
			}
			ru, _ := op.Metadata[rulesKey].(rules)
			switch {
			case ru.open:
				op.Security = []map[string][]string{{}}
			default:
				op.Security = []map[string][]string{{"key": {}}, {"session": {}}}
			}
			if ru.need != 0 {
				if op.Extensions == nil {
					op.Extensions = map[string]any{}
				}
				op.Extensions["x-permission"] = ru.need.String()
			}
		}
	}
}

// routes adds all operations.
func (s *Server) routes() {
	s.screenRoutes()
	s.knowledgeRoutes()
	s.reconcileRoutes()
	s.healthRoutes()
	s.sessionRoutes()
	s.setupRoutes()
	s.signOnRoutes()
	s.peopleRoutes()
	s.workspaceRoutes()
	s.keyRoutes()
	s.catalogRoutes()
	s.runRoutes()
	s.uploadRoutes()
	s.findingRoutes()
	s.caseRoutes()
	s.actRoutes()
	s.documentRoutes()
	s.policyRoutes()
	s.webhookRoutes()
	s.ledgerRoutes()
}

// text describes an answer that is no JSON.
func answerOf(description string, types ...string) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Response{statusText(http.StatusOK): {Description: description, Content: content}}
}
