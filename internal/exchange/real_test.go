package exchange_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/exchange"
)

// TestRealFiles reads the samples of the standards' own projects. Each record
// is accounted for, and the table says what each file yields.
func TestRealFiles(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "ownership")
	files, err := filepath.Glob(filepath.Join(root, "*", "*json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no samples of ownership data below %s", root)
	}
	var table strings.Builder
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		im, err := exchange.Read(filepath.Base(file), f)
		f.Close()
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		fmt.Fprintf(&table, "%-55s %-14s read %3d = imported %3d + refused %d + ignored %3d; %2d parties %2d stakes %2d listings %d findings %d proposals\n",
			im.File, im.Format, im.Read, im.Imported, im.Refused, im.Counts.Ignored, len(im.Parties), len(im.Stakes), len(im.Listings), im.FindingCount, len(im.Proposals))
		if addsUp(t, im); im.Read == 0 {
			t.Errorf("%s: nothing was read", im.File)
		}
		for _, r := range im.Refusals {
			fmt.Fprintf(&table, "    refused %s\n", r)
		}
		for _, r := range im.Reasons {
			fmt.Fprintf(&table, "    ignored %3d: %s\n", r.Count, r.Reason)
		}
		for _, d := range im.Findings {
			fmt.Fprintf(&table, "    %s\n", d)
		}
		for _, s := range im.Stakes {
			fmt.Fprintf(&table, "    %.12s has %s control=%v of %.12s, %s (%s)\n", s.Holder, s.Share, s.Control, s.Held, s.Interval, s.Grade)
		}
	}
	t.Log("\n" + table.String())
}
