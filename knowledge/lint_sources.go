package knowledge

import (
	"net/url"
	"strings"

	"github.com/offshelf/offshelf"
)

// reachable tells of sources that a reader could not find.
func (r *reviewer) reachable() {
	for i, s := range r.Sources {
		bad := func(text string) { r.report("sources", i, "reachable", "source %q %s", s.ID, text) }
		if strings.TrimSpace(s.Publisher) == "" {
			bad("has no publisher: say who published it")
		}
		switch {
		case s.URL != "" && !hasHost(s.URL):
			bad("has a url without a host: write it out, https://host/path")
		case s.URL == "" && strings.TrimSpace(s.Citation) == "":
			bad("has no url: add it, or say under citation how to find it")
		}
		if !s.Date.IsZero() && s.Date.Earliest() > r.today {
			bad("is dated " + s.Date.String() + ", which has not come yet: correct the date")
		}
	}
}

func hasHost(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	host := u.Hostname()
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.ContainsAny(s, " \t\n")
}

// dangling tells of sources that no fact cites and parties that no fact names.
func (r *reviewer) dangling() {
	cited, named := map[string]bool{}, map[string]bool{}
	note := func(ids []string) {
		for _, id := range ids {
			cited[id] = true
		}
	}
	r.evidenced(func(_ string, _ int, _ string, e offshelf.Evidence) { note(e.Sources) })
	periods := func(list []offshelf.Regime) {
		for _, x := range list {
			for _, p := range x.Periods {
				note(p.Sources)
			}
		}
	}
	periods(r.Regimes)
	for _, p := range r.Policies {
		periods(p.Regimes)
	}
	for _, x := range r.Stakes {
		named[x.Holder], named[x.Held] = true, true
	}
	for _, x := range r.Brands {
		for _, h := range x.Holders {
			named[h.Party] = true
		}
	}
	for _, x := range r.Makes {
		named[x.Maker] = true
	}
	for _, x := range r.Tells {
		named[x.Party] = true
	}
	for _, x := range r.Listings {
		named[x.Party] = true
	}
	for _, x := range r.Concerns {
		named[x.Party] = true
	}
	for _, x := range r.Refuted {
		named[x.Not] = true
	}
	for i, s := range r.Sources {
		if !cited[s.ID] {
			r.report("sources", i, "dangling", "no fact cites source %q: cite it in the fact that it supports, or drop it", s.ID)
		}
	}
	for i, p := range r.Parties {
		if !named[p.ID] {
			r.report("parties", i, "dangling", "no fact names party %q: write its stake, make or listing, or drop it", p.ID)
		}
	}
}
