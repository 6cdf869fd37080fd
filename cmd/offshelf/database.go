package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
)

// storeFlags are shared by the commands that work on the database of the
// service.
type storeFlags struct {
	DB   string `name:"db" env:"OFFSHELF_DB" placeholder:"URL" help:"Database: postgres://…, or the path of an SQLite file. The default is $OFFSHELF_DB, else offshelf.db in the data folder."`
	Data string `placeholder:"DIR" help:"Data folder. The default is $OFFSHELF_DATA, else $XDG_DATA_HOME/offshelf, else ~/.local/share/offshelf."`
	Key  string `name:"ledger-key" env:"OFFSHELF_LEDGER_KEY" placeholder:"FILE" help:"Key that signs the ledger. The default is $OFFSHELF_LEDGER_KEY, else ledger.key in the data folder, which is made where it is not there."`
}

// folder is the data folder, made where it is not there.
func (f *storeFlags) folder() (string, error) {
	dir := f.Data
	if dir == "" {
		d, err := edition.Dir(os.Getenv)
		if err != nil {
			return "", err
		}
		dir = d
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// paths are the database and the file of the key.
func (f *storeFlags) paths() (database, key string, err error) {
	if f.DB != "" && f.Key != "" {
		return f.DB, f.Key, nil
	}
	dir, err := f.folder()
	return cmp.Or(f.DB, filepath.Join(dir, "offshelf.db")), cmp.Or(f.Key, filepath.Join(dir, "ledger.key")), err
}

// open opens the database, and makes it and the key where there are none.
func (f *storeFlags) open(s *session, log *slog.Logger) (*store.Store, error) {
	database, keyFile, err := f.paths()
	if err != nil {
		return nil, err
	}
	o := store.Options{Database: database, Log: log}
	if o.Key, err = ledger.LoadKey(keyFile); err != nil {
		return nil, fmt.Errorf("the key of the ledger: %w", err)
	}
	if !store.IsPostgres(database) {
		// SQLite would let everybody read it; its journal has the mode of the
		// file.
		file, err := os.OpenFile(database, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("--db: %w", err)
		}
		file.Close()
	}
	return store.Open(s.ctx, o)
}

// inspect opens a database that must be there, only to look. The key may be
// missing.
func (f *storeFlags) inspect(s *session) (*store.Store, error) {
	database, keyFile, err := f.paths()
	if err != nil {
		return nil, err
	}
	o := store.Options{Database: database, Inspect: true}
	switch data, err := os.ReadFile(keyFile); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("the key of the ledger: %w", err)
	default:
		if o.Key, err = ledger.ParseKey(string(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", keyFile, err)
		}
	}
	return store.Open(s.ctx, o)
}

// alone keeps a second service off an SQLite file, until the process ends.
func alone(database string) (*os.File, error) {
	f, err := os.OpenFile(database+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another offshelf serves %s: stop it, or use PostgreSQL (--db postgres://…) for several", database)
		}
		return nil, err
	}
	return f, nil
}
