package screen_test

import (
	"context"
	"sync"
	"testing"

	"github.com/offshelf/offshelf"
)

// One screener serves any number of goroutines, and each gets the same answers.
func TestConcurrentUse(t *testing.T) {
	products := []offshelf.Product{lorex, ezviz, hikvision, honor, kaspersky, lexmark, pantum, tplink, dji, byFCC, byMAC, mount, hassel, {}}
	want, err := screener(t, "2021-lowes", "2021-10-25").ScreenBatch(context.Background(), products)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != len(products) || len(want[0]) == 0 {
		t.Fatalf("%d answers to %d products", len(want), len(products))
	}
	sc := screener(t, "2021-lowes", "2021-10-25") // with nothing worked out yet
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range products {
				at := (i + g) % len(products)
				got, err := sc.Screen(context.Background(), products[at])
				if err != nil {
					t.Error(err)
					return
				}
				if d := diff(want[at], got); d != "" {
					t.Errorf("%s: %s", products[at].ID, d)
					return
				}
				if a := sc.Attribute(products[at]); len(want[at]) > 0 && len(a) == 0 {
					t.Errorf("%s is not attributed", products[at].ID)
				}
				if found, _ := sc.Who("Lorex"); len(found) == 0 {
					t.Error("Lorex is not found")
				}
			}
			got, err := sc.ScreenBatch(context.Background(), products)
			if err != nil {
				t.Error(err)
				return
			}
			if d := diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	wg.Wait()
}
