package screen_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// conflict is a row of the tables on which sources disagree.
type conflict struct {
	row     string
	carries []question // what the documented side says

	// The other side stands in the knowledge, told as disputed: a fact between
	// these two, or, without the second, any text about the first, with the words.
	about, and string
	words      string
}

func conflicts() []conflict {
	const dahua, dji, ymtc, tpLink = "Zhejiang Dahua Technology Co., Ltd.", "SZ DJI Technology Co., Ltd.", "Yangtze Memory Technologies Co., Ltd.", "TP-Link Technologies Co., Ltd."
	q := func(kind, subject, on, ask, answer string) question {
		return question{kind: kind, subject: subject, on: on, ask: ask, answer: answer}
	}
	return []conflict{
		{"BRANDS 5", []question{
			q("owned", "Lorex", "2012-06-30", dahua, "no"), q("owned", "Lorex", "2013-06-01", dahua, "no"),
			q("owner", "Lorex", "2013-06-01", "", "FLIR Systems, Inc."), q("owned", "Lorex", "2018-02-05", dahua, "no"),
		}, dahua, "Lorex Technology Inc.", "2012"},
		{"BRANDS 6", []question{
			q("owned", "Lorex", "2022-11-24", dahua, "no"), q("owned", "Lorex", "2023-01-01", dahua, "no"), q("owner", "Lorex", "2023-12-31", "", "Skywatch Inc."),
		}, dahua, "Lorex Technology Inc.", "2023"},
		{"BRANDS_ELECTRONICS 63", []question{
			q("owned", "Imou", "2025-03-02", dahua, "yes"), q("owned", "Imou", "2025-06-01", dahua, "possible"), q("owned", "Imou", "2026-01-01", dahua, "no"),
		}, dahua, "Hangzhou Huacheng Network Technology Co., Ltd.", "March 2025"},
		{"BRANDS_ELECTRONICS 73", []question{
			q("listing", "Zhejiang Uniview Technologies Co., Ltd.", "2024-12-11", "us-bis-el", "yes"), q("listing", "Zhejiang Uniview Technologies Co., Ltd.", "2024-12-11", "us-ndaa-889", "no"),
			q("reach", "Uniview", "2026-08-22", "us-ndaa-889", "not reached"), q("reach", "Uniview", "2026-08-22", "us-bis-el", "reached by policy through Zhejiang Uniview Technologies Co., Ltd."),
		}, "Zhejiang Uniview Technologies Co., Ltd.", "", "889"},
		{"BRANDS_ELECTRONICS 168", []question{
			q("owned", "Cogito Tech Company Limited", "2024-09-01", dji, "no"), q("reach", "Cogito Tech Company Limited", today, "us-1260h", "not reached"),
		}, dji, "Cogito Tech Company Limited", "no"},
		{"BRANDS_ELECTRONICS 195 & BRANDS_SECTORS 136", []question{
			q("owned", "TP-Link Systems Inc.", "2025-06-01", tpLink, "possible"), q("listing", "TP-Link Systems Inc.", today, "us-1260h", "no"),
			q("reach", "TP-Link Systems Inc.", today, "us-1260h", "possible by policy through "+tpLink),
		}, tpLink, "TP-Link Systems Inc.", "unaffiliated"},
		{"BRANDS_ELECTRONICS 203", []question{
			q("listing", "Hytera Communications Corporation", "2022-11-29", "us-fcc-covered", "2021-03-12"),
		}, "Hytera Communications Corporation", "", "narrowband"},
		{"BRANDS_ELECTRONICS 213 & BRANDS_SECTORS 146", []question{
			q("listing", ymtc, "2026-02-13", "us-1260h", "2024-01-31"), q("listing", ymtc, "2026-02-17", "us-1260h", "2024-01-31"),
			q("listing", ymtc, "2026-02-28", "us-1260h", "2024-01-31"), q("listing", ymtc, "2026-06-07", "us-1260h", "2024-01-31"),
			q("listing", "ChangXin Memory Technologies, Inc.", "2026-02-20", "us-1260h", "2025-01-07"),
		}, ymtc, "", "withdrawn"},
		{"BRANDS_SECTORS 16", []question{
			q("listing", "Changji Esquel Textile Co., Ltd", "2022-01-01", "us-bis-el", "2020-07-22"), q("listing", "Changji Esquel Textile Co., Ltd", "2026-07-09", "us-bis-el", "2020-07-22"),
		}, "Changji Esquel Textile Co., Ltd", "", "2021"},
		{"BRANDS_SECTORS 22", []question{q("reach", "Youngor", today, "us-uflpa", "not reached")}, "Anhui Xinya New Materials Co., Ltd", "", "Youngor"},
		{"BRANDS_SECTORS 99", []question{
			q("owned", "Sichuan Changhong Electric Co., Ltd", "2025-01-01", "Changhong Meiling Co., Ltd", "no"), q("listing", "Sichuan Changhong Electric Co., Ltd", today, "us-uflpa", "no"),
		}, "Changhong Meiling Co., Ltd", "Sichuan Changhong Electric Co., Ltd", ""},
		{"BRANDS_SECTORS 113", []question{
			q("listing", "Donghai JA Solar Technology Co., Ltd", "2025-02-01", "us-uflpa", "2025-01-15"),
		}, "Donghai JA Solar Technology Co., Ltd", "", "2018"},
		{"BRANDS_SECTORS 170", []question{
			q("listing", "Changan US R&D Center, Inc.", "2026-06-08", "us-1260h", "2026-06-08"), q("owned", "Changan Automobile", "2026-06-08", "China South Industries Group Corporation", "no"),
		}, "China South Industries Group Corporation", "Changan US R&D Center, Inc.", "months"},
	}
}

// Every row on which sources disagree: the documented side carries, and the
// other side stands beside it and says that it is disputed.
func TestConflicts(t *testing.T) {
	a := answering(t)
	for _, c := range conflicts() {
		t.Run(c.row, func(t *testing.T) {
			for _, q := range c.carries {
				q.row = c.row
				if missing := a.missing(q); missing != "" {
					if !strings.Contains(c.row, "BRANDS ") && !strings.Contains(c.row, "ELECTRONICS") {
						t.Skipf("the knowledge does not have %s", missing)
					}
					t.Fatalf("the knowledge does not have %s", missing)
				}
				a.check(t, q)
			}
			if !a.disputed(c) {
				t.Errorf("the other side of %s, %s is not told: no disputed fact with %q", c.about, c.and, c.words)
			}
		})
	}
}

// disputed tells whether the other side of a conflict stands in the knowledge.
func (a *answerer) disputed(c conflict) bool {
	about, and := a.parties(c.about), a.parties(c.and)
	if c.and == "" {
		return slices.ContainsFunc(about, func(id string) bool { return a.tells(id, c.words) })
	}
	for _, s := range a.k.Stakes {
		if slices.Contains(about, s.Holder) && slices.Contains(and, s.Held) && disputedText(s.Conflict, s.Evidence, c.words) {
			return true
		}
	}
	for _, r := range a.k.Refuted {
		if slices.Contains(about, r.Not) && slices.ContainsFunc(and, func(id string) bool { return strings.Contains(r.Subject, a.party(id)) }) {
			return true
		}
	}
	return false
}

// disputedText is a conflict text, or, on a fact that only raises a question,
// a note, with the words.
func disputedText(conflict string, e offshelf.Evidence, words string) bool {
	return strings.Contains(conflict, words) && conflict != "" || e.Grade == offshelf.GradeClaim && strings.Contains(e.Note, words)
}

func (a *answerer) party(id string) string {
	i := slices.IndexFunc(a.k.Parties, func(p offshelf.Party) bool { return p.ID == id })
	return a.k.Parties[i].Name
}

// tells tells whether a fact about the party speaks of the words.
func (a *answerer) tells(id, words string) bool {
	k := knowledge.Find(a.k, id)
	var texts []string
	for _, p := range k.Parties {
		texts = append(texts, p.Note)
	}
	for _, s := range k.Stakes {
		texts = append(texts, s.Note, s.Conflict)
	}
	for _, b := range k.Brands {
		texts = append(texts, b.Note, b.Ambiguous)
		for _, h := range b.Holders {
			texts = append(texts, h.Note, h.Conflict)
		}
	}
	for _, m := range k.Makes {
		texts = append(texts, m.Note, m.Conflict)
	}
	for _, l := range k.Listings {
		texts = append(texts, l.Note)
	}
	for _, x := range k.Concerns {
		texts = append(texts, x.What, x.Note)
	}
	for _, r := range k.Refuted {
		texts = append(texts, r.Subject+" "+r.Why, r.Note)
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, words) })
}
