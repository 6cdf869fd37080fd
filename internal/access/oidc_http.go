package access

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const (
	providerTimeout = 10 * time.Second // of one request
	completeTimeout = 20 * time.Second // of the end of a sign-in
	maxAnswer       = 1 << 20          // bytes that a provider may answer
)

// providerURL is an absolute https address; http only on this machine.
func providerURL(name, s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("sign-on: %s %q is no address; write it as https://…", name, clip(s))
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("sign-on: %s %q is not secure; write it with https (http is taken on this machine only)", name, clip(s))
	}
	return u, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// providerClient speaks to an identity provider, which may be slow or broken.
func providerClient(t http.RoundTripper, secure bool) *http.Client {
	if t == nil {
		t = http.DefaultTransport
	}
	return &http.Client{
		Timeout:   providerTimeout,
		Transport: boundedTransport{t, secure},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > 3 {
				return errors.New("it redirects more than 3 times")
			}
			return nil
		},
	}
}

// boundedTransport reads no more than maxAnswer of an answer, and asks no
// insecure address for a provider that has a secure one.
type boundedTransport struct {
	http.RoundTripper
	secure bool
}

func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.secure && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is not secure", clip(r.URL.Redacted()))
	}
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if n > b.left {
		return 0, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	b.left -= n
	return n, err
}
