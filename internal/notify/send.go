package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Options set up a [Sender]. The zero value of a bound is its default.
type Options struct {
	Guard Guard

	Connect time.Duration // until a connection is made, names resolved; 5 seconds
	TLS     time.Duration // for the TLS handshake; 5 seconds
	Header  time.Duration // until an endpoint begins to answer; 15 seconds
	Whole   time.Duration // for all of a try; 20 seconds
	Body    time.Duration // for the body of the answer, within Whole; 2 seconds

	UserAgent string // offshelf

	// Proxy is where all requests go through: http, https or socks5. None is taken
	// from the environment. It is the proxy that resolves names then, so it has to
	// guard the network itself; the sender only checks addresses that are written in
	// URLs.
	Proxy *url.URL

	RootCAs  *x509.CertPool // nil is the system's
	Resolver *net.Resolver  // nil is the system's
}

// Sender calls endpoints. It may be used from many goroutines.
type Sender struct {
	o         Options
	transport *http.Transport
}

// NewSender makes a sender. Errors are faults of the options.
func NewSender(o Options) (*Sender, error) {
	bound := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	bound(&o.Connect, 5*time.Second)
	bound(&o.TLS, 5*time.Second)
	bound(&o.Header, 15*time.Second)
	bound(&o.Whole, 20*time.Second)
	bound(&o.Body, 2*time.Second)
	if o.UserAgent == "" {
		o.UserAgent = "offshelf"
	}
	if !httpguts.ValidHeaderFieldValue(o.UserAgent) {
		return nil, fmt.Errorf("webhooks: user agent %q: a header may not have control characters", shown(o.UserAgent))
	}
	s := &Sender{o: o, transport: &http.Transport{
		DialContext:            dialer(o),
		TLSHandshakeTimeout:    o.TLS,
		ResponseHeaderTimeout:  o.Header,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		DisableCompression:     true, // nothing is unpacked
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
	}}
	if p := o.Proxy; p != nil {
		switch p.Scheme {
		case "http", "https", "socks5", "socks5h":
		default:
			return nil, fmt.Errorf("webhooks: proxy: begins with %q: write http://, https:// or socks5://", shown(p.Scheme+":"))
		}
		if p.Host == "" {
			return nil, errors.New("webhooks: proxy: names no host: write http://host:port")
		}
		s.transport.Proxy = http.ProxyURL(p)
	}
	return s, nil
}

// dialer makes connections. What it connects to is checked after names were
// resolved, on the very address that is connected to: a name that is resolved
// once more may come to another.
func dialer(o Options) func(context.Context, string, string) (net.Conn, error) {
	plain := net.Dialer{Timeout: o.Connect, KeepAlive: 30 * time.Second, Resolver: o.Resolver}
	if o.Proxy != nil {
		return plain.DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var passed atomic.Bool // addresses are tried in parallel
		d := plain
		d.Control = func(network, address string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(address)
			if err != nil || network != "tcp4" && network != "tcp6" {
				return refused("%s %s is no address of TCP", shown(network), shown(address))
			}
			if err := o.Guard.CheckAddr(a.Addr()); err != nil {
				return err
			}
			passed.Store(true)
			return nil
		}
		c, err := d.DialContext(ctx, network, address)
		// Of several addresses the first error is told. Where only some were refused,
		// another try may help.
		var guard *RefusedError
		if passed.Load() && errors.As(err, &guard) {
			return nil, fmt.Errorf("of its addresses one could not be connected to, and one is not called: %s", guard.Reason)
		}
		return c, err
	}
}

// Close gives up the connections that are kept open.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }

// Outcome says what becomes of a message after a try.
type Outcome string

// The outcomes of a try.
const (
	Delivered Outcome = "delivered" // the endpoint has it
	Retry     Outcome = "retry"     // it is tried again as the schedule says, see [Wait]
	Dead      Outcome = "dead"      // trying again is of no use
)

// Result is what came of a try.
type Result struct {
	Outcome Outcome
	Status  int           // of HTTP; 0 where no answer came
	Took    time.Duration // from the first step to the last byte that was read
	// Disable says that the endpoint wants no further messages.
	Disable bool
	// After is the least time that the endpoint asks to wait, at most a day.
	After time.Duration
	// Note says in words what happened and what to do. It has no control
	// characters, at most a little over 4 KiB, and nothing of the URL but its host.
	Note string
}

// maxAnswer is how much is read of the body of an answer, in bytes.
const maxAnswer = 4 << 10

// Send tries once to bring an event to an endpoint, signed with its valid keys.
// Whatever an endpoint does is a Result. The error is of ctx alone: the try was
// cut short by the caller and should not be counted, though the endpoint may have
// the message.
func (s *Sender) Send(ctx context.Context, endpoint string, keys []Key, e Event) (Result, error) {
	start := time.Now()
	r := s.send(ctx, endpoint, keys, e, start)
	r.Took = time.Since(start)
	if r.Outcome != Delivered && ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	return r, nil
}

func (s *Sender) send(ctx context.Context, endpoint string, keys []Key, e Event, now time.Time) Result {
	u, err := s.o.Guard.CheckURL(endpoint)
	if err != nil {
		return Result{Outcome: Dead, Note: err.Error()}
	}
	body, err := e.Encode()
	if err != nil {
		return Result{Outcome: Dead, Note: shown(err.Error())}
	}
	signed, err := Sign(keys, e.ID, now, body)
	if err != nil { // of the endpoint as it is kept; a new secret mends it
		return Result{Outcome: Retry, Note: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Whole)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return Result{Outcome: Dead, Note: "the URL of the endpoint cannot be called: register it anew"}
	}
	req.Header = signed
	req.Header.Set("Content-Type", ContentType)
	req.Header.Set("User-Agent", s.o.UserAgent)
	// A receiver tells repeated messages by the webhook-id, so a request whose kept
	// connection turns out to be closed may be sent again on a new one. The header
	// itself is not sent: net/http documents a nil value so.
	req.Header["Idempotency-Key"] = nil

	// Not an http.Client: that follows redirects and stumbles over broken ones.
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		var guard *RefusedError
		if errors.As(err, &guard) {
			return Result{Outcome: Dead, Note: fmt.Sprintf("%s is not called: %s", shown(u.Host), guard.Reason)}
		}
		return Result{Outcome: Retry, Note: s.fault(ctx, u.Hostname(), err)}
	}
	said := s.read(resp, cancel)
	r := Result{Outcome: Retry, Status: resp.StatusCode, Note: fmt.Sprintf("the endpoint answers %d", resp.StatusCode)}
	if t := http.StatusText(resp.StatusCode); t != "" {
		r.Note += " " + t
	}
	switch code := resp.StatusCode; {
	case code >= 200 && code <= 299:
		r.Outcome = Delivered
	case code == http.StatusGone:
		r.Outcome, r.Disable = Dead, true
		r.Note += ": it wants no further messages and is disabled"
	case code >= 300 && code <= 399:
		r.Note += ": redirects are not followed; register the address that it names"
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		r.After = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	if said != "" {
		r.Note += ": " + said
	}
	return r
}

// read takes the beginning of an answer's body and drops the rest. It is part of
// the note only, so it may come late, broken or not at all.
func (s *Sender) read(resp *http.Response, cancel context.CancelFunc) string {
	defer resp.Body.Close()
	if resp.StatusCode < 200 { // the connection itself, which no context ends
		return ""
	}
	t := time.AfterFunc(s.o.Body, cancel)
	defer t.Stop()
	// One byte more, to see the end: only then is the connection used again.
	b, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if c := resp.Header.Get("Content-Encoding"); c != "" && !strings.EqualFold(c, "identity") {
		return "" // packed although that was not asked for
	}
	return clean(string(b[:min(len(b), maxAnswer)]))
}

// fault says why no answer came.
func (s *Sender) fault(ctx context.Context, host string, err error) string {
	host = shown(host)
	var (
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		op     *net.OpError
		late   net.Error
	)
	if errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect") {
		return fmt.Sprintf("the proxy could not be reached, or did not connect to %s: %s", host, shown(op.Err.Error()))
	}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("no address is known for %s: check the name of the endpoint and the DNS", host)
	case errors.As(err, &dns):
		return fmt.Sprintf("the address of %s could not be looked up: check the DNS of this machine: %s", host, shown(dns.Err))
	case errors.As(err, &cert):
		return fmt.Sprintf("the certificate of %s is not good: have the endpoint serve one that is valid for this name: %s", host, shown(cert.Err.Error()))
	case errors.As(err, &record):
		return fmt.Sprintf("%s does not speak TLS at this port: check the port of the endpoint", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses the connection: check that the endpoint runs, and its port", host)
	case ctx.Err() != nil:
		return fmt.Sprintf("%s has not answered within %s: have the endpoint answer first and work afterwards", host, s.o.Whole)
	case errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return fmt.Sprintf("%s could not be connected to within %s: check that the endpoint runs and that no firewall is between", host, s.o.Connect)
	case errors.As(err, &late) && late.Timeout():
		return fmt.Sprintf("%s has not answered in time: have the endpoint answer first and work afterwards: %s", host, shown(err.Error()))
	}
	if s.o.Proxy != nil {
		host += ", or the proxy,"
	}
	return fmt.Sprintf("%s gave no answer that can be read: %s", host, shown(err.Error()))
}
