package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a service that runs.
type server struct {
	cmd     *exec.Cmd
	log     string
	address string
	cookie  string
	apiKey  string
}

// profiler is compiled into a service that is to be profiled: a signal begins
// the profile, and another ends it.
const profiler = `package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

func init() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	go func() {
		for {
			<-told
			f, err := os.Create(%[1]q)
			if err != nil {
				panic(err)
			}
			pprof.StartCPUProfile(f)
			<-told
			pprof.StopCPUProfile()
			f.Close()
			os.Rename(%[1]q, %[1]q+".done")
		}
	}()
}
`

func profileFile(dir string) string { return filepath.Join(dir, "cpu") }

// build compiles the tool.
func build(dir string, profiled bool) (string, error) {
	binary := filepath.Join(dir, "offshelf")
	args := []string{"build", "-o", binary}
	if profiled {
		source := filepath.Join(dir, "profiler.go")
		if err := os.WriteFile(source, fmt.Appendf(nil, profiler, profileFile(dir)), 0o600); err != nil {
			return "", err
		}
		at, err := filepath.Abs("cmd/offshelf/profiler.go")
		if err != nil {
			return "", err
		}
		overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{at: source}})
		if err != nil {
			return "", err
		}
		file := filepath.Join(dir, "overlay.json")
		if err := os.WriteFile(file, overlay, 0o600); err != nil {
			return "", err
		}
		args = append(args, "-overlay", file)
	}
	out, err := exec.Command("go", append(args, "./cmd/offshelf")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

var (
	setupLink = regexp.MustCompile(`/setup\?token=(\S+)`)
	serving   = regexp.MustCompile(`msg=serving address=http://(\S+)`)
)

// serve starts a service with its log in a file, makes the first admin and a
// key.
func serve(dir, binary, database, key string) (*server, error) {
	data, err := os.MkdirTemp(dir, "data-")
	if err != nil {
		return nil, err
	}
	s := &server{log: filepath.Join(data, "log")}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data", data}
	if database != "" {
		args = append(args, "--db", database, "--ledger-key", key)
	}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd = exec.Command(binary, args...)
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.enter(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) enter() error {
	var token string
	for until := time.Now().Add(time.Minute); s.address == ""; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(s.log)
		if err != nil {
			return err
		}
		if m := setupLink.FindSubmatch(text); m != nil {
			token = string(m[1])
		}
		if m := serving.FindSubmatch(text); m != nil {
			s.address = string(m[1])
		}
		if time.Now().After(until) {
			return fmt.Errorf("the service does not start:\n%s", text)
		}
	}
	if token == "" {
		return errors.New("the database has users already: make it anew with bench/service -keep")
	}
	token, err := url.QueryUnescape(token)
	if err != nil {
		return err
	}
	res, err := http.PostForm("http://"+s.address+"/setup", url.Values{"token": {token}, "login": {"bench"}, "name": {"Bench"}, "password": {"correct horse battery"}})
	if err != nil {
		return err
	}
	res.Body.Close()
	for _, c := range res.Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
	var made struct{ Key string }
	if err := s.call("POST", "/v1/keys", `{"name":"bench","scopes":["read","screen"]}`, &made); err != nil {
		return err
	}
	s.apiKey = made.Key
	return nil
}

// call makes a request as the first admin.
func (s *server) call(method, path, body string, into any) error {
	r, err := http.NewRequest(method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Cookie", s.cookie)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %s", method, path, res.Status, data)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait()
}

// cpu is the time that the service took from the cores, its own and that of
// the kernel for it; 0 where the system does not tell.
func (s *server) cpu() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] {
		n, _ := strconv.ParseInt(string(f), 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

func (s *server) profile() { s.cmd.Process.Signal(syscall.SIGUSR1) }

// profiled ends the profile and moves it to a file.
func (s *server) profiled(to string) error {
	s.profile()
	done := profileFile(filepath.Dir(s.cmd.Path)) + ".done"
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		data, err := os.ReadFile(done)
		if err == nil {
			os.Remove(done)
			return os.WriteFile(to, data, 0o644)
		}
	}
	return errors.New("the service wrote no profile")
}
