package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// overlayFlags are shared by the commands that answer from the knowledge.
type overlayFlags struct {
	Knowledge string   `placeholder:"DIR" help:"Lay your own facts, the YAML files of this folder, over the shipped ones."`
	Lists     string   `placeholder:"DIR" help:"Use the official lists that are kept in this folder; none for the facts of this program alone. The default is the folder of offshelf lists, if there are any."`
	With      []string `placeholder:"FILE" sep:"none" help:"Lay ownership data over the facts for this run: FollowTheMoney, BODS 0.4, GLEIF level 1 or 2, or YAML; also gzip or zip. Repeatable."`
}

// facts returns the shipped knowledge, or, with official lists, an overlay or
// other files, all as one, and a SHA-256 that names this state. Of an overlay
// or a file with a problem nothing is used.
func (f *overlayFlags) facts(s *session) (*offshelf.Knowledge, string, error) {
	k, digest, _, err := f.factsAndLists(s)
	return k, digest, err
}

// factsAndLists is facts, and the official lists that lie over them, or nil.
func (f *overlayFlags) factsAndLists(s *session) (*offshelf.Knowledge, string, *screen.Lists, error) {
	k, digest, err := knowledge.Embedded()
	if err != nil {
		return nil, "", nil, err
	}
	lists, err := f.openLists(s, digest)
	if err != nil {
		return nil, "", nil, err
	}
	if lists != nil {
		if k, err = lists.Lay(k); err != nil {
			return nil, "", nil, err
		}
		digest = sum([]byte(digest + lists.Sum()))
	}
	if f.Knowledge == "" && len(f.With) == 0 {
		return k, digest, lists, nil
	}
	if k, err = f.lay(s, k); err != nil {
		return nil, "", nil, err
	}
	data, err := knowledge.Compile(k)
	if err != nil {
		return nil, "", nil, err
	}
	if lists != nil {
		data = append(data, lists.Sum()...)
	}
	return k, sum(data), lists, nil
}

// lay lays the operator's own facts and other files over the knowledge.
func (f *overlayFlags) lay(s *session, k *offshelf.Knowledge) (*offshelf.Knowledge, error) {
	var err error
	if f.Knowledge != "" {
		if k, err = layFolder(s, k, f.Knowledge); err != nil {
			return nil, err
		}
	}
	if len(f.With) > 0 {
		laid, report, err := exchange.With(k, s.ownershipFiles(f.With)...)
		if err != nil {
			return nil, fmt.Errorf("--with: %w", shownError(err))
		}
		for _, im := range report.Imports {
			fmt.Fprintln(s.stderr, shown(countsOf(im)))
		}
		if n := openFindings(report); n > 0 {
			fmt.Fprintf(s.stderr, "%s to look at in these files; offshelf knowledge import says which\n", plural(n, "finding"))
		}
		if n := report.Left; n > 0 {
			fmt.Fprintf(s.stderr, "stakes and listings left out: %d; offshelf knowledge import says which and why\n", n)
		}
		k = laid
	}
	return k, nil
}

// layFolder lays a folder of facts over the shipped ones.
func layFolder(s *session, k *offshelf.Knowledge, dir string) (*offshelf.Knowledge, error) {
	root, err := openFolder("--knowledge", dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	laid, problems := knowledge.Overlay(k, root.FS())
	if laid == nil {
		tellProblems(s, dir, problems)
		return nil, fmt.Errorf("--knowledge %s: %s: none of it is used", shown(dir), plural(len(problems), "problem"))
	}
	return laid, nil
}

// ownershipFiles names files to lay over the knowledge.
func (s *session) ownershipFiles(names []string) []exchange.File {
	var out []exchange.File
	for _, name := range names {
		out = append(out, exchange.File{Name: name, Open: func() (io.ReadCloser, error) { return s.open(name) }})
	}
	return out
}

// shownError is an error that quotes files, made fit for a terminal line by
// line.
func shownError(err error) error {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = shown(lines[i])
	}
	return errors.New(strings.Join(lines, "\n"))
}

// openFindings counts what a person should look at in files that were laid.
func openFindings(l *exchange.Laid) int {
	n := len(l.Findings)
	for _, im := range l.Imports {
		n += im.FindingCount
	}
	return n
}

// countsOf says what became of the records of a file.
func countsOf(im *exchange.Import) string {
	return fmt.Sprintf("%s: %s: read %d = imported %d + refused %d + ignored %d", im.File, im.Format, im.Read, im.Imported, im.Refused, im.Counts.Ignored)
}

// snapshot compiles what facts returns.
func (f *overlayFlags) snapshot(s *session) (*screen.Snapshot, error) {
	k, digest, lists, err := f.factsAndLists(s)
	if err != nil {
		return nil, err
	}
	snapshot, err := screen.Compile(k, digest)
	if err == nil && lists != nil {
		snapshot.Use(lists)
	}
	return snapshot, err
}

// openFolder opens a folder of facts; links in it cannot lead out of it.
func openFolder(flag, dir string) (*os.Root, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s: %s: no such folder: name the folder of the YAML files", flag, shown(dir))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return root, nil
}

func tellProblems(s *session, dir string, problems []knowledge.Problem) {
	for _, p := range problems {
		if p.File != knowledge.Shipped {
			p.File = path.Join(dir, p.File)
		}
		fmt.Fprintln(s.stderr, shown(p.String()))
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ownFacts writes "own fact" over the facts of an overlay, as a comment, so that
// what is printed can be read again.
func ownFacts(facts any) yaml.CommentMap {
	marks := yaml.CommentMap{}
	mark := func(path string, v reflect.Value) {
		if e := v.FieldByName("Evidence"); e.IsValid() && e.Interface().(offshelf.Evidence).Own() {
			marks[path] = []*yaml.Comment{yaml.HeadComment(" " + offshelf.OwnFact)}
		}
	}
	list := reflect.ValueOf(facts)
	for i := range list.Len() {
		mark(fmt.Sprintf("$[%d]", i), list.Index(i))
		if b, ok := list.Index(i).Interface().(offshelf.Brand); ok {
			for j := range b.Holders {
				mark(fmt.Sprintf("$[%d].holders[%d]", i, j), reflect.ValueOf(b.Holders[j]))
			}
		}
	}
	return marks
}
