package main

import (
	"fmt"

	"github.com/offshelf/offshelf/internal/site"
	"github.com/offshelf/offshelf/screen"
)

type siteCommand struct {
	overlayFlags
	Dir  string `arg:"" help:"Folder to write to: a new or empty one, or one that holds an earlier site."`
	AsOf asOf   `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
}

func (siteCommand) Help() string {
	return `A page a brand, party, rule and list, with chains, timelines and sources; it needs no server and no script to be read.

Example:

  offshelf knowledge site public`
}

// Run writes the site.
func (c *siteCommand) Run(s *session) error {
	k, digest, err := c.facts(s)
	if err != nil {
		return err
	}
	snapshot, err := screen.Compile(k, digest)
	if err != nil {
		return err
	}
	policy, _ := snapshot.Policy("default")
	screener, err := screen.New(snapshot, policy, screen.AsOf(c.AsOf.on()))
	if err != nil {
		return err
	}
	if err := site.Write(c.Dir, k, screener, site.Options{Version: toolVersion(), Sum: digest}); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s: written, begin at index.html\n", c.Dir)
	return nil
}
