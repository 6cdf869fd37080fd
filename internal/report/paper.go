package report

import (
	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// What the papers of the service (pull sheets, dossiers, registers) say and
// guard against as the reports do.

// Clean makes text of others fit to be shown on one line: no control
// character, escape sequence, bidi override or invisible letter is left.
func Clean(s string) string { return clean(s) }

// Cell makes text fit for a cell of a CSV file: clean, and never a formula.
func Cell(s string) string { return cell(s) }

// Sentence says a hop as one would say it in a meeting, as seen from a day.
func Sentence(h offshelf.Hop, on offshelf.Day) string { return sentence(h, on) }

// Dates says both ends of an interval as they are known.
func Dates(iv offshelf.Interval) string { return dates(iv) }

// Citation says where a listing is printed, from the last hop of its chain.
func Citation(end offshelf.Hop) string { return citation(end) }

// Forbids says what a rule forbids, whoever it binds.
func Forbids(list []string) string { return forbids(list) }

// Standing says what a rule is on a day, from its state.
func Standing(state string) string { return standing(screen.Standing(state)) }

// Count says "1 product", "2,000 products".
func Count(n int, one, many string) string { return count(n, one, many) }

// Linkable reports whether an address may become a link.
func Linkable(s string) bool { return linkable(s) }
