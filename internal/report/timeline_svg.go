package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// Sizes of the drawing, in pixels.
const (
	svgWidth, svgLeft, svgRow, svgTop = 960, 190, 26, 64
	svgRight                          = 20
)

// svgStyle tells reached from possible by the pattern too, not by colour alone.
const svgStyle = `text{font:13px system-ui,sans-serif;fill:#1b1b1b}.title{font-size:16px;font-weight:600}.axis{fill:#5a5a5a;font-size:11px}` +
	`.grid{stroke:#d8d8d8}.none{fill:#f0f0ee}.reached{fill:#a3262a}.possible{fill:url(#doubt)}.day{stroke:#1b1b1b;stroke-dasharray:3 3}.paper{fill:#fff}` +
	`.stripe{stroke:#b26b00;stroke-width:5}.ground{fill:#fbe6c2}` +
	`@media(prefers-color-scheme:dark){text{fill:#eee}.axis{fill:#aaa}.grid{stroke:#444}.none{fill:#2a2a2a}.reached{fill:#e5686c}.day{stroke:#eee}.paper{fill:#161616}.ground{fill:#5a4521}}`

// TimelineSVG draws when regimes reached one party or brand, a bar a regime.
// Regimes that never did have an empty bar.
func TimelineSVG(w io.Writer, answers []screen.Reaching, day offshelf.Day) error {
	out := bufio.NewWriter(w)
	f := frameOf(answers, day)
	height := svgTop + len(answers)*svgRow + 44
	name := ""
	if len(answers) > 0 {
		name = answers[0].Name
	}
	x := func(d offshelf.Day) float64 {
		return svgLeft + float64(d-f.from)/float64(f.until-f.from)*(svgWidth-svgLeft-svgRight)
	}
	title := fmt.Sprintf("Which rules reached %s, and when", name)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n", svgWidth, height, svgWidth, height)
	fmt.Fprintf(out, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", xmlText(title), xmlText(described(answers)), svgStyle)
	out.WriteString(`<defs><pattern id="doubt" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground" width="8" height="8"/><line class="stripe" x1="0" y1="0" x2="0" y2="8"/></pattern></defs>` + "\n")
	fmt.Fprintf(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n<text class=\"title\" x=\"%d\" y=\"26\">%s</text>\n", svgWidth, height, 12, xmlText(title))
	bottom := svgTop + len(answers)*svgRow
	for _, d := range f.years(16) {
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"axis\" x=\"%.1f\" y=\"%d\">%s</text>\n",
			x(d), x(d), svgTop-8, bottom, x(d)+2, svgTop-12, d.String()[:4])
	}
	for i := range answers {
		a := &answers[i]
		y := svgTop + i*svgRow
		fmt.Fprintf(out, "<text x=\"12\" y=\"%d\">%s</text><rect class=\"none\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\"/>\n",
			y+13, xmlText(a.Regime), svgLeft, y, svgWidth-svgLeft-svgRight)
		for j := range a.Timeline {
			s := &a.Timeline[j]
			from, until := f.days(s)
			fmt.Fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"16\"><title>%s</title></rect>\n",
				xmlText(string(s.Verdict)), x(from), y, max(1.5, x(until)-x(from)), xmlText(a.Regime+": "+strings.Join(strings.Fields(stretchText(s)), " ")))
		}
	}
	fmt.Fprintf(out, "<line class=\"day\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
		x(day), x(day), svgTop-8, bottom+4, x(day), bottom+16, day)
	fmt.Fprintf(out, "<rect class=\"reached\" x=\"12\" y=\"%d\" width=\"14\" height=\"12\"/><text class=\"axis\" x=\"32\" y=\"%d\">reached</text>", bottom+24, bottom+34)
	fmt.Fprintf(out, "<rect class=\"possible\" x=\"96\" y=\"%d\" width=\"14\" height=\"12\"/><text class=\"axis\" x=\"116\" y=\"%d\">possible</text>", bottom+24, bottom+34)
	fmt.Fprintf(out, "<rect class=\"none\" x=\"184\" y=\"%d\" width=\"14\" height=\"12\"/><text class=\"axis\" x=\"204\" y=\"%d\">no evidence found</text>\n</svg>\n", bottom+24, bottom+34)
	return out.Flush()
}

// described tells the drawing to those who cannot see it.
func described(answers []screen.Reaching) string {
	var lines []string
	for i := range answers {
		for j := range answers[i].Timeline {
			s := &answers[i].Timeline[j]
			lines = append(lines, fmt.Sprintf("%s %s, %s", answers[i].Regime, s.Verdict, offshelf.Interval{From: s.From, Until: s.Until}))
		}
	}
	if len(lines) == 0 {
		return "No evidence found at any time."
	}
	return strings.Join(lines, "; ")
}

func xmlText(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(clean(s)))
	return b.String()
}
