package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

type listsCompileCommand struct{ dataFlags }

func (listsCompileCommand) Help() string {
	return `Done by lists add and update as well; needed where another version of offshelf, with other facts, kept the lists.

Example:

  offshelf lists compile`
}

// Run compiles the editions in force.
func (c *listsCompileCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	return compileLists(s, store)
}

// compileLists makes the file that is mapped at each start.
func compileLists(s *session, store *edition.Store) error {
	k, digest, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	head, err := store.Compile(s.ctx, k, digest)
	if err != nil {
		return fmt.Errorf("the lists are kept, but not compiled: %w", err)
	}
	fmt.Fprintf(s.stdout, "compiled: %s, which screen and search use from now on\n", plural(len(head.Editions), "list"))
	return nil
}

// listsPath is where the compiled lists of a --lists flag are, or nothing.
func listsPath(dir string) (string, error) {
	switch dir {
	case "none":
		return "", nil
	case "":
		d, err := edition.Dir(os.Getenv)
		if err != nil {
			return "", nil // no folder, no lists
		}
		dir = d
	}
	return edition.Open(dir).RollPath(), nil
}

// openLists maps the compiled lists, or returns nil where there are none or
// they were joined with other facts, which is told.
func (f *overlayFlags) openLists(s *session, facts string) (*screen.Lists, error) {
	path, err := listsPath(f.Lists)
	if err != nil || path == "" {
		return nil, err
	}
	l, err := screen.OpenLists(path)
	if errors.Is(err, fs.ErrNotExist) {
		if f.Lists != "" {
			return nil, fmt.Errorf("--lists %s: holds no compiled lists: add some with: offshelf lists add", shown(f.Lists))
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.Knowledge() != facts {
		l.Close()
		fmt.Fprintf(s.stderr, "%s: the lists were compiled with other facts than those of this program and are not used: run offshelf lists compile\n", shown(path))
		return nil, nil
	}
	return l, nil
}

// openRoll maps the compiled lists for a search, or returns nil where there
// are none for the facts of this program.
func openRoll(dir, facts string) (*roll.Roll, error) {
	path, err := listsPath(dir)
	if err != nil || path == "" {
		return nil, err
	}
	r, err := roll.Map(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || r.Knowledge == facts {
		return r, err
	}
	return nil, r.Close()
}
