// Package fetch gets files over HTTP from servers that may be slow, broken or
// hostile: with conditional requests, timeouts, retries, bounded sizes and
// redirects, and no way from a secure address to an insecure or inner one.
package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client fetches files. The zero value of a bound is its default.
type Client struct {
	MaxBytes  int64         // of a file, unpacked; 512 MiB
	Attempts  int           // tries of a file; 4
	Timeout   time.Duration // of one try; 10 minutes
	Header    time.Duration // until a server begins to answer; 30 seconds
	Stall     time.Duration // without MinBytes more; 30 seconds
	MinBytes  int64         // in each Stall; 16 KiB
	Backoff   time.Duration // before the second try, doubled before each further one; 1 second
	Redirects int           // followed; 5
	UserAgent string
	TLS       *tls.Config // of tests

	// Sleep waits between tries; nil is a timer. Tests set it.
	Sleep func(context.Context, time.Duration) error
	// Tell is called before each further try.
	Tell func(message string)

	transport *http.Transport
}

// Marks are what a server said of a file, by which it tells whether it has a
// newer one.
type Marks struct {
	ETag         string
	LastModified string
}

// File is a file that was fetched.
type File struct {
	Data      []byte
	Unchanged bool // the server has none newer than the marks; Data is empty
	Type      string
	URL       string // at the end of all redirects
	Marks
}

// fatal is an error that a further try does not mend.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

func (c *Client) defaults() {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&c.Timeout, 10*time.Minute)
	set(&c.Header, 30*time.Second)
	set(&c.Stall, 30*time.Second)
	set(&c.Backoff, time.Second)
	if c.MaxBytes <= 0 {
		c.MaxBytes = 512 << 20
	}
	if c.MinBytes <= 0 {
		c.MinBytes = 16 << 10
	}
	if c.Attempts <= 0 {
		c.Attempts = 4
	}
	if c.Redirects <= 0 {
		c.Redirects = 5
	}
	if c.UserAgent == "" {
		c.UserAgent = "offshelf"
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Tell == nil {
		c.Tell = func(string) {}
	}
	if c.transport == nil {
		c.transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dial,
			TLSHandshakeTimeout:    15 * time.Second,
			ResponseHeaderTimeout:  c.Header,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // unpacked here, within bounds
			ForceAttemptHTTP2:      true,
			TLSClientConfig:        c.TLS,
			DisableKeepAlives:      true, // each connection is looked at when it is made
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Get fetches a file. It asks only for one that differs from what the marks
// tell, and tries again where that may help.
func (c *Client) Get(ctx context.Context, address string, have Marks) (*File, error) {
	c.defaults()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%s: no address of the web: write https://…", shown(address))
	}
	for try := 1; ; try++ {
		attempt, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("not done within %s", c.Timeout))
		f, err := c.try(attempt, u, have)
		if err != nil && ctx.Err() == nil && attempt.Err() != nil {
			err = context.Cause(attempt)
		}
		cancel()
		switch {
		case err == nil:
			return f, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		last := fmt.Errorf("%s: %w", shown(address), err)
		var final fatal
		if errors.As(err, &final) {
			return nil, last
		}
		if try == c.Attempts {
			return nil, fmt.Errorf("%w (tried %d times)", last, try)
		}
		wait := c.wait(try, err)
		c.Tell(fmt.Sprintf("%v: trying again in %s", last, wait.Round(time.Second/10)))
		if err := c.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// maxWait bounds the time between two tries, also where the server names one.
const maxWait = time.Minute

// wait is the time before the next try: doubled each time, and spread so that
// many clients do not come back at once.
func (c *Client) wait(try int, err error) time.Duration {
	var s *status
	if errors.As(err, &s) && s.after > 0 {
		return min(s.after, maxWait)
	}
	d := min(c.Backoff<<(try-1), maxWait)
	return d/2 + rand.N(d/2+1)
}

// status is an answer that is no file.
type status struct {
	code  int
	after time.Duration // that the server asks to wait
}

func (s *status) Error() string {
	return fmt.Sprintf("the server answers %d %s", s.code, http.StatusText(s.code))
}

// try makes one request and follows its redirects.
func (c *Client) try(ctx context.Context, first *url.URL, have Marks) (*File, error) {
	at := first
	for hops := 0; ; hops++ {
		elsewhere := hops > 0 && at.Host != first.Host
		req, err := http.NewRequestWithContext(context.WithValue(ctx, outerOnly{}, elsewhere), http.MethodGet, at.String(), nil)
		if err != nil {
			return nil, fatal{err}
		}
		req.Header.Set("User-Agent", c.UserAgent)
		req.Header.Set("Accept-Encoding", "gzip")
		if have.ETag != "" {
			req.Header.Set("If-None-Match", have.ETag)
		}
		if have.LastModified != "" {
			req.Header.Set("If-Modified-Since", have.LastModified)
		}
		if elsewhere {
			if err := outer(at.Hostname()); err != nil {
				return nil, fatal{err}
			}
		}
		resp, err := c.transport.RoundTrip(req)
		if err != nil {
			var cert *tls.CertificateVerificationError
			if errors.As(err, &cert) || errors.Is(err, errInner) {
				return nil, fatal{err}
			}
			return nil, err
		}
		next, f, err := c.answer(ctx, resp, have)
		resp.Body.Close()
		if next == "" {
			return f, err
		}
		if hops == c.Redirects {
			return nil, fatal{fmt.Errorf("redirected over %d times: the address may have changed", c.Redirects)}
		}
		to, err := at.Parse(next)
		if err != nil || to.Host == "" {
			return nil, fatal{fmt.Errorf("redirected to %s, which is no address", shown(next))}
		}
		switch {
		case to.Scheme != "https" && to.Scheme != "http":
			return nil, fatal{fmt.Errorf("redirected to %s, which is no address of the web", shown(next))}
		case at.Scheme == "https" && to.Scheme != "https":
			return nil, fatal{fmt.Errorf("redirected from a secure to an insecure address, %s: this is not followed", shown(to.String()))}
		}
		to.User = nil
		at = to
	}
}

// answer reads an answer: a redirect, or a file.
func (c *Client) answer(ctx context.Context, resp *http.Response, have Marks) (redirect string, f *File, err error) {
	switch code := resp.StatusCode; {
	case code == http.StatusNotModified:
		if have == (Marks{}) {
			return "", nil, fatal{errors.New("the server answers that nothing has changed, and nothing is kept")}
		}
		return "", &File{Unchanged: true, URL: resp.Request.URL.String(), Marks: have}, nil
	case code == 301 || code == 302 || code == 303 || code == 307 || code == 308:
		if next := resp.Header.Get("Location"); next != "" {
			return next, nil, nil
		}
		return "", nil, fatal{fmt.Errorf("the server answers %d and names no address", code)}
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return "", nil, &status{code, retryAfter(resp.Header.Get("Retry-After"))}
	case code != http.StatusOK:
		return "", nil, fatal{&status{code, 0}}
	}
	if resp.ContentLength > c.MaxBytes {
		return "", nil, fatal{fmt.Errorf("a file of %d MiB: over %d MiB: no list is that large", resp.ContentLength>>20, c.MaxBytes>>20)}
	}
	data, err := c.body(ctx, resp)
	if err != nil {
		return "", nil, err
	}
	return "", &File{Data: data, Type: resp.Header.Get("Content-Type"), URL: resp.Request.URL.String(),
		Marks: Marks{bounded(resp.Header.Get("ETag")), bounded(resp.Header.Get("Last-Modified"))}}, nil
}

func bounded(mark string) string {
	if len(mark) > 1024 {
		return ""
	}
	return mark
}

// body reads a body to its end. It must be as long as the server said, not too
// long when unpacked, and come fast enough.
func (c *Client) body(ctx context.Context, resp *http.Response) ([]byte, error) {
	watch := &watched{r: resp.Body, stall: c.Stall, least: c.MinBytes, close: func() { resp.Body.Close() }}
	watch.start()
	defer watch.stop()
	var r io.Reader = watch
	packed := strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip")
	if packed {
		z, err := gzip.NewReader(watch)
		if err != nil {
			return nil, watch.cause(fmt.Errorf("the gzip of the answer is broken: %w", err))
		}
		r = z
	} else if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, fatal{fmt.Errorf("the answer is packed as %s, which was not asked for", shown(e))}
	}
	var out bytes.Buffer
	if n := resp.ContentLength; n > 0 && !packed {
		out.Grow(int(min(n, 8<<20)))
	}
	n, err := io.Copy(&out, io.LimitReader(r, c.MaxBytes+1))
	switch {
	case n > c.MaxBytes:
		return nil, fatal{fmt.Errorf("over %d MiB unpacked: no list is that large", c.MaxBytes>>20)}
	case err != nil && errors.Is(err, io.ErrUnexpectedEOF):
		return nil, watch.cause(fmt.Errorf("the connection broke after %d bytes, before the end of the file", watch.total.Load()))
	case err != nil:
		return nil, watch.cause(err)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return out.Bytes(), nil
}

// retryAfter reads the seconds or the day of the header.
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 1<<20 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(time.Until(t), 0)
	}
	return 0
}

// outerOnly marks requests that a server has sent on to another host: these
// may not lead into the operator's own network.
type outerOnly struct{}

var errInner = errors.New("redirected to an address inside of a network: this is not followed")

// dial connects, and looks at the address that a name has come to.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	// With a proxy it is the proxy that connects, and the operator chose it.
	if restricted, _ := ctx.Value(outerOnly{}).(bool); restricted && !proxied() {
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		if err := outer(host); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func proxied() bool {
	u, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "example.org"}})
	return err != nil || u != nil
}

// outer refuses addresses inside of a network. A name is let through here; what
// it comes to is looked at when it is dialled.
func outer(host string) error {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return errInner
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() || ip.IsInterfaceLocalMulticast() {
		return errInner
	}
	return nil
}

// shown makes an address from outside fit for a message.
func shown(s string) string {
	if r := []rune(s); len(r) > 200 {
		s = string(r[:199]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
