package knowledge_test

import (
	"errors"
	"testing"
	"time"

	"github.com/offshelf/offshelf/knowledge"
)

// FuzzPolicy holds that no policy makes reading, checking and compiling panic
// or hang, that each problem has a place in the file, and that what is accepted
// decides something.
func FuzzPolicy(f *testing.F) {
	k, _, err := knowledge.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		file, err := knowledge.ReadPolicy("p.yaml", data)
		var placed *knowledge.PolicyError
		if err != nil {
			if !errors.As(err, &placed) || placed.Text == "" {
				t.Errorf("no place: %v", err)
			}
			return
		}
		lines := 1
		for _, b := range data {
			if b == '\n' {
				lines++
			}
		}
		program, errs := knowledge.CompilePolicy(&file.Policy, k)
		if (program == nil) != (len(errs) > 0) {
			t.Errorf("program %v with %d problems", program != nil, len(errs))
		}
		for _, e := range append(errs, knowledge.ReviewPolicy(&file.Policy, k)...) {
			if !errors.As(file.Explain(e), &placed) || placed.Text == "" || placed.Line < 1 || placed.Column < 1 || placed.Line > lines {
				t.Errorf("%v at %+v in %q", e, placed, data)
			}
		}
		if program != nil && program.Expressions() > len(file.Policy.Rules) {
			t.Errorf("%d expressions in %d rules", program.Expressions(), len(file.Policy.Rules))
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%d bytes took %v", len(data), d)
		}
	})
}

// FuzzPolicyTests holds the same of files of tests.
func FuzzPolicyTests(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		tests, err := knowledge.ParsePolicyTests("p.test.yaml", data)
		if (err == nil) != (len(tests) > 0) {
			t.Errorf("%d tests and %v", len(tests), err)
		}
		if err != nil {
			for _, e := range knowledge.Split(err) {
				var placed *knowledge.PolicyError
				if !errors.As(e, &placed) || placed.Text == "" {
					t.Errorf("no place: %v", e)
				}
			}
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%d bytes took %v", len(data), d)
		}
	})
}
