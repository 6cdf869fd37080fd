package main

import (
	"fmt"

	"github.com/offshelf/offshelf/internal/report"
)

type renderCommand struct {
	Stream string `arg:"" help:"A stream saved from screen -o json; - is standard input."`
	Output string `short:"o" default:"text" placeholder:"FORMAT" help:"text (unless you say otherwise), json, csv or html."`
}

func (renderCommand) Help() string {
	return `Example:

  offshelf screen examples/hardware-store-2021.csv -o json > stream.json
  offshelf render stream.json -o html > report.html`
}

// Run renders a saved stream, byte for byte as it was rendered first.
func (c *renderCommand) Run(s *session) error {
	f, err := s.open(c.Stream)
	if err != nil {
		return err
	}
	defer f.Close()
	h, err := report.New(c.Output, s.stdout, reportOptions(s.stdout))
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	if err := report.Read(f, h); err != nil {
		return fmt.Errorf("%s: %w", c.Stream, err)
	}
	return nil
}
