package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf/internal/job"
)

type rerunCommand struct {
	storeFlags
	Run_   int64   `arg:"" name:"run" help:"Number of the run."`
	Stream string  `placeholder:"FILE" help:"Also write the stream of messages to this file, as screen -o json does."`
	Output string  `short:"o" default:"text" enum:"text,json" help:"text (unless you say otherwise) or json."`
	Work   workers `name:"workers" default:"0" placeholder:"N" help:"How many workers screen at the same time, up to 64. The default, 0, is one a processor core. The result is the same."`
}

func (rerunCommand) Help() string {
	return `Screens the kept upload of a run again, with the kept knowledge, policy and day, and compares the result byte for byte.

Example:

  offshelf rerun 1

Exit codes: 0 the same bytes, 1 an error, 2 other bytes.`
}

// Run screens a kept upload again.
func (c *rerunCommand) Run(s *session) (err error) {
	st, err := c.inspect(s)
	if err != nil {
		return err
	}
	defer st.Close()
	var w io.Writer = io.Discard
	if c.Stream != "" {
		f, err := os.Create(c.Stream)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		w = f
	}
	r, err := job.Rerun(s.ctx, st, c.Run_, int(c.Work), w)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		err = json.MarshalWrite(s.stdout, r, json.Deterministic(true))
		fmt.Fprintln(s.stdout)
	} else {
		fmt.Fprintf(s.stdout, "run %d, as of %s: upload %s\nsnapshot %s\npolicy   %s\nstream then %s\nstream now  %s\n", r.Run, r.AsOf, r.Upload, r.Snapshot, r.Policy, r.Then, r.Now)
	}
	if err != nil {
		return err
	}
	if !r.Same() {
		fmt.Fprintf(s.stderr, "offshelf: not the same: offshelf %s made the run, this is %s\n", r.Tool, toolVersion())
		return exitCode(2)
	}
	if c.Output == "text" {
		fmt.Fprintln(s.stdout, "the same bytes")
	}
	return nil
}
