// Command screen measures how fast offshelf screens a catalog, against the
// floor of reading the same file with encoding/csv, and beside grep with a list
// of brand names, in the same run.
//
//	go run ./bench/screen -rows 10000000
package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/offshelf/offshelf/knowledge"
)

func main() {
	rows := flag.Int("rows", 10_000_000, "rows of the catalog")
	dir := flag.String("dir", os.TempDir(), "folder for the catalog and the binary; needs 250 bytes a row")
	rounds := flag.Int("rounds", 3, "rounds; the median counts")
	grep := flag.Bool("grep", true, "also time grep -iwF")
	flag.Parse()
	if err := run(*dir, *rows, *rounds, *grep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, rows, rounds int, grep bool) error {
	file := filepath.Join(dir, fmt.Sprintf("offshelf-bench-%d.csv", rows))
	if _, err := os.Stat(file); err != nil {
		if err := command(nil, "go", "run", "./bench/catalog", "-rows", strconv.Itoa(rows), "-o", file); err != nil {
			return err
		}
	}
	binary := filepath.Join(dir, "offshelf-bench")
	if err := command(nil, "go", "build", "-o", binary, "./cmd/offshelf"); err != nil {
		return err
	}
	size, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows, %d bytes, %.0f a row; %d cores; median of %d rounds\n", rows, size.Size(), float64(size.Size())/float64(rows), runtime.NumCPU(), rounds)
	var floor, screen, greps []time.Duration
	rss := 0
	for range rounds {
		d, err := readCSV(file)
		if err != nil {
			return err
		}
		floor = append(floor, d)
		d, kb, err := timed(io.Discard, binary, "screen", file, "-o", "csv")
		if err != nil {
			return err
		}
		screen = append(screen, d)
		rss = max(rss, kb)
		if grep {
			d, err := grepBrands(dir, file)
			if err != nil {
				return err
			}
			greps = append(greps, d)
		}
	}
	f, s := median(floor), median(screen)
	fmt.Printf("encoding/csv alone (ReuseRecord)  %8.2fs  %9.0f rows/s\n", f.Seconds(), float64(rows)/f.Seconds())
	fmt.Printf("offshelf screen -o csv            %8.2fs  %9.0f rows/s  %.2f × encoding/csv  peak RSS %d MB\n", s.Seconds(), float64(rows)/s.Seconds(), s.Seconds()/f.Seconds(), rss/1024)
	if grep {
		g := median(greps)
		fmt.Printf("grep -iwF -f brands.txt           %8.2fs  offshelf takes %.2f × that\n", g.Seconds(), s.Seconds()/g.Seconds())
	}
	return nil
}

func readCSV(file string) (time.Duration, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	start := time.Now()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return time.Since(start), nil
		} else if err != nil {
			return 0, err
		}
	}
}

// grepBrands is today's practice: a list of names, any case, whole words.
func grepBrands(dir, file string) (time.Duration, error) {
	k, _, err := knowledge.Embedded()
	if err != nil {
		return 0, err
	}
	var names []string
	for _, b := range k.Brands {
		names = append(names, b.Name)
	}
	list := filepath.Join(dir, "offshelf-bench-brands.txt")
	if err := os.WriteFile(list, []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
		return 0, err
	}
	d, _, err := timed(io.Discard, "grep", "-iwF", "-c", "-f", list, file)
	return d, err
}

// timed runs a program and returns its wall time and its peak resident size in
// kilobytes.
func timed(out io.Writer, name string, args ...string) (time.Duration, int, error) {
	var stderr bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = out, &stderr
	start := time.Now()
	err := c.Run()
	d := time.Since(start)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w: %s", name, err, stderr.String())
	}
	usage, _ := c.ProcessState.SysUsage().(*syscall.Rusage)
	return d, int(usage.Maxrss), nil
}

func command(out io.Writer, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = out, os.Stderr
	return c.Run()
}

func median(ds []time.Duration) time.Duration {
	sorted := append([]time.Duration(nil), ds...)
	for i := range sorted {
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[len(sorted)/2]
}
