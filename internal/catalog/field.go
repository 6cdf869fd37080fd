package catalog

import (
	"strings"

	"github.com/offshelf/offshelf"
)

// field is one field of a product that a column can be mapped to.
type field uint8

const (
	fieldTitle field = iota
	fieldBrand
	fieldManufacturer
	fieldVendor
	fieldModel
	fieldMPN
	fieldGTIN
	fieldFCCID
	fieldFCCGranted
	fieldApproval
	fieldMAC
	fieldCategory
	fieldCategoryCode
	fieldOrigin
	fieldDescription
	fieldPrice
	fieldURL
	fieldID
	fieldCount
)

var fieldNames = [fieldCount]string{
	"title", "brand", "manufacturer", "vendor", "model", "mpn", "gtin", "fcc_id", "fcc_granted", "approval", "mac",
	"category", "category_code", "origin", "description", "price", "url", "id",
}

func (f field) String() string { return fieldNames[f] }

// Fields returns the fields that a column can be mapped to.
func Fields() []string { return append([]string(nil), fieldNames[:]...) }

func fieldByName(name string) (field, bool) {
	for f, n := range fieldNames {
		if n == name {
			return field(f), true
		}
	}
	return 0, false
}

// of returns where p keeps the field.
func (f field) of(p *offshelf.Product) *string {
	switch f {
	case fieldTitle:
		return &p.Title
	case fieldBrand:
		return &p.Brand
	case fieldManufacturer:
		return &p.Manufacturer
	case fieldVendor:
		return &p.Vendor
	case fieldModel:
		return &p.Model
	case fieldMPN:
		return &p.MPN
	case fieldGTIN:
		return &p.GTIN
	case fieldFCCID:
		return &p.FCCID
	case fieldFCCGranted:
		return &p.FCCGranted
	case fieldApproval:
		return &p.Approval
	case fieldMAC:
		return &p.MAC
	case fieldCategory:
		return &p.Category
	case fieldCategoryCode:
		return &p.CategoryCode
	case fieldOrigin:
		return &p.Origin
	case fieldDescription:
		return &p.Description
	case fieldPrice:
		return &p.Price
	case fieldURL:
		return &p.URL
	default:
		return &p.ID
	}
}

// identifying is the set of fields that tell one product from another. Price,
// category, origin and product facts alone say nothing.
const identifying = 1<<fieldCount - 1 - 1<<fieldPrice - 1<<fieldCategory - 1<<fieldOrigin - factFields

// trim is strings.TrimSpace with a quick way out for what needs no trimming.
func trim(v string) string {
	if v == "" {
		return v
	}
	if a, z := v[0], v[len(v)-1]; a > ' ' && a < 0x80 && z > ' ' && z < 0x80 {
		return v
	}
	return strings.TrimSpace(v)
}

// cleanCode takes off what spreadsheets put around a code to keep it text:
// a leading apostrophe, or ="…".
func cleanCode(v string) string {
	if v == "" || (v[0] != '\'' && v[0] != '=' && v[0] != '"') {
		return v
	}
	return strings.Trim(v, `='" `)
}
