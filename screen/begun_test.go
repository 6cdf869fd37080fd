package screen

import (
	"testing"

	"github.com/offshelf/offshelf"
)

// No finding starts after it ends, also where its start is only known to lie
// on or before a day.
func TestNothingStartsAfterItsEnd(t *testing.T) {
	snapshot, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := snapshot.Policy("default")
	day, err := offshelf.ParseDay("2021-10-25")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(snapshot, policy, AsOf(day))
	if err != nil {
		t.Fatal(err)
	}
	for _, brand := range []string{"Lorex", "EZVIZ", "Dahua", "Hikvision", "Kaspersky", "Huawei"} {
		found, _ := s.Who(brand)
		if len(found) == 0 {
			t.Errorf("%s is not known", brand)
		}
		for _, p := range found {
			for _, f := range p.Findings {
				iv := offshelf.Interval{From: f.Since, Until: f.Until}
				if !f.Since.IsZero() && !f.Until.IsZero() && f.Since.Latest() >= f.Until.Latest() {
					t.Errorf("%s: %s by %s is %s", brand, f.Regime, f.Listing, iv)
				}
				for _, c := range f.Chains {
					if !c.Since.IsZero() && !c.Until.IsZero() && c.Since.Latest() >= c.Until.Latest() {
						t.Errorf("%s: a chain of %s by %s is %s", brand, f.Regime, f.Listing, offshelf.Interval{From: c.Since, Until: c.Until})
					}
				}
			}
		}
	}
}
