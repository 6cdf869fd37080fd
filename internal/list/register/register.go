// Package register is the table of the lists that offshelf reads: their ids,
// titles, forms, addresses and what is known of them.
package register

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/bis"
	"github.com/offshelf/offshelf/internal/list/cbp"
	"github.com/offshelf/offshelf/internal/list/cmic"
	"github.com/offshelf/offshelf/internal/list/csl"
	"github.com/offshelf/offshelf/internal/list/dod1260h"
	"github.com/offshelf/offshelf/internal/list/eusanctions"
	"github.com/offshelf/offshelf/internal/list/fcc"
	"github.com/offshelf/offshelf/internal/list/ndaa889"
	"github.com/offshelf/offshelf/internal/list/ofac"
	"github.com/offshelf/offshelf/internal/list/opensanctions"
	"github.com/offshelf/offshelf/internal/list/uflpa"
	"github.com/offshelf/offshelf/internal/list/uk"
	"github.com/offshelf/offshelf/internal/list/unsc"
)

// Source is a list that offshelf reads.
type Source struct {
	ID    string
	Title string
	Files []Remote // the addresses of an edition; none where the authority has no form that is read
	Forms []Form

	// Programmes are those that are known; another one is told. None known
	// means that only those of the last edition are.
	Programmes []string
}

// Remote is the address of a file of an edition.
type Remote struct {
	Name string // of the file in a mirror
	URL  string // {day} stands for a day, see Day
	Day  string // address of a JSON text that tells the newest day for {day}
}

// Form is one form of a list.
type Form struct {
	Name string // csv, json, xml, html, advanced-xml, ecfr, ftm
	Read func([]list.File) (*list.Edition, error)
	fits func(head []byte) bool
}

// one makes a reader of a single file one of several.
func one(read func(list.File) (*list.Edition, error)) func([]list.File) (*list.Edition, error) {
	return func(files []list.File) (*list.Edition, error) {
		if len(files) != 1 {
			return nil, fmt.Errorf("%d files, where an edition is one: name one", len(files))
		}
		return read(files[0])
	}
}

// The shapes by which a form is recognised.
func isJSON(head []byte) bool { return bytes.HasPrefix(head, []byte("{")) }
func isXML(head []byte) bool  { return bytes.HasPrefix(head, []byte("<")) && !list.LooksLikeHTML(head) }
func isHTML(head []byte) bool { return list.LooksLikeHTML(head) }
func isCSV(head []byte) bool {
	return !bytes.HasPrefix(head, []byte("{")) && !bytes.HasPrefix(head, []byte("<"))
}

func csvForm(read func(list.File) (*list.Edition, error)) Form { return Form{"csv", one(read), isCSV} }
func jsonForm(read func(list.File) (*list.Edition, error)) Form {
	return Form{"json", one(read), isJSON}
}
func xmlForm(read func(list.File) (*list.Edition, error)) Form { return Form{"xml", one(read), isXML} }
func htmlForm(read func(list.File) (*list.Edition, error)) Form {
	return Form{"html", one(read), isHTML}
}

const (
	ofacAddress = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
	ecfrAddress = "https://www.ecfr.gov/api/versioner/v1/"
)

func ofacForms(id string) []Form {
	return []Form{
		{"csv", func(files []list.File) (*list.Edition, error) { return ofac.ReadCSV(id, files) }, isCSV},
		{"advanced-xml", one(func(f list.File) (*list.Edition, error) { return ofac.ReadAdvanced(id, f) }), isXML},
	}
}

func bisForms(id string, ecfr bool) []Form {
	forms := []Form{jsonForm(func(f list.File) (*list.Edition, error) { return bis.ReadJSON(id, f) })}
	if ecfr {
		forms = append(forms, Form{"ecfr", one(func(f list.File) (*list.Edition, error) { return bis.ReadECFR(id, f) }), isXML})
	}
	return forms
}

func supplement(n string) []Remote {
	return []Remote{{Name: "supplement-" + n + ".xml", URL: ecfrAddress + "full/{day}/title-15.xml?part=744&appendix=Supplement+No.+" + n + "+to+Part+744", Day: ecfrAddress + "titles.json"}}
}

// Sources are the lists, in the order in which they are told.
var Sources = []Source{
	{ID: bis.EntityList, Title: "US Entity List (BIS)", Forms: bisForms(bis.EntityList, true), Files: supplement("4")},
	{ID: bis.MilitaryEndUser, Title: "US Military End-User List (BIS)", Forms: bisForms(bis.MilitaryEndUser, true), Files: supplement("7")},
	{ID: bis.DeniedPersons, Title: "US Denied Persons List (BIS)", Forms: bisForms(bis.DeniedPersons, false)},
	{ID: ofac.SDN, Title: "US Specially Designated Nationals (OFAC)", Forms: ofacForms(ofac.SDN), Programmes: ofacProgrammes,
		Files: []Remote{{"SDN.CSV", ofacAddress + "SDN.CSV", ""}, {"ALT.CSV", ofacAddress + "ALT.CSV", ""}, {"ADD.CSV", ofacAddress + "ADD.CSV", ""}, {"SDN_COMMENTS.CSV", ofacAddress + "SDN_COMMENTS.CSV", ""}}},
	{ID: ofac.Consolidated, Title: "US consolidated non-SDN lists (OFAC)", Forms: ofacForms(ofac.Consolidated), Programmes: ofacProgrammes,
		Files: []Remote{{"CONS_PRIM.CSV", ofacAddress + "CONS_PRIM.CSV", ""}, {"CONS_ALT.CSV", ofacAddress + "CONS_ALT.CSV", ""}, {"CONS_ADD.CSV", ofacAddress + "CONS_ADD.CSV", ""}, {"CONS_COMMENTS.CSV", ofacAddress + "CONS_COMMENTS.CSV", ""}}},
	{ID: cmic.ID, Title: "US Chinese Military-Industrial Complex Companies (OFAC)", Forms: []Form{jsonForm(cmic.ReadJSON)}, Programmes: []string{"CMIC-EO13959"}},
	{ID: csl.ID, Title: "US Consolidated Screening List (ITA)", Forms: []Form{csvForm(csl.ReadCSV), jsonForm(csl.ReadJSON)},
		Files: []Remote{{"consolidated.json", "https://api.trade.gov/static/consolidated_screening_list/consolidated.json", ""}}},
	{ID: uflpa.ID, Title: "US UFLPA Entity List (DHS)", Forms: []Form{htmlForm(uflpa.ReadHTML), jsonForm(uflpa.ReadJSON)},
		Programmes: []string{"Section 2(d)(2)(B)(i)", "Section 2(d)(2)(B)(ii)", "Section 2(d)(2)(B)(iv)", "Section 2(d)(2)(B)(v)"},
		Files:      []Remote{{"uflpa-entity-list.html", "https://www.dhs.gov/uflpa-entity-list", ""}}},
	{ID: cbp.ID, Title: "US withhold release orders and findings (CBP)", Forms: []Form{jsonForm(cbp.ReadJSON)}, Programmes: []string{"WRO", "Finding"}},
	{ID: dod1260h.ID, Title: "US Chinese military companies, section 1260H (DoD)", Forms: []Form{jsonForm(dod1260h.ReadJSON), csvForm(dod1260h.ReadCSV)}},
	{ID: fcc.ID, Title: "US Covered List (FCC)", Forms: []Form{htmlForm(fcc.ReadHTML), csvForm(fcc.ReadCSV), jsonForm(fcc.ReadJSON)},
		Files: []Remote{{"coveredlist.html", "https://www.fcc.gov/supplychain/coveredlist", ""}}},
	{ID: ndaa889.ID, Title: "US NDAA 2019 section 889", Forms: []Form{csvForm(ndaa889.ReadCSV)}},
	{ID: eusanctions.ID, Title: "EU asset freezes", Forms: []Form{xmlForm(eusanctions.ReadXML), csvForm(eusanctions.ReadCSV)},
		Files: []Remote{{"xmlFullSanctionsList_1_1.xml", "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw", ""}}},
	{ID: uk.ID, Title: "UK Sanctions List (FCDO)", Forms: []Form{xmlForm(uk.ReadXML), csvForm(uk.ReadCSV)},
		Files: []Remote{{"UK-Sanctions-List.xml", "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.xml", ""}}},
	{ID: unsc.ID, Title: "UN Security Council consolidated list", Forms: []Form{xmlForm(unsc.ReadXML)}, Programmes: unProgrammes,
		Files: []Remote{{"consolidated.xml", "https://scsanctions.un.org/resources/xml/en/consolidated.xml", ""}}},
	{ID: opensanctions.ID, Title: "OpenSanctions (FollowTheMoney)", Forms: []Form{{"ftm", one(opensanctions.ReadFTM), isJSON}}},
}

// Find returns a source by its id.
func Find(id string) (*Source, error) {
	for i := range Sources {
		if Sources[i].ID == id {
			return &Sources[i], nil
		}
	}
	return nil, fmt.Errorf("no list has the id %q: the lists are %s", id, strings.Join(IDs(), ", "))
}

// IDs are the ids of the lists.
func IDs() []string {
	var out []string
	for _, s := range Sources {
		out = append(out, s.ID)
	}
	return out
}

// Read reads an edition of a list in whichever of its forms the files are.
func (s *Source) Read(files []list.File) (*list.Edition, error) {
	if len(files) == 0 {
		return nil, errors.New("no file")
	}
	text := make([]list.File, len(files))
	left := int64(list.MaxFile) // of all files together
	for i, f := range files {
		data, err := list.Unpack(f.Data, left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		left -= int64(len(data))
		text[i] = list.File{Name: f.Name, Data: data}
	}
	head := bytes.TrimSpace(text[0].Data[:min(len(text[0].Data), 4096)])
	for _, form := range s.Forms {
		if !form.fits(head) {
			continue
		}
		e, err := form.Read(text)
		if err != nil {
			if len(files) == 1 {
				err = fmt.Errorf("%s: %w", files[0].Name, err)
			}
			return nil, err
		}
		e.SHA256 = list.Digest(files)
		s.programmes(e)
		return e, nil
	}
	return nil, fmt.Errorf("%s: %w: none of the forms of %s that are read: %s", files[0].Name, list.ErrNoList, s.ID, s.forms())
}

func (s *Source) forms() string {
	var out []string
	for _, f := range s.Forms {
		out = append(out, f.Name)
	}
	return strings.Join(out, ", ")
}

// programmes warns of programmes that are not known.
func (s *Source) programmes(e *list.Edition) {
	if len(s.Programmes) == 0 {
		return
	}
	counts := map[string]int{}
	for i := range e.Entries {
		for _, p := range e.Entries[i].Programmes {
			counts[p]++
		}
	}
	var unknown []string
	for p := range counts {
		if !slices.Contains(s.Programmes, p) {
			unknown = append(unknown, p)
		}
	}
	slices.Sort(unknown)
	for i, p := range unknown {
		if i == 20 {
			e.Warnings = append(e.Warnings, fmt.Sprintf("%d more programmes are not known", len(unknown)-i))
			break
		}
		e.Warnings = append(e.Warnings, fmt.Sprintf("the programme %q of %d entries is not known: see what it means", p, counts[p]))
	}
}
