// Package edition keeps the editions of the lists on disk: the raw bytes under
// their SHA-256 and, a list, one file that says which edition is in force. An
// edition is read and checked before it takes that place, and the file is
// replaced in one step, so that no half edition is ever seen.
package edition

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
)

// Record is an edition that is kept.
type Record struct {
	SHA256   string        `json:"sha256"`
	Date     offshelf.Date `json:"date"`
	Dated    string        `json:"dated"` // how the day is known: Stated, Given, …
	Format   string        `json:"format"`
	Added    time.Time     `json:"added"`
	Files    []KeptFile    `json:"files"`
	Entries  int           `json:"entries"`
	Counts   list.Counts   `json:"counts"`
	Warnings []string      `json:"warnings,omitempty"`

	Programmes []string `json:"programmes,omitempty"` // of its entries, sorted
}

// How the day of an edition is known, the best first.
const (
	Stated       = "stated"        // by the edition
	Given        = "given"         // by the operator
	FileName     = "file name"     //
	LastModified = "last modified" // by the server
	NewestRow    = "newest row"    // it is not older
	Fetched      = "fetched"       // it is not newer
)

// KeptFile is a file of an edition.
type KeptFile struct {
	Name         string `json:"name"`
	SHA256       string `json:"sha256"`
	Size         int64  `json:"size"` // bytes
	From         string `json:"from"` // address or path
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// State is what is kept of a list.
type State struct {
	List     string    `json:"list"`
	Current  string    `json:"current"` // SHA-256 of the edition in force
	Checked  time.Time `json:"checked,omitzero"`
	Failure  string    `json:"failure,omitempty"` // of the last update, which left the edition in force as it was
	Editions []Record  `json:"editions"`          // in the order in which they were added
}

// InForce returns the record of the edition in force, or nil.
func (s *State) InForce() *Record { return s.find(s.Current) }

func (s *State) find(sum string) *Record {
	for i := range s.Editions {
		if s.Editions[i].SHA256 == sum {
			return &s.Editions[i]
		}
	}
	return nil
}

// Store is a data directory.
type Store struct {
	dir string
	// Wait bounds how long a change waits for another process.
	Wait time.Duration
}

// Dir is the data directory of a user: $OFFSHELF_DATA, else
// $XDG_DATA_HOME/offshelf, else ~/.local/share/offshelf.
func Dir(getenv func(string) string) (string, error) {
	if d := getenv("OFFSHELF_DATA"); d != "" {
		return d, nil
	}
	// The XDG specification has relative paths ignored.
	if d := getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "offshelf"), nil
	}
	home := getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", errors.New("no folder for the lists is known: set OFFSHELF_DATA to one")
		}
	}
	return filepath.Join(home, ".local", "share", "offshelf"), nil
}

// Open returns the store in a folder, which need not be there yet.
func Open(dir string) *Store { return &Store{dir: dir, Wait: 30 * time.Second} }

// Path is the folder of the store.
func (s *Store) Path() string { return s.dir }

func (s *Store) raw(sum string) string      { return filepath.Join(s.dir, "raw", sum[:2], sum) }
func (s *Store) stateFile(id string) string { return filepath.Join(s.dir, "lists", id+".json") }
func isSum(s string) bool                   { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// maxState bounds the file of a list.
const maxState = 64 << 20

// State returns what is kept of a list: nothing, where it was never added.
func (s *Store) State(id string) (*State, error) {
	if _, err := register.Find(id); err != nil {
		return nil, err
	}
	st := &State{List: id}
	path := s.stateFile(id)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return st, nil
	case err != nil:
		return nil, err
	case info.Size() > maxState:
		return nil, fmt.Errorf("%s: over %d MiB: it is damaged: delete it and add the list again", path, maxState>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, st); err != nil {
		return nil, fmt.Errorf("%s: damaged: %w: delete it and add the list again", path, err)
	}
	for _, r := range st.Editions {
		for _, f := range r.Files {
			if !isSum(f.SHA256) {
				return nil, fmt.Errorf("%s: damaged: %q is no SHA-256: delete it and add the list again", path, f.SHA256)
			}
		}
	}
	return st, nil
}

// Read reads a kept edition again. The bytes are compared with their digests.
func (s *Store) Read(id string, r *Record) (*list.Edition, error) {
	src, err := register.Find(id)
	if err != nil {
		return nil, err
	}
	var files []list.File
	for _, f := range r.Files {
		data, err := os.ReadFile(s.raw(f.SHA256))
		if err != nil {
			return nil, fmt.Errorf("the kept file %s of %s: %w: add the edition again", f.Name, id, err)
		}
		if list.Sum(data) != f.SHA256 {
			return nil, fmt.Errorf("the kept file %s of %s is damaged: its bytes are others than were kept: add the edition again", f.Name, id)
		}
		files = append(files, list.File{Name: f.Name, Data: data})
	}
	e, err := src.Read(files)
	if err != nil {
		return nil, err
	}
	e.Date = r.Date
	return e, nil
}

// locked runs f while no other process changes the store.
func (s *Store) locked(ctx context.Context, f func() error) error {
	if err := os.MkdirAll(filepath.Join(s.dir, "lists"), 0o777); err != nil {
		return fmt.Errorf("the folder of the lists: %w: set OFFSHELF_DATA to another", err)
	}
	type held struct {
		unlock func()
		err    error
	}
	got := make(chan held, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(filepath.Join(s.dir, "lock")).Lock()
		got <- held{unlock, err}
	}()
	abandon := func() { // the lock may still come
		go func() {
			if h := <-got; h.err == nil {
				h.unlock()
			}
		}()
	}
	timer := time.NewTimer(s.Wait)
	defer timer.Stop()
	select {
	case h := <-got:
		if h.err != nil {
			return h.err
		}
		defer h.unlock()
		return f()
	case <-timer.C:
		abandon()
		return fmt.Errorf("%s: another offshelf is changing it, for over %s: try again", s.dir, s.Wait)
	case <-ctx.Done():
		abandon()
		return ctx.Err()
	}
}

// save replaces the file of a list in one step.
func (s *Store) save(st *State) error {
	data, err := json.Marshal(st, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return err
	}
	return replace(s.stateFile(st.List), append(data, '\n'))
}

// keep writes raw bytes under their digest, unless they are there.
func (s *Store) keep(data []byte, sum string) error {
	path := s.raw(sum)
	if kept, err := os.ReadFile(path); err == nil && list.Sum(kept) == sum {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return replace(path, data)
}

// replace writes a file so that it is either the old or the new one, also
// when the machine stops in between.
func replace(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // nothing once it is renamed
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
