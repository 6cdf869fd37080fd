// Command api measures the HTTP API of a real offshelf serve process on
// SQLite, with an API key, the load beside it on the same cores:
//
//	go run ./bench/api
//
// With the database that bench/service -keep leaves, it measures pages of
// findings and cases too:
//
//	go run ./bench/service -rows 1000000 -engine sqlite -keep
//	go run ./bench/api -database /tmp/offshelf-bench.db -key /tmp/offshelf-bench.key
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.length, "time", 10*time.Second, "how long each load lasts")
	flag.StringVar(&o.database, "database", "", "SQLite database to measure pages of, beside the screening")
	flag.StringVar(&o.key, "key", "", "key of its ledger")
	flag.BoolVar(&o.pages, "pages", false, "only pages")
	flag.StringVar(&o.profile, "cpuprofile", "", "write CPU profiles of the service to files that begin so")
	flag.Parse()
	if err := measure(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	length        time.Duration
	database, key string
	pages         bool
	profile       string
}

func measure(o options) error {
	dir, err := os.MkdirTemp("", "offshelf-bench-api-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := build(dir, o.profile != "")
	if err != nil {
		return err
	}
	if !o.pages {
		if err := measureScreen(o, dir, binary); err != nil {
			return err
		}
	}
	if o.database == "" {
		return nil
	}
	s, err := serve(dir, binary, o.database, o.key)
	if err != nil {
		return err
	}
	defer s.stop()
	return s.measurePages()
}

func measureScreen(o options, dir, binary string) error {
	list, err := products(dir, 120_000)
	if err != nil {
		return err
	}
	s, err := serve(dir, binary, "", "")
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.checkHits(list); err != nil {
		return err
	}
	ones := s.screenings(list, 1)
	for _, load := range []struct {
		name        string
		connections int
		requests    [][]byte
		products    int
		rate        int     // requests a second; 0: as fast as they are answered
		bar         float64 // products a second
		p99         time.Duration
	}{
		// What this machine lets a request take that asks for nothing.
		{"healthz", 16, [][]byte{s.request("GET", "/healthz", nil)}, 1, 0, 0, 0},
		{"screen-1", 16, ones, 1, 0, 5_000, 5 * time.Millisecond},
		{"screen-1-paced", 16, ones, 1, 5_100, 5_000, 5 * time.Millisecond},
		{"screen-1000", 4, s.screenings(list, 1000), 1000, 0, 150_000, 0},
	} {
		if _, err := s.load(load.connections, load.requests, load.rate, o.length/5); err != nil {
			return err
		}
		if o.profile != "" {
			s.profile()
		}
		used := s.cpu()
		r, err := s.load(load.connections, load.requests, load.rate, o.length)
		if err != nil {
			return err
		}
		used = s.cpu() - used
		if o.profile != "" {
			if err := s.profiled(o.profile + load.name + ".pprof"); err != nil {
				return err
			}
		}
		rate := float64(len(r.took)*load.products) / r.passed.Seconds()
		verdict := "met"
		if rate < load.bar || load.p99 > 0 && r.percentile(99) > load.p99 || r.errors > 0 {
			verdict = "missed"
		}
		fmt.Printf("%s, %d connections, %.1f s: %.0f requests/s, %.0f products/s, p50 %v, p95 %v, p99 %v, %d errors; the service used %.1f µs a product, %.2f of the cores; the load %.2f\n",
			load.name, load.connections, r.passed.Seconds(), float64(len(r.took))/r.passed.Seconds(), rate, r.percentile(50), r.percentile(95), r.percentile(99), r.errors,
			float64(used.Microseconds())/float64(len(r.took)*load.products), used.Seconds()/r.passed.Seconds(), r.own.Seconds()/r.passed.Seconds())
		if load.bar == 0 {
			continue
		}
		bar := fmt.Sprintf("at least %.0f products/s", load.bar)
		if load.p99 > 0 {
			bar += fmt.Sprintf(", p99 at most %v", load.p99)
		}
		fmt.Printf("  bar: %s: %s\n", bar, verdict)
	}
	return nil
}

// outcome is what came of a load.
type outcome struct {
	took   []time.Duration // of each request, sorted
	passed time.Duration
	own    time.Duration // CPU that the load took
	errors int
}

func (r *outcome) percentile(n int) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(len(r.took)-1, len(r.took)*n/100)].Round(10 * time.Microsecond)
}
