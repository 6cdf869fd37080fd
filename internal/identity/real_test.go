package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/identity"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/knowledge"
)

func published(t testing.TB, id string, names ...string) []list.Entry {
	t.Helper()
	files := listtest.Published(t, names...)
	s, err := register.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return e.Entries
}

// TestHikvisionAndDahuaAreOnePartyEach joins the published lists: each of the
// two comes out once, with every list that prints it, under its printed name
// and with its citation.
func TestHikvisionAndDahuaAreOnePartyEach(t *testing.T) {
	var all []list.Entry
	for _, x := range []struct {
		list  string
		files []string
	}{
		{"us-bis-el", []string{"us-bis-entity-list_2026-07-09.json"}},
		{"us-ndaa-889", []string{"us-ndaa-889.csv"}},
		{"us-fcc-covered", []string{"us-fcc-covered_2026-08-20.csv"}},
		{"us-1260h", []string{"us-1260h_2026-06-10.json"}},
		{"us-ns-cmic", []string{"us-ns-cmic_2026-07-09.json"}},
		{"us-ofac-cons", []string{"us-ofac-cons_2025-12/cons_prim.csv", "us-ofac-cons_2025-12/cons_alt.csv", "us-ofac-cons_2025-12/cons_add.csv", "us-ofac-cons_2025-12/cons_comments.csv"}},
		{"us-csl", []string{"us-csl-partial_2023-11-30.csv"}},
		{"us-uflpa", []string{"us-uflpa_2026-07-09.html"}},
	} {
		all = append(all, published(t, x.list, x.files...)...)
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	clusters, proposals := identity.Join(all, k)
	t.Logf("%d entries, %d parties, %d proposals", len(all), len(clusters), len(proposals))
	want := map[string][]string{ // list, printed name, first citation, from
		"hikvision": {
			"us-1260h | Hangzhou Hikvision Digital Technology Co., Ltd. | 91 FR 35189, 2026-06-10 | 2026-06-10",
			"us-bis-el | Hangzhou Hikvision Digital Technology Co., Ltd. | 84 FR 54004, 2019-10-09 | 2019-10-09",
			"us-fcc-covered | Hangzhou Hikvision Digital Technology Company |  | 2021-03-12",
			"us-ndaa-889 | Hangzhou Hikvision Digital Technology Company | Pub. L. 115-232, section 889, 2018-08-13 | 2018-08-13",
			"us-ns-cmic | HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD. |  | 2021-06-03",
			"us-ns-cmic | Hangzhou Hikvision Digital Technology Co., Ltd. |  | 2021-06-03",
			"us-ns-cmic | Hangzhou Hikvision Digital Technology Co., Ltd. |  | 2021-06-03",
		},
		"dahua": {
			"us-1260h | Zhejiang Dahua Technology Co., Ltd. | 91 FR 35189, 2026-06-10 | 2026-06-10",
			"us-bis-el | Dahua Technology | 84 FR 54004, 2019-10-09 | 2019-10-09",
			"us-fcc-covered | Dahua Technology Company |  | 2021-03-12",
			"us-ndaa-889 | Dahua Technology Company | Pub. L. 115-232, section 889, 2018-08-13 | 2018-08-13",
		},
	}
	found := map[string]int{}
	for _, c := range clusters {
		w, ok := want[c.Party]
		if !ok {
			continue
		}
		found[c.Party]++
		var got []string
		for _, e := range c.Entries {
			cited := ""
			if len(e.Citations) > 0 {
				cited = e.Citations[0].String()
			}
			got = append(got, strings.Join([]string{e.List, e.Name, cited, e.From.String()}, " | "))
		}
		slices.Sort(got)
		if !slices.Equal(got, w) {
			t.Errorf("%s:\n%s\nwant\n%s", c.Party, strings.Join(got, "\n"), strings.Join(w, "\n"))
		}
		if len(c.Reasons) == 0 {
			t.Errorf("%s is joined without a reason", c.Party)
		}
	}
	for party := range want {
		if found[party] != 1 {
			t.Errorf("%s is %d parties", party, found[party])
		}
	}
	// DAHUA ELECTRONICS CORPORATION is another company, and stays alone.
	for _, c := range clusters {
		for _, e := range c.Entries {
			if e.Name == "DAHUA ELECTRONICS CORPORATION" && (len(c.Entries) > 1 || c.Party != "") {
				t.Errorf("%s is joined: %v", e.Name, c.Reasons)
			}
		}
	}
	// A party of the knowledge is one cluster.
	parties := map[string]int{}
	for _, c := range clusters {
		if c.Party != "" {
			parties[c.Party]++
		}
	}
	for p, n := range parties {
		if n > 1 {
			t.Errorf("%s is %d clusters", p, n)
		}
	}
	t.Logf("%d parties of the knowledge stand on these lists", len(parties))
}
