package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type receiver struct {
	t       *testing.T
	checker *standardwebhooks.Webhook

	mu     sync.Mutex
	seen   map[string]bool
	byType map[string][][]byte
}

func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = v.checker.Verify(body, r.Header)
	}
	var event struct{ Type string }
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		v.t.Errorf("webhook: %v: %s", err, body)
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	id := r.Header.Get("webhook-id")
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen, v.byType = map[string]bool{}, map[string][][]byte{}
	}
	if !v.seen[id] { // at least once is promised, not once
		v.seen[id] = true
		v.byType[event.Type] = append(v.byType[event.Type], body)
	}
}

func (v *receiver) wait(kind string, n int) [][]byte {
	v.t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		v.mu.Lock()
		got := slices.Clone(v.byType[kind])
		v.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(until) {
			v.t.Fatalf("%d events %s came, want %d", len(got), kind, n)
		}
	}
}
