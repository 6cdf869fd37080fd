// Command world measures reach on ownership data of the size of the whole
// world: how long it takes to load, to close over one date, and to work out
// when every party was reached under three regimes, beside the recursive SQL
// query that answers the nearest question in SQLite.
//
//	go run ./bench/world
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

func main() {
	parties := flag.Int("parties", 2_000_000, "parties of the world; 2.5 times as many stakes, a hundredth as many listed")
	dir := flag.String("dir", os.TempDir(), "folder for the worlds; needs 400 bytes a party")
	rounds := flag.Int("rounds", 3, "rounds; the median counts")
	sql := flag.Bool("sql", true, "also run the recursive query in SQLite")
	of := flag.String("measure", "", "measure this world and print the figures as JSON; used by the command itself")
	flag.Parse()
	err := error(nil)
	if *of != "" {
		err = measure(*of)
	} else {
		err = run(*dir, *parties, *rounds, *sql)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// figures are what one run over a world took, in seconds and bytes.
type figures struct {
	Parties, Stakes, Listed, Refused int
	Load, Closure, Timeline          float64
	Reached, Possible                int // on the day, under the first regime
	Spans                            int // of all regimes
	Peak                             int64
}

func run(dir string, parties, rounds int, sql bool) error {
	fmt.Printf("%d cores; median of %d rounds, each in a process of its own\n", runtime.NumCPU(), rounds)
	fmt.Printf("%10s %10s %8s %8s %9s %10s %9s %9s %9s %10s\n",
		"parties", "stakes", "listed", "load s", "closure s", "timeline s", "peak MB", "reached", "possible", "spans")
	var half, whole figures
	for _, n := range []int{parties / 2, parties} {
		file := filepath.Join(dir, fmt.Sprintf("offshelf-world-%d.ftm.json", n))
		if _, err := os.Stat(file); err != nil {
			if err := generate(file, n); err != nil {
				return err
			}
		}
		f, err := measureIn(file, rounds)
		if err != nil {
			return err
		}
		fmt.Printf("%10d %10d %8d %8.2f %9.3f %10.2f %9d %9d %9d %10d\n",
			f.Parties, f.Stakes, f.Listed, f.Load, f.Closure, f.Timeline, f.Peak>>20, f.Reached, f.Possible, f.Spans)
		half, whole = whole, f
	}
	fmt.Printf("twice the world: load %.2f x, closure %.2f x, timeline %.2f x, memory %.2f x\n",
		whole.Load/half.Load, whole.Closure/half.Closure, whole.Timeline/half.Timeline, float64(whole.Peak)/float64(half.Peak))
	if !sql {
		return nil
	}
	return query(filepath.Join(dir, fmt.Sprintf("offshelf-world-%d.ftm.json", parties)), whole)
}

// measureIn runs measure in a process of its own, so that its peak memory is
// its own, and returns the median of each figure.
func measureIn(file string, rounds int) (figures, error) {
	self, err := os.Executable()
	if err != nil {
		return figures{}, err
	}
	var all []figures
	for range rounds {
		c := exec.Command(self, "-measure", file)
		c.Stderr = os.Stderr
		out, err := c.Output()
		if err != nil {
			return figures{}, fmt.Errorf("measure %s: %w", file, err)
		}
		var f figures
		if err := json.Unmarshal(out, &f); err != nil {
			return figures{}, err
		}
		all = append(all, f)
	}
	f := all[0]
	median := func(of func(*figures) float64) float64 {
		var v []float64
		for i := range all {
			v = append(v, of(&all[i]))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	f.Load = median(func(f *figures) float64 { return f.Load })
	f.Closure = median(func(f *figures) float64 { return f.Closure })
	f.Timeline = median(func(f *figures) float64 { return f.Timeline })
	f.Peak = int64(median(func(f *figures) float64 { return float64(f.Peak) }))
	return f, nil
}
