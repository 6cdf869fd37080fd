package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/screen"
)

// catalogFlags are shared by the commands that read catalogs.
type catalogFlags struct {
	Files   []string          `arg:"" name:"file" help:"Catalogs: CSV, TSV, XLSX, JSON, NDJSON, Shopify export or Google Merchant feed, also gzip or zstd. - is standard input."`
	Map     map[string]string `placeholder:"FIELD=COLUMN" help:"Read FIELD from COLUMN instead of the guess, for example --map brand=Marke. Repeatable."`
	Format  string            `placeholder:"FORMAT" help:"Format of the catalogs where it is not to be recognised: csv, tsv, xlsx, json, ndjson, shopify, merchant-xml."`
	AsOf    string            `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
	Workers int               `default:"0" help:"Goroutines that screen; 0 is one a core. The result is the same."`
}

type screenCommand struct {
	catalogFlags
	Output string  `short:"o" default:"text" placeholder:"FORMAT" help:"text, json (the stream), csv or html."`
	Policy string  `default:"default" placeholder:"POLICY" help:"A policy file, or the name of a shipped one: default, 2021-home-depot, 2021-best-buy, 2021-lowes."`
	All    bool    `help:"Also list the products without a finding."`
	Min    float64 `default:"0.5" placeholder:"P" help:"Least probability, 0 to 1, at which a product counts as made under a brand."`
	FailOn string  `placeholder:"ACTION" help:"Exit with 2 when a finding calls for this action or a stronger one: pull, hold, review or note."`
}

func (screenCommand) Help() string {
	return `Example: what a hardware store would have been told in October 2021

  offshelf screen examples/hardware-store-2021.csv --as-of 2021-10-25 --policy 2021-lowes

Exit codes: 0 screened, 1 an error, 2 a finding of the --fail-on kind exists.`
}

// Run screens the catalogs and renders the stream.
func (c *screenCommand) Run(s *session) error {
	var failOn offshelf.Action
	if c.FailOn != "" {
		if err := failOn.UnmarshalText([]byte(c.FailOn)); err != nil {
			return fmt.Errorf("--fail-on: %w", err)
		}
	}
	snapshot, err := screen.Embedded()
	if err != nil {
		return err
	}
	policy, sum, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	handler, err := report.New(c.Output, s.stdout, reportOptions(s.stdout))
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	failed := false
	run := screen.Run{Tool: toolVersion(), All: c.All, PolicySum: sum, Emit: func(m *offshelf.Message) error {
		failed = failed || m.Finding != nil && failOn != offshelf.NoAction && m.Finding.Action >= failOn
		return handler.Handle(m)
	}}
	if _, err := c.screen(s, snapshot, policy, c.Min, run); err != nil {
		return err
	}
	if err := handler.Close(); err != nil {
		return err
	}
	if failed {
		return exitCode(2)
	}
	return nil
}

// screen opens the catalogs and runs them through a screener.
func (c *catalogFlags) screen(s *session, snapshot *screen.Snapshot, policy offshelf.Policy, minimum float64, run screen.Run) (*offshelf.Summary, error) {
	options := []screen.Option{screen.Minimum(minimum), screen.Workers(c.Workers)}
	if c.AsOf != "" {
		d, err := day(c.AsOf)
		if err != nil {
			return nil, err
		}
		if d > offshelf.DayOf(time.Now()) {
			run.Notes = append(run.Notes, fmt.Sprintf("--as-of %s lies in the future: what is known today is taken to hold until then", d))
		}
		options = append(options, screen.AsOf(d))
	}
	screener, err := screen.New(snapshot, policy, options...)
	if err != nil {
		return nil, err
	}
	var sources []screen.Source
	for _, name := range c.Files {
		f, err := s.open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		sources = append(sources, screen.Source{Name: name, Read: f, Map: c.Map, Form: c.Format})
	}
	p := newProgress(s.stderr)
	run.Watch = p.watch
	sum, err := screener.Catalogs(s.ctx, sources, run)
	p.done()
	return sum, err
}

// reportOptions reads what the terminal behind out can do.
func reportOptions(out io.Writer) report.Options {
	t, ok := out.(*terminalAware)
	if !ok {
		return report.Options{}
	}
	f, ok := t.under.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return report.Options{}
	}
	o := report.Options{Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		o.Width = min(w, 120)
	}
	return o
}

// progress is one line on a terminal, rewritten a few times a second; in a
// pipe there is none.
type progress struct {
	out   io.Writer
	start time.Time
	last  time.Time
	width int
}

func newProgress(out io.Writer) *progress {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{out: out, start: time.Now(), last: time.Now()}
}

func (p *progress) watch(rows int) {
	now := time.Now()
	if p.out == nil || now.Sub(p.last) < 200*time.Millisecond {
		return
	}
	p.last = now
	line := fmt.Sprintf("%d rows read, %.0f a second", rows, float64(rows)/now.Sub(p.start).Seconds())
	fmt.Fprint(p.out, "\r"+line+strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

func (p *progress) done() {
	if p.out != nil && p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
}
