package report

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/style"
)

// page is what the template shows. All text in it is clean; the template
// escapes it.
type page struct {
	Style               template.CSS
	Config              *offshelf.Config
	AsOf, Answer, Rest  string
	Rows, Statement     string
	Unfinished          string
	Tiles               []tile
	Groups              []section
	Nothing             *shelfView
	Since               *sinceView
	Files               []file
	Problems            []problem
	MoreProblems        string
	Sources             []source
	PolicySum, Snapshot string
}

type tile struct{ Class, Number, Word string }

type file struct {
	Name, Format string
	Columns      []offshelf.ColumnUse
	Guessed      bool
	Notes        []string
}

type problem struct{ Kind, Where, Text string }

type source struct {
	Number           int
	Name, Title, URL string
	Link             bool
	Grade            string
	Weak             bool
}

// pageBuilder numbers the sources in the order in which the page cites them.
type pageBuilder struct {
	*digest
	sources []source
	number  map[string]int
}

func (d *digest) page() *page {
	b := &pageBuilder{digest: d, number: map[string]int{}}
	p := &page{Style: template.CSS(style.Page), AsOf: "a day that is not stated"}
	if c := d.config; c != nil {
		p.Config = &offshelf.Config{Tool: clean(c.Tool), Knowledge: clean(c.Knowledge), Policy: clean(c.Policy)}
		p.AsOf, p.PolicySum, p.Snapshot = clean(c.AsOf), clean(c.PolicySum), clean(c.Snapshot)
		for _, u := range c.Catalogs {
			p.Files = append(p.Files, fileOf(u))
		}
	}
	for i, g := range d.close() {
		p.Groups = append(p.Groups, b.section(i+1, g))
	}
	if d.nothing.total > 0 {
		v := b.shelf(offshelf.NoAction, &d.nothing)
		v.Title = count(d.nothing.total, "product", "products")
		p.Nothing = &v
	}
	p.Sources = b.sources
	s := d.summary
	if s == nil {
		p.Unfinished = unfinished
		return p
	}
	p.Answer, p.Rest = totals(s)
	p.Rows, p.Statement = rows(s), clean(s.Statement)
	p.Since = sinceListedView(s.SinceListed)
	for _, a := range []offshelf.Action{offshelf.Pull, offshelf.Hold, offshelf.Review, offshelf.Note} {
		p.Tiles = append(p.Tiles, tile{a.String(), thousands(s.Actions[a.String()]), toDo(a)})
	}
	p.Tiles = append(p.Tiles, tile{"none", thousands(s.Screened - s.Products), noEvidence})
	for _, x := range s.Problems {
		p.Problems = append(p.Problems, problem{clean(x.Kind), where(x), clean(x.Text)})
	}
	if more := unlisted(s); more > 0 && len(s.Problems) > 0 {
		p.MoreProblems = "… and " + thousands(more) + " more like these."
	}
	return p
}

func fileOf(u offshelf.CatalogUse) file {
	f := file{Name: clean(u.File), Format: clean(u.Format)}
	for _, c := range u.Columns {
		f.Columns = append(f.Columns, offshelf.ColumnUse{Column: clean(c.Column), Field: clean(c.Field), Given: c.Given})
		f.Guessed = f.Guessed || !c.Given
	}
	for _, n := range u.Notes {
		f.Notes = append(f.Notes, clean(n))
	}
	return f
}

// cite returns the numbers of sources, which the page links to.
func (b *pageBuilder) cite(list []offshelf.Source) []int {
	var numbers []int
	for _, s := range list {
		key := joined(s.ID, s.Title, s.URL)
		n, ok := b.number[key]
		if !ok {
			n = len(b.sources) + 1
			b.number[key] = n
			title := clean(s.Title)
			if clean(s.Publisher) == "" {
				title = ""
			}
			b.sources = append(b.sources, source{
				Number: n, Name: sourceName(s), Title: title, URL: clean(s.URL), Link: linkable(clean(s.URL)),
				Grade: s.Grade.String(), Weak: s.Grade.Weak(),
			})
		}
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// linkable reports whether an address may become a link: a web page, and no
// address that shows one host and goes to another.
func linkable(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

func rowText(n int) string {
	if n == 0 {
		return ""
	}
	return "row " + strconv.Itoa(n)
}
