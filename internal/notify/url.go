package notify

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// badPorts belong to services that a request of HTTP could be smuggled into,
// such as mail. From the Fetch standard, "Port blocking".
var badPorts = []int{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
	110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
	531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
	4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}

// CheckURL reads the address of an endpoint, for the moment at which it is
// registered. It resolves no names: what a name comes to is checked each time
// that it is called. The URL that is returned has its scheme and host in lower
// case and a name of other scripts in its xn-- form; it is the one to keep. The
// error is a [*RefusedError]; it never repeats path, query or password, which may
// be secret.
func (g Guard) CheckURL(raw string) (*url.URL, error) {
	switch {
	case raw == "":
		return nil, refused("the endpoint has no URL: write https://…")
	case len(raw) > maxURI:
		return nil, refused("the URL of the endpoint has %d bytes: at most %d", len(raw), maxURI)
	}
	for i := range len(raw) {
		if raw[i] <= ' ' || raw[i] == 0x7f || raw[i] == '\\' {
			return nil, refused("the URL of the endpoint has a %q at byte %d: leave it out, or write it as %%%02X", raw[i], i+1, raw[i])
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, refused("the URL of the endpoint cannot be read: %s", parseFault(err))
	}
	switch {
	case u.Scheme == "http" && !g.AllowHTTP:
		return nil, refused("the URL of the endpoint begins with http://, by which anybody on the way could read it: write https://, or allow this with %s", FlagAllowHTTP)
	case u.Scheme == "":
		return nil, refused("the URL of the endpoint does not begin with https://")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, refused("the URL of the endpoint begins with %q: write https://", shown(u.Scheme+":"))
	case u.Opaque != "" || u.Host == "":
		return nil, refused("the URL of the endpoint names no host: write https://host/path")
	case u.User != nil:
		return nil, refused("the URL of the endpoint has a user name or password: leave them out; the receiver knows the sender by the signature")
	case strings.Contains(raw, "#"):
		return nil, refused("the URL of the endpoint has a #, and what follows it is never sent: leave it out")
	}
	host, err := g.checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	port := u.Port()
	switch n, err := strconv.Atoi(port); {
	case port == "" && strings.HasSuffix(u.Host, ":"):
		return nil, refused("the URL of the endpoint has a : and no port after it: leave it out")
	case port == "":
	case err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port:
		return nil, refused("the URL of the endpoint has the port %q: ports go from 1 to 65535", shown(port))
	case slices.Contains(badPorts, n):
		return nil, refused("the URL of the endpoint has the port %d, which belongs to a service other than the web: serve it at another one", n)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	u.Host = host
	return u, nil
}

// checkHost returns a host in the form in which it is called.
func (g Guard) checkHost(host string) (string, error) {
	if strings.Contains(host, "%") {
		return "", refused("the URL of the endpoint has an address with a zone, which holds on one machine only: write an address without %%")
	}
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		if err != nil {
			return "", refused("the URL of the endpoint has the host %q: no IPv6 address", shown(host))
		}
		return a.String(), g.CheckAddr(a)
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			// Signs of other scripts can stand for digits and full stops, so this
			// comes before all that looks at these.
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", refused("the URL of the endpoint has the host %q, which is no name of a host: write its xn-- form", shown(host))
			}
			host = ascii
			break
		}
	}
	host = strings.ToLower(host)
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), g.CheckAddr(a)
	}
	if len(host) > 253 {
		return "", refused("the URL of the endpoint has a host of %d bytes: at most 253", len(host))
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || l[0] == '-' || l[len(l)-1] == '-' {
			return "", refused("the URL of the endpoint has the host %q, which is no name of a host: between its full stops come 1 to 63 letters, digits and -", shown(host))
		}
	}
	// Some resolvers read 127.1, 2130706433 and 0x7f.1 as addresses.
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" || isHex(last) {
		return "", refused("the URL of the endpoint has the host %q, which looks like an address and is none: write it as 192.0.2.1", shown(host))
	}
	if isLocalhost(host) && !g.allowsLocal() {
		return "", refused("%s is this machine itself, and webhooks go only to addresses of the internet: if this endpoint is yours, allow it with %s 127.0.0.1/32", shown(host), FlagAllowNetwork)
	}
	return host, nil
}

func isHex(label string) bool {
	digits, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(digits, "0123456789abcdef") == ""
}

// parseFault is what url.Parse found, without the URL, which may be secret.
func parseFault(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var escape url.EscapeError
	switch {
	case errors.As(err, &escape):
		return "a % without two hexadecimal digits after it: write it as %25"
	case strings.Contains(err.Error(), "port"): // url has no type for these
		return "after the host comes no port: ports go from 1 to 65535"
	case strings.Contains(err.Error(), "userinfo"):
		return "the user name has characters that it may not have"
	case strings.Contains(err.Error(), "host name"):
		return "the host has characters that it may not have"
	case strings.Contains(err.Error(), "scheme"):
		return "it does not begin with https://"
	case strings.Contains(err.Error(), "colon"):
		return "it does not begin with https://"
	}
	return "it is no URL: write https://host/path"
}
