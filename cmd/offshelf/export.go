package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
)

type exportCommand struct {
	overlayFlags
	Output string `short:"o" default:"jsonl" enum:"jsonl,ftm,bods" help:"jsonl (one fact a line), ftm (FollowTheMoney entities, one a line) or bods (BODS 0.4 statements, parties and stakes only)."`
	Format string `short:"f" default:"" enum:",jsonl,ftm,bods" placeholder:"FORMAT" help:"The same as -o."`
	File   string `arg:"" optional:"" default:"-" help:"File to write. The default, -, is standard output."`
}

func (exportCommand) Help() string {
	return `The same facts give the same bytes, and ids stay.

Example:

  offshelf knowledge export -o jsonl knowledge.jsonl
  offshelf knowledge export -o ftm entities.ftm.json
  offshelf knowledge export -f bods statements.json`
}

// Run writes the facts.
func (c *exportCommand) Run(s *session) error {
	k, digest, err := c.facts(s)
	if err != nil {
		return err
	}
	if c.File == "-" {
		return c.write(s.stdout, k, digest)
	}
	return replaceFile(c.File, func(w io.Writer) error { return c.write(w, k, digest) })
}

func (c *exportCommand) write(w io.Writer, k *offshelf.Knowledge, digest string) error {
	switch cmp.Or(c.Format, c.Output) {
	case "ftm":
		return exchange.FollowTheMoney(w, k)
	case "bods":
		return exchange.Statements(w, k)
	}
	return exchange.JSONL(w, k, digest)
}

// replaceFile writes a file beside the old one, whose place it takes when it is
// whole.
func replaceFile(name string, write func(io.Writer) error) error {
	return replaceFileAs(name, 0o644, write)
}

func replaceFileAs(name string, mode os.FileMode, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: is no file: name the file to write", shown(name))
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".offshelf-*")
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return fmt.Errorf("%s: the file cannot be written: %w", shown(name), err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if err = errors.Join(write(w), w.Flush(), f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
