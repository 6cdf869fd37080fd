package site

import (
	"strconv"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// chart is a timeline, laid out; the template writes it as SVG.
type chart struct {
	Title, Desc   string
	Width, Height int
	Top, Bottom   int // of the plot
	Ticks         []tick
	Today         string // x of the day
	Day           string
	Heads         []label
	Lanes         []lane
	Law, Weak     bool // whether the legend must tell of them
}

type tick struct{ X, Word string }

type label struct {
	Y    int
	Word string
}

type lane struct {
	Y, Text, Line int // tops of bar, baseline of text, rule below
	Label, Full   string
	Bars          []bar
}

type bar struct {
	Tip, Class  string
	Parts       []part
	Arrow       string // points, where it began before the plot
	Word, WordX string
	Top, Height int
	Base        int // of the word
}

// part is solid, or pale where it is not sure.
type part struct {
	X, W string
	Pale bool
}

const (
	chartWidth = 1000
	plotLeft   = 286.0
	plotRight  = 990.0
	laneHeight = 25
	barHeight  = 15
	headHeight = 30
	labelRunes = 39
	year       = 365.25
)

// chart lays the groups out on one axis; it is nil where nothing has a date.
func (b *book) chart(title string, groups ...group) *chart {
	c := &chart{Title: title, Width: chartWidth, Top: 22, Day: b.day.String()}
	axis, ok := b.axis(groups)
	if !ok {
		return nil
	}
	y := c.Top + 4
	for i := range groups {
		g := groups[i].ready()
		if len(g.tracks) == 0 {
			continue
		}
		word := g.name
		if g.more > 0 {
			word += " (" + strconv.Itoa(g.more) + " more)"
		}
		c.Heads = append(c.Heads, label{y + headHeight - 10, word})
		y += headHeight
		for _, t := range g.tracks {
			l := lane{Y: y, Text: y + 12, Line: y + laneHeight - 5, Label: short(t.label, labelRunes), Full: t.label}
			for _, s := range t.spans {
				l.Bars = append(l.Bars, axis.bar(g.class, s, y))
				c.Law = c.Law || g.class == "rule"
				c.Weak = c.Weak || s.class == "weak"
			}
			c.Lanes = append(c.Lanes, l)
			y += laneHeight
		}
	}
	c.Bottom = y + 2
	c.Height = c.Bottom + 18
	c.Today = px(axis.x(b.day))
	c.Ticks = axis.ticks()
	c.Desc = "Bars over the years " + axis.years() + ", with " + c.Day + " marked. The tables of this page say the same in words."
	return c
}

// axis maps days to the plot.
type axis struct{ lo, hi, day offshelf.Day }

func (b *book) axis(groups []group) (axis, bool) {
	earliest, ended, latest := offshelf.MaxDay, offshelf.MaxDay, offshelf.MinDay
	any := false
	for _, g := range groups {
		for _, t := range g.tracks {
			for _, s := range t.spans {
				any = true
				if !s.From.IsZero() {
					earliest, latest = min(earliest, s.From.Latest()), max(latest, s.From.Latest())
				}
				if !s.Until.IsZero() {
					earliest, latest = min(earliest, s.Until.Earliest()), max(latest, s.Until.Latest())
					ended = min(ended, s.Until.Earliest())
				}
			}
		}
	}
	if !any {
		return axis{}, false
	}
	day := func(years float64) offshelf.Day { return offshelf.Day(years * year) }
	a := axis{lo: b.day - day(5), hi: max(b.day+day(1), min(latest+day(0.4), b.day+day(6))), day: b.day}
	// What goes on since long ago needs no room for its beginning.
	if recent := b.day - day(15); earliest != offshelf.MaxDay {
		a.lo = min(earliest-day(0.5), b.day-day(2))
		if a.lo < recent {
			a.lo = max(a.lo, min(recent, ended-day(2)))
		}
	}
	return a, true
}

func (a axis) x(d offshelf.Day) float64 {
	d = min(max(d, a.lo), a.hi)
	return plotLeft + (plotRight-plotLeft)*float64(d-a.lo)/float64(a.hi-a.lo)
}

// bar draws one stretch: solid where it surely holds, pale where its date is
// not known to the day or lies ahead.
func (a axis) bar(group string, s stretch, y int) bar {
	const stub = 20.0 // how far "on or before" reaches back
	out := bar{Tip: s.tip, Class: group, Top: y, Height: barHeight, Base: y + 11}
	if group == "listed" { // many, and without a word
		out.Top, out.Height = y+4, 7
	}
	if s.class != "" {
		out.Class += " " + s.class
	}
	pale := func(from, to float64) {
		if to-from >= 0.5 {
			out.Parts = append(out.Parts, part{px(from), px(to - from), true})
		}
	}
	from, to := plotLeft, plotRight
	if !s.From.IsZero() {
		from = a.x(s.From.Latest())
		if s.From.Earliest() == offshelf.MinDay {
			pale(max(plotLeft, from-stub), from)
		} else {
			pale(a.x(s.From.Earliest()), from)
		}
	}
	if s.From.IsZero() || s.From.Latest() < a.lo {
		out.Arrow = points(plotLeft-7, y)
	}
	if s.Until.IsZero() {
		now := a.x(a.day)
		pale(max(from, now), to)
		to = max(min(now, to), from)
	} else {
		to = a.x(s.Until.Earliest())
		pale(max(to, from), a.x(s.Until.Latest()))
		if ahead := a.x(a.day); to > ahead {
			pale(max(from, ahead), to)
			to = max(ahead, from)
		}
	}
	if w := to - from; w > 0 || len(out.Parts) == 0 {
		w = max(w, 2.5)
		from = min(from, plotRight-w)
		out.Parts = append(out.Parts, part{px(from), px(w), false})
		if s.text != "" && float64(utf8.RuneCountInString(s.text))*5.9+10 < w {
			out.Word, out.WordX = s.text, px(from+6)
		}
	}
	return out
}

// points is a small arrow to the left.
func points(x float64, y int) string {
	at := func(dx float64, dy int) string { return px(x+dx) + "," + strconv.Itoa(y+dy) }
	return at(0, barHeight/2) + " " + at(6, 1) + " " + at(6, barHeight-1)
}

func (a axis) ticks() []tick {
	first, last := a.lo.Date().Latest(), a.hi.Date().Latest()
	from, to := yearOf(first), yearOf(last)
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 50} {
		step = s
		if (to-from)/s <= 14 {
			break
		}
	}
	var out []tick
	for y := from + 1; y <= to; y++ {
		if y%step != 0 {
			continue
		}
		d, err := offshelf.ParseDay(strconv.Itoa(y) + "-01-01")
		if err == nil && d > a.lo && d < a.hi {
			out = append(out, tick{px(a.x(d)), strconv.Itoa(y)})
		}
	}
	return out
}

func (a axis) years() string { return strconv.Itoa(yearOf(a.lo)) + " to " + strconv.Itoa(yearOf(a.hi)) }

func yearOf(d offshelf.Day) int {
	y, _ := strconv.Atoi(d.String()[:4])
	return y
}

func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}
