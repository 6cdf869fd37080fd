package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/screen"
)

// catalogFlags are shared by the commands that read catalogs.
type catalogFlags struct {
	Files   []string  `arg:"" name:"file" help:"Catalogs: CSV, TSV, XLSX, JSON, NDJSON, Shopify export or Google Merchant feed, also gzip or zstd. - is standard input."`
	Map     columnMap `placeholder:"FIELD=COLUMN" help:"Read FIELD from COLUMN instead of the guess, for example --map brand=Marke. Repeatable."`
	Format  string    `placeholder:"FORMAT" help:"Format of the catalogs where it is not to be recognised: csv, tsv, xlsx, json, ndjson, shopify, merchant-xml."`
	Workers workers   `default:"0" placeholder:"N" help:"How many workers screen at the same time, up to 64. The default, 0, is one a processor core. The result is the same."`
}

type screenCommand struct {
	catalogFlags
	overlayFlags
	AsOf   asOf        `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
	Output string      `short:"o" default:"text" placeholder:"FORMAT" help:"text (unless you say otherwise), json (the stream), csv or html."`
	Policy string      `default:"default" placeholder:"POLICY" help:"A policy file, or the name of a shipped one: default (unless you say otherwise), 2021-home-depot, 2021-best-buy, 2021-lowes."`
	All    bool        `help:"Also list the products without a finding."`
	Min    probability `default:"0.5" placeholder:"P" help:"Least probability, 0 to 1, at which a product counts as made under a brand; under 0.5 none ever does. The default is 0.5."`
	Since  bool        `name:"since-listed" help:"Also count the days since each product could have been seen as reached: per product, per brand and in all."`
	FailOn string      `placeholder:"ACTION" help:"Exit with 2 when a finding calls for this action or a stronger one: pull, hold, review or note."`
}

func (screenCommand) Help() string {
	return `Example: what a hardware store would have been told in October 2021

  offshelf screen examples/hardware-store-2021.csv --as-of 2021-10-25 --policy 2021-lowes

and for how long that could have been known

  offshelf screen examples/hardware-store-2021.csv --as-of 2021-10-25 --policy 2021-lowes --since-listed

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
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	policy, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	handler, err := report.New(c.Output, s.stdout, reportOptions(s.stdout))
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	failed := false
	run := screen.Run{Tool: toolVersion(), All: c.All, SinceListed: c.Since, PolicySum: policy.sum, Emit: func(m *offshelf.Message) error {
		failed = failed || m.Finding != nil && failOn != offshelf.NoAction && m.Finding.Action >= failOn
		return handler.Handle(m)
	}}
	summary, broken := c.screen(s, snapshot, policy, c.AsOf, float64(c.Min), run)
	if summary == nil {
		return broken
	}
	if err := handler.Close(); err != nil {
		return err
	}
	if broken != nil {
		return broken
	}
	if failed {
		return exitCode(2)
	}
	return nil
}

// screen makes a screener and runs the catalogs through it.
func (c *catalogFlags) screen(s *session, snapshot *screen.Snapshot, policy *loadedPolicy, as asOf, minimum float64, run screen.Run) (*offshelf.Summary, error) {
	run.Notes = append(run.Notes, screenNotes(snapshot, as.on())...)
	screener, err := newScreener(snapshot, policy, screen.AsOf(as.on()), screen.Minimum(minimum), screen.Workers(int(c.Workers)))
	if err != nil {
		return nil, err
	}
	return c.catalogs(s, screener, run)
}

// screenNotes warns of what a reader of the result should know.
func screenNotes(snapshot *screen.Snapshot, day offshelf.Day) []string {
	var notes []string
	if day > offshelf.DayOf(time.Now()) {
		notes = append(notes, fmt.Sprintf("--as-of %s lies in the future: what is known today is taken to hold until then", day))
	}
	for _, w := range snapshot.Withdrawn() {
		notes = append(notes, fmt.Sprintf("the overlay withdraws the shipped %s: %s", w, w.Why))
	}
	return notes
}

// catalogs opens the catalogs and runs them through a screener. Where a
// catalog breaks off there is both a summary and an error.
func (c *catalogFlags) catalogs(s *session, screener *screen.Screener, run screen.Run) (*offshelf.Summary, error) {
	if i := slices.Index(c.Files, "-"); i >= 0 && slices.Contains(c.Files[i+1:], "-") {
		return nil, errors.New("- is named twice: standard input can be read only once")
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

// probability is a number from 0 to 1.
type probability float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *probability) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(v >= 0 && v <= 1) { // NaN too
		return fmt.Errorf("%q is no probability: write a number from 0 to 1, for example 0.8", text)
	}
	*p = probability(v)
	return nil
}

// maxWorkers bounds the memory that batches under way take.
const maxWorkers = 64

// workers is how many goroutines screen.
type workers int

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *workers) UnmarshalText(text []byte) error {
	v, err := strconv.Atoi(string(text))
	if err != nil || v < 0 || v > maxWorkers {
		return fmt.Errorf("%q is no number of workers: use 1 to %d, or 0 for one a processor core", text, maxWorkers)
	}
	*w = workers(v)
	return nil
}

// columnMap maps fields to columns, from FIELD=COLUMN.
type columnMap map[string]string

// Decode implements kong.MapperValue: a column may hold any character.
func (m *columnMap) Decode(ctx *kong.DecodeContext) error {
	var s string
	if err := ctx.Scan.PopValueInto("FIELD=COLUMN", &s); err != nil {
		return err
	}
	field, column, ok := strings.Cut(s, "=")
	if !ok || field == "" || column == "" {
		return fmt.Errorf("%q: write FIELD=COLUMN, for example --map brand=Marke", s)
	}
	if other, ok := (*m)[field]; ok && other != column {
		return fmt.Errorf("the field %s is mapped twice, to the columns %q and %q: map it once", field, other, column)
	}
	if *m == nil {
		*m = columnMap{}
	}
	(*m)[field] = column
	return nil
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
	p.line(fmt.Sprintf("%d rows read, %.0f a second", rows, float64(rows)/now.Sub(p.start).Seconds()))
}

// tell says what is being worked on, and how much of it is done.
func (p *progress) tell(what string, done int64) {
	if now := time.Now(); p.out != nil && now.Sub(p.last) >= 200*time.Millisecond {
		p.last = now
		p.line(fmt.Sprintf("%s: %d", what, done))
	}
}

func (p *progress) line(line string) {
	fmt.Fprint(p.out, "\r"+line+strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

func (p *progress) done() {
	if p.out != nil && p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
}
