package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// overlayFile is about how large one file of an overlay gets; package
// knowledge refuses files over 1 MiB.
const overlayFile = 800 << 10

// maxFacts bounds an overlay, as package knowledge does.
const maxFacts = 10_000

// OverlayHead is the first line of each file that an import writes.
const OverlayHead = "# Imported ownership data.\n"

// Overlay writes what was laid as files of YAML, by name, which --knowledge DIR
// reads and a person can edit. In an overlay what is said of a pair takes the
// place of all that is shipped of it, so the shipped stakes of a pair that the
// files speak of are stated again. It is checked as any overlay is before it is
// returned.
func (l *Laid) Overlay(k *offshelf.Knowledge) (map[string][]byte, error) {
	own := l.added
	pairs := map[string]bool{}
	for _, s := range own.Stakes {
		pairs[s.Holder+" "+s.Held] = true
	}
	var restated []offshelf.Stake
	for _, s := range k.Stakes {
		if pairs[s.Holder+" "+s.Held] {
			restated = append(restated, s)
		}
	}
	own.Stakes = slices.Concat(restated, own.Stakes)
	own.Sources = cited(&own)
	if n := len(own.Parties) + len(own.Stakes) + len(own.Listings) + len(own.Sources); n > maxFacts {
		return nil, fmt.Errorf("%d facts, more than %d: an overlay is for a person to read; lay the files with --with", n, maxFacts)
	}
	files := folder{}
	for _, sec := range knowledge.Sections(&own) {
		if err := split(files, sec); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("the files say nothing that is new: there is nothing to write")
	}
	if laid, problems := knowledge.Overlay(k, files); laid == nil {
		var errs []error
		for _, p := range problems[:min(len(problems), 20)] {
			errs = append(errs, errors.New(p.String()))
		}
		return nil, errors.Join(append(errs, fmt.Errorf("what was read is refused as an overlay, for %d problems; nothing is written", len(problems)))...)
	}
	return files, nil
}

// cited keeps the sources that a fact names.
func cited(k *offshelf.Knowledge) []offshelf.Source {
	used := map[string]bool{}
	use := func(e offshelf.Evidence) {
		for _, s := range e.Sources {
			used[s] = true
		}
	}
	for _, p := range k.Parties {
		use(p.Evidence)
	}
	for _, s := range k.Stakes {
		use(s.Evidence)
	}
	for _, x := range k.Listings {
		use(x.Evidence)
	}
	return slices.DeleteFunc(slices.Clone(k.Sources), func(s offshelf.Source) bool { return !used[s.ID] })
}

// split writes a section in as many files as it needs.
func split(files folder, sec knowledge.Section) error {
	list := reflect.ValueOf(sec.Facts)
	n := 0
	var b bytes.Buffer
	flush := func() {
		if b.Len() == 0 {
			return
		}
		n++
		files[fmt.Sprintf("%s-%d.yaml", sec.Name, n)] = bytes.Clone(b.Bytes())
		b.Reset()
	}
	for i := range list.Len() {
		text, err := yaml.MarshalWithOptions(list.Slice(i, i+1).Interface(), yaml.IndentSequence(true))
		if err != nil {
			return fmt.Errorf("%s: %w", sec.Name, err)
		}
		if b.Len()+len(text) > overlayFile {
			flush()
		}
		if b.Len() == 0 {
			fmt.Fprintf(&b, "%s%s:\n", OverlayHead, sec.Name)
		}
		for line := range bytes.Lines(text) {
			b.WriteString("  ")
			b.Write(line)
		}
	}
	flush()
	return nil
}
