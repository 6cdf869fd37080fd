// Package storetest gives tests a store on each engine, PostgreSQL a real one.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// urlVariable names a running server whose superuser tests may use; where it
// is not set, the tests start a server of their own.
const urlVariable = "OFFSHELF_TEST_POSTGRES"

var server struct {
	once sync.Once
	url  string
	err  error
	stop func()
}

// Main runs the tests of a package and ends the server that they started.
func Main(m *testing.M) { os.Exit(Tests{m}.Run()) }

// Tests are the tests of a package, for those whose TestMain has more to do.
type Tests struct{ *testing.M }

// Run runs them and ends the server that they started.
func (t Tests) Run() int {
	code := t.M.Run()
	if server.stop != nil {
		server.stop()
	}
	return code
}

// Postgres returns the URL of an empty database. The test fails where there is
// no PostgreSQL; the package's TestMain must call Main.
func Postgres(tb testing.TB) string {
	tb.Helper()
	server.once.Do(func() {
		if server.url = os.Getenv(urlVariable); server.url == "" {
			server.url, server.stop, server.err = start()
		}
	})
	if server.err != nil {
		tb.Fatalf("no PostgreSQL for this test (.ci/setup installs one): %v", server.err)
	}
	ctx := context.Background()
	c, err := pgx.Connect(ctx, server.url)
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close(ctx)
	name := "t" + strings.ToLower(rand.Text())
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if c, err := pgx.Connect(ctx, server.url); err == nil {
			c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			c.Close(ctx)
		}
	})
	cfg := c.Config()
	return fmt.Sprintf("postgres://%s@%s:%d/%s?sslmode=disable", cfg.User, cfg.Host, cfg.Port, name)
}

// Server returns the URL of the empty database of a server that is started, or
// of the one that the environment names, and what ends it.
func Server() (url string, stop func(), err error) {
	if url := os.Getenv(urlVariable); url != "" {
		return url, func() {}, nil
	}
	return start()
}

// start runs a server in a folder of its own on a port of loopback.
func start() (url string, stop func(), err error) {
	bin, err := binaries()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "offshelf-postgres-")
	if err != nil {
		return "", nil, err
	}
	as, err := owner(dir)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.SysProcAttr, cmd.Dir = as, dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, out)
		}
		return nil
	}
	fail := func(err error) (string, func(), error) {
		os.RemoveAll(dir)
		return "", nil, err
	}
	if err := run("initdb", "-D", data, "-U", "offshelf", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return fail(err)
	}
	for n := range 10 {
		port := 20000 + (os.Getpid()*7+n*131)%20000
		options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s -c max_connections=200 -c shared_buffers=256MB -c fsync=off -c max_wal_size=4GB", port, dir)
		if err = run("pg_ctl", "-D", data, "-w", "-t", "30", "-l", filepath.Join(dir, "log"), "-o", options, "start"); err == nil {
			url = "postgres://offshelf@127.0.0.1:" + strconv.Itoa(port) + "/postgres?sslmode=disable"
			return url, func() {
				run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
				os.RemoveAll(dir)
			}, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return fail(fmt.Errorf("%w\n%s", err, log))
}

// binaries finds the folder of the server's programs; Debian keeps it off the
// path.
func binaries() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	return "", errors.New("initdb is not installed")
}

// owner gives the folder to someone else where root runs the tests, as
// PostgreSQL refuses to be run by root.
func owner(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
