package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// pageRounds is how often each page is asked for.
const pageRounds = 40

// pageBar is what 95 of 100 pages must take at most.
const pageBar = 20 * time.Millisecond

// measurePages asks for pages of findings and cases under many filters, and
// for the pages behind them, one request at a time.
func (s *server) measurePages() error {
	filters := map[string][]string{
		"/v1/findings": {"", "limit=500", "basis=law", "basis=policy", "action=pull", "action=hold", "action=review", "action=note", "verdict=possible", "verdict=reached", "state=ended", "quiet=false", "quiet=true",
			"brand=lorex", "brand=nobody", "regime=us-fcc-covered", "regime=us-uflpa", "regime=us-fcc-covered&basis=law&action=pull", "regime=none", "catalog=1", "catalog=1&verdict=possible&basis=policy", "listing=none"},
		"/v1/cases": {"", "limit=500", "state=open", "state=open&state=proposed", "state=closed", "basis=law", "basis=policy", "action=pull", "action=review", "regime=us-fcc-covered", "regime=us-uflpa", "regime=none", "brand=lorex", "assignee=0", "assignee=me", "text=lorex", "text=e", "text=nothing+at+all"},
	}
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	get := func(path string) ([]byte, time.Duration, error) {
		request := s.request("GET", path, nil)
		began := time.Now()
		if _, err := conn.Write(request); err != nil {
			return nil, 0, err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return nil, 0, err
		}
		data, err := io.ReadAll(res.Body)
		took := time.Since(began)
		if err == nil && res.StatusCode != 200 {
			err = fmt.Errorf("%s: %s %s", path, res.Status, data)
		}
		return data, took, err
	}
	for _, of := range []string{"/v1/findings", "/v1/cases"} {
		var all []time.Duration
		worst, worstIs := time.Duration(0), ""
		for _, filter := range filters[of] {
			var took []time.Duration
			cursor := ""
			for range pageRounds {
				path := of + "?" + filter
				if cursor != "" {
					path += "&cursor=" + url.QueryEscape(cursor)
				}
				data, d, err := get(path)
				if err != nil {
					return err
				}
				took = append(took, d)
				var page struct {
					Next string `json:"next"`
				}
				if err := json.Unmarshal(data, &page); err != nil {
					return err
				}
				cursor = page.Next
			}
			slices.Sort(took)
			r := outcome{took: took}
			if p := r.percentile(95); p > worst {
				worst, worstIs = p, filter
			}
			fmt.Printf("  %-70s p50 %8v  p95 %8v\n", strings.TrimSuffix(of+"?"+filter, "?"), r.percentile(50), r.percentile(95))
			all = append(all, took...)
		}
		slices.Sort(all)
		r := outcome{took: all}
		verdict := "met"
		if r.percentile(95) > pageBar {
			verdict = "missed"
		}
		fmt.Printf("%s: %d pages, p50 %v, p95 %v, p99 %v; the slowest filter %q has p95 %v\n  bar: p95 at most %v: %s\n", of, len(all), r.percentile(50), r.percentile(95), r.percentile(99), worstIs, worst, pageBar, verdict)
	}
	return nil
}
