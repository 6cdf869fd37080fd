package notify

import (
	"fmt"
	"net/netip"
	"strings"
)

// The flags by which an operator lets through what the guard refuses. Errors
// name them.
const (
	FlagAllowHTTP    = "--webhook-allow-http"
	FlagAllowNetwork = "--webhook-allow-network"
)

// Guard says which endpoints may be called. The zero Guard lets through only
// https to addresses that are globally routable.
type Guard struct {
	AllowHTTP bool
	// Allow has the networks that may be called although they are not globally
	// routable. See [ParseNetwork].
	Allow []netip.Prefix
}

// ParseNetwork reads a network of the allow list: 10.20.0.0/16, fd00:1::/32, or a
// single address.
func ParseNetwork(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%s %q: no network: write it as 10.20.0.0/16, or as an address", FlagAllowNetwork, shown(s))
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	if p.Addr().Is4In6() { // addresses are compared unmapped
		if p.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%s %q: write IPv4 networks as 10.20.0.0/16", FlagAllowNetwork, shown(s))
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%s %q: the address has bits beyond its length: did you mean %s?", FlagAllowNetwork, shown(s), p.Masked())
	}
	return p, nil
}

// RefusedError says that the guard did not let an endpoint through. It does not
// mend itself: trying again is of no use.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

func refused(format string, args ...any) error {
	return &RefusedError{fmt.Sprintf(format, args...)}
}

// network is a block of addresses with a reason for which it is not called.
type network struct {
	prefix netip.Prefix
	kind   string
}

// closed are the blocks that are no endpoint on the internet, from the IANA
// registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its
// updates) and of multicast, and the addresses at which clouds tell a machine its
// credentials. Of two that overlap the more telling is first.
var closed = []network{
	{netip.MustParsePrefix("169.254.169.254/32"), "the metadata service of a cloud"},
	{netip.MustParsePrefix("169.254.170.2/32"), "the metadata service of a cloud"},
	{netip.MustParsePrefix("100.100.100.200/32"), "the metadata service of a cloud"},
	{netip.MustParsePrefix("192.0.0.192/32"), "the metadata service of a cloud"},
	{netip.MustParsePrefix("168.63.129.16/32"), "the host service of a cloud"}, // Azure; it looks public
	{netip.MustParsePrefix("fd00:ec2::/32"), "the metadata service of a cloud"},
	{netip.MustParsePrefix("fd20:ce::254/128"), "the metadata service of a cloud"},

	{netip.MustParsePrefix("0.0.0.0/8"), "an address of this machine"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "an address inside of a provider's network"},
	{netip.MustParsePrefix("127.0.0.0/8"), "an address of this machine"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "an address of a protocol"},
	{netip.MustParsePrefix("192.0.2.0/24"), "an address for examples"},
	{netip.MustParsePrefix("192.88.99.0/24"), "an address of a relay"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "an address for measurements"},
	{netip.MustParsePrefix("198.51.100.0/24"), "an address for examples"},
	{netip.MustParsePrefix("203.0.113.0/24"), "an address for examples"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},

	{netip.MustParsePrefix("::/127"), "an address of this machine"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "an address that is translated inside of a network"},
	{netip.MustParsePrefix("2001::/32"), "a Teredo address"},
	{netip.MustParsePrefix("2001::/23"), "an address of a protocol"},
	{netip.MustParsePrefix("2001:db8::/32"), "an address for examples"},
	{netip.MustParsePrefix("2002::/16"), "a 6to4 address"},
	{netip.MustParsePrefix("3fff::/20"), "an address for examples"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
}

var (
	// global is all that IANA has given out as global unicast of IPv6.
	global = netip.MustParsePrefix("2000::/3")
	// nat64 holds IPv4 addresses in its last 32 bits (RFC 6052). Where a network
	// has IPv6 only, its resolver turns every IPv4 endpoint into one of these, so
	// they are judged by what they hold.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// kindOf says what an address is that is not globally routable; empty for all
// others. It takes an unmapped address without a zone.
func kindOf(a netip.Addr) string {
	for _, n := range closed {
		if n.prefix.Contains(a) {
			return n.kind
		}
	}
	if a.Is6() {
		if !global.Contains(a) {
			return "a reserved address"
		}
		// ISATAP (RFC 5214): the last 64 bits are 0:5efe or 200:5efe and an IPv4
		// address, to which a router of the site sends it on.
		if b := a.As16(); b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
			if kind := kindOf(netip.AddrFrom4([4]byte(b[12:]))); kind != "" {
				return "a tunnel to " + kind
			}
		}
	}
	return ""
}

// CheckAddr refuses an address that is not globally routable, unless its network
// is allowed. IPv4 addresses that are written as IPv6 ones are judged as what
// they are. The error is a [*RefusedError].
func (g Guard) CheckAddr(a netip.Addr) error {
	if !a.IsValid() {
		return refused("no address")
	}
	a = a.WithZone("").Unmap()
	in := a
	if nat64.Contains(a) {
		b := a.As16()
		in = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, p := range g.Allow {
		if p.Contains(a) || p.Contains(in) {
			return nil
		}
	}
	kind := kindOf(in)
	if kind == "" {
		return nil
	}
	return refused("%s is %s, and webhooks go only to addresses of the internet: if this endpoint is yours, allow its network with %s %s/%d", a, kind, FlagAllowNetwork, in, in.BitLen())
}

// allowsLocal says whether some address of this machine is allowed.
func (g Guard) allowsLocal() bool {
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, p := range g.Allow {
		for _, l := range local {
			if p.Overlaps(l) {
				return true
			}
		}
	}
	return false
}

func isLocalhost(host string) bool {
	host = strings.TrimSuffix(host, ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
