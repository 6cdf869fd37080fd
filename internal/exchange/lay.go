package exchange

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/offshelf/offshelf"
)

// Laid says what became of imports that were laid over a knowledge.
type Laid struct {
	Imports []*Import `json:"imports"`

	Added struct {
		Parties  int `json:"parties"`
		Stakes   int `json:"stakes"`
		Listings int `json:"listings"`
	} `json:"added"`
	Joined int `json:"joined"` // parties of files that are one with another, by an identifier
	Same   int `json:"same"`   // stakes and listings that are said already, in the same words

	LeftOut   []Refusal     `json:"left_out,omitempty"`  // stakes and listings that lead nowhere, the first of them
	Left      int           `json:"left"`                // all of them
	Proposals []Proposal    `json:"proposals,omitempty"` // parties that may be one, for a person to decide
	Findings  []DataFinding `json:"findings,omitempty"`  // the first of them

	added offshelf.Knowledge // what is new, for an overlay in YAML
}

func (l *Laid) find(file, kind, format string, args ...any) {
	if len(l.Findings) < maxTold {
		l.Findings = append(l.Findings, DataFinding{File: file, Kind: kind, Text: cutTo(fmt.Sprintf(format, args...), 400)})
	}
}

func (l *Laid) leave(file string, line int, id, format string, args ...any) {
	l.Left++
	if len(l.LeftOut) < maxTold {
		l.LeftOut = append(l.LeftOut, Refusal{file, line, cutTo(id, 100), cutTo(fmt.Sprintf(format, args...), 400)})
	}
}

// maxName bounds a name, as an overlay does.
const maxName = 500

// plainText is a text of a file as it may stand in the knowledge: without
// control characters and marks that turn the direction of a line, and not too
// long.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfeff:
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(cutTo(s, maxName-len("…")))
}

// Lay lays what files say over a knowledge, for one run, and returns the two as
// a new one; the knowledge stays as it is. Parties that have an identifier in
// common are one; those of the knowledge keep their ids and what is said of
// them. Stakes and listings are added beside those that are there: reach counts
// the same stake of several sources once. All that is added is marked as the
// operator's own.
//
// Listings on lists that no rule of the knowledge names are left out, as
// nothing would follow from them.
func Lay(k *offshelf.Knowledge, imports ...*Import) (*offshelf.Knowledge, *Laid) {
	l := &Laid{Imports: imports}
	y := &layer{Laid: l, k: k, ids: map[int]string{}, taken: map[string]bool{}, local: map[*Import]map[string]int{}}
	y.cluster = newCluster(k, imports, l.find)
	for _, p := range k.Parties {
		y.taken[p.ID] = true
	}
	y.sources()
	y.parties()
	y.stakes()
	y.listings()
	l.Proposals = y.cluster.proposals(y.id)
	out := *k
	out.Overlay = true
	out.Sources = sorted(k.Sources, l.added.Sources, func(s *offshelf.Source) string { return s.ID })
	out.Parties = sorted(k.Parties, l.added.Parties, func(p *offshelf.Party) string { return p.ID })
	out.Stakes = slices.Concat(k.Stakes, l.added.Stakes)
	out.Listings = sorted(k.Listings, l.added.Listings, func(x *offshelf.Listing) string { return x.ID })
	l.Added.Parties, l.Added.Stakes, l.Added.Listings = len(l.added.Parties), len(l.added.Stakes), len(l.added.Listings)
	return &out, l
}

func sorted[T any](shipped, added []T, id func(*T) string) []T {
	out := slices.Concat(shipped, added)
	slices.SortStableFunc(out, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
	return out
}

type layer struct {
	*Laid
	k       *offshelf.Knowledge
	cluster *cluster
	ids     map[int]string             // root → id in the knowledge
	taken   map[string]bool            // ids of parties
	local   map[*Import]map[string]int // id in the file → party of the cluster
	renamed map[*Import]map[string]string
}

// sources adds the files as sources, under ids that are free.
func (y *layer) sources() {
	taken := map[string]bool{}
	for _, s := range y.k.Sources {
		taken[s.ID] = true
	}
	y.renamed = map[*Import]map[string]string{}
	for _, im := range y.Imports {
		names := map[string]string{}
		y.renamed[im] = names
		for _, s := range im.Sources {
			id := s.ID
			for n := 2; taken[id]; n++ {
				id = fmt.Sprintf("%s-%d", s.ID, n)
			}
			taken[id] = true
			names[s.ID] = id
			s.ID = id
			s.Title, s.Publisher, s.Citation = plainText(s.Title), plainText(s.Publisher), plainText(s.Citation)
			y.added.Sources = append(y.added.Sources, s)
		}
	}
}

// own marks evidence as the operator's, with the sources' ids in the knowledge.
func (y *layer) own(im *Import, e offshelf.Evidence) offshelf.Evidence {
	e.Layer = offshelf.LayerOperator
	out := make([]string, len(e.Sources))
	for i, s := range e.Sources {
		out[i] = cmp.Or(y.renamed[im][s], s)
	}
	e.Sources = out
	return e
}

// id is the id of a cluster: that of the party of the knowledge in it, or one
// made of its name and of what names it in its source.
func (y *layer) id(root int) string {
	if root < y.cluster.known {
		return y.k.Parties[root].ID
	}
	if id, ok := y.ids[root]; ok {
		return id
	}
	p := y.cluster.parties[root]
	named := ""
	for _, i := range y.cluster.sure(root) {
		if n := i.Normal(); n.Names() && (named == "" || n.Scheme+" "+n.ID < named) {
			named = n.Scheme + " " + n.ID
		}
	}
	sum := sha256.Sum256([]byte(cmp.Or(named, string(y.cluster.files[root].Format)+"\x00"+p.ID)))
	digits := hex.EncodeToString(sum[:])
	short := slug(p.Name, 40)
	id := short + "-" + digits[:10]
	for n := 11; y.taken[id] && n <= len(digits); n++ {
		id = short + "-" + digits[:n]
	}
	for n := 2; y.taken[id]; n++ {
		id = fmt.Sprintf("%s-%s-%d", short, digits, n)
	}
	y.taken[id] = true
	y.ids[root] = id
	return id
}

func (y *layer) parties() {
	at := map[int]int{} // root → index of added
	for i := y.cluster.known; i < len(y.cluster.parties); i++ {
		im, p := y.cluster.files[i], y.cluster.parties[i]
		if y.local[im] == nil {
			y.local[im] = map[string]int{}
		}
		y.local[im][p.ID] = i
		root := y.cluster.root(i)
		if root != i {
			y.Joined++
		}
		if root < y.cluster.known {
			continue // what the knowledge says of its party stays
		}
		e := y.own(im, p.Evidence)
		j, ok := at[root]
		if !ok {
			at[root] = len(y.added.Parties)
			q := offshelf.Party{ID: y.id(root), Name: cmp.Or(plainText(p.Name), plainText(p.ID), "unnamed"), Kind: p.Kind, Country: p.Country, Identifiers: y.cluster.sure(i), Evidence: e}
			for _, n := range p.Aliases {
				q.Aliases = addName(q.Aliases, plainText(n))
			}
			y.added.Parties = append(y.added.Parties, q)
			continue
		}
		q := &y.added.Parties[j]
		q.Kind, q.Country = cmp.Or(q.Kind, p.Kind), cmp.Or(q.Country, p.Country)
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			if n = plainText(n); n != q.Name {
				q.Aliases = addName(q.Aliases, n)
			}
		}
		for _, n := range y.cluster.sure(i) {
			if !slices.Contains(q.Identifiers, n) {
				q.Identifiers = append(q.Identifiers, n)
			}
		}
		for _, s := range e.Sources {
			if !slices.Contains(q.Sources, s) {
				q.Sources = append(q.Sources, s)
			}
		}
		q.Grade = min(q.Grade, e.Grade)
	}
}

// party resolves the id that a file has for a party.
func (y *layer) party(im *Import, id string) (string, bool) {
	if i, ok := y.local[im][id]; ok {
		return y.id(y.cluster.root(i)), true
	}
	if im.open {
		if i, ok := y.cluster.byID[offshelf.Identifier{Scheme: offshelf.SchemeLEI, ID: id}.Normal()]; ok {
			return y.id(y.cluster.root(i)), true
		}
	}
	return "", false
}

func (y *layer) stakes() {
	whole := wholes{}
	for i := range y.k.Stakes {
		whole.add(&y.k.Stakes[i])
	}
	said := map[string]bool{}
	pairs := map[string][]int{}
	for i, s := range y.k.Stakes {
		said[words(&s)] = true
		pairs[s.Holder+" "+s.Held] = append(pairs[s.Holder+" "+s.Held], i)
	}
	for _, im := range y.Imports {
		for i, s := range im.Stakes {
			holder, ok1 := y.party(im, s.Holder)
			held, ok2 := y.party(im, s.Held)
			if !ok1 || !ok2 {
				missing := s.Holder
				if ok1 {
					missing = s.Held
				}
				y.leave(im.File, lineOf(im.lines, i), s.Holder+" "+s.Held, "no party with the LEI %s is known here or in the other files: add the file of level 1 that has it", missing)
				continue
			}
			if holder == held {
				y.leave(im.File, lineOf(im.lines, i), s.Holder+" "+s.Held, "holder and held are one party, %s, by their identifiers: a party cannot hold itself", holder)
				continue
			}
			s.Holder, s.Held = holder, held
			s.Evidence = y.own(im, s.Evidence)
			y.start(&s.Interval)
			if w := words(&s); said[w] {
				y.Same++
				continue
			} else {
				said[w] = true
			}
			for _, j := range pairs[holder+" "+held] {
				if o := &y.k.Stakes[j]; differ(o, &s) {
					y.find(im.File, "disagree", "%s in %s: the file says %s (%s), the knowledge %s (%s): both are kept", holder, held, s.Share, s.Interval, o.Share, o.Interval)
				}
			}
			if whole.circle(&s) {
				// Which of the stakes is wrong is not known, so this one cannot be
				// left out: it makes possible.
				s.Note = plainText(strings.TrimSpace(s.Note + " The file says " + s.Share.String() + "; by that, " + held + " would wholly hold itself"))
				s.Share, s.Grade = offshelf.Share{}, offshelf.GradeClaim
				y.find(im.File, "circle", "%s would wholly hold itself, through %s: one of these stakes is wrong; the one that closes the circle is read as a claim of an unknown share", held, holder)
			}
			whole.add(&s)
			y.added.Stakes = append(y.added.Stakes, s)
		}
	}
}

// words is all that a stake says.
func words(s *offshelf.Stake) string {
	return strings.Join([]string{s.Holder, s.Held, s.Share.String(), fmt.Sprint(s.Control, s.Conflict != "", s.Grade.Weak()), s.Interval.String()}, "\x00")
}

// differ reports whether two firm shares of one time cannot both be right.
func differ(a, b *offshelf.Stake) bool {
	return a.Share.Known && b.Share.Known && a.Conflict == "" && !a.Grade.Weak() && !b.Grade.Weak() &&
		(a.Share.Max < b.Share.Min || b.Share.Max < a.Share.Min) && !a.Intersect(b.Interval).Backwards()
}

// start gives a fact without a start the day up to which the knowledge was
// read.
func (y *layer) start(iv *offshelf.Interval) {
	if read, err := offshelf.ParseDate(y.k.Version); err == nil {
		heldOn(iv, read)
	}
}

// heldOn gives an interval without a start the day on which it was seen to
// hold: it held on or before that day, or just before it ended.
func heldOn(iv *offshelf.Interval, seen offshelf.Date) {
	if !iv.From.IsZero() || seen.IsZero() {
		return
	}
	iv.From = seen.OnOrBefore()
	if !iv.Until.IsZero() && iv.Until.Earliest() <= iv.From.Latest() {
		iv.From = offshelf.Date{}
		if end := iv.Until.Earliest(); end != offshelf.MinDay {
			iv.From = (end - 1).Date().OnOrBefore()
		}
	}
}

func (y *layer) listings() {
	lists := map[string]bool{}
	for _, r := range y.k.Regimes {
		for _, name := range r.Lists {
			lists[name] = true
		}
	}
	taken := map[string]bool{}
	open := map[string][]int{}
	for i, x := range y.k.Listings {
		taken[x.ID] = true
		open[x.List+" "+x.Party] = append(open[x.List+" "+x.Party], i)
	}
	said := map[string]bool{}
	for _, im := range y.Imports {
		for i, x := range im.Listings {
			line := lineOf(im.listLines, i)
			if !lists[x.List] {
				y.leave(im.File, line, x.ID, "no rule of the knowledge names the list %q: nothing would follow from it", cutTo(x.List, 100))
				continue
			}
			party, ok := y.party(im, x.Party)
			if !ok {
				y.leave(im.File, line, x.ID, "no party has the id %q", cutTo(x.Party, 100))
				continue
			}
			x.Party = party
			x.Evidence = y.own(im, x.Evidence)
			y.start(&x.Interval)
			key := x.List + " " + x.Party
			// A listing that has ended here and not in the file is not the same: it is added beside it.
			same := slices.ContainsFunc(open[key], func(j int) bool {
				known := y.k.Listings[j].Interval
				lasts := known.Until.IsZero() || !x.Until.IsZero() && x.Until.Latest() <= known.Until.Latest()
				return lasts && !known.Intersect(x.Interval).Backwards()
			})
			if same || said[key+" "+x.Interval.String()] {
				y.Same++
				continue
			}
			said[key+" "+x.Interval.String()] = true
			x.Name, x.Citation = cmp.Or(plainText(x.Name), "unnamed"), plainText(x.Citation)
			x.ID = x.List + "/" + x.Party
			for n := 2; taken[x.ID]; n++ {
				x.ID = fmt.Sprintf("%s/%s/%d", x.List, x.Party, n)
			}
			taken[x.ID] = true
			y.added.Listings = append(y.added.Listings, x)
		}
	}
}
