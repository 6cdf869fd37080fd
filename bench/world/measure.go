package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
	"github.com/offshelf/offshelf/internal/reach"
	"github.com/offshelf/offshelf/knowledge"
)

var rules = [...]string{"us-ofac-50", "eu-asset-freeze", "uk-asset-freeze"}

func measure(file string) error {
	k, _, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	regimes := map[string]offshelf.Regime{}
	for _, r := range k.Regimes {
		regimes[r.ID] = r
	}
	debug.SetGCPercent(50)
	var f figures
	begun := time.Now()
	g, listed, err := load(file, &f)
	if err != nil {
		return err
	}
	f.Load = time.Since(begun).Seconds()
	runtime.GC()

	day, err := offshelf.ParseDay("2021-10-25")
	if err != nil {
		return err
	}
	begun = time.Now()
	_, far, _ := on(regimes[rules[0]], day)
	for _, truth := range g.Reached(far, day, listed[regimes[rules[0]].Lists[0]], nil) {
		if truth == offshelf.True {
			f.Reached++
		} else {
			f.Possible++
		}
	}
	f.Closure = time.Since(begun).Seconds()

	begun = time.Now()
	for _, id := range rules {
		r, ok := regimes[id]
		if !ok {
			return fmt.Errorf("there is no regime %s", id)
		}
		reaches := []offshelf.Reach{r.Reach}
		for _, p := range r.Periods {
			if p.Reach != nil {
				reaches = append(reaches, *p.Reach)
			}
		}
		for _, far := range reaches {
			surely, possibly := g.History(far, listed[r.Lists[0]], nil).Spans()
			f.Spans += surely + possibly
		}
	}
	f.Timeline = time.Since(begun).Seconds()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return err
	}
	f.Peak = use.Maxrss << 10
	return json.NewEncoder(os.Stdout).Encode(f)
}

func on(r offshelf.Regime, day offshelf.Day) (*offshelf.Period, offshelf.Reach, offshelf.Truth) {
	return r.On(day)
}

// load reads a world into a graph, and the listed parties by list.
func load(file string, f *figures) (*reach.Graph, map[string][]reach.Listed, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	numbers := map[string]uint32{}
	number := func(id string) uint32 {
		n, ok := numbers[id]
		if !ok {
			n = uint32(len(numbers))
			numbers[strings.Clone(id)] = n
		}
		return n
	}
	var b reach.Builder
	listed := map[string][]reach.Listed{}
	counts, err := exchange.StreamFtM(in, exchange.Handler{
		Party: func(p *exchange.PartyRecord) error {
			b.Party(number(p.ID))
			f.Parties++
			return nil
		},
		Stake: func(s *exchange.StakeRecord) error {
			stake := offshelf.Stake{Share: s.Share, Control: s.Control, Interval: s.Interval}
			stake.Grade = offshelf.GradeTrade
			if s.Unconfirmed {
				stake.Grade = offshelf.GradeClaim
			}
			b.Stake(number(s.Holder), number(s.Held), &stake)
			f.Stakes++
			return nil
		},
		Listing: func(l *exchange.ListingRecord) error {
			listed[strings.Clone(l.List)] = append(listed[l.List], reach.Listed{Party: number(l.Party), Interval: l.Interval, Sure: true})
			if l.List == programmes[0] {
				f.Listed++
			}
			return nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	f.Refused = counts.Refused
	return b.Graph(), listed, nil
}
