package screen_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

var embedded = sync.OnceValues(screen.Embedded)

func snapshot(t testing.TB) *screen.Snapshot {
	t.Helper()
	s, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func day(t testing.TB, s string) offshelf.Day {
	t.Helper()
	d, err := offshelf.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func screener(t testing.TB, policy, on string, options ...screen.Option) *screen.Screener {
	t.Helper()
	s := snapshot(t)
	p, ok := s.Policy(policy)
	if !ok {
		t.Fatalf("no policy %s", policy)
	}
	sc, err := screen.New(s, p, append([]screen.Option{screen.AsOf(day(t, on))}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func findings(t testing.TB, sc *screen.Screener, p offshelf.Product) []offshelf.Finding {
	t.Helper()
	fs, err := sc.Screen(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

func through(fs []offshelf.Finding, regime string) []offshelf.Finding {
	return slices.DeleteFunc(slices.Clone(fs), func(f offshelf.Finding) bool { return f.Regime != regime })
}

var (
	lorex     = offshelf.Product{ID: "1001", Brand: "Lorex", Title: "Lorex 4K Ultra HD 8-Channel NVR Security System", Category: "Security Cameras"}
	ezviz     = offshelf.Product{ID: "1002", Brand: "EZVIZ", Title: "EZVIZ C6N 1080p Indoor Pan/Tilt Wi-Fi Camera", Category: "Security Cameras"}
	hikvision = offshelf.Product{ID: "1003", Brand: "Hikvision", Title: "Hikvision DS-2CD2043G2-I 4MP Bullet Network Camera", Category: "Security Cameras"}
	honor     = offshelf.Product{ID: "1004", Brand: "Honor", Title: "Honor 20 Pro 256GB Smartphone", Category: "Cell Phones"}
	kaspersky = offshelf.Product{ID: "1005", Brand: "Kaspersky", Title: "Kaspersky Total Security 3 Devices 1 Year", Category: "Antivirus Software"}
	lexmark   = offshelf.Product{ID: "1006", Brand: "Lexmark", Title: "Lexmark MS431dn Monochrome Laser Printer", Category: "Printers"}
	pantum    = offshelf.Product{ID: "1007", Brand: "Pantum", Title: "Pantum P2502W Wireless Laser Printer", Category: "Printers"}
	tplink    = offshelf.Product{ID: "1008", Brand: "TP-Link", Title: "TP-Link Archer AX50 Wi-Fi 6 Router", Category: "Routers"}
	dji       = offshelf.Product{ID: "1009", Brand: "DJI", Title: "DJI Mini 3 Fly More Combo Drone", Category: "Drones"}
	byFCC     = offshelf.Product{ID: "1010", Title: "5MP Turret IP Camera PoE", FCCID: "2ADTD-5604SD", Category: "Security Cameras"}
	byMAC     = offshelf.Product{ID: "1011", Title: "5MP Turret IP Camera PoE", MAC: "C0:56:E3:12:34:56", Category: "Security Cameras"}
	mount     = offshelf.Product{ID: "1012", Brand: "Wasserstein", Title: "Wall Mount for Lorex Cameras, 2 Pack", Category: "Mounts"}
	hassel    = offshelf.Product{ID: "1013", Brand: "Hasselblad", Title: "Hasselblad X2D 100C Camera", Category: "Cameras"}
)

const (
	house = "house-entity-list-reach"
	today = "2026-11-24"
)

// want is what a regime says; an empty verdict means that it does not reach.
type want struct {
	verdict offshelf.Verdict
	basis   offshelf.Basis
	action  offshelf.Action
	since   string
	days    int
}

func TestStory(t *testing.T) {
	const reached, possible = offshelf.Reached, offshelf.Possible
	const law, policy = offshelf.Law, offshelf.Choice
	none := want{}
	for _, c := range []struct {
		name, policy, on string
		product          offshelf.Product
		regime           string
		want             want
	}{
		{"Dahua has not bought Lorex yet", "2021-lowes", "2018-02-05", lorex, house, none},
		{"nobody is on the Entity List", "2021-lowes", "2018-02-05", lorex, "us-bis-el", none},
		{"the day before the listing", "2021-lowes", "2019-10-08", lorex, house, none},
		{"the day before the listing, by name", "2021-lowes", "2019-10-08", lorex, "us-bis-el", none},
		{"the day of the listing", "2021-lowes", "2019-10-09", lorex, house, want{reached, policy, offshelf.Pull, "2019-10-09", 0}},
		{"the day of the story", "2021-lowes", "2021-10-25", lorex, house, want{reached, policy, offshelf.Pull, "2019-10-09", 747}},
		{"the story at Home Depot", "2021-home-depot", "2021-10-25", lorex, house, want{reached, policy, offshelf.Pull, "2019-10-09", 747}},
		{"Ezviz leaves Home Depot", "2021-home-depot", "2021-10-25", ezviz, house, want{reached, policy, offshelf.Pull, "2019-10-09", 747}},
		{"and Best Buy", "2021-best-buy", "2021-10-25", ezviz, house, want{reached, policy, offshelf.Pull, "2019-10-09", 747}},
		{"and stays at Lowe's", "2021-lowes", "2021-10-25", ezviz, house, want{reached, policy, offshelf.Review, "2019-10-09", 747}},
		{"889 reached Lorex, and binds no shop", "2021-lowes", "2021-10-25", lorex, "us-ndaa-889", want{reached, policy, offshelf.Note, "2019-08-13", 804}},
		{"the last day with Dahua", "2021-lowes", "2022-11-23", lorex, house, want{reached, policy, offshelf.Pull, "2019-10-09", 1141}},
		{"alleged parts only raise a question", "default", "2022-11-24", lorex, "us-ndaa-889", want{possible, policy, offshelf.Note, "2022-11-24", 0}},

		{"covered, but older models may be sold", "default", "2026-07-15", hikvision, "us-fcc-covered", want{reached, policy, offshelf.Note, "2023-02-06", 1255}},
		{"import and marketing end", "default", "2026-07-16", hikvision, "us-fcc-covered", want{reached, law, offshelf.Pull, "2026-07-16", 0}},
		{"by FCC ID", "default", "2026-07-16", byFCC, "us-fcc-covered", want{reached, law, offshelf.Pull, "2026-07-16", 0}},
		{"by FCC ID, before", "default", "2026-07-15", byFCC, "us-fcc-covered", want{reached, policy, offshelf.Note, "2023-02-06", 1255}},

		{"Honor was Huawei's", "default", "2020-01-15", honor, "us-bis-el", want{reached, policy, offshelf.Review, "2019-05-21", 239}},
		{"and was sold", "default", "2021-01-15", honor, "us-bis-el", none},
		{"and is not listed", "default", today, honor, "us-bis-el", none},

		{"the day before new business ends", "default", "2024-07-19", kaspersky, "us-icts-kaspersky", none},
		{"Kaspersky's new business ends, a shop may sell", "default", "2024-07-20", kaspersky, "us-icts-kaspersky", want{reached, policy, offshelf.Note, "2024-07-20", 0}},
		{"the last day of updates", "default", "2024-09-28", kaspersky, "us-icts-kaspersky", want{reached, policy, offshelf.Note, "2024-07-20", 70}},
		{"resale ends", "default", "2024-09-29", kaspersky, "us-icts-kaspersky", want{reached, law, offshelf.Pull, "2024-09-29", 0}},

		{"Pantum before", "default", "2023-06-11", pantum, "us-uflpa", none},
		{"Pantum is listed by name", "default", "2023-06-12", pantum, "us-uflpa", want{reached, law, offshelf.Pull, "2023-06-12", 0}},

		{"UFLPA did not travel to Lexmark", "default", "2024-01-01", lexmark, "us-uflpa", none},
		{"what is said of Ninestar did, as a concern", "default", "2024-01-01", lexmark, "concern", want{reached, policy, offshelf.Review, "2023-06-12", 203}},

		{"TP-Link before", "default", "2026-06-07", tplink, "us-1260h", none},
		{"of two TP-Links one is listed", "default", today, tplink, "us-1260h", want{possible, policy, offshelf.Note, "2026-06-08", 169}},

		{"DJI by its own name", "default", today, dji, "us-bis-el", want{reached, policy, offshelf.Review, "2020-12-18", 2167}},
		{"DJI in securities", "default", today, dji, "us-ns-cmic", want{reached, policy, offshelf.Note, "2021-12-16", 1804}},
		{"DJI, older models may be sold", "default", today, granted(dji, "2023-05-01"), "us-fcc-covered-uas", want{reached, policy, offshelf.Note, "2025-12-22", 337}},
		{"DJI, new models may not", "default", today, granted(dji, offshelf.None), "us-fcc-covered-uas", want{reached, law, offshelf.Pull, "2025-12-22", 337}},
		{"DJI, whether it is an older model is not said", "default", today, dji, "us-fcc-covered-uas", want{possible, law, offshelf.Review, "2025-12-22", 337}},
		{"DJI before", "default", "2025-12-21", dji, "us-fcc-covered-uas", none},

		{"affiliates, before", "default", "2025-09-28", hassel, "us-bis-affiliates", none},
		{"affiliates, in force", "default", "2025-09-29", hassel, "us-bis-affiliates", want{reached, policy, offshelf.Review, "2025-09-29", 0}},
		{"affiliates, the last day", "default", "2025-11-09", hassel, "us-bis-affiliates", want{reached, policy, offshelf.Review, "2025-09-29", 41}},
		{"affiliates, suspended", "default", "2025-11-10", hassel, "us-bis-affiliates", none},
		{"affiliates, still suspended", "default", "2026-11-09", hassel, "us-bis-affiliates", none},
		{"affiliates, scheduled and not confirmed", "default", "2026-11-10", hassel, "us-bis-affiliates", want{possible, policy, offshelf.Review, "2026-11-10", 0}},
		{"affiliates leave the listed party to its own rule", "default", "2025-10-15", dji, "us-bis-affiliates", none},
		{"a share that nobody read is never a no", "default", "2025-10-15", ezviz, "us-bis-affiliates", want{possible, policy, offshelf.Review, "2025-09-29", 16}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := through(findings(t, screener(t, c.policy, c.on), c.product), c.regime)
			if c.want == none {
				if len(fs) > 0 {
					t.Fatalf("%s reaches it: %+v", c.regime, fs)
				}
				return
			}
			if len(fs) == 0 {
				t.Fatalf("%s does not reach it", c.regime)
			}
			f := fs[0]
			if got := (want{f.Verdict, f.Basis, f.Action, f.Since.String(), f.Days}); got != c.want {
				t.Errorf("%s says %+v, want %+v", c.regime, got, c.want)
			}
			for _, chain := range f.Chains {
				if (chain.Open == "") != (chain.Verdict == reached) {
					t.Errorf("a chain is %s with the open question %q", chain.Verdict, chain.Open)
				}
			}
		})
	}
}

func granted(p offshelf.Product, day string) offshelf.Product {
	p.FCCGranted = day
	return p
}

// From the sale to Skywatch on, no rule reaches Lorex for sure, whatever is
// alleged about parts.
func TestLorexAfterTheSale(t *testing.T) {
	for _, policy := range []string{"default", "2021-lowes", "2021-home-depot", "2021-best-buy"} {
		for _, on := range []string{"2022-11-24", "2024-01-01", today} {
			for _, f := range findings(t, screener(t, policy, on), lorex) {
				if f.Verdict == offshelf.Reached {
					t.Errorf("%s on %s: %s reaches Lorex through %+v", policy, on, f.Regime, f.Chains[0].Hops)
				}
			}
		}
	}
}

func TestNothingReached(t *testing.T) {
	for _, c := range []struct {
		name    string
		product offshelf.Product
		on      string
	}{
		{"Lexmark belongs to Xerox", lexmark, today},
		{"a mount for Lorex cameras", mount, "2021-10-25"},
		{"nothing is known of it", offshelf.Product{ID: "1", Title: "Claw Hammer 16 oz", Brand: "Estwing"}, today},
		{"an empty row", offshelf.Product{}, today},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range findings(t, screener(t, "2021-lowes", c.on), c.product) {
				if f.Verdict == offshelf.Reached {
					t.Errorf("%s reaches it through %+v", f.Regime, f.Chains[0].Hops)
				}
			}
		})
	}
}

// No law reaches TP-Link by its owners. What reaches any router made abroad is
// another matter.
func TestTPLinkIsNeverLaw(t *testing.T) {
	for _, f := range findings(t, screener(t, "default", today), tplink) {
		if f.Goods != "" && f.Verdict == offshelf.Possible && f.Action == offshelf.Note {
			continue
		}
		if f.Basis == offshelf.Law || f.Action > offshelf.Note || f.Verdict == offshelf.Reached {
			t.Errorf("%s: %s, %s, %s", f.Regime, f.Verdict, f.Basis, f.Action)
		}
	}
}

// A mark on the product betrays a maker where there is no brand.
func TestMakerByTell(t *testing.T) {
	for _, p := range []offshelf.Product{byFCC, byMAC} {
		fs := through(findings(t, screener(t, "default", today), p), "us-bis-el")
		if len(fs) != 1 || fs[0].Brand != "" || fs[0].Maker != "Hangzhou Hikvision Digital Technology Co., Ltd." || fs[0].Listing != "us-bis-el/hikvision" {
			t.Fatalf("%s: %+v", p.ID, fs)
		}
		if hop := fs[0].Chains[0].Hops[0]; hop.Kind != "attributed" || hop.From != "this product" {
			t.Errorf("%s: the chain starts with %+v", p.ID, hop)
		}
	}
}

func TestChainOfTheStory(t *testing.T) {
	f := through(findings(t, screener(t, "2021-lowes", "2021-10-25"), lorex), house)[0]
	var got []string
	for _, h := range f.Chains[0].Hops {
		got = append(got, h.Kind+" "+h.To+" "+h.Interval().String()+" "+h.Grade.String())
	}
	want := []string{
		"held Lorex Technology Inc. 1991/ official",
		"owned Zhejiang Dahua Technology Co., Ltd. 2018-02-06/2022-11-24 official",
		"listed Dahua Technology 2019-10-09/ official",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if f.Until.String() != "2022-11-24" || f.Listed != "Dahua Technology" || f.Snapshot != snapshot(t).Sum() {
		t.Errorf("until %s, listed %q, snapshot %s", f.Until, f.Listed, f.Snapshot)
	}
	if len(f.Chains[0].Hops[1].Sources) == 0 {
		t.Error("the stake names no source")
	}
}
