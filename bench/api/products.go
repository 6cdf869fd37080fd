package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/offshelf/offshelf"
)

// products are those of the catalog that bench/catalog writes, with one in a
// hundred of a brand or maker that stands on a list. No two titles are alike.
func products(dir string, n int) ([]offshelf.Product, error) {
	name := filepath.Join(dir, "catalog.csv")
	c := exec.Command("go", "run", "./bench/catalog", "-rows", strconv.Itoa(n), "-o", name)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("bench/catalog: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var out, hits []offshelf.Product
	for i := 0; ; i++ {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		p := offshelf.Product{ID: row[0], Title: row[1], Brand: row[2], Category: row[3], Model: row[4], Price: row[5], Description: row[6]}
		out = append(out, p)
		if i%500 == 250 { // as bench/catalog places them
			hits = append(hits, p)
		}
	}
	for i := 50; i < len(out); i += 100 {
		p := hits[i/100%len(hits)]
		p.ID = out[i].ID
		p.Title += fmt.Sprintf(" lot %d", i)
		out[i] = p
	}
	return out, nil
}

// checkHits sees that the service really screens: of the first thousand
// products ten have a hit, and those ten are to be found.
func (s *server) checkHits(list []offshelf.Product) error {
	data, err := json.Marshal(map[string]any{"products": list[:1000]})
	if err != nil {
		return err
	}
	var answer struct {
		Products []struct{ Evidence string }
	}
	if err := s.call("POST", "/v1/screen", string(data), &answer); err != nil {
		return err
	}
	hits, others := 0, 0
	for i, p := range answer.Products {
		if p.Evidence != "found" {
			continue
		}
		if i%100 == 50 {
			hits++
		} else {
			others++
		}
	}
	fmt.Printf("of 1,000 products %d of 10 hits are found, and %d others\n", hits, others)
	if len(answer.Products) != 1000 || hits != 10 {
		return fmt.Errorf("%d products were answered", len(answer.Products))
	}
	return nil
}

// screenings are requests to screen so many products each, as they go over
// the wire.
func (s *server) screenings(list []offshelf.Product, each int) [][]byte {
	var out [][]byte
	for from := 0; from+each <= len(list); from += each {
		body := map[string]any{"products": list[from : from+each]}
		if each == 1 {
			body = map[string]any{"product": list[from]}
		}
		data, err := json.Marshal(body)
		if err != nil {
			panic(err) // texts alone
		}
		out = append(out, s.request("POST", "/v1/screen", bytes.TrimSpace(data)))
	}
	return out
}

// request is a request as it goes over the wire.
func (s *server) request(method, path string, body []byte) []byte {
	r := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", method, path, s.address, s.apiKey)
	if body != nil {
		r = fmt.Appendf(r, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return append(append(r, "\r\n"...), body...)
}
