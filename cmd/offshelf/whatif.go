package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/screen"
)

type whatifCommand struct {
	catalogFlags
	overlayFlags
	List   []string    `sep:"none" placeholder:"PARTY" help:"Suppose that this company is put on a list. Id or name, in any spelling. Repeatable."`
	ListAs string      `placeholder:"LIST" help:"The list that --list and --delist mean, such as us-ofac-sdn. The default is us-bis-el for --list, and all lists for --delist."`
	Regime string      `placeholder:"REGIME" help:"Instead of --list-as: the list of this rule."`
	Delist []string    `sep:"none" placeholder:"PARTY|LISTING" help:"Suppose that this company, or this one listing, is taken off. Repeatable."`
	Sell   []stakeSale `sep:"none" placeholder:"HOLDER>HELD[=SHARE]" help:"Suppose that this stake is sold, or, with a share such as =49%, that it is this from then on. Repeatable."`
	On     asOf        `placeholder:"DATE" required:"" help:"The day on which it happens, YYYY-MM-DD."`
	AsOf   asOf        `placeholder:"DATE" help:"Answer as of this day, not before --on. The default is the day of --on."`
	Output string      `short:"o" default:"text" enum:"text,json,csv" help:"text, json (one object a line) or csv (a line a change)."`
	Policy string      `default:"default" placeholder:"POLICY" help:"A policy file, or the name of a shipped one."`
}

func (whatifCommand) Help() string {
	return `Screens the catalogs twice, with the facts as they are and with what is supposed, and prints the difference.

Example:

  offshelf whatif examples/hardware-store-2021.csv --list ezviz-network --on 2026-12-01
  offshelf whatif examples/hardware-store-2021.csv --delist us-bis-el/dahua --on 2021-10-25 --policy 2021-lowes
  offshelf whatif examples/hardware-store-2021.csv --sell "dahua>lorex-technology" --on 2021-06-01 --policy 2021-lowes`
}

// stakeSale is HOLDER>HELD[=SHARE].
type stakeSale struct {
	holder, held string
	share        offshelf.Share
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (x *stakeSale) UnmarshalText(text []byte) error {
	const form = `write "HOLDER>HELD" for a stake that is sold, "HOLDER>HELD=49%" for what is held from then on`
	holder, held, ok := strings.Cut(string(text), ">")
	share := ""
	if i := strings.LastIndex(held, "="); i >= 0 {
		held, share = held[:i], held[i+1:]
		if strings.TrimSpace(share) == "" {
			return fmt.Errorf("%q: no share behind =: %s", text, form)
		}
	}
	x.holder, x.held = strings.TrimSpace(holder), strings.TrimSpace(held)
	if !ok || x.holder == "" || x.held == "" {
		return fmt.Errorf("%q: %s", text, form)
	}
	if share == "" {
		x.share = offshelf.Share{}
		return nil
	}
	s, err := offshelf.ParseShare(share)
	switch {
	case err != nil:
		return fmt.Errorf("%q: %w", text, err)
	case !s.Known:
		return fmt.Errorf("%q: the share is not known: %s", text, form)
	}
	x.share = s
	return nil
}

// Run compares the catalogs as they are screened with and without what is
// supposed.
func (c *whatifCommand) Run(s *session) error {
	if len(c.List)+len(c.Delist)+len(c.Sell) == 0 {
		return errors.New("nothing is supposed: add --list PARTY, --delist PARTY or --sell \"HOLDER>HELD\"")
	}
	if !c.AsOf.given {
		c.AsOf = c.On
	}
	if c.AsOf.day < c.On.day {
		return fmt.Errorf("--as-of %s lies before --on %s: what is supposed has not happened by then", c.AsOf.day, c.On.day)
	}
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	policy, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	options := []screen.Option{screen.AsOf(c.AsOf.day), screen.Workers(int(c.Workers))}
	asIs, err := newScreener(snapshot, policy, options...)
	if err != nil {
		return err
	}
	r := &supposing{screener: asIs, snapshot: snapshot, on: c.On.day}
	x, words, err := r.supposition(c)
	if err != nil {
		return err
	}
	supposed, notes, err := snapshot.Suppose(x)
	if err != nil {
		return err
	}
	then, err := newScreener(supposed, policy, options...)
	if err != nil {
		return err
	}
	out, err := report.NewWhatif(c.Output, s.stdout, &report.WhatifHead{
		Suppose: words, On: c.On.day.String(), AsOf: c.AsOf.day.String(), Tool: toolVersion(), Knowledge: snapshot.Version(), Snapshot: snapshot.Sum(), Supposed: supposed.Sum(),
		Policy: policy.ID, PolicySum: policy.sum, Notes: notes,
	}, reportOptions(s.stdout))
	if err != nil {
		return err
	}
	run := screen.Run{
		Tool: toolVersion(), PolicySum: policy.sum, Notes: screenNotes(snapshot, c.AsOf.day),
		Emit:   func(*offshelf.Message) error { return nil },
		Beside: then, Compare: out.Product,
	}
	summary, broken := c.catalogs(s, asIs, run)
	if summary == nil {
		return broken
	}
	return errors.Join(out.Close(summary), broken)
}

// supposing turns what the user names into ids.
type supposing struct {
	screener *screen.Screener
	snapshot *screen.Snapshot
	on       offshelf.Day
}

// defaultList is the list that --list means.
const defaultList = "us-bis-el"

func (r *supposing) supposition(c *whatifCommand) (x screen.Supposition, words []string, err error) {
	x.On = r.on
	list, err := r.list(c.ListAs, c.Regime)
	if err != nil {
		return x, nil, err
	}
	for _, name := range c.List {
		p, err := r.party("--list", name)
		if err != nil {
			return x, nil, err
		}
		on := or(list, defaultList)
		x.List = append(x.List, screen.SupposedListing{Party: p.ID, List: on})
		words = append(words, fmt.Sprintf("%s (%s) is put on the list %s on %s", p.Name, p.ID, on, r.on))
	}
	for _, name := range c.Delist {
		ids, said, err := r.delisted(name, list)
		if err != nil {
			return x, nil, err
		}
		x.Delist = append(x.Delist, ids...)
		words = append(words, said)
	}
	for _, st := range c.Sell {
		holder, err := r.party("--sell", st.holder)
		if err != nil {
			return x, nil, err
		}
		held, err := r.party("--sell", st.held)
		if err != nil {
			return x, nil, err
		}
		x.Sell = append(x.Sell, screen.SupposedStake{Holder: holder.ID, Held: held.ID, Share: st.share})
		what := "sells its stake in"
		if st.share.Known && st.share.Max > 0 {
			what = "holds " + st.share.String() + " of"
		}
		words = append(words, fmt.Sprintf("%s (%s) %s %s (%s), from %s on", holder.Name, holder.ID, what, held.Name, held.ID, r.on))
	}
	return x, words, nil
}

// list is the list that --list-as or --regime names, or "".
func (r *supposing) list(name, regime string) (string, error) {
	if name != "" && regime != "" {
		return "", errors.New("--list-as and --regime both name a list: give one of them")
	}
	var lists, ids []string
	for _, x := range r.screener.Regimes() {
		ids = append(ids, x.ID)
		var own []string
		for _, l := range x.Lists {
			if l.ID != "concern" {
				own = append(own, l.ID)
			}
		}
		if x.ID == regime {
			switch len(own) {
			case 0:
				return "", fmt.Errorf("--regime %s: it is triggered by reports, not by a list", regime)
			case 1:
				return own[0], nil
			}
			return "", fmt.Errorf("--regime %s has the lists %s: name one with --list-as", regime, strings.Join(own, ", "))
		}
		lists = append(lists, own...)
	}
	switch {
	case regime != "":
		return "", fmt.Errorf("--regime %s: there is no such rule: the rules are %s", shown(regime), strings.Join(ids, ", "))
	case name == "" || slices.Contains(lists, name):
		return name, nil
	}
	slices.Sort(lists)
	return "", fmt.Errorf("--list-as %s: no rule looks at such a list: the lists are %s", shown(name), strings.Join(slices.Compact(lists), ", "))
}

// party finds a party by id, name or alias, as who does.
func (r *supposing) party(flag, name string) (*offshelf.Party, error) {
	if p, ok := r.screener.PartyProfile(name); ok {
		return p.Party, nil
	}
	found, similar := r.screener.Who(name)
	var parties []*offshelf.Party
	var brand *screen.Profile
	for i := range found {
		if found[i].Party != nil {
			parties = append(parties, found[i].Party)
		} else {
			brand = &found[i]
		}
	}
	switch {
	case len(parties) == 1:
		return parties[0], nil
	case len(parties) > 1:
		var ids []string
		for _, p := range parties {
			ids = append(ids, p.ID+" ("+p.Name+")")
		}
		return nil, fmt.Errorf("%s %s: several companies have this name: give an id: %s", flag, shown(name), strings.Join(ids, ", "))
	case brand != nil:
		var holders []string
		for _, h := range brand.Brand.Holders {
			if h.On(r.on) != offshelf.False {
				holders = append(holders, h.Party+" ("+brand.Names[h.Party]+")")
			}
		}
		held := "who holds it on this day is not known"
		if len(holders) > 0 {
			held = "its holder on this day is " + strings.Join(holders, ", ")
		}
		return nil, fmt.Errorf("%s %s: is a brand, and lists and stakes are about companies: %s", flag, shown(name), held)
	}
	text := fmt.Sprintf("%s %s: no company of this name, in this state of knowledge (%s); check the spelling, or state it in your own facts (--knowledge DIR)", flag, shown(name), r.snapshot.Version())
	if len(similar) > 0 {
		text += "\nNames that come near: " + strings.Join(similar[:min(len(similar), 12)], "; ")
	}
	return nil, errors.New(text)
}

// delisted are the listings that --delist names: one by its id, or all of a
// party that hold on the day, on one list where one is given.
func (r *supposing) delisted(name, list string) (ids []string, words string, err error) {
	if l, ok := r.snapshot.Listing(name); ok {
		return []string{l.ID}, fmt.Sprintf("the listing %s of “%s” ends on %s", l.ID, l.Name, r.on), nil
	}
	p, err := r.party("--delist", name)
	if err != nil {
		return nil, "", err
	}
	profile, _ := r.screener.PartyProfile(p.ID)
	var elsewhere []string
	for _, l := range profile.Listings {
		switch {
		case l.On(r.on) == offshelf.False:
		case list != "" && l.List != list:
			elsewhere = append(elsewhere, l.ID)
		default:
			ids = append(ids, l.ID)
		}
	}
	switch {
	case len(ids) > 0:
		return ids, fmt.Sprintf("%s (%s) is taken off on %s: %s", p.Name, p.ID, r.on, strings.Join(ids, ", ")), nil
	case len(elsewhere) > 0:
		return nil, "", fmt.Errorf("--delist %s: it is not on the list %s on %s; its listings: %s", shown(name), list, r.on, strings.Join(elsewhere, ", "))
	}
	return nil, "", fmt.Errorf("--delist %s: %s has no listing of its own on %s, in this state of knowledge", shown(name), p.Name, r.on)
}
