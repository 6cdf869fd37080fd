package screen_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

// question is a row of testdata/questions*.csv. Its answer is written from the
// sources that source_row names, never from what the program says.
type question struct {
	id, kind, subject, on, ask, answer, grade, row string
}

func questions(t *testing.T, file string) []question {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "id,kind,subject,on,ask,answer,grade,source_row" {
		t.Fatalf("%s: columns %s", file, got)
	}
	var out []question
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		q := question{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]}
		if seen[q.id] || q.subject == "" || q.on == "" || q.answer == "" || q.row == "" {
			t.Errorf("%s %s: an id used twice, or a column left empty", file, q.id)
		}
		seen[q.id] = true
		out = append(out, q)
	}
	return out
}

func TestQuestions(t *testing.T) {
	asked := questions(t, "testdata/questions.csv")
	if len(asked) < 100 {
		t.Errorf("%d questions", len(asked))
	}
	a := answering(t)
	for _, q := range asked {
		t.Run(q.id, func(t *testing.T) {
			if missing := a.missing(q); missing != "" {
				t.Fatalf("%s: the knowledge does not have %s", q.row, missing)
			}
			a.check(t, q)
		})
	}
}

// A question about a sector that this state of the knowledge leaves out is
// told as missing, not failed.
func TestQuestionsOfSectors(t *testing.T) {
	asked := questions(t, "testdata/questions_sectors.csv")
	if len(asked) < 25 {
		t.Errorf("%d questions", len(asked))
	}
	a := answering(t)
	for _, q := range asked {
		t.Run(q.id, func(t *testing.T) {
			if missing := a.missing(q); missing != "" {
				t.Skipf("%s: the knowledge does not have %s", q.row, missing)
			}
			a.check(t, q)
		})
	}
}

// part is one part of an answer: a party or a word, how, and on which grade
// it rests.
type part struct {
	party string // id
	how   string // "", "?", "made", "made?", "reached by law", "in-force", ...
	grade offshelf.Grade
}

// wanted is one part of an expected answer.
type wanted struct {
	name    string   // printed; empty where no party is asked for
	parties []string // ids that answer to the name
	how     string
	not     bool // the part must be missing
}

// wants reads an expected answer: parts with "; " between, each a party and,
// in brackets, how; "?" for what is not known to the day, "!" for a part that
// must be missing, "..." where others may stand beside.
func (a *answerer) wants(q question) (want []wanted, open bool) {
	for _, s := range strings.Split(q.answer, "; ") {
		var w wanted
		if s == "..." {
			open = true
			continue
		}
		s, w.not = strings.CutPrefix(s, "!")
		switch q.kind {
		case "holder", "owner":
			if s == "unknown" {
				continue
			}
			var unsure bool
			if s, unsure = strings.CutSuffix(s, "?"); unsure {
				w.how = "?"
			}
			w.name = s
		case "maker":
			at := strings.LastIndex(s, " (")
			w.name, w.how = s[:at], strings.Trim(s[at:], " ()")
		case "reach":
			if s == "not reached" {
				continue
			}
			w.how, w.name, _ = strings.Cut(s, " through ")
		case "reached-by":
			if s == "none" {
				continue
			}
			w.how = s
		default:
			w.how = s
		}
		if w.name != "" {
			w.parties = a.parties(w.name)
		}
		want = append(want, w)
	}
	// Other makers of a brand, and other ways to reach it, may be known.
	open = open || q.kind == "maker" || q.kind == "reach" && len(want) > 0
	return want, open
}

func (w wanted) is(p part) bool {
	if w.name != "" && !slices.Contains(w.parties, p.party) {
		return false
	}
	return w.how == p.how || w.how == "yes" && p.how != "no" ||
		strings.HasPrefix(p.how, w.how+" by ") // what the expectation does not say of the basis
}

func (a *answerer) check(t *testing.T, q question) {
	t.Helper()
	got := a.answer(t, q)
	want, open := a.wants(q)
	answer := func() string {
		var s []string
		for _, p := range got {
			if p.party != "" {
				s = append(s, strings.TrimSpace(p.party+" "+p.how)+" ["+p.grade.String()+"]")
			} else {
				s = append(s, p.how+" ["+p.grade.String()+"]")
			}
		}
		return strings.Join(s, "; ")
	}
	wrong := func(why string) {
		t.Helper()
		t.Errorf("%s of %s on %s, %q: %s: got %q, want %q (%s)", q.kind, q.subject, q.on, q.ask, why, answer(), q.answer, q.row)
	}
	met := map[int]bool{}
	weakest := offshelf.GradeUnset
	for _, w := range want {
		i := slices.IndexFunc(got, w.is)
		switch {
		case w.not:
			if i >= 0 {
				wrong("a part too many")
				return
			}
			continue
		case i < 0:
			wrong("a part is missing")
			return
		}
		met[i] = true
		weakest = max(weakest, got[i].grade)
	}
	if !open && len(met) < len(got) {
		wrong("a part too many")
		return
	}
	if q.grade != "" && !slices.Contains(strings.Split(q.grade, "|"), weakest.String()) {
		wrong("it should rest on grade " + q.grade)
	}
}
