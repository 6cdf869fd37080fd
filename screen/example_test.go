package screen_test

import (
	"context"
	"fmt"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

func ExampleScreener_Screen() {
	snapshot, err := screen.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	policy, _ := snapshot.Policy("2021-lowes")
	day, _ := offshelf.ParseDay("2021-10-25")
	screener, err := screen.New(snapshot, policy, screen.AsOf(day))
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := screener.Screen(context.Background(), offshelf.Product{
		ID: "1001", Brand: "Lorex", Title: "Lorex 4K Ultra HD 8-Channel NVR Security System",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		if f.Action != offshelf.Pull {
			continue
		}
		fmt.Printf("%s: %s, by %s, since %s (%d days)\n", f.Action, f.Verdict, f.Basis, f.Since, f.Days)
		for _, h := range f.Chains[0].Hops {
			fmt.Printf("  %s %s %s, %s [%s]\n", h.From, h.Kind, h.To, h.Interval(), h.Grade)
		}
	}
	// Output:
	// pull: reached, by policy, since 2019-10-09 (747 days)
	//   Lorex held Lorex Technology Inc., 1991/ [official]
	//   Lorex Technology Inc. owned Zhejiang Dahua Technology Co., Ltd., 2018-02-06/2022-11-24 [official]
	//   Zhejiang Dahua Technology Co., Ltd. listed Dahua Technology, 2019-10-09/ [official]
}
