package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/offshelf/offshelf/internal/store"
)

type backupCommand struct {
	storeFlags
	File string `arg:"" help:"File to write; - is standard output."`
}

func (backupCommand) Help() string {
	return `All of the database as of one instant, in one file that either engine reads; others go on working meanwhile.
The key of the ledger is not in it: keep a copy of that file apart. Sessions and the job queue are not in it either.

Example:

  offshelf backup shop.backup`
}

// Run writes the backup.
func (c *backupCommand) Run(s *session) error {
	db, err := c.inspect(s)
	if err != nil {
		return err
	}
	defer db.Close()
	var counts store.BackupCounts
	write := func(w io.Writer) (err error) {
		counts, err = db.Backup(s.ctx, w)
		return err
	}
	if c.File != "-" {
		if err := keepFile(c.File, write); err != nil {
			return err
		}
		fmt.Fprintf(s.stdout, "%s: %d rows of %d tables\n", shown(c.File), counts.Total(), len(counts))
		return nil
	}
	if t, ok := s.stdout.(*terminalAware); ok {
		if f, ok := t.under.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return errors.New("a backup is no text for a terminal: name a file, or send it on")
		}
	}
	return write(s.stdout)
}

// keepFile writes a file that its owner alone may read and that outlives a
// power cut, in the place of the one before, or not at all.
func keepFile(name string, write func(io.Writer) error) error {
	if err := replaceFileAs(name, 0o600, write); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

type restoreCommand struct {
	storeFlags
	File string `arg:"" help:"File that offshelf backup wrote; - is standard input."`
}

func (restoreCommand) Help() string {
	return `Into an empty database, SQLite or PostgreSQL, whichever it was made on; so it also moves from one to the other.
All of it is restored, or nothing. The key of the ledger must be in place first. Check the outcome with offshelf ledger verify.

Example:

  offshelf backup shop.backup
  offshelf restore shop.backup --db restored.db`
}

// Run reads the backup.
func (c *restoreCommand) Run(s *session) error {
	f, err := s.open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	db, err := c.open(s)
	if err != nil {
		return err
	}
	defer db.Close()
	counts, err := db.Restore(s.ctx, f)
	if err != nil {
		return fmt.Errorf("%s: %w", shown(c.File), err)
	}
	fmt.Fprintf(s.stdout, "restored %d rows of %d tables; offshelf ledger verify checks them\n", counts.Total(), len(counts))
	return nil
}
