package dossier

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/internal/style"
)

// What a page prints at most; the JSON has all.
const (
	pageProducts = 1000
	pageAnswers  = 100
	pageEvents   = 1000
	pageKeys     = 50
)

//go:embed dossier.html
var dossierSource string

//go:embed dossier.css
var dossierStyle string

// functions are what the templates say values with. Text of others is escaped
// by the template; clean takes out what a reader would not see.
var functions = template.FuncMap{
	"clean":    report.Clean,
	"forbids":  report.Forbids,
	"standing": report.Standing,
	"lines":    lines,
	"basis":    basisWord,
	"class":    class,
	"spoken":   func(d offshelf.Date) string { return d.Spoken() },
	"dates": func(from, until offshelf.Date) string {
		return report.Dates(offshelf.Interval{From: from, Until: until})
	},
	"joined": joined,
	"period": period,
	"keys":   printedKeys,
	"add":    func(a, b int) int { return a + b },
}

var dossierTemplate = template.Must(template.New("dossier").Funcs(functions).Parse(dossierSource))

// page is a dossier as it is printed.
type page struct {
	*Document
	Style    template.CSS
	Answer   string
	Day      offshelf.Day // that the chains are told of
	Shown    []Answer
	Few      []productRow
	Groups   []eventGroup
	More     [3]int // products, answers and events that are not printed
	sources  []cited
	numbered map[string]int
}

type productRow struct {
	Key, Title, Brand, GTIN, Model, Catalog string
	Class, Action                           string
	Verdicts, Reasons                       string
	First, Last                             string
	Uploads                                 int
	OnShelf                                 bool
	Moves, Orders                           []string
}

// eventGroup is an event, or several of one kind by one person at one instant.
type eventGroup struct {
	Event
	Times, Last string
	Details     []detail
}

// cited is a source with its number on the page.
type cited struct {
	Number                      int
	Grade, Name, Title, URL, At string
	Weak, Link                  bool
}

func (d *Document) html(w io.Writer) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := dossierTemplate.Execute(b, d.page()); err != nil {
		return err
	}
	return b.Flush()
}

func (d *Document) page() *page {
	p := &page{Document: d, Style: template.CSS(style.Page + dossierStyle), Answer: d.answer(), Day: offshelf.MaxDay, numbered: map[string]int{}}
	if n := len(d.State.Runs); n > 0 {
		p.Day = offshelf.Day(d.State.Runs[n-1].AsOf)
	}
	p.Shown = d.Answers[:min(len(d.Answers), pageAnswers)]
	p.More[1] = len(d.Answers) - len(p.Shown)
	for i := range d.Products[:min(len(d.Products), pageProducts)] {
		p.Few = append(p.Few, rowOf(&d.Products[i]))
	}
	p.More[0] = len(d.Products) - len(p.Few)
	groups := grouped(d.Timeline)
	if len(groups) > pageEvents { // the newest are what is asked for first
		p.More[2] = len(groups) - pageEvents
		groups = groups[p.More[2]:]
	}
	p.Groups = groups
	return p
}

// answer says how the case stands in one sentence.
func (d *Document) answer() string {
	c := &d.Case
	state := map[string]string{
		"open": "Open", "waiting": "Waiting", "proposed": "A decision waits for a second person", "pulled": "Pulled from the shelf", "kept": "Kept on the shelf", "closed": "Closed",
	}[c.State]
	if state == "" {
		state = report.Clean(c.State)
	}
	s := state + ": " + report.Count(len(d.Products), "product", "products") + " on record"
	if c.Findings > 0 {
		s += ", " + report.Count(int(c.Findings), "open finding", "open findings") + " on " + report.Count(int(c.Products), "product", "products")
		switch c.Basis {
		case offshelf.Law:
			s += ", by law"
		case offshelf.Choice:
			s += ", by policy and not by law"
		}
	}
	on := 0
	for i := range d.Products {
		if d.Products[i].OnShelf {
			on++
		}
	}
	return s + "; " + report.Count(on, "is", "are") + " on the shelf in the latest upload."
}

func rowOf(p *Product) productRow {
	r := productRow{Key: report.Clean(p.Key), Catalog: report.Clean(p.Catalog), OnShelf: p.OnShelf, Class: class(p.strong), Action: p.strong.String()}
	if x := p.Product; x != nil {
		r.Key = report.Clean(cmp.Or(x.ID, p.Key))
		r.Title, r.Brand, r.GTIN, r.Model = report.Clean(x.Title), report.Clean(x.Brand), report.Clean(x.GTIN), report.Clean(cmp.Or(x.Model, x.MPN))
	}
	var verdicts, reasons []string
	for _, v := range p.verdicts {
		verdicts = append(verdicts, string(v))
	}
	slices.Sort(verdicts)
	if len(verdicts) == 0 && len(p.Findings) > 0 {
		verdicts = []string{"ended"}
	}
	for _, x := range p.reasons {
		reasons = append(reasons, report.Clean(x.Text))
	}
	r.Verdicts, r.Reasons = strings.Join(verdicts, ", "), strings.Join(reasons, "; ")
	for i, s := range p.Seen {
		if i == 0 {
			r.First = s.First.Day()
		} else {
			r.Moves = append(r.Moves, "back on "+s.First.Day())
		}
		r.Last = s.Last.Day()
		r.Uploads += s.Uploads
		if s.Gone != 0 {
			r.Moves = append(r.Moves, "gone on "+s.Gone.Day())
		}
	}
	for _, x := range p.Pulls {
		s := fmt.Sprintf("decision %d: ", x.Decision)
		switch x.State {
		case "gone":
			s += "seen gone on " + x.Gone.Day()
		case "back":
			s += "back on the shelf on " + x.Back.Day()
		case "ordered":
			s += "ordered off, not yet seen gone"
		default:
			s += report.Clean(x.State)
		}
		r.Orders = append(r.Orders, s)
	}
	return r
}

// grouped joins events of one kind, by one person, at one instant.
func grouped(events []Event) []eventGroup {
	var out []eventGroup
	for start := 0; start < len(events); {
		e := events[start]
		end := start + 1
		for end < len(events) && events[end].Kind == e.Kind && events[end].At == e.At && events[end].By == e.By {
			end++
		}
		g := eventGroup{Event: e, Last: fmt.Sprint(e.Leaf)}
		if n := end - start; n > 1 {
			g.Times = report.Count(n, "time", "times")
			g.Last = fmt.Sprintf("%d to %d", e.Leaf, events[end-1].Leaf)
		} else {
			g.Details = details(e.Data)
		}
		out = append(out, g)
		start = end
	}
	return out
}

// Sentence says a hop.
func (p *page) Sentence(h offshelf.Hop) string { return report.Sentence(h, p.Day) }

// Grade says how far a fact can be trusted.
func (p *page) Grade(g offshelf.Grade) string { return cmp.Or(g.String(), "no grade") }

// printedKeys are the products that a decision names, as far as they are printed.
func printedKeys(keys []string) string {
	s := joined(keys[:min(len(keys), pageKeys)])
	if more := len(keys) - pageKeys; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// Cite numbers sources in the order in which the page cites them.
func (p *page) Cite(list []offshelf.Source) []int {
	var numbers []int
	for _, s := range list {
		key := fmt.Sprintf("%q %q %q", s.ID, s.Title, s.URL)
		n, ok := p.numbered[key]
		if !ok {
			n = len(p.sources) + 1
			p.numbered[key] = n
			u := report.Clean(s.URL)
			name, title := report.Clean(s.Publisher), report.Clean(s.Title)
			if name == "" {
				name, title = cmp.Or(title, report.Clean(s.ID)), ""
			}
			at := s.Date.Spoken()
			if c := report.Clean(s.Citation); c != "" {
				at = strings.TrimPrefix(at+", "+c, ", ")
			}
			p.sources = append(p.sources, cited{Number: n, Grade: p.Grade(s.Grade), Name: name, Title: title, URL: u, At: at, Weak: s.Grade.Weak(), Link: report.Linkable(u)})
		}
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Sources are those that the page has cited so far.
func (p *page) Sources() []cited { return p.sources }

// lines is text of several lines, each clean.
func lines(s string) []string {
	parts := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range parts {
		parts[i] = report.Clean(parts[i])
	}
	return parts
}

// period says the span of a period of a rule.
func period(from, until offshelf.Date) string {
	switch {
	case from.IsZero() && until.IsZero():
		return "from the first listing on"
	case from.IsZero():
		return "from the first listing until " + until.Spoken() + ", that day excluded"
	}
	return report.Dates(offshelf.Interval{From: from, Until: until})
}

func joined(list []string) string {
	parts := make([]string, 0, len(list))
	for _, s := range list {
		if s = report.Clean(s); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// basisWord says whether it is the retailer's duty or its choice.
func basisWord(b offshelf.Basis) string {
	switch b {
	case offshelf.Law:
		return "Law"
	case offshelf.Choice:
		return "Our policy, no law binds this sale"
	}
	return "Basis not stated"
}

func class(a offshelf.Action) string { return cmp.Or(a.String(), "none") }

// EditionLines tells the editions of a snapshot, for people.
func (s Snapshot) EditionLines() []string { return s.lines }
