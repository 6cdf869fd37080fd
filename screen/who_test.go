package screen_test

import (
	"slices"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

func TestWhoFindsABrand(t *testing.T) {
	sc := screener(t, "2021-lowes", "2021-10-25")
	for _, spelling := range []string{"Lorex", "lorex", " LOREX ", "Lo-Rex"} {
		found, similar := sc.Who(spelling)
		i := slices.IndexFunc(found, func(p screen.Profile) bool { return p.Brand != nil && p.Brand.ID == "lorex" })
		if i < 0 || similar != nil {
			t.Fatalf("%q finds %d, similar %q", spelling, len(found), similar)
		}
		p := found[i]
		fs := through(p.Findings, house)
		// Dahua owned it; that Hikvision makes some models is a hobby source's word.
		if len(fs) != 2 || fs[0].Listing != "us-bis-el/dahua" || fs[0].Verdict != offshelf.Reached || fs[0].Days != 747 ||
			fs[0].Action != offshelf.Pull || fs[0].Probability != 1 || fs[1].Listing != "us-bis-el/hikvision" || fs[1].Verdict != offshelf.Possible {
			t.Errorf("%q: %d findings of the house rule, the first %s, %d days", spelling, len(fs), fs[0].Listing, fs[0].Days)
		}
		if len(p.Holders) == 0 || len(p.Makes) == 0 || len(p.Sources) == 0 || p.Names["dahua"] != "Zhejiang Dahua Technology Co., Ltd." {
			t.Errorf("%q: %d stakes, %d makes, %d sources, names %v", spelling, len(p.Holders), len(p.Makes), len(p.Sources), p.Names)
		}
	}
}

func TestWhoFindsAParty(t *testing.T) {
	// Four US instruments print four names for Dahua.
	for _, printed := range []string{"Dahua Technology", "Dahua Technology Company", "Zhejiang Dahua Technology Co., Ltd.", "Dahua"} {
		found, _ := screener(t, "default", "2021-10-25").Who(printed)
		i := slices.IndexFunc(found, func(p screen.Profile) bool { return p.Party != nil && p.Party.ID == "dahua" })
		if i < 0 {
			t.Fatalf("%q does not find Dahua", printed)
		}
		p := found[i]
		held := slices.ContainsFunc(p.Holdings, func(s offshelf.Stake) bool { return s.Held == "lorex-technology" })
		listed := slices.ContainsFunc(p.Listings, func(l offshelf.Listing) bool { return l.ID == "us-bis-el/dahua" })
		if !held || !listed || len(p.Concerns) == 0 || len(p.Brands) == 0 || len(p.Makes) == 0 || len(p.Holders) == 0 || len(p.Refuted) == 0 {
			t.Errorf("%q: holds Lorex %v, listed %v, %+v", printed, held, listed, p)
		}
		// A party alone has no goods: every rule is told in its widest scope.
		for _, rule := range []string{"us-bis-el", "us-ndaa-889", "us-fcc-covered"} {
			if fs := through(p.Findings, rule); len(fs) != 1 || fs[0].Verdict != offshelf.Reached {
				t.Errorf("%q: %s says %+v", printed, rule, fs)
			}
		}
	}
}

func TestWhoSuggests(t *testing.T) {
	sc := screener(t, "default", today)
	found, similar := sc.Who("hikvis")
	if len(found) > 0 || !slices.Contains(similar, "Hikvision") || !slices.IsSorted(similar) || len(slices.Compact(slices.Clone(similar))) != len(similar) {
		t.Errorf("hikvis finds %d, similar %q", len(found), similar)
	}
	for _, nothing := range []string{"", " - ", "zzzzzzzz"} {
		if found, similar := sc.Who(nothing); found != nil || similar != nil {
			t.Errorf("%q finds %d, similar %q", nothing, len(found), similar)
		}
	}
}

func TestWhoOfEveryBrand(t *testing.T) {
	k := invent(t).k
	sc := screener(t, "default", today)
	for _, b := range k.Brands[:len(k.Brands)-1] {
		found, _ := sc.Who(b.Name)
		if !slices.ContainsFunc(found, func(p screen.Profile) bool { return p.Brand != nil && p.Brand.ID == b.ID }) {
			t.Errorf("%s is not found by its name", b.Name)
		}
	}
	for _, party := range k.Parties[:len(k.Parties)-2] {
		found, _ := sc.Who(party.Name)
		if !slices.ContainsFunc(found, func(p screen.Profile) bool { return p.Party != nil && p.Party.ID == party.ID }) {
			t.Errorf("%s is not found by its name", party.Name)
		}
	}
}
