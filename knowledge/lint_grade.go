package knowledge

import "github.com/offshelf/offshelf"

// graded refuses a grade that is stronger than that of the best source: it
// would let a rumour decide.
func (l *linter) graded(section string, i int, what string, e offshelf.Evidence) {
	if e.Grade == offshelf.GradeUnset || len(e.Sources) == 0 {
		return
	}
	best, id := offshelf.GradeClaim, ""
	for _, s := range e.Sources {
		g, ok := l.grades()[s]
		if !ok || g == offshelf.GradeUnset {
			return // another rule tells of it
		}
		if id == "" || g < best {
			best, id = g, s
		}
	}
	if e.Grade < best {
		l.report(section, i, "grade", "%s is graded %s, but its best source, %s, is of grade %s: cite a better source, or leave the grade out", what, e.Grade, id, best)
	}
}

// grades are those of the sources, by id.
func (l *linter) grades() map[string]offshelf.Grade {
	if l.gradeOf == nil {
		l.gradeOf = map[string]offshelf.Grade{}
		for _, s := range l.Sources {
			l.gradeOf[s.ID] = s.Grade
		}
	}
	return l.gradeOf
}
