// Command calibrate fits the weights of attribution to labelled catalogs and
// writes them as data beside the facts.
//
// It is a logistic regression over the kinds of evidence, with a Gaussian
// prior around the weights that experience suggests, so that evidence which
// the labels hardly show keeps its weight. It also prints how each catalog
// scores with weights that were fitted to all the others.
//
//	go run ./bench/calibrate -labels ../shared/data/labels -catalogs ../shared/data/catalogs -out knowledge/rules/weights.yaml
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/catalog"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

func main() {
	labels := flag.String("labels", "../shared/data/labels", "folder of labels")
	catalogs := flag.String("catalogs", "../shared/data/catalogs", "folder of catalogs")
	sigma := flag.Float64("sigma", 0.5, "standard deviation of the prior around the starting weights")
	out := flag.String("out", "", "file to write the weights to")
	flag.Parse()
	if err := run(*labels, *catalogs, *sigma, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// example is one candidate brand of one labelled row.
type example struct {
	catalog  string
	row      string
	brand    string
	features []int
	made     bool
}

func run(labels, catalogs string, sigma float64, out string) error {
	prior := attribute.PriorWeights()
	index := map[string]int{}
	for i, w := range prior {
		index[w.Feature] = i
	}
	files, err := filepath.Glob(filepath.Join(labels, "*.csv"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no labels in %s", labels)
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	m, err := attribute.Compile(k)
	if err != nil {
		return err
	}
	asked, err := askedBrands(files)
	if err != nil {
		return err
	}
	var all []example
	for _, f := range files {
		ex, err := examples(m, index, asked, f, filepath.Join(catalogs, filepath.Base(f)))
		if err != nil {
			return err
		}
		all = append(all, ex...)
	}
	for _, f := range files {
		name := filepath.Base(f)
		var train, test []example
		for _, e := range all {
			if e.catalog == name {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		report(name+" (held out)", test, fit(train, prior, sigma))
	}
	w := fit(all, prior, sigma)
	report("all, starting weights", all, values(prior))
	report("all, fitted", all, w)
	if out == "" {
		return nil
	}
	var b strings.Builder
	b.WriteString("# Log-odds of each kind of evidence, fitted to labelled catalogs by \"go run ./bench/calibrate\". Do not edit by hand.\nweights:\n")
	for i, p := range prior {
		fmt.Fprintf(&b, "  - {feature: %s, weight: %.2f}\n", p.Feature, w[i])
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}

func values(ws []offshelf.Weight) []float64 {
	v := make([]float64, len(ws))
	for i, w := range ws {
		v[i] = w.Weight
	}
	return v
}

// askedBrands lists the brands that the labels speak of anywhere.
func askedBrands(files []string) (map[string]bool, error) {
	asked := map[string]bool{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			return nil, err
		}
		for _, r := range rows[1:] {
			asked[name.Key(r[2])] = true
		}
	}
	return asked, nil
}

var alternative = regexp.MustCompile(`alt=([\w-]+)`)

func examples(m *attribute.Matcher, index map[string]int, asked map[string]bool, labels, file string) ([]example, error) {
	f, err := os.Open(labels)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	made := map[string]map[string]bool{}
	for _, r := range rows[1:] {
		if r[5] != "sure" && r[5] != "likely" {
			continue
		}
		if made[r[1]] == nil {
			made[r[1]] = map[string]bool{}
		}
		if r[4] == "made" {
			made[r[1]][name.Key(r[3])] = true
		}
		for _, alt := range alternative.FindAllStringSubmatch(r[6], -1) {
			made[r[1]][name.Key(alt[1])] = true
		}
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	c, err := catalog.Open(file, in, catalog.Options{})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	w := m.NewWorker()
	var out []example
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		products, _ := b.Decode(nil)
		for i := range products {
			truth, ok := made[products[i].ID]
			if !ok {
				continue
			}
			for _, v := range w.Vectors(&products[i]) {
				if !asked[name.Key(v.Brand)] {
					continue // the labels do not say whether it is of this brand
				}
				e := example{catalog: filepath.Base(labels), row: products[i].ID, brand: v.Brand, made: truth[name.Key(v.Brand)]}
				for _, f := range v.Features {
					e.features = append(e.features, index[f])
				}
				out = append(out, e)
			}
		}
	}
}

// fit maximises the posterior by gradient ascent; the problem is concave, so
// the step size only decides how long it takes.
func fit(ex []example, prior []offshelf.Weight, sigma float64) []float64 {
	w := values(prior)
	grad := make([]float64, len(w))
	for range 4000 {
		for i := range grad {
			grad[i] = (prior[i].Weight - w[i]) / (sigma * sigma)
		}
		for _, e := range ex {
			d := -logistic(w, e)
			if e.made {
				d++
			}
			for _, f := range e.features {
				grad[f] += d
			}
		}
		for i := range w {
			w[i] += 0.01 * grad[i]
		}
	}
	return w
}

func logistic(w []float64, e example) float64 {
	s := 0.0
	for _, f := range e.features {
		s += w[f]
	}
	return 1 / (1 + math.Exp(-s))
}

// report prints how many candidates come out right and how well the
// probabilities are calibrated.
func report(title string, ex []example, w []float64) {
	var right, wrong, missed int
	loss := 0.0
	type bin struct {
		n, made int
		sum     float64
	}
	bins := map[int]*bin{}
	for _, e := range ex {
		p := logistic(w, e)
		switch {
		case p >= 0.5 && e.made:
			right++
		case p >= 0.5:
			wrong++
		case e.made:
			missed++
		}
		if e.made {
			loss -= math.Log(max(p, 1e-9))
		} else {
			loss -= math.Log(max(1-p, 1e-9))
		}
		k := min(int(p*5), 4)
		if bins[k] == nil {
			bins[k] = &bin{}
		}
		bins[k].n++
		bins[k].sum += p
		if e.made {
			bins[k].made++
		}
	}
	fmt.Printf("%-40s candidates %4d made %4d wrongly made %2d missed %2d log loss %.4f\n", title, len(ex), right, wrong, missed, loss/float64(max(len(ex), 1)))
	if strings.HasPrefix(title, "all") {
		var keys []int
		for k := range bins {
			keys = append(keys, k)
		}
		sort.Ints(keys)
		for _, k := range keys {
			b := bins[k]
			fmt.Printf("    said %.2f on average, were %.2f of %d\n", b.sum/float64(b.n), float64(b.made)/float64(b.n), b.n)
		}
	}
}
