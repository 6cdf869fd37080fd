package offshelf

// Product is one catalog row, normalised. Empty fields are unknown.
type Product struct {
	File string `json:"file,omitempty"`
	Row  int    `json:"row,omitempty"` // 1-based data row; the header does not count

	ID           string `json:"id"`
	Title        string `json:"title,omitempty"`
	Brand        string `json:"brand,omitempty"`
	Manufacturer string `json:"manufacturer,omitempty"`
	Vendor       string `json:"vendor,omitempty"`
	Model        string `json:"model,omitempty"`
	MPN          string `json:"mpn,omitempty"`
	GTIN         string `json:"gtin,omitempty"`
	FCCID        string `json:"fcc_id,omitempty"`
	FCCGranted   string `json:"fcc_granted,omitempty"` // day of the FCC equipment authorisation, a Date, or None
	Approval     string `json:"approval,omitempty"`    // reference of an approval or clearance that excepts the product from a rule, or None
	MAC          string `json:"mac,omitempty"`
	Category     string `json:"category,omitempty"`
	CategoryCode string `json:"category_code,omitempty"` // google:ID, google:PATH or gpc:CODE
	Origin       string `json:"origin,omitempty"`        // country of origin
	Description  string `json:"description,omitempty"`
	Price        string `json:"price,omitempty"`
	URL          string `json:"url,omitempty"`
}

// None is how a catalog says that a product has no such thing, where an empty
// field only says that it is not known.
const None = "none"

// Names of the product fields that can settle a finding, as Finding.Needs and
// the flag --map have them.
const (
	FieldOrigin     = "origin"
	FieldFCCGranted = "fcc_granted"
	FieldApproval   = "approval"
	FieldCategory   = "category"
	FieldModel      = "model"
)

// Schemes of a product's CategoryCode, the part before the colon.
const (
	SchemeGoogle = "google" // Google product taxonomy, by number or by path in English
	SchemeGPC    = "gpc"    // GS1 Global Product Classification: segment, family, class or brick
)

// Relation is what a brand has to do with a product.
type Relation string

// The relations of a product to a brand.
const (
	RelationMade       Relation = "made"
	RelationCompatible Relation = "compatible"
	RelationBundle     Relation = "bundle"
	RelationMention    Relation = "mention"
)

// Attribution ties a product to a brand, a maker, or both.
type Attribution struct {
	Brand       string   `json:"brand,omitempty"` // brand id
	Maker       string   `json:"maker,omitempty"` // party id, from a tell on the product itself
	Relation    Relation `json:"relation"`
	Probability float64  `json:"probability"` // that the relation is made; see Relation otherwise
	Goods       string   `json:"goods,omitempty"`
	Reasons     []Reason `json:"reasons,omitempty"`

	// Grade and Sources are those of the facts about marks (model numbers,
	// FCC IDs, apps) that the answer hangs on. A brand that is named needs none.
	Grade   Grade    `json:"grade,omitempty"`
	Sources []string `json:"sources,omitempty"`
}

// Reason is one piece of evidence and its weight in log-odds (natural
// logarithm); weights add up.
type Reason struct {
	Text   string  `json:"text"`
	Weight float64 `json:"weight"`
}
