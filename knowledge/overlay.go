package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// Shipped stands for the file of a problem in the shipped facts, such as one
// that names what an overlay withdrew.
const Shipped = "shipped facts"

// overlay is what an operator's files say.
type overlay struct {
	base
	holders []heldBrand
}

// heldBrand is a holder of a brand that the operator need not restate.
type heldBrand struct {
	Brand           string `json:"brand"`
	offshelf.Holder `yaml:",inline"`
}

// Overlay reads an operator's own facts, YAML files below root, and lays them
// over the shipped knowledge, which stays as it is. Where any problem is found,
// the knowledge is nil: the overlay is refused as a whole.
//
// What has the same id as a shipped fact takes its place; what is said of the
// same pair (holder and held, maker and brand, brand and holder) takes the
// place of all that is shipped of the pair; the rest is added. Nothing else
// goes unless the section withdrawn names it.
func Overlay(shipped *offshelf.Knowledge, fsys fs.FS) (*offshelf.Knowledge, []Problem) {
	o := &overlay{base: base{places: map[string][]place{}}}
	o.sections = o.grammar()
	for _, name := range o.files(fsys) {
		o.file(fsys, name)
	}
	if len(o.problems) == 0 && len(o.places) == 0 {
		o.refuse(place{file: "."}, "read", "holds no facts: name the folder with your YAML files")
	}
	if o.bound(); o.exceeded() {
		return nil, o.told() // checks against one another would take too long
	}
	m := o.lay(shipped)
	m.lint()
	m.circles()
	m.problems = slices.Concat(o.problems, m.problems)
	m.forgive(shipped)
	if len(m.problems) > 0 {
		return nil, m.told()
	}
	m.settle()
	return &m.Knowledge, nil
}

// grammar is the sections of an overlay. How evidence is weighed and read is
// calibrated and not among them, nor is the version.
func (o *overlay) grammar() map[string]section {
	out := map[string]section{
		"holders": {true, fieldsOf[heldBrand](), listOf(func(*offshelf.Knowledge) *[]heldBrand { return &o.holders }).decode},
		"withdrawn": listOf(func(k *offshelf.Knowledge) *[]offshelf.Withdrawal {
			return &k.Withdrawn
		}),
	}
	for _, name := range []string{"sources", "parties", "stakes", "brands", "makes", "tells", "listings", "concerns", "refuted", "regimes", "policies", "goods"} {
		out[name] = sections[name]
	}
	return out
}

// files lists the YAML files below root, without those in hidden folders.
func (o *overlay) files(fsys fs.FS) []string {
	var names []string
	seen, size := 0, int64(0)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		if seen++; seen > maxEntries {
			return fmt.Errorf("holds more than %d files: name the folder of your own facts", maxEntries)
		}
		if d.IsDir() || !holdsFacts(name) {
			return nil
		}
		if info, err := fs.Stat(fsys, name); err == nil {
			size += info.Size()
		}
		names = append(names, name)
		return nil
	})
	switch {
	case err != nil:
		var p *fs.PathError
		if errors.As(err, &p) {
			o.refuse(place{file: p.Path}, "read", "%v", p.Err)
		} else {
			o.refuse(place{file: "."}, "read", "%v", err)
		}
		return nil
	case size > maxOverlay:
		o.refuse(place{file: "."}, "size", "the files have %d bytes together, more than %d: an overlay holds your own facts only", size, maxOverlay)
		return nil
	}
	slices.Sort(names)
	return names
}

func (b *base) refuse(at place, rule, format string, args ...any) {
	b.problems = append(b.problems, Problem{at.file, at.line, rule, fmt.Sprintf(format, args...)})
}

// forgive drops the problems that the shipped facts have by themselves, as
// they are none of the operator's, and keeps the texts of the others short.
func (b *base) forgive(shipped *offshelf.Knowledge) {
	alone := &base{Knowledge: *shipped, places: shippedPlaces(shipped)}
	alone.lint()
	known := map[Problem]bool{}
	for _, p := range alone.problems {
		known[p] = true
	}
	b.problems = slices.DeleteFunc(b.problems, func(p Problem) bool { return known[p] })
	for i := range b.problems {
		p := &b.problems[i]
		p.Text = strings.ReplaceAll(p.Text, "in "+Shipped+":0", "among the "+Shipped)
		if len(p.Text) > maxText {
			n := maxText
			for !utf8.RuneStart(p.Text[n]) {
				n--
			}
			p.Text = p.Text[:n] + "…"
		}
	}
}
