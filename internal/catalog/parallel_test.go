package catalog

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
)

// TestParallel decodes batches on many goroutines, as the pipeline does.
func TestParallel(t *testing.T) {
	lines := strings.Repeat("{\"title\":\"a\",\"x\":{\"y\":[1,2]},\"late\":1}\n", 30000)
	for name, data := range map[string][]byte{"csv": benchCSV(20000), "ndjson": []byte(lines)} {
		t.Run(name, func(t *testing.T) {
			c, err := Open("x", bytes.NewReader(data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[int]bool{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for {
				b, err := c.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				wg.Go(func() {
					products, problems := b.Decode(nil)
					mu.Lock()
					defer mu.Unlock()
					for _, p := range products {
						if seen[p.Row] || p.Title == "" {
							t.Errorf("row %d: %+v", p.Row, p)
						}
						seen[p.Row] = true
					}
					if len(problems) > 0 {
						t.Error(problems)
					}
				})
			}
			wg.Wait()
			if want := bytes.Count(data, []byte("\n")); name == "ndjson" && len(seen) != want || name == "csv" && len(seen) != 20000 {
				t.Errorf("%d rows", len(seen))
			}
		})
	}
}
