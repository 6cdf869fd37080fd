package access

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Client is where a request came from.
type Client struct {
	Addr netip.Addr // invalid where it has none, as over a Unix socket
	TLS  bool       // whether it came over TLS, to the service or to a trusted proxy
}

// Proxies are the networks of the reverse proxies before the service. Only
// what a peer in one of them says of a request is believed. The zero value
// trusts none.
type Proxies struct{ trusted []netip.Prefix }

// ParseProxies reads networks (10.0.0.0/8, fd00::/8) and single addresses.
func ParseProxies(networks []string) (Proxies, error) {
	var p Proxies
	for i, s := range networks {
		n, err := parseNetwork(strings.TrimSpace(s))
		if err != nil {
			return Proxies{}, fmt.Errorf("trusted proxy %d, %q: %w", i+1, clip(s), err)
		}
		p.trusted = append(p.trusted, n)
	}
	return p, nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	n, err := netip.ParsePrefix(s)
	if a, aerr := netip.ParseAddr(s); aerr == nil && a.Zone() == "" {
		n, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	if err != nil {
		return n, fmt.Errorf("it is no network; write an address, or a network as 10.0.0.0/8")
	}
	if n.Addr().Is4In6() && n.Bits() >= 96 {
		n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
	}
	if n.Bits() == 0 {
		return n, fmt.Errorf("it is every address there is, so that anybody could claim to be any client; name the network of the proxy")
	}
	return n.Masked(), nil
}

func (p Proxies) trusts(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(p.trusted, func(n netip.Prefix) bool { return n.Contains(a) })
}

// maxHops bounds the proxies that a request may name, from the nearest.
const maxHops = 32

// Client is where the request came from. A trusted peer is asked by its
// X-Forwarded-For, which is read from the nearest proxy outward until one that
// is not trusted: that is the client, whatever it says of others. An entry
// that is no address ends the way at the proxy that passed it on.
// X-Forwarded-Proto counts by the entry of the client where it has as many as
// there are addresses, and by the nearest otherwise.
func (p Proxies) Client(r *http.Request) Client {
	c := Client{TLS: r.TLS != nil}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.Addr = peer.Addr().Unmap().WithZone("")
	}
	if !c.Addr.IsValid() || !p.trusts(c.Addr) {
		return c
	}
	hops, whole := lastEntries(r.Header.Values("X-Forwarded-For"))
	at := len(hops) - 1
	for i := len(hops) - 1; i >= 0; i-- {
		a, ok := forwardedAddr(hops[i])
		if !ok {
			break
		}
		c.Addr, at = a, i
		if !p.trusts(a) {
			break
		}
	}
	if schemes, wholeSchemes := lastEntries(r.Header.Values("X-Forwarded-Proto")); len(schemes) > 0 {
		scheme := schemes[len(schemes)-1]
		if whole && wholeSchemes && len(schemes) == len(hops) {
			scheme = schemes[at]
		}
		switch strings.ToLower(scheme) {
		case "https", "wss":
			c.TLS = true
		case "http", "ws":
			c.TLS = false
		}
	}
	return c
}

// lastEntries are the last entries of a list that may be spread over header
// lines, and whether they are all.
func lastEntries(lines []string) (entries []string, whole bool) {
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		for {
			if len(entries) == maxHops {
				slices.Reverse(entries)
				return entries, false
			}
			comma := strings.LastIndexByte(line, ',')
			entries = append(entries, strings.Trim(line[comma+1:], " \t"))
			if comma < 0 {
				break
			}
			line = line[:comma]
		}
	}
	slices.Reverse(entries)
	return entries, true
}

// forwardedAddr reads an entry of X-Forwarded-For, which some proxies write
// with the port.
func forwardedAddr(s string) (netip.Addr, bool) {
	const most = 64
	if len(s) > most {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		var ap netip.AddrPort
		if ap, err = netip.ParseAddrPort(s); err == nil {
			a = ap.Addr()
		} else if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
			a, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		}
	}
	if err != nil {
		return netip.Addr{}, false
	}
	a = a.Unmap().WithZone("") // first, as an unspecified address with a zone says that it is none
	return a, !a.IsUnspecified()
}

type clientKey struct{}

// Handler notes where each request came from, for ClientOf. It stands before
// the other handlers of this package.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, p.Client(r))))
	})
}

// ClientOf is where the request came from, by Proxies.Handler, or by its peer
// alone where that does not stand before.
func ClientOf(r *http.Request) Client {
	if c, ok := r.Context().Value(clientKey{}).(Client); ok {
		return c
	}
	return Proxies{}.Client(r)
}
