package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
)

// workFlags are shared by the commands that work on jobs.
type workFlags struct {
	storeFlags
	overlayFlags
	Jobs         int      `default:"1" placeholder:"N" help:"How many uploads are screened at the same time. The default is 1; each uses all cores."`
	WebhookHTTP  bool     `name:"webhook-allow-http" help:"Let webhooks go to http addresses too, not only https."`
	WebhookAllow []string `name:"webhook-allow-network" placeholder:"PREFIX" help:"Let webhooks go to this network although it is not public, for example 10.20.0.0/16. Repeatable."`
	LogFormat    string   `default:"text" enum:"text,json" help:"How the log is written to standard error: text (unless you say otherwise) or json."`
}

type serveCommand struct {
	workFlags
	Listen    string   `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address and port. The default is 127.0.0.1:8080; anything but loopback needs TLS or --trusted-proxy."`
	TLSCert   string   `name:"tls-cert" placeholder:"FILE" help:"Certificate chain, PEM."`
	TLSKey    string   `name:"tls-key" placeholder:"FILE" help:"Key of the certificate, PEM."`
	Proxy     []string `name:"trusted-proxy" placeholder:"PREFIX" help:"Network of a reverse proxy whose X-Forwarded headers are believed. Repeatable."`
	Public    string   `name:"public-url" placeholder:"URL" help:"Address under which people reach the service, for links and sign-on."`
	MaxUpload byteSize `default:"2GiB" placeholder:"SIZE" help:"Largest upload, for example 500MiB. The default is 2GiB."`
	NoWork    bool     `help:"Answer only, and leave the jobs to offshelf work."`

	OIDCIssuer string `name:"oidc-issuer" env:"OFFSHELF_OIDC_ISSUER" placeholder:"URL" help:"OpenID Connect provider to sign people in with."`
	OIDCClient string `name:"oidc-client" env:"OFFSHELF_OIDC_CLIENT" placeholder:"ID" help:"Client id at the provider."`
	OIDCSecret string `name:"oidc-secret" env:"OFFSHELF_OIDC_SECRET" placeholder:"TEXT" help:"Client secret; better given as $OFFSHELF_OIDC_SECRET."`
	OIDCRole   string `name:"oidc-role" placeholder:"ROLE" help:"Role in the first workspace of those who sign in for the first time: viewer, analyst, approver or admin. Without it only those who were invited may."`
}

func (serveCommand) Help() string {
	return `Example: on one machine, with everything in the data folder

  offshelf serve

On a cluster, any number of processes on one PostgreSQL:

  offshelf serve --db postgres://offshelf@db/offshelf --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem

At the first start a link is printed, once, that makes the first admin.`
}

type workCommand struct{ workFlags }

func (workCommand) Help() string {
	return `Takes jobs off offshelf serve processes on the same PostgreSQL.

Example:

  offshelf work --db postgres://offshelf@db/offshelf --ledger-key ledger.key`
}

// drain is how long requests and jobs under way are given when the service is
// told to end.
const drain = 15 * time.Second

// service is what serve and work have in common.
type service struct {
	log    *slog.Logger
	store  *store.Store
	state  *liveState
	worker *job.Worker
	guard  notify.Guard
}

func (f *workFlags) start(s *session) (*service, error) {
	s.patience.Store(int64(drain + 5*time.Second))
	x := &service{}
	var h slog.Handler = slog.NewTextHandler(s.stderr, nil)
	if f.LogFormat == "json" {
		h = slog.NewJSONHandler(s.stderr, nil)
	}
	x.log = slog.New(h)
	x.guard = notify.Guard{AllowHTTP: f.WebhookHTTP}
	for _, text := range f.WebhookAllow {
		p, err := notify.ParseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("--webhook-allow-network: %w", err)
		}
		x.guard.Allow = append(x.guard.Allow, p)
	}
	sender, err := notify.NewSender(notify.Options{Guard: x.guard, UserAgent: "offshelf/" + toolVersion()})
	if err != nil {
		return nil, err
	}
	if err := f.resolve(); err != nil {
		return nil, err
	}
	one := !store.IsPostgres(f.DB)
	if one {
		if err := os.MkdirAll(filepath.Dir(f.DB), 0o777); err != nil {
			return nil, err
		}
		if err := alone(f.DB); err != nil {
			return nil, err
		}
	}
	x.state = &liveState{flags: &f.overlayFlags, s: s, log: x.log}
	if err := x.state.load(); err != nil {
		return nil, err
	}
	if x.store, err = f.storeFlags.open(s); err != nil {
		return nil, err
	}
	x.worker, err = job.New(s.ctx, job.Config{Store: x.store, State: x.state.forJobs, Tool: toolVersion(), Sender: sender, Log: x.log, Runs: f.Jobs,
		Workers: runtime.GOMAXPROCS(0), Alone: one})
	if err != nil {
		return nil, err
	}
	x.state.loaded = x.worker.Keep
	return x, x.worker.Keep(s.ctx)
}

// close ends the work within the time that is left.
func (x *service) close(working bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	var err error
	if working {
		err = x.worker.Stop(ctx)
	}
	return errors.Join(err, x.store.Close())
}

// Run works on jobs until it is told to end.
func (c *workCommand) Run(s *session) error {
	if !store.IsPostgres(c.DB) {
		return errors.New("work needs a PostgreSQL (--db postgres://…): on SQLite offshelf serve works by itself")
	}
	x, err := c.start(s)
	if err != nil {
		return err
	}
	if err := x.worker.Start(context.WithoutCancel(s.ctx)); err != nil {
		return err
	}
	go x.state.watch(s.ctx)
	x.log.Info("working")
	<-s.ctx.Done()
	return x.close(true)
}

// Run serves until it is told to end.
func (c *serveCommand) Run(s *session) error {
	if err := c.checkAddress(); err != nil {
		return err
	}
	x, err := c.start(s)
	if err != nil {
		return err
	}
	server, stopTraces, err := c.server(s, x)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	address := "http://" + listener.Addr().String()
	if c.TLSCert != "" {
		address = "https://" + listener.Addr().String()
		certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return fmt.Errorf("--tls-cert, --tls-key: %w", err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	}
	if c.Public != "" {
		address = c.Public
	}
	if !c.NoWork {
		if err := x.worker.Start(context.WithoutCancel(s.ctx)); err != nil {
			return err
		}
	}
	go x.state.watch(s.ctx)
	link, err := server.SetupLink(s.ctx)
	if err != nil {
		return err
	}
	if link != "" {
		fmt.Fprintf(s.stderr, "\nThere is no user yet. This link makes the first admin, once, within seven days:\n\n  %s%s\n\n", address, link)
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(x.log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	x.log.Info("serving", "address", address, "database", x.store.Engine())
	select {
	case err = <-failed:
	case <-s.ctx.Done():
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		err = web.Shutdown(ctx)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, stopTraces(ctx), x.close(!c.NoWork))
}

// checkAddress keeps passwords and keys off unprotected networks.
func (c *serveCommand) checkAddress() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key belong together: give both")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: write an address and a port, for example 127.0.0.1:8080", c.Listen)
	}
	addr, err := netip.ParseAddr(host)
	if loopback := host == "localhost" || err == nil && addr.IsLoopback(); loopback || c.TLSCert != "" || len(c.Proxy) > 0 {
		return nil
	}
	return fmt.Errorf("--listen %s: passwords and keys would go over the network in the clear: give --tls-cert and --tls-key, or name the TLS proxy before it with --trusted-proxy", c.Listen)
}

// server makes the API.
func (c *serveCommand) server(s *session, x *service) (*api.Server, func(context.Context) error, error) {
	proxies, err := access.ParseProxies(c.Proxy)
	if err != nil {
		return nil, nil, fmt.Errorf("--trusted-proxy: %w", err)
	}
	traces, stop, err := api.Traces(s.ctx, os.Getenv, toolVersion())
	if err != nil {
		return nil, nil, err
	}
	config := api.Config{Store: x.store, Knowledge: x.state.forAPI, Jobs: x.worker, Log: x.log, Tool: toolVersion(), MaxUpload: int64(c.MaxUpload), Proxies: proxies,
		PublicURL: c.Public, Traces: traces, Guard: x.guard}
	if path, err := listsPath(c.overlayFlags.Lists); err == nil && path != "" {
		config.Editions = edition.Open(filepath.Dir(path))
	}
	if c.OIDCIssuer != "" {
		if c.Public == "" {
			return nil, nil, errors.New("--oidc-issuer needs --public-url, to which the provider sends people back")
		}
		config.SignOn, err = access.NewSignOn(access.SignOnConfig{Issuer: c.OIDCIssuer, ClientID: c.OIDCClient, ClientSecret: c.OIDCSecret, RedirectURL: c.Public + "/oidc/callback",
			SealKey: x.store.Key().Derive("sign-on")})
		if err != nil {
			return nil, nil, fmt.Errorf("--oidc-issuer: %w", err)
		}
	}
	if c.OIDCRole != "" {
		if config.SignOnRole, err = access.ParseRole(c.OIDCRole); err != nil {
			return nil, nil, fmt.Errorf("--oidc-role: %w", err)
		}
	}
	h, err := api.New(config)
	return h, stop, err
}
