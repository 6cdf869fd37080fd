package site

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mozillazg/go-unidecode"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

type indexView struct {
	*frame
	Tiles []tile
	Shelf []letters // brands and parties, A to Z
	Rules []ruleLink
	Lists []listLink
	Facts string
	Weak  string
}

type tile struct{ Number, Word, Href string }

// letters is an A–Z list.
type letters struct {
	ID, Title string
	Groups    []letter
}

type letter struct {
	ID, Name string
	Links    []named
}

type named struct {
	piece
	Mark string
}

type ruleLink struct {
	piece
	ID      string
	Law     bool
	Forbids string
}

type listLink struct {
	piece
	Count string
	Rules []piece
}

func (b *book) indexPage() *indexView {
	f := b.frame("", "", "Who holds the brand, who makes the goods, who is listed")
	f.Kicker = "The knowledge of offshelf"
	k := b.k
	v := &indexView{frame: f}
	v.Tiles = []tile{
		{thousands(len(k.Brands)), "brands", "#brands"}, {thousands(len(k.Parties)), "parties", "#parties"},
		{thousands(len(k.Listings)), "listings", "#lists"}, {thousands(len(k.Regimes)), "rules", "#rules"},
		{thousands(len(k.Sources)), "sources", "facts.html#grades"},
	}
	st := knowledge.Count(k)
	v.Facts, v.Weak = thousands(st.Sourced)+" of "+thousands(st.Facts), thousands(st.Facts-st.Sourced)
	var brands, parties []named
	for i := range k.Brands {
		brands = append(brands, named{piece{k.Brands[i].Name, "brand/" + k.Brands[i].ID + ".html"}, ""})
	}
	for i := range k.Parties {
		p := &k.Parties[i]
		n := named{piece{p.Name, "party/" + p.ID + ".html"}, ""}
		if slices.ContainsFunc(b.printed[p.ID], func(l *offshelf.Listing) bool { return l.On(b.day) == offshelf.True }) {
			n.Mark = "listed"
		}
		parties = append(parties, n)
	}
	v.Shelf = []letters{alphabet("brands", "Brands", brands), alphabet("parties", "Parties", parties)}
	for i := range k.Regimes {
		r := &k.Regimes[i]
		l := ruleLink{piece: piece{r.Title, "regime/" + r.ID + ".html"}, ID: r.ID, Forbids: "Says nothing on " + f.AsOf}
		for j := range r.Periods {
			if p := &r.Periods[j]; p.On(b.day) != offshelf.False {
				bans, basis := p.Presumed()
				l.Law, l.Forbids = basis == offshelf.Law, forbids(bans)
				if p.State != "in-force" {
					l.Forbids = stateWord(p.State) + ". " + l.Forbids
				}
			}
		}
		v.Rules = append(v.Rules, l)
	}
	for _, id := range b.lists {
		n := 0
		for i := range k.Listings {
			n += b2i(k.Listings[i].List == id)
		}
		l := listLink{piece: piece{id, "list/" + id + ".html"}, Count: count(n, "entry", "entries")}
		if n == 0 {
			l.Count = "no entry here"
		}
		if id == "concern" {
			l.Count = count(len(k.Concerns), "report or reply", "reports and replies")
		}
		for _, r := range b.triggered(id) {
			l.Rules = append(l.Rules, piece{r.Title, "regime/" + r.ID + ".html"})
		}
		l.Rules = separated(l.Rules)
		v.Lists = append(v.Lists, l)
	}
	return v
}

// alphabet sorts names under their first letters, as they sound in Latin.
func alphabet(id, title string, list []named) letters {
	slices.SortStableFunc(list, func(a, b named) int {
		return cmp.Or(cmp.Compare(b2i(lettered(a.Text)), b2i(lettered(b.Text))), compareNames(latin(a.Text), latin(b.Text)))
	})
	out := letters{ID: id, Title: title}
	for _, n := range list {
		name := "0–9"
		if lettered(n.Text) {
			name = strings.ToUpper(latin(n.Text)[:1])
		}
		if g := len(out.Groups); g == 0 || out.Groups[g-1].Name != name {
			anchor := id + "-" + strings.ToLower(name)
			if name == "0–9" {
				anchor = id + "-0"
			}
			out.Groups = append(out.Groups, letter{ID: anchor, Name: name})
		}
		g := &out.Groups[len(out.Groups)-1]
		g.Links = append(g.Links, n)
	}
	return out
}

// lettered reports whether a name begins with a letter from A to Z.
func lettered(s string) bool {
	s = latin(s)
	return s != "" && (s[0]|' ') >= 'a' && (s[0]|' ') <= 'z'
}

func latin(s string) string { return strings.TrimSpace(unidecode.Unidecode(s)) }

// factsView explains the facts and lists all sources.
type factsView struct {
	*frame
	Grades []gradeRow
}

type gradeRow struct {
	Name, Means, Carries string
	Weak                 bool
	Count                int
}

func (b *book) factsPage() *factsView {
	f := b.frame("", "", "About the facts")
	f.Kicker = "The knowledge of offshelf"
	means := map[offshelf.Grade]string{
		offshelf.GradeOfficial: "A state body in its own act: a list, a rule, a court",
		offshelf.GradeFiling:   "A company's filing, manual, notice or registry entry",
		offshelf.GradePress:    "Press with an editor",
		offshelf.GradeTrade:    "Trade press, or a vendor's documentation about another vendor",
		offshelf.GradeHobby:    "Community notes",
		offshelf.GradeClaim:    "Alleged or not confirmed, or without a source",
	}
	count := map[offshelf.Grade]int{}
	for i := range b.k.Sources {
		count[b.k.Sources[i].Grade]++
	}
	v := &factsView{frame: f}
	for g := offshelf.GradeOfficial; g <= offshelf.GradeClaim; g++ {
		row := gradeRow{g.String(), means[g], "Carries a verdict", g.Weak(), count[g]}
		if row.Weak {
			row.Carries = "Leaves an answer possible, never reached"
		}
		v.Grades = append(v.Grades, row)
	}
	return v
}
