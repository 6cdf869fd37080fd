package site

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// span says an interval as seen from the day.
func span(iv offshelf.Interval, day offshelf.Day) string { return strings.Join(ends(iv, day), " ") }

// ends says an interval in parts that a line break should not split.
func ends(iv offshelf.Interval, day offshelf.Day) []string {
	from, until := iv.From.Spoken(), iv.Until.Spoken()
	future := !iv.From.IsZero() && day < iv.From.Earliest()
	switch {
	case from == "" && until == "":
		return []string{"no dates known"}
	case from == "":
		return []string{"until " + until}
	case until == "" && future:
		return []string{"from " + from}
	case until == "":
		return []string{"since " + from}
	}
	return []string{from, "to " + until}
}

// standing says whether a fact holds on the day.
func standing(iv offshelf.Interval, conflict string, day offshelf.Day) (class, word string) {
	switch {
	case conflict != "":
		return "void", "does not carry"
	case iv.On(day) == offshelf.True:
		return "now", "yes"
	case iv.On(day) == offshelf.Maybe:
		return "maybe", "not known to the day"
	case !iv.From.IsZero() && day < iv.From.Earliest():
		return "then", "not yet"
	}
	return "then", "no longer"
}

// stakeWords says what a holder has of what it holds.
func stakeWords(s *offshelf.Stake) string {
	share := s.Share.String()
	switch {
	case s.Control && !s.Share.Known:
		return "control"
	case s.Control:
		return share + " and control"
	case !s.Share.Known:
		return "a share not known"
	}
	return share
}

// extent says which goods of a brand a make is about.
func (b *book) extent(m *offshelf.Make) string {
	var parts []string
	switch m.Relation {
	case offshelf.Supplied:
		parts = append(parts, "supplies parts")
	case offshelf.Licensed:
		parts = append(parts, "licenses the design")
	case offshelf.Firmware:
		parts = append(parts, "supplies the firmware")
	case offshelf.LooksLike:
		parts = append(parts, "reported as a likeness")
	}
	if m.All {
		parts = append(parts, "all goods")
	}
	if len(m.Goods) > 0 {
		parts = append(parts, b.goodsTitles(m.Goods))
	}
	if len(m.Models) > 0 {
		parts = append(parts, "models by number")
	}
	if len(parts) == 0 {
		return "some goods"
	}
	return strings.Join(parts, "; ")
}

// forbids says what a rule forbids, whoever it binds.
func forbids(list []string) string {
	var words []string
	for _, w := range list {
		if w != "" && w != "none" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "Forbids nothing by itself"
	}
	return "Forbids " + strings.Join(words, ", ")
}

func stateWord(state string) string {
	switch state {
	case "", "in-force":
		return "In force"
	case "suspended":
		return "Suspended"
	case "scheduled":
		return "Scheduled, not confirmed"
	}
	return upper(state)
}

// spareWords says which goods a period leaves in trade.
func spareWords(p *offshelf.Period) string {
	if p.Spares == nil {
		return ""
	}
	days := slices.Clone(p.Spares.AuthorisedBefore)
	for i, d := range days {
		if d == offshelf.EntryDay {
			days[i] = "the day of the entry"
		}
	}
	before := days[0]
	if len(days) > 1 {
		before = "the latest of " + joined(days)
	}
	s := "Models authorised before " + before + " are left in trade"
	if !p.Spares.EntriesFrom.IsZero() {
		s += ", of entries from " + p.Spares.EntriesFrom.Spoken() + " on only"
	}
	s += "; for others it says: " + lower(forbids(p.Forbids)) + ", " + basisWords(p.Basis == offshelf.Law) + "."
	if p.Spares.Unstated == offshelf.SpareUnstated {
		s += " A product whose day of authorisation is not given counts as authorised before."
	}
	return s
}

// hopLabel is the short form of a hop, for an arrow.
func hopLabel(h *offshelf.Hop) string {
	word := map[string]string{
		"made": "made by", "supplied": "parts from", "licensed": "design from", "firmware": "firmware from",
		"looks-like": "looks like", "held": "held by", "owned": "owned by", "controlled": "controlled by", "owns": "holder of", "controls": "in control of",
	}[h.Kind]
	if word == "" {
		word = h.Kind
	}
	switch {
	case h.Share == "" || h.Share == "unknown":
		return word
	case h.Kind != "owned":
		return word + " (" + h.Share + ")"
	case h.Share == "majority" || h.Share == "minority":
		return h.Share + "-owned by"
	}
	return "owned " + h.Share + " by"
}

// count says "1 brand", "2,000 brands".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToLower(r)) + s[n:]
}
