package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
)

// storeFlags are shared by the commands that use the database.
type storeFlags struct {
	DB   string `name:"db" env:"OFFSHELF_DB" placeholder:"URL|FILE" help:"Database: a postgres:// URL, or an SQLite file. The default is offshelf.db in the data folder."`
	Data string `placeholder:"DIR" help:"Data folder. The default is $OFFSHELF_DATA, else $XDG_DATA_HOME/offshelf, else ~/.local/share/offshelf."`
	Key  string `name:"ledger-key" env:"OFFSHELF_LEDGER_KEY" placeholder:"FILE" help:"Key that the ledger is signed with. The default is ledger.key in the data folder."`
}

// resolve fills in what was not given.
func (f *storeFlags) resolve() error {
	if f.Data == "" {
		dir, err := edition.Dir(os.Getenv)
		if err != nil {
			return err
		}
		f.Data = dir
	}
	f.DB = cmp.Or(f.DB, filepath.Join(f.Data, "offshelf.db"))
	f.Key = cmp.Or(f.Key, filepath.Join(f.Data, "ledger.key"))
	return nil
}

// open opens the database, and makes it and the key where there are none.
func (f *storeFlags) open(s *session) (*store.Store, error) {
	if err := f.resolve(); err != nil {
		return nil, err
	}
	files := []string{f.Key}
	if !store.IsPostgres(f.DB) {
		files = append(files, f.DB)
	}
	for _, name := range files {
		if dir := filepath.Dir(name); dir == filepath.Clean(f.Data) {
			if err := os.MkdirAll(dir, 0o777); err != nil {
				return nil, err
			}
		}
	}
	key, err := ledger.LoadKey(f.Key)
	if err != nil {
		return nil, fmt.Errorf("the key of the ledger: %w", err)
	}
	if !store.IsPostgres(f.DB) {
		// SQLite would let everybody read it, and its journal has the mode of
		// the file.
		file, err := os.OpenFile(f.DB, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("--db: %w", err)
		}
		file.Close()
	}
	return store.Open(s.ctx, store.Options{Database: f.DB, Key: key})
}

// inspect opens a database that must be there, only to look. The key may be
// missing.
func (f *storeFlags) inspect(s *session) (*store.Store, error) {
	if err := f.resolve(); err != nil {
		return nil, err
	}
	o := store.Options{Database: f.DB, Inspect: true}
	switch data, err := os.ReadFile(f.Key); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("the key of the ledger: %w", err)
	default:
		if o.Key, err = ledger.ParseKey(string(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Key, err)
		}
	}
	return store.Open(s.ctx, o)
}

// alone keeps a second service off an SQLite file, until the process ends.
func alone(database string) error {
	f, err := os.OpenFile(database+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("another offshelf serves %s: stop it, or use PostgreSQL (--db postgres://…) for several", database)
		}
		return err
	}
	locks = append(locks, f)
	return nil
}

// locks keeps locked files from being closed as garbage.
var locks []*os.File
