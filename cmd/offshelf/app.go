package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// version is set at release; a build from source says devel.
var version = "devel"

// app is the command line; the struct is its grammar.
type app struct {
	Screen    screenCommand    `cmd:"" help:"Read catalogs and print what must come off the shelf, and why."`
	Attribute attributeCommand `cmd:"" help:"Say which brand or maker each product comes from, with reasons."`

	Who     whoCommand     `cmd:"" help:"Say who is behind a brand or company, through time."`
	Reach   reachCommand   `cmd:"" help:"Say which rules reach a company or brand, since when, and by which facts."`
	Explain explainCommand `cmd:"" help:"Explain one finding of a saved stream, step by step, with every source."`
	Regimes regimesCommand `cmd:"" help:"List the rules that are applied, or show one."`
	Whatif  whatifCommand  `cmd:"" help:"Say which products would be reached if a company were listed, delisted or sold."`
	Search  searchCommand  `cmd:"" help:"Find the listed and known names that come near a name, in any spelling and script."`
	Compare compareCommand `cmd:"" help:"Say how probable it is that two names are meant to be one, and why."`

	Knowledge knowledgeCommand `cmd:"" help:"Check, count and show the facts that offshelf knows."`
	Policy    policyCommand    `cmd:"" help:"Check a policy, and run its tests."`
	Lists     listsCommand     `cmd:"" help:"Keep the official lists: editions, entries and what changed."`
	Update    updateCommand    `cmd:"" help:"Fetch the official lists; one that fails keeps its last good edition."`
	Render    renderCommand    `cmd:"" help:"Render a saved stream (screen -o json) again."`

	Serve serveCommand `cmd:"" help:"Serve the API, and work on what comes in."`
	Work  workCommand  `cmd:"" help:"Work on the jobs of offshelf serve, beside it or on another machine."`
	Rerun rerunCommand `cmd:"" help:"Screen a kept upload again with what was known then, and compare the result."`

	Ledger  ledgerCommand  `cmd:"" help:"Show that nothing that was kept has been altered since."`
	Backup  backupCommand  `cmd:"" help:"Write all of the database to a file, while it is used."`
	Restore restoreCommand `cmd:"" help:"Read a backup into an empty database of either engine."`

	Version versionFlag `help:"Print the version and the state of the knowledge."`
}

// Help is what offshelf --help says beside the commands.
func (app) Help() string {
	return `Example:

  offshelf screen examples/hardware-store-2021.csv --as-of 2021-10-25 --policy 2021-lowes
  offshelf who Lorex`
}

// session is what every command is run with.
type session struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	// patience is how long, in nanoseconds, the command may take to end when it
	// is interrupted; see grace.
	patience *atomic.Int64
}

// exitCode ends the tool with a code and no message: 2 says that a finding of
// the --fail-on kind exists.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// grace is how long a command that was interrupted may take to end by itself;
// a service takes longer.
const grace = 2 * time.Second

// run is the whole tool in-process: arguments and streams in, exit code out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var a app
	ended := -1
	parser, err := kong.New(&a,
		kong.Name("offshelf"),
		kong.Description("offshelf finds which products of a catalog are made or owned by listed companies, through which brand, owner or maker, since when, under which rule, and whether that rule is law or your own policy."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { ended = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "offshelf:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if ended >= 0 {
		return ended
	}
	if err != nil {
		text := err.Error()
		if missing, ok := strings.CutPrefix(text, `expected "`); ok {
			text = "an argument is missing: " + strings.TrimSuffix(missing, `"`)
		}
		fmt.Fprintf(stderr, "offshelf: %s\nTry: %s --help\n", text, commandOf(err))
		return 1
	}
	out := bufio.NewWriterSize(stdout, 64<<10)
	done := make(chan error, 1)
	var patience atomic.Int64
	patience.Store(int64(grace))
	go func() {
		done <- parsed.Run(&session{ctx, &interruptible{ctx: ctx, r: stdin}, &terminalAware{out, stdout}, stderr, &patience})
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(time.Duration(patience.Load())): // it works on something long, and what it has is not complete
			fmt.Fprintln(stderr, "offshelf: interrupted: the result is not complete")
			return 1
		}
	}
	if flush := out.Flush(); err == nil {
		err = flush
	}
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE):
		return 0 // the reader, such as head, has seen enough
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted: the result is not complete")
	}
	fmt.Fprintf(stderr, "offshelf: %v\n", strings.ReplaceAll(err.Error(), "\n", "\noffshelf: "))
	return 1
}

// commandOf names the command whose arguments are wrong.
func commandOf(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil && p.Context.Selected() != nil {
		return "offshelf " + p.Context.Selected().Path()
	}
	return "offshelf"
}

// terminalAware is buffered output that still knows the file behind it.
type terminalAware struct {
	io.Writer
	under io.Writer
}

// versionFlag reads the knowledge only when it is asked for, since that would
// cost each run some milliseconds.
type versionFlag bool

// BeforeReset prints the version and ends the tool, as kong's own flag does.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	line := "offshelf " + toolVersion()
	if k, sum, err := knowledge.Embedded(); err == nil {
		line += fmt.Sprintf(", knowledge %s, sha256 %s", k.Version, sum)
	}
	fmt.Fprintln(app.Stdout, line)
	app.Exit(0)
	return nil
}

func toolVersion() string {
	if version != "devel" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}

// open opens a catalog or stream; "-" is standard input.
func (s *session) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(s.stdin), nil
	}
	f, err := s.openFile(name)
	if err != nil {
		var p *os.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s: no such file: check the name and the folder you are in", name)
		case errors.As(err, &p):
			return nil, fmt.Errorf("%s: the file cannot be opened: %w", name, p.Err)
		}
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s: is a folder: name the catalog file in it", name)
	}
	return f, nil
}

// openFile opens a file and gives up when the tool is interrupted: opening a
// named pipe waits for a writer.
func (s *session) openFile(name string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
}

// asOf is the day of an --as-of flag.
type asOf struct {
	day   offshelf.Day
	given bool
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *asOf) UnmarshalText(text []byte) error {
	d, err := offshelf.ParseDay(string(text))
	if err != nil || len(text) == 0 {
		return fmt.Errorf("%q is no day of the calendar: write it as YYYY-MM-DD, for example 2021-10-25", text)
	}
	a.day, a.given = d, true
	return nil
}

// on is the day to answer for.
func (a asOf) on() offshelf.Day {
	if a.given {
		return a.day
	}
	return offshelf.DayOf(time.Now())
}
