package roll

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
)

// Lay lays what the editions say of known parties over the facts, which stay
// as they are. Listings that the facts have keep their words and dates; those
// that they lack are added, and those that an edition dropped end.
func (r *Roll) Lay(k *offshelf.Knowledge) (*offshelf.Knowledge, error) {
	var d Delta
	if err := json.Unmarshal(r.parts[partDelta], &d); err != nil {
		return nil, damaged(err)
	}
	out := *k
	out.Sources = slices.Concat(k.Sources, d.Sources)
	out.Listings = slices.Concat(k.Listings, d.Listings)
	ended := map[string]Ended{}
	for _, e := range d.Ended {
		ended[e.Listing] = e
	}
	for i := range out.Listings {
		l := &out.Listings[i]
		if e, ok := ended[l.ID]; ok && l.Until.IsZero() {
			l.Until = e.Until
			l.Sources = slices.Concat(l.Sources, []string{e.Source})
		}
	}
	out.Lists = r.State()
	return &out, nil
}

// State names the editions for people: how many lists, and the newest day. It
// is empty where there are none.
func (r *Roll) State() string {
	if len(r.Editions) == 0 {
		return ""
	}
	var newest offshelf.Date
	for _, e := range r.Editions {
		if newest.IsZero() || e.Date.Latest() > newest.Latest() {
			newest = e.Date
		}
	}
	lists := "lists"
	if len(r.Editions) == 1 {
		lists = "list"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s of %s", len(r.Editions), lists, newest))
}
