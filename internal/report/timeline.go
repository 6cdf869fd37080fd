package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// frame is the days that a drawing of timelines shows.
type frame struct{ from, until offshelf.Day }

// frameOf shows a year before the first change, and one after the day or the
// last change.
func frameOf(answers []screen.Reaching, day offshelf.Day) frame {
	f := frame{day - 366, day + 366}
	for i := range answers {
		for _, s := range answers[i].Timeline {
			for _, d := range [...]offshelf.Date{s.From, s.Until} {
				if !d.IsZero() {
					f.from, f.until = min(f.from, d.Earliest()-366), max(f.until, d.Latest()+366)
				}
			}
		}
	}
	edge := func(d offshelf.Day, add string) offshelf.Day {
		out, err := offshelf.ParseDay(d.String()[:4] + add)
		if err != nil {
			return d
		}
		return out
	}
	return frame{edge(f.from, "-01-01"), edge(f.until, "-12-31") + 1}
}

// days is the stretch in days, cut to the frame.
func (f frame) days(s *screen.Stretch) (from, until offshelf.Day) {
	from, until = f.from, f.until
	if !s.From.IsZero() {
		from = max(from, s.From.Earliest())
	}
	if !s.Until.IsZero() {
		until = min(until, s.Until.Earliest())
	}
	return from, until
}

// years lists the first days of years in the frame, at most this many.
func (f frame) years(most int) []offshelf.Day {
	first, last := year(f.from), year(f.until)
	step := 1
	for _, s := range [...]int{1, 2, 5, 10, 20, 50, 100} {
		step = s
		if (last-first)/s+1 <= most {
			break
		}
	}
	var out []offshelf.Day
	for y := (first + step - 1) / step * step; y <= last; y += step {
		if d, err := offshelf.ParseDay(fmt.Sprintf("%04d-01-01", y)); err == nil && d < f.until {
			out = append(out, d)
		}
	}
	return out
}

func year(d offshelf.Day) int {
	n := 0
	fmt.Sscanf(d.String(), "%d", &n)
	return n
}

// Timelines draws when regimes reached one party or brand, a bar a regime, and
// lists the days below.
func Timelines(w io.Writer, answers []screen.Reaching, day offshelf.Day, o Options) error {
	h := &reachSheet{newSheet(w, o), day}
	left, never := 0, []string{}
	for i := range answers {
		if len(answers[i].Timeline) > 0 {
			left = max(left, len(answers[i].Regime)+2)
		} else {
			never = append(never, answers[i].Regime)
		}
	}
	if left > 0 {
		h.bars(answers, frameOf(answers, day), left)
	}
	if len(never) > 0 {
		h.para("", 0, "No evidence found at any time, in this state of knowledge, under "+strings.Join(never, ", ")+".")
	}
	return h.w.Flush()
}

func (h *reachSheet) bars(answers []screen.Reaching, f frame, left int) {
	width := max(20, h.o.Width-left)
	column := func(d offshelf.Day) int { return int(int64(d-f.from) * int64(width) / int64(f.until-f.from)) }
	axis := []rune(strings.Repeat(" ", width))
	for _, d := range f.years(width / 6) {
		if at := column(d); at+4 <= width {
			copy(axis[at:], []rune(d.String()[:4]))
		}
	}
	h.line(strings.TrimRight(strings.Repeat(" ", left)+string(axis), " "))
	for i := range answers {
		a := &answers[i]
		if len(a.Timeline) == 0 {
			continue
		}
		bar := []rune(strings.Repeat("·", width))
		for j := range a.Timeline {
			from, until := f.days(&a.Timeline[j])
			mark := '▒'
			if a.Timeline[j].Verdict == offshelf.Reached {
				mark = '█'
			}
			for at := column(from); at < max(column(until), column(from)+1) && at < width; at++ {
				bar[at] = mark
			}
		}
		h.line(a.Regime + strings.Repeat(" ", left-len(a.Regime)) + string(bar))
	}
	h.line(strings.Repeat(" ", left) + strings.Repeat(" ", column(h.asOf)) + "↑ " + h.asOf.String())
	h.line("█ reached   ▒ possible   · no evidence found")
	h.line("")
	for i := range answers {
		a := &answers[i]
		for j := range a.Timeline {
			s := &a.Timeline[j]
			name := strings.Repeat(" ", left)
			if j == 0 {
				name = a.Regime + strings.Repeat(" ", left-len(a.Regime))
			}
			h.para(name, left, stretchText(s))
		}
	}
}

// stretchText tells a stretch in words.
func stretchText(s *screen.Stretch) string {
	from, until := s.From.String(), s.Until.String()
	if from == "" {
		from = "…"
	}
	if until == "" {
		until = "…"
	}
	a := screen.Reaching{State: s.State, Forbids: s.Forbids, Basis: s.Basis}
	return fmt.Sprintf("%-10s to %-10s  %-8s  %s", from, until, s.Verdict, ruleSays(&a))
}
