package screen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

func coverer(t *testing.T) *screen.Screener {
	t.Helper()
	s, err := screen.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	p, _ := s.Policy("default")
	sc, err := screen.New(s, p)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func covered(t *testing.T, text string, o screen.CoverageOptions) (*screen.Coverage, error) {
	t.Helper()
	return coverer(t).Coverage(t.Context(), []screen.Source{{Name: "shop.csv", Read: strings.NewReader(text)}}, o)
}

// TestCoverageIsBounded: more unknown brands than counters leave an error
// bound, and the common ones are still named.
func TestCoverageIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("sku,title,brand\n")
	for i := range 3000 {
		brand := fmt.Sprintf("Brandx%d", i)
		if i%5 == 0 {
			brand = "Qwertz"
		}
		fmt.Fprintf(&b, "%d,Garden chair,%s\n", i, brand)
	}
	c, err := covered(t, b.String(), screen.CoverageOptions{Top: 3, Counters: 50})
	if err != nil {
		t.Fatal(err)
	}
	top := c.Unknown.Top
	if len(top) != 3 || top[0].Name != "Qwertz" || top[0].Rows < 600 || top[0].Rows-top[0].Over > 600 {
		t.Errorf("top %+v", top)
	}
	if c.Unknown.Bound == 0 || c.Unknown.Bound > 3000/50 {
		t.Errorf("bound %d", c.Unknown.Bound)
	}
	again, _ := covered(t, b.String(), screen.CoverageOptions{Top: 3, Counters: 50})
	if d := cmp.Diff(c, again); d != "" {
		t.Error("the same catalog gives other figures: " + d)
	}
}

// TestCoverageAddsUp: each surveyed row has one standing, each tell one place.
func TestCoverageAddsUp(t *testing.T) {
	c, err := covered(t, "sku,title,brand\n1,Lorex 4K camera,Lorex\n2,Chair,Qwertz\n3,Samsung Galaxy S8,\n4,Lamp,\n,,\n", screen.CoverageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := c.Brands
	if b.Listed+b.Other+b.Ordinary+b.Unknown+b.None != c.Surveyed || c.Surveyed+c.Skipped+c.Failed != c.Read || c.Read != 5 {
		t.Errorf("%d read, %d surveyed, %d skipped, %d failed: %+v", c.Read, c.Surveyed, c.Skipped, c.Failed, b)
	}
	if want := (screen.BrandCoverage{Listed: 1, Ordinary: 1, Unknown: 1, None: 1}); b != want {
		t.Errorf("%+v, want %+v", b, want)
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Fired) + len(c.Silent); n != len(k.Tells) {
		t.Errorf("%d tells, want %d", n, len(k.Tells))
	}
}

// TestCoverageOfABrokenCatalog: what was read is counted, and the error told.
func TestCoverageOfABrokenCatalog(t *testing.T) {
	sc := coverer(t)
	broken := io.MultiReader(strings.NewReader("sku,title,brand\n"+strings.Repeat("1,Lorex 4K camera,Lorex\n", 100_000)), iotest.ErrReader(errors.New("broken disk")))
	c, err := sc.Coverage(t.Context(), []screen.Source{{Name: "shop.csv", Read: broken}}, screen.CoverageOptions{})
	if err == nil || c == nil || c.Brands.Listed < 50_000 || c.Failed != 1 || c.Read != c.Surveyed+1 {
		t.Errorf("%v, %v", c != nil, err)
	}
	if c, err := covered(t, "", screen.CoverageOptions{}); err == nil || c != nil {
		t.Errorf("an empty file: %v, %v", c != nil, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sc.Coverage(ctx, []screen.Source{{Name: "a.csv", Read: strings.NewReader("sku,title\n1,Lamp\n")}}, screen.CoverageOptions{}); err == nil {
		t.Error("an interrupted survey is a success")
	}
}
