package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/fetch"
	"github.com/offshelf/offshelf/internal/list/register"
)

type updateCommand struct {
	dataFlags
	Lists   []string      `arg:"" optional:"" name:"list" help:"Lists to update. None means every list with an address."`
	Mirror  string        `placeholder:"URL|DIR" help:"Take LIST/FILE from here instead of the authorities: an address of the web or a folder."`
	Sources string        `placeholder:"FILE" help:"File with your own addresses. The default is sources.yaml in the folder of the editions."`
	Timeout time.Duration `default:"10m" placeholder:"TIME" help:"How long one try of a file may take. The default is 10m."`
	AnySize bool          `help:"Take editions with over a fifth fewer or more entries than the last."`
}

func (updateCommand) Help() string {
	return `Fetches only what is newer than what is kept, reads and checks it, and only then puts it in force. A list that fails keeps its last good edition, and its age is told. A proxy is taken from HTTPS_PROXY.

Example:

  offshelf update us-fcc-covered --mirror examples/lists/mirror

Exit code 1 where a list could not be updated.`
}

// Run updates lists.
func (c *updateCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	if c.Timeout <= 0 {
		return fmt.Errorf("--timeout %s: write a time over zero, such as 10m", c.Timeout)
	}
	file := c.Sources
	if file == "" {
		file = filepath.Join(store.Path(), "sources.yaml")
	}
	sources, err := edition.ReadSources(file, c.Sources != "")
	if err != nil {
		return err
	}
	ids := c.Lists
	for _, id := range ids {
		if _, err := register.Find(id); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		ids = register.IDs()
	}
	var mu sync.Mutex
	u := &edition.Updater{
		Store: store, Mirror: sources.Mirror, Addresses: sources.Addresses(), AnySize: c.AnySize, Now: time.Now,
		Client: func(tell func(string)) *fetch.Client {
			return &fetch.Client{Timeout: c.Timeout, UserAgent: "offshelf/" + toolVersion(), Tell: tell}
		},
		Tell: func(list, message string) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(s.stderr, "%s: %s\n", list, shown(message))
		},
	}
	if c.Mirror != "" {
		u.Mirror = c.Mirror
	}
	failed, updated := 0, false
	for _, r := range u.Update(s.ctx, ids) {
		updated = updated || r.Updated
		if c.tell(s, r) {
			failed++
		}
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if updated {
		if err := compileLists(s, store); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s not updated", plural(failed, "list"))
	}
	return nil
}

// tell prints what became of a list, and reports whether it failed.
func (c *updateCommand) tell(s *session, r edition.Result) bool {
	inForce := "no edition is kept"
	if r.Record != nil {
		inForce = fmt.Sprintf("%s of %s, %s old", entries(r.Record.Entries), r.Record.Date, plural(ageDays(r.Record.Date, time.Now()), "day"))
	}
	switch {
	case errors.Is(r.Err, edition.ErrNoAddress) && len(c.Lists) == 0:
		// Nobody asked for this list by name, and it is told by offshelf lists.
		fmt.Fprintf(s.stdout, "%s: left as it is, no address is known; %s\n", r.List, inForce)
		return false
	case r.Err != nil:
		if r.Record != nil {
			inForce = "the last good edition stays in force: " + inForce
		}
		fmt.Fprintf(s.stdout, "%s: failed: %s\n  %s\n", r.List, shown(r.Err.Error()), inForce)
		return true
	case r.Updated:
		fmt.Fprintf(s.stdout, "%s: updated: %s\n  %s\n", r.List, inForce, account(r.Record.Counts))
		for _, w := range r.Record.Warnings {
			fmt.Fprintf(s.stdout, "  warning: %s\n", shown(w))
		}
	default:
		fmt.Fprintf(s.stdout, "%s: nothing newer: %s\n", r.List, inForce)
	}
	return false
}
