package screen

import (
	"context"
	"errors"
	"io"
	"runtime"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/catalog"
)

// Statement closes every summary. Nothing is ever called clean.
const Statement = "For the other products no evidence was found, in this state of knowledge. That is not proof that there is none."

// Source is a catalog to be screened.
type Source struct {
	Name string
	Read io.Reader
	Map  map[string]string // field to column, where the guess is to be overridden
	Form string            // format, where it is not to be recognised

	// Keep names columns whose cells Run.Seen gets with each product, at most
	// 64: as the header has them, or else by the only name that differs in case
	// or blanks around it; keys of JSON objects, with dots where they are nested;
	// elements of a feed. One that is not there fails the run with an error that
	// lists the columns; JSON and feeds have those of their first 100 products.
	// A row of a Shopify export keeps its own cells only.
	Keep []string
}

// Run is one screening of catalogs.
type Run struct {
	Tool string // version, for the stream's config
	All  bool   // products without a finding too
	// Policy sum, for the config; the caller knows the bytes that it read.
	PolicySum string
	Notes     []string // warnings for the summary, such as a day in the future
	// SinceListed counts the days since listed, for each finding and in the
	// summary.
	SinceListed bool
	// Beside, if set, screens each product too, and Compare is told what both
	// found. Its snapshot comes from Suppose, so that what a product is
	// attributed to is the same for both.
	Beside  *Screener
	Compare func(p *offshelf.Product, found, beside []offshelf.Finding) error
	// Emit receives the messages of the stream in order, from one goroutine.
	Emit func(*offshelf.Message) error
	// Seen, if set, is told of every product that was read, also of those without
	// findings, and of every problem: in order, from the goroutine of Emit, after
	// the messages on those products. The stream is the same without it.
	// Products and the problems of kind failed and skipped are the rows read.
	Seen func(b *SeenBatch) error
	// Watch, if set, is told how many rows were read; it may be slow.
	Watch func(rows int)
}

// maxProblems bounds how many problems a summary tells in full.
const maxProblems = 100

// progressEvery is how many rows lie between two progress messages.
const progressEvery = 100_000

// Catalogs screens the sources one after the other and emits the stream:
// config, then products and findings in the order of the rows, then summary.
// A catalog that cannot be opened fails the run before anything is emitted.
// One that breaks off later is screened as far as it was read, the stream is
// completed, and the error is returned beside the summary.
// The same catalogs, snapshot, policy and day give the same messages, however
// many workers there are.
func (s *Screener) Catalogs(ctx context.Context, sources []Source, run Run) (*offshelf.Summary, error) {
	var opened []*catalog.Catalog
	defer func() {
		for _, c := range opened {
			c.Close()
		}
	}()
	if run.Beside != nil && run.Beside.snapshot.matcher != s.snapshot.matcher {
		return nil, errors.New("the screeners that are compared attribute products differently: make the snapshot of the one from that of the other")
	}
	cfg := &offshelf.Config{
		Protocol: "offshelf/1", Tool: run.Tool, AsOf: s.day.String(), Knowledge: s.snapshot.Version(), Snapshot: s.snapshot.sum,
		Policy: s.policy.ID, PolicySum: run.PolicySum, Minimum: s.minimum, All: run.All,
		SinceListed: run.SinceListed,
	}
	var errs []error
	for _, src := range sources {
		c, err := catalog.Open(src.Name, src.Read, catalog.Options{Map: src.Map, Format: src.Form, Keep: src.Keep})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		opened = append(opened, c)
		cfg.Catalogs = append(cfg.Catalogs, c.Use())
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if err := run.Emit(&offshelf.Message{Config: cfg}); err != nil {
		return nil, err
	}
	t := newTally(run, s.findings)
	if run.SinceListed {
		t.shelf = newShelf(s.day, s.rules)
	}
	for i, c := range opened {
		t.begun, t.source, t.width = true, i, len(sources[i].Keep)
		if err := s.catalog(ctx, cfg.Catalogs[i].File, c, t); err != nil {
			return nil, err
		}
	}
	sum := t.summary()
	if err := run.Emit(&offshelf.Message{Summary: sum}); err != nil {
		return nil, err
	}
	return sum, errors.Join(t.broken...)
}

// result is what became of one batch.
type result struct {
	seq      int
	rows     int
	products int
	hits     []hit
	problems []offshelf.Problem
	ids      []idRow
	sight    *sight // where Run.Seen is set
}

// hit is a product that something was found on, and what.
type hit struct {
	product      offshelf.Product
	attributions []offshelf.Attribution
	kind         attribute.Kind
	at           int // among the products of its batch
}

// catalog runs one reader, the workers and one collector that puts the
// results back into order. The number of batches under way is bounded, and so
// is the memory.
func (s *Screener) catalog(ctx context.Context, name string, c *catalog.Catalog, t *tally) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := s.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type job struct {
		seq   int
		batch *catalog.Batch
	}
	jobs := make(chan job)
	results := make(chan *result, workers)
	under := make(chan struct{}, workers*3)
	var readErr error
	go func() {
		defer close(jobs)
		for seq := 0; ; seq++ {
			select {
			case under <- struct{}{}:
			case <-ctx.Done():
				return
			}
			b, err := c.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
			select {
			case jobs <- job{seq, b}:
			case <-ctx.Done():
				return
			}
		}
	}()
	done := make(chan struct{}, workers)
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			w := s.pool.Get().(*attribute.Worker)
			defer s.pool.Put(w)
			var scratch []offshelf.Product
			for j := range jobs {
				r := s.batch(w, j.batch, &scratch, t)
				r.seq = j.seq
				select {
				case results <- r:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	go func() {
		for range workers {
			<-done
		}
		close(results)
	}()
	waiting := map[int]*result{}
	want := 0
	for r := range results {
		waiting[r.seq] = r
		for waiting[want] != nil {
			r := waiting[want]
			delete(waiting, want)
			want++
			<-under
			if err := t.take(name, r); err != nil {
				cancel()
				for range results {
				}
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if readErr != nil {
		return t.breakOff(name, readErr)
	}
	return nil
}

func (s *Screener) batch(w *attribute.Worker, b *catalog.Batch, scratch *[]offshelf.Product, t *tally) *result {
	r := &result{}
	var products []offshelf.Product
	if t.run.Seen == nil {
		products, r.problems = b.Decode((*scratch)[:0])
		*scratch = products
	} else {
		r.sight = sights.Get().(*sight)
		products, r.problems = r.sight.decode(b, t.width)
	}
	r.rows, r.products = b.Rows(), len(products)
	if t.wantsIDs() {
		r.ids = make([]idRow, 0, len(products))
		for i := range products {
			r.ids = append(r.ids, idRow{hash: hashID(products[i].ID), row: int32(products[i].Row)})
		}
	}
	for i := range products {
		a, kind := s.look(w, &products[i])
		if !t.run.All && s.idle(&products[i], a, kind) {
			continue
		}
		r.hits = append(r.hits, hit{products[i], a, kind, i})
	}
	return r
}

// idle reports whether nothing about a product calls for any rule.
func (s *Screener) idle(p *offshelf.Product, a []offshelf.Attribution, kind attribute.Kind) bool {
	return len(a) == 0 && kind.Class == "" && !s.named(p)
}
