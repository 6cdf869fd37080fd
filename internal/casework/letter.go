package casework

import (
	"embed"
	"slices"
	"strings"
	"text/template"

	"github.com/offshelf/offshelf"
)

//go:embed letters/*.txt
var letterFiles embed.FS

var letters = template.Must(template.ParseFS(letterFiles, "letters/*.txt"))

// The templates of a letter to a supplier.
const (
	TemplateDocuments = "documents" // the first question
	TemplateReminder  = "reminder"  // where no answer came
)

// Templates names the templates of letters.
func Templates() []string { return []string{TemplateDocuments, TemplateReminder} }

// generalDocuments are asked for whatever the rule.
var generalDocuments = []string{
	"A declaration by the maker: its full legal name, its address, and the plants where these goods are made",
	"The country in which these goods are made, with a certificate of origin where you have one",
}

// regimeDocuments are what settles a question under a regime, by its id.
var regimeDocuments = map[string][]string{
	"us-fcc-covered": {
		"The FCC ID of each model, and a copy of the grant of equipment authorisation with its date",
		"For goods without a grant, the supplier's declaration of conformity and who is responsible for it in the United States",
		"A declaration by the maker that it is no subsidiary or affiliate of a company on the FCC Covered List, or which one it is of",
	},
	"us-fcc-covered-category": {
		"The FCC ID of each model, and a copy of the grant of equipment authorisation with its date",
		"The country in which the goods are designed, made and put together",
		"Where an exception or a conditional approval is claimed: its reference and the day on which it ends",
	},
	"us-ndaa-889": {
		"A statement whether the goods, or a part of them, are telecommunications or video surveillance equipment produced by a company named in section 889, or by a subsidiary or affiliate of one",
		"The maker and model of the module or board that does the work, where the goods bear another brand than their maker's",
	},
	"us-uflpa": {
		"The way of the raw material to the finished goods: each company, its address, and what it does",
		"Orders, invoices and production records that show where the material of these goods comes from",
	},
	"us-cbp-wro": {
		"The plant in which these goods are made, and the producers of their material",
		"Orders, invoices and production records that show where the material of these goods comes from",
	},
	"us-ofac-50":      {"A statement of all owners of the maker and of the holder of the brand, direct and indirect, with their shares and the day for which it holds"},
	"us-bis-el":       {"A statement whether the maker, or a holder of at least half of it, is on the US Entity List"},
	"us-1260h":        {"A statement of who controls the maker, up to the last holder"},
	"eu-asset-freeze": {"A statement of all owners of the maker and of the holder of the brand, direct and indirect, with their shares and the day for which it holds", "A statement of who else controls them, by agreement or by appointment"},
	"us-icts-kaspersky": {
		"A list of the software that comes with the goods, with its makers and versions",
	},
	"concern": {"The maker's answer to the report that our letter refers to, and the measures that it took"},
}

// documentsLike names regimes that ask for the same documents as another.
var documentsLike = map[string]string{
	"us-fcc-covered-uas": "us-fcc-covered", "us-bis-affiliates": "us-bis-el", "us-bis-meu": "us-bis-el",
	"uk-asset-freeze": "eu-asset-freeze", "un-sc": "eu-asset-freeze", "us-ns-cmic": "us-1260h",
}

// Documents lists what to ask a supplier for under these regimes, each once.
// Under a rule of the house it is what is asked for whatever the rule.
func Documents(regimes []string) []string {
	out := slices.Clone(generalDocuments)
	for _, r := range regimes {
		if like, ok := documentsLike[r]; ok {
			r = like
		}
		for _, d := range regimeDocuments[r] {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// letter is what a template is filled with.
type letter struct {
	Today, Due        offshelf.Day
	Supplier, Company string
	Person            string
	Case              int64
	Title             string
	Products          []letterProduct
	More              int
	Rules             []string
	Documents         []letterDocument
}

type letterProduct struct{ Key, Title string }

type letterDocument struct {
	Number int
	Text   string
}

// write fills the template of the letter. Names and titles come from catalogs:
// they are put on one line each.
func (l *letter) write(name string) (string, error) {
	t := letters.Lookup(name + ".txt")
	if t == nil || strings.Contains(name, ".") {
		return "", invalid("template", "%q is unknown: use one of %s", name, strings.Join(Templates(), ", "))
	}
	var b strings.Builder
	if err := t.Execute(&b, l); err != nil {
		return "", err
	}
	return b.String(), nil
}

// oneLine folds white space and drops control characters.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s, _ = clip(strings.Join(strings.Fields(s), " "), 200)
	return s
}
