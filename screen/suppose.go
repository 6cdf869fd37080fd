package screen

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/reach"
)

// Supposition is what is supposed to happen on a day.
type Supposition struct {
	On     offshelf.Day
	List   []SupposedListing
	Delist []string // ids of listings
	Sell   []SupposedStake
}

// SupposedListing is a party that is put on a list.
type SupposedListing struct{ Party, List string } // ids

// SupposedStake is a stake as it is from the day on. With the zero Share it is
// sold as a whole. A stake that is stated anew carries no control.
type SupposedStake struct {
	Holder, Held string // ids of parties
	Share        offshelf.Share
}

// Suppose returns the snapshot of a world in which this happened, and notes
// on what of it changes nothing. Facts that it adds or ends have the layer
// offshelf.LayerHypothetical. The sum names both the state of the knowledge
// and the supposition.
func (s *Snapshot) Suppose(x Supposition) (*Snapshot, []string, error) {
	k := *s.knowledge
	k.Listings, k.Stakes = slices.Clone(k.Listings), slices.Clone(k.Stakes)
	w := world{&k, x.On, nil}
	for _, l := range x.List {
		if err := w.list(s, l); err != nil {
			return nil, nil, err
		}
	}
	for _, id := range x.Delist {
		if err := w.delist(id); err != nil {
			return nil, nil, err
		}
	}
	for _, st := range x.Sell {
		if err := w.sell(s, st); err != nil {
			return nil, nil, err
		}
	}
	said, err := json.Marshal(x, json.Deterministic(true))
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(append([]byte(s.sum+"\n"), said...))
	out := *s
	out.knowledge, out.sum, out.world = &k, hex.EncodeToString(sum[:]), reach.Compile(&k)
	return &out, w.notes, nil
}

// world is facts that are being changed.
type world struct {
	*offshelf.Knowledge
	on    offshelf.Day
	notes []string
}

func (w *world) list(s *Snapshot, l SupposedListing) error {
	p := s.parties[l.Party]
	if p == nil {
		return fmt.Errorf("no party has the id %q", l.Party)
	}
	for _, x := range w.Listings {
		if x.Party == l.Party && x.List == l.List && x.On(w.on) == offshelf.True {
			w.notes = append(w.notes, fmt.Sprintf("%s is on the list %s already, %s", p.Name, l.List, since(x.Interval)))
			return nil
		}
	}
	w.Listings = append(w.Listings, offshelf.Listing{
		ID: "hypothetical/" + l.List + "/" + l.Party, Party: l.Party, List: l.List, Name: p.Name, Interval: offshelf.Interval{From: w.on.Date()},
		// What a list prints is official.
		Evidence: offshelf.Evidence{Grade: offshelf.GradeOfficial, Layer: offshelf.LayerHypothetical},
	})
	return nil
}

func since(iv offshelf.Interval) string {
	if iv.From.IsZero() {
		return "since when is not known"
	}
	return "since " + iv.From.Spoken()
}

func (w *world) delist(id string) error {
	i := slices.IndexFunc(w.Listings, func(l offshelf.Listing) bool { return l.ID == id })
	if i < 0 {
		return fmt.Errorf("no listing has the id %q", id)
	}
	l := &w.Listings[i]
	if l.On(w.on) == offshelf.False {
		w.notes = append(w.notes, fmt.Sprintf("the listing %s does not hold on %s: ending it changes nothing", id, w.on))
		return nil
	}
	l.Until, l.Layer = w.on.Date(), offshelf.LayerHypothetical
	return nil
}

func (w *world) sell(s *Snapshot, x SupposedStake) error {
	holder, held := s.parties[x.Holder], s.parties[x.Held]
	switch {
	case holder == nil:
		return fmt.Errorf("no party has the id %q", x.Holder)
	case held == nil:
		return fmt.Errorf("no party has the id %q", x.Held)
	case x.Holder == x.Held:
		return fmt.Errorf("%s cannot hold itself: name two companies", holder.Name)
	}
	var kept []offshelf.Stake
	ended := 0
	for _, st := range w.Stakes {
		switch {
		case st.Holder != x.Holder || st.Held != x.Held || !st.Until.IsZero() && st.Until.Latest() <= w.on:
			kept = append(kept, st)
			continue
		case !st.From.IsZero() && st.From.Earliest() >= w.on:
			continue // it would only begin
		}
		ended++
		st.Until, st.Layer = w.on.Date(), offshelf.LayerHypothetical
		kept = append(kept, st)
	}
	w.Stakes = kept
	sold := !x.Share.Known || x.Share.Max == 0
	if sold && ended == 0 {
		var of []string
		for _, st := range w.Stakes {
			if st.Held == x.Held && st.On(w.on) != offshelf.False && s.parties[st.Holder] != nil {
				of = append(of, s.parties[st.Holder].Name+" ("+st.Holder+")")
			}
		}
		slices.Sort(of)
		known := "no holder of it is known on this day"
		if len(of) > 0 {
			known = "its holders on this day: " + strings.Join(slices.Compact(of), ", ")
		}
		return fmt.Errorf("%s is not known to hold a stake in %s on %s, so none can be sold; %s; for a stake that it buys, give a share: %s>%s=51%%", holder.Name, held.Name, w.on, known, x.Holder, x.Held)
	}
	if sold {
		return nil
	}
	w.Stakes = append(w.Stakes, offshelf.Stake{
		Holder: x.Holder, Held: x.Held, Share: x.Share, Interval: offshelf.Interval{From: w.on.Date()},
		Evidence: offshelf.Evidence{Grade: offshelf.GradeFiling, Layer: offshelf.LayerHypothetical},
	})
	return nil
}
