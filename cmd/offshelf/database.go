package main

import (
	"errors"
	"fmt"
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

// open opens the database.
func (f *storeFlags) open(s *session, log *slog.Logger) (*store.Store, error) {
	o := store.Options{Database: f.DB, Log: log}
	keyFile := f.Key
	if o.Database == "" || keyFile == "" {
		dir, err := f.folder()
		if err != nil {
			return nil, err
		}
		if o.Database == "" {
			o.Database = filepath.Join(dir, "offshelf.db")
		}
		if keyFile == "" {
			keyFile = filepath.Join(dir, "ledger.key")
		}
	}
	var err error
	if o.Key, err = ledger.LoadKey(keyFile); err != nil {
		return nil, fmt.Errorf("the key of the ledger: %w", err)
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
