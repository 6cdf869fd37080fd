// Command start measures a whole run of offshelf, from the start of the process
// to its end, on the small example: the median of 20 runs, and the size of the
// binary.
//
//	go run ./bench/start
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	binary := filepath.Join(os.TempDir(), "offshelf-bench")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./cmd/offshelf").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	var runs []time.Duration
	for range 20 {
		c := exec.Command(binary, "screen", "examples/hardware-store-2021.csv", "--as-of", "2021-10-25", "--policy", "2021-lowes")
		start := time.Now()
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		runs = append(runs, time.Since(start))
	}
	slices.Sort(runs)
	fmt.Printf("start to finish, 60 rows: median %.1f ms, fastest %.1f ms, slowest %.1f ms of 20 runs\n", ms(runs[10]), ms(runs[0]), ms(runs[19]))
	fmt.Printf("binary: %.1f MB\n", float64(info.Size())/1e6)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
