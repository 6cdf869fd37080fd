package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
)

type ledgerCommand struct {
	Verify ledgerVerifyCommand `cmd:"" help:"Check that nothing in the database was altered, removed or slipped in."`
	Head   ledgerHeadCommand   `cmd:"" help:"Print the newest checkpoint, to be kept elsewhere."`
	Key    ledgerKeyCommand    `cmd:"" help:"Print the public key of the ledger, to be kept elsewhere. Makes an empty database where there is none."`
}

func (ledgerCommand) Help() string {
	return `Example:

  offshelf ledger key > ledger.pub
  offshelf ledger head > checkpoint
  offshelf ledger verify --key ledger.pub --against checkpoint`
}

type ledgerVerifyCommand struct {
	storeFlags
	PublicKey string   `name:"key" placeholder:"FILE" help:"Public key that was kept elsewhere. The default is the one in --ledger-key."`
	Against   []string `placeholder:"FILE" sep:"none" help:"Checkpoint that was kept elsewhere: its leaves must still stand. May be given again."`
}

func (ledgerVerifyCommand) Help() string {
	return `Reads the whole database as of one instant. Whoever can set all of it back to an older state
leaves nothing that disagrees: only --against shows that. Whoever holds the private key can sign
anything: only checkpoints, kept where they cannot get at them, show that.

Example:

  offshelf ledger key > ledger.pub
  offshelf ledger verify --key ledger.pub

Exit codes: 0 all agrees, 1 something does not, or an error.`
}

// shownFailures is how many failures are printed.
const shownFailures = 20

// Run checks the database.
func (c *ledgerVerifyCommand) Run(s *session) error {
	db, err := c.inspect(s)
	if err != nil {
		return err
	}
	defer db.Close()
	var o store.VerifyOptions
	if o.Checker, err = c.checker(db); err != nil {
		return err
	}
	for _, name := range c.Against {
		text, err := s.readSmall(name)
		if err != nil {
			return err
		}
		o.Against = append(o.Against, text)
	}
	p := newProgress(s.stderr)
	o.Progress = p.tell
	v, err := db.Verify(s.ctx, o)
	p.done()
	if err != nil {
		return err
	}
	for i := range v.Failures {
		f := &v.Failures[i]
		if f.Table == "checkpoint" {
			if n, err := strconv.Atoi(f.Key); err == nil {
				f.Table, f.Key = c.Against[n-1], ""
			}
		}
		if i < shownFailures {
			fmt.Fprintln(s.stdout, shown(f.String()))
		}
	}
	if v.Failed > shownFailures {
		fmt.Fprintf(s.stdout, "and %d more\n", v.Failed-shownFailures)
	}
	n := func(n int64, what string) string { return plural(int(n), what) }
	fmt.Fprintf(s.stdout, "checked: %s, %s, %s, %s, %s, %s of %s, %s kept elsewhere\n", leaves(v.Leaves), n(v.Heads, "tree head"), n(v.Rows, "row"),
		n(v.Products, "product"), n(v.Attributions, "attribution"), n(v.Blobs, "blob"), n(v.Bytes, "byte"), n(v.Against, "checkpoint"))
	if v.Staged > 0 {
		fmt.Fprintf(s.stdout, "not checked: %s of uploads that are still being screened\n", n(v.Staged, "row"))
	}
	if !v.OK() {
		return fmt.Errorf("the database is not as its ledger says, in %s; the first: %s", n(v.Failed, "place"), shown(v.Failures[0].String()))
	}
	fmt.Fprintf(s.stdout, "all agrees, up to %s with the root %s\n", leaves(v.Head.Size), v.Head.Root)
	return nil
}

func leaves(n int64) string {
	if n == 1 {
		return "1 leaf"
	}
	return fmt.Sprint(n, " leaves")
}

// checker reads the public key.
func (c *ledgerVerifyCommand) checker(db *store.Store) (*ledger.Checker, error) {
	if c.PublicKey == "" {
		if db.Key() == nil {
			return nil, fmt.Errorf("%s: there is no key: name the file of the public key with --key, or that of the ledger with --ledger-key", shown(c.Key))
		}
		return db.Key().Checker(), nil
	}
	data, err := os.ReadFile(c.PublicKey)
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(string(data))
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: is empty: offshelf ledger key prints the public key", shown(c.PublicKey))
	}
	k, err := ledger.ParseChecker(lines[len(lines)-1]) // of a private key the second line
	if err != nil {
		return nil, fmt.Errorf("%s: %w: offshelf ledger key prints it", shown(c.PublicKey), err)
	}
	return k, nil
}

// readSmall reads a file of some lines; "-" is standard input.
func (s *session) readSmall(name string) (string, error) {
	f, err := s.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s: is no checkpoint: it has over 1 MiB", shown(name))
	}
	return string(data), err
}

type ledgerHeadCommand struct{ storeFlags }

func (ledgerHeadCommand) Help() string {
	return `A checkpoint is how many leaves the ledger has and the hash of all, signed. Keep it where nobody
who can write to the database can get at it, and give it to offshelf ledger verify --against later.

Example:

  offshelf ledger head > checkpoint`
}

// Run prints the checkpoint.
func (c *ledgerHeadCommand) Run(s *session) error {
	db, err := c.inspect(s)
	if err != nil {
		return err
	}
	defer db.Close()
	head, err := db.Query().LatestHead(s.ctx)
	if errors.Is(err, sql.ErrNoRows) {
		if db.Key() == nil {
			return errors.New("the ledger is empty")
		}
		root, err := tlog.TreeHash(0, nil)
		if err != nil {
			return err
		}
		if head.Note, err = db.Key().Sign(ledger.Head{Root: root}); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	_, err = io.WriteString(s.stdout, head.Note)
	return err
}

type ledgerKeyCommand struct{ storeFlags }

func (ledgerKeyCommand) Help() string {
	return `Example:

  offshelf ledger key > ledger.pub`
}

// Run prints the public key.
func (c *ledgerKeyCommand) Run(s *session) error {
	db, err := c.open(s)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = fmt.Fprintln(s.stdout, db.Key().Public())
	return err
}
