package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
)

// Bounds of a screening over the API.
const (
	maxProducts   = 1000
	maxScreenBody = 8 << 20 // bytes
)

// ScreenRequest is what to screen: products, or one product.
type ScreenRequest struct {
	Products []offshelf.Product `json:"products,omitempty" doc:"1 to 1,000 products, if it is not one."`
	Product  *offshelf.Product  `json:"product,omitempty" doc:"One product."`
	Policy   string             `json:"policy,omitempty" doc:"Name of a policy of the workspace, or of a shipped one; default where it is left out."`
	AsOf     string             `json:"as_of,omitempty" format:"date" doc:"Answer as of this day; today where it is left out."`
}

// screenBody is a ScreenRequest as it is read.
type screenBody struct {
	Products products          `json:"products"`
	Product  *offshelf.Product `json:"product"`
	Policy   string            `json:"policy"`
	AsOf     string            `json:"as_of"`
}

// products stop being read where there are too many: an empty one is two bytes
// to send, and over a hundred times that to keep.
type products []offshelf.Product

var errTooMany = errors.New("too many products")

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *products) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = (*l)[:0]
	switch k := dec.PeekKind(); k {
	case '[':
	case 'n':
		return dec.SkipValue()
	default:
		return json.UnmarshalDecode(dec, new([]offshelf.Product)) // says what does not fit
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if len(*l) == maxProducts {
			return errTooMany
		}
		*l = append(*l, offshelf.Product{})
		if err := json.UnmarshalDecode(dec, &(*l)[len(*l)-1]); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// ScreenAnswer is what was found.
type ScreenAnswer struct {
	Tool         string           `json:"tool,omitempty" doc:"Version of offshelf."`
	AsOf         string           `json:"as_of" format:"date"`
	Knowledge    string           `json:"knowledge" doc:"The state of the knowledge, in words."`
	Snapshot     string           `json:"snapshot" doc:"SHA-256 of the state of the knowledge: the same products, snapshot, policy and day give the same answer."`
	Policy       string           `json:"policy"`
	PolicySHA256 string           `json:"policy_sha256"`
	Products     []ScreenedAnswer `json:"products" doc:"One for each product that was sent, in the same order."`
	WithFindings int              `json:"products_with_findings"`
	Findings     int              `json:"findings"`
	Statement    string           `json:"statement" doc:"What it means that a product has no finding."`
}

// ScreenedAnswer is what was found of one product.
type ScreenedAnswer struct {
	ID       string          `json:"id"`
	Action   string          `json:"action" enum:"pull,hold,review,note," doc:"The strongest that the policy says of its findings; empty where it says nothing."`
	Evidence string          `json:"evidence" enum:"found,none found"`
	Findings []FindingAnswer `json:"findings,omitempty"`
}

// FindingAnswer is a finding without its product.
type FindingAnswer struct {
	Fingerprint string            `json:"fingerprint"`
	Brand       string            `json:"brand,omitempty"`
	BrandID     string            `json:"brand_id,omitempty"`
	Maker       string            `json:"maker,omitempty"`
	Goods       string            `json:"goods,omitempty"`
	Probability float64           `json:"probability"`
	Reasons     []offshelf.Reason `json:"reasons,omitempty"`
	Regime      string            `json:"regime"`
	RegimeTitle string            `json:"regime_title"`
	Listing     string            `json:"listing"`
	Listed      string            `json:"listed"`
	Verdict     offshelf.Verdict  `json:"verdict"`
	Basis       offshelf.Basis    `json:"basis" doc:"law: a duty; policy: the choice of the retailer."`
	State       string            `json:"state"`
	Forbids     []string          `json:"forbids,omitempty"`
	Spared      string            `json:"spared,omitempty"`
	Needs       []string          `json:"needs,omitempty" doc:"Fields of the product that would settle it."`
	Action      offshelf.Action   `json:"action"`
	Why         string            `json:"why,omitempty"`
	Since       offshelf.Date     `json:"since,omitzero"`
	Until       offshelf.Date     `json:"until,omitzero"`
	Days        int               `json:"days,omitzero"`
	Chains      []offshelf.Chain  `json:"chains" doc:"The ways from the product to the listing, each hop with its dates, grade and sources."`
}

// statement is said of each answer.
const statement = "For products without a finding no evidence was found, in this state of knowledge. That is not proof that there is none."

// screening holds what one screening uses, and the next again.
type screening struct {
	body    bytes.Buffer
	request screenBody
	answer  []byte
}

var screenings = sync.Pool{New: func() any { return new(screening) }}

func (s *Server) screenRoutes() {
	op := operation(http.MethodPost, "/v1/screen", "screen", "Screening", "Screen one product, or up to 1,000", rules{need: access.Screen}, badRequest, tooLarge, mediaType, invalid, timedOut)
	op.Description = "Finds which rules reach the products, through which brand, owner or maker, since when, with sources. Nothing is stored. Needs the permission screen."
	registry := s.api.OpenAPI().Components.Schemas
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {
		Schema:  registry.Schema(reflect.TypeFor[ScreenRequest](), true, ""),
		Example: map[string]any{"products": []any{map[string]any{"id": "sku-1", "title": "Lorex 4K NVR 8-channel", "brand": "Lorex"}}},
	}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "What was found of each product.", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeFor[ScreenAnswer](), true, "")}}}}
	s.raw(op, s.screen)
}

// screen answers POST /v1/screen. It is read, screened and written without a
// copy that can be avoided.
func (s *Server) screen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := wantJSON(r); err != nil {
		return err
	}
	if r.ContentLength > maxScreenBody {
		return tooLarge.problem(fmt.Sprintf("The body has %d bytes: send at most %d, and at most %d products.", r.ContentLength, maxScreenBody, maxProducts))
	}
	x := screenings.Get().(*screening)
	defer x.release()
	if _, err := x.body.ReadFrom(http.MaxBytesReader(w, r.Body, maxScreenBody)); err != nil {
		return bodyError(err)
	}
	if err := plainJSON(x.body.Bytes()); err != nil {
		return badRequest.problem(sentence(err))
	}
	x.request = screenBody{Products: x.request.Products[:0]}
	if err := json.Unmarshal(x.body.Bytes(), &x.request, json.RejectUnknownMembers(true)); errors.Is(err, errTooMany) {
		return invalid.problem(fmt.Sprintf("Over %d products came: send at most %d at a time, or upload a catalog.", maxProducts, maxProducts), &huma.ErrorDetail{Message: "too many", Location: "body.products"})
	} else if err != nil {
		return badRequest.problem(sentence(jsonError(err)))
	}
	products := x.request.Products
	switch {
	case x.request.Product != nil && len(products) > 0:
		return invalid.problem("Send products or product, not both.", &huma.ErrorDetail{Message: "beside products", Location: "body.product"})
	case x.request.Product != nil:
		products = append(products, *x.request.Product)
		x.request.Products = products
	case len(products) == 0:
		return invalid.problem("There is no product in it: send products, an array of 1 to 1,000.", &huma.ErrorDetail{Message: "is missing or empty", Location: "body.products"})
	}
	for i := range products {
		p := &products[i]
		p.File, p.Row = "", i+1
		if p.ID == "" && p.Title == "" && p.Brand == "" && p.Manufacturer == "" && p.Model == "" && p.MPN == "" && p.FCCID == "" && p.GTIN == "" {
			return invalid.problem(fmt.Sprintf("Product %d says nothing: give at least an id and a title or a brand.", i+1), &huma.ErrorDetail{Message: "is empty", Location: fmt.Sprintf("body.products[%d]", i)})
		}
	}
	k, err := s.state()
	if err != nil {
		return err
	}
	policy, err := s.policyFor(ctx, k, x.request.Policy)
	if err != nil {
		return err
	}
	on, err := s.asOf(x.request.AsOf, "body.as_of")
	if err != nil {
		return err
	}
	sc, err := s.screener(ctx, k, policy, on)
	if err != nil {
		return err
	}
	found, err := sc.screener.ScreenBatch(ctx, products)
	if err != nil {
		return err
	}
	a := answerHead{tool: s.Tool, day: on, snapshot: k.Snapshot, policy: policy}
	if x.answer, err = a.append(x.answer[:0], products, found, &sc.encoded); err != nil {
		return err
	}
	s.metrics.screened.Add(float64(len(products)))
	s.metrics.findings.Add(float64(a.findings))
	w.Header()["Content-Type"] = jsonType
	w.Header().Set("Content-Length", strconv.Itoa(len(x.answer)))
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(x.answer)
	return err
}

var jsonType = []string{"application/json"}

// release gives the memory back, unless it grew large.
func (x *screening) release() {
	const most = 4 << 20
	if x.body.Cap() > most || cap(x.answer) > 2*most || cap(x.request.Products) > 2*maxProducts {
		return
	}
	x.body.Reset()
	clear(x.request.Products[:cap(x.request.Products)])
	screenings.Put(x)
}

// policyFor is chosen, with the shipped default found without the database as
// long as the workspace has no policy of that name.
func (s *Server) policyFor(ctx context.Context, k *Knowledge, name string) (*chosenPolicy, error) {
	return s.policies.chosen(ctx, s, k, principal(ctx).Workspace, name)
}

// wantJSON refuses a body of another type.
func wantJSON(r *http.Request) error {
	ct := r.Header.Get("Content-Type")
	if ct == "application/json" || ct == "" {
		return nil
	}
	if t, params, err := mime.ParseMediaType(ct); err == nil && t == "application/json" {
		if c := params["charset"]; c == "" || strings.EqualFold(c, "utf-8") {
			return nil
		}
	}
	return mediaType.problem(fmt.Sprintf("The body is called %q: send application/json, in UTF-8.", clip(ct)))
}

// bodyError says why a body could not be read.
func bodyError(err error) error {
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return tooLarge.problem(fmt.Sprintf("At most %d bytes are taken here.", long.Limit))
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return timedOut.problem("The body came too slowly: send it again.").wait(time.Second)
	}
	return brokeOff.problem("The body broke off before its end: send it again.")
}
