package knowledge

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
)

// Edition is what one edition of a list prints.
type Edition struct {
	List  string // id of the list
	Names []string
	Date  offshelf.Date // unknown: newer than every listing
}

// ReadEdition reads the JSON form of an edition: the day under extracted and,
// under entities, names, aliases and notes.
func ReadEdition(list string, data []byte) (Edition, error) {
	var in struct {
		Extracted string `json:"extracted"`
		Entities  []struct {
			Name    string   `json:"name"`
			Aliases []string `json:"aliases"`
			Notes   string   `json:"notes"`
		} `json:"entities"`
	}
	e := Edition{List: list}
	if err := json.Unmarshal(data, &in); err != nil {
		return e, fmt.Errorf("no edition of a list in JSON: %w", err)
	}
	for _, x := range in.Entities {
		e.Names = append(e.Names, x.Name)
		e.Names = append(e.Names, x.Aliases...)
		if x.Notes != "" {
			e.Names = append(e.Names, x.Notes)
		}
	}
	if len(e.Names) == 0 {
		return e, fmt.Errorf("no entities: an edition without a name would end every listing")
	}
	var err error
	e.Date, err = offshelf.ParseDate(in.Extracted)
	return e, err
}

// CheckEdition tells of listings on the list that have no end although the
// edition of that day no longer prints their name. The file of a problem is the
// id of the listing.
func CheckEdition(k *offshelf.Knowledge, list string, names []string, edition offshelf.Date) []Problem {
	printed := map[string]bool{}
	var sentences []string
	for _, n := range names {
		key := squeezed(n)
		printed[key] = true
		if strings.Count(n, " ") >= sentence {
			sentences = append(sentences, key)
		}
	}
	var out []Problem
	for _, x := range k.Listings {
		if x.List != list || !x.Until.IsZero() || !edition.IsZero() && x.From.Latest() > edition.Earliest() {
			continue
		}
		if printed[squeezed(x.Name)] || both(printed, x.Name) || within(sentences, squeezed(x.Name)) {
			continue
		}
		of := "the edition"
		if !edition.IsZero() {
			of = "the edition of " + edition.String()
		}
		out = append(out, Problem{File: x.ID, Rule: "edition", Text: fmt.Sprintf(
			"listing of %s on %s has no end, and %s does not print %q: write until with the day of the removal, or the name as it is printed now", x.Party, list, of, x.Name)})
	}
	return out
}

// both reports whether an edition has the two parts of a name such as "Hesai
// Group (also known as Hesai Technology)" each for itself.
func both(printed map[string]bool, text string) bool {
	i := strings.LastIndex(text, " (")
	if i < 0 {
		return false
	}
	name, other := text[:i], strings.TrimSuffix(text[i+2:], ")")
	for _, words := range []string{"also known as ", "a.k.a. ", "formerly "} {
		other = strings.TrimPrefix(other, words)
	}
	return printed[squeezed(name)] && printed[squeezed(other)]
}

// sentence is how many spaces an entry has that is no name: some lists print
// sentences, with the company somewhere in them.
const sentence = 8

func within(sentences []string, key string) bool {
	for _, s := range sentences {
		if len(key) > 5 && strings.Contains(s, key) {
			return true
		}
	}
	return false
}

// edition reports what CheckEdition finds, in the place of the listing.
func (r *reviewer) edition(e Edition) {
	at := map[string]int{}
	for i, x := range r.Listings {
		at[x.ID] = i
	}
	for _, p := range CheckEdition(&r.Knowledge, e.List, e.Names, e.Date) {
		r.report("listings", at[p.File], p.Rule, "%s", p.Text)
	}
}
