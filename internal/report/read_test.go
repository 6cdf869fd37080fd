package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

const (
	config   = `{"config":{"protocol":"offshelf/1","tool":"0.1.0","as_of":"","knowledge":"","snapshot":"","policy":"","policy_sha256":"","minimum_probability":0,"catalogs":[]}}` + "\n"
	summary  = `{"summary":{"read":0,"screened":0,"skipped":0,"failed":0,"products_with_findings":0,"findings":0,"actions":{},"regimes":{},"statement":""}}` + "\n"
	progress = `{"progress":{"file":"a.csv","rows":100000}}` + "\n"
)

func TestReadErrors(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "the stream is empty"},
		{"no summary", config + progress, ErrIncomplete.Error()},
		{"no field", config + "{}\n", "line 2: a message has 0 fields: set exactly one of config"},
		{"null", "null\n", "line 1: a message has 0 fields"},
		{"two fields", strings.TrimSuffix(strings.TrimSpace(config), "}") + `,"progress":{"file":"","rows":1}}`, "line 1: a message has 2 fields"},
		{"two values", strings.TrimSpace(progress) + progress, "line 1: no message of a stream"},
		{"no object", "[]\n", "line 1: no message of a stream: a line is one JSON object"},
		{"no JSON", "PK\x03\x04", "line 1: no message of a stream"},
		{"cut", config + progress[:20], "line 2: no message of a stream"},
		{"empty line", config + "\n" + summary, "line 2: no message: remove the empty line"},
		{"after the summary", config + summary + progress, "line 3: the stream goes on after its summary in line 2"},
		{"unknown field", config + `{"progress":{"file":"","rows":1,"percent":3}}`, "line 2: unknown field progress.percent: the stream comes from another version"},
		{"unknown field of a hop", `{"finding":{"chains":[{"hops":[{"kind":"held","who":""}]}]}}`, "line 1: unknown field finding.chains.0.hops.0.who"},
		{"duplicate field", `{"progress":{"file":"a","file":"b","rows":1}}`, "line 1: no message of a stream"},
		{"date", `{"finding":{"since":"20x"}}`, `line 1: finding.since: unknown date "20x": write YYYY`},
		{"action", `{"finding":{"action":"burn"}}`, `line 1: finding.action: unknown action "burn": use pull, hold, review or note`},
		{"kind", `{"progress":{"file":7,"rows":1}}`, "line 1: progress.file: a number does not fit here"},
		{"protocol", strings.Replace(config, "offshelf/1", "offshelf/2", 1), `line 1: the stream speaks "offshelf/2" and this offshelf "offshelf/1"`},
		{"long line", `{"progress":{"file":"` + strings.Repeat("x", maxLine) + `","rows":1}}`, "line 1: longer than 16 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Read(strings.NewReader(c.in), &keeper{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestReadPassesErrorsOn(t *testing.T) {
	broken := errors.New("the disk is gone")
	if err := Read(io.MultiReader(strings.NewReader(config), failing{broken}), &keeper{}); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the reader", err)
	}
	h, err := New("json", failing{broken}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Read(strings.NewReader(config+summary), h); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the writer", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A report that is not whole must not look whole.
func TestReadDoesNotCloseAfterError(t *testing.T) {
	for _, f := range []string{"text", "html"} {
		var b bytes.Buffer
		h, err := New(f, &b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Read(strings.NewReader(config+"{}\n"+summary), h); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes written", f, err, b.Len())
		}
	}
}

func TestCutStreamSaysSo(t *testing.T) {
	for _, f := range []string{"text", "html"} {
		if got := render(t, []byte(config), f, Options{}); !bytes.Contains(got, []byte("Incomplete: this stream has no summary")) {
			t.Errorf("%s does not say that the stream was cut:\n%s", f, got)
		}
	}
}

func TestNew(t *testing.T) {
	_, err := New("pdf", io.Discard, Options{})
	if want := `unknown format "pdf": use text, json, csv, html`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, f := range Formats() {
		h, err := New(f, io.Discard, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Handle(&offshelf.Message{}); err == nil {
			t.Errorf("%s takes a message without a field", f)
		}
	}
}

// Whatever Read accepts, it accepts again after writing, byte for byte, and
// every format can show it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(config + progress + summary))
	f.Fuzz(func(t *testing.T, in []byte) {
		k := &keeper{}
		if err := Read(bytes.NewReader(in), k); err != nil && !errors.Is(err, ErrIncomplete) {
			if !strings.HasPrefix(err.Error(), "line ") && !strings.HasPrefix(err.Error(), "the stream is empty") {
				t.Errorf("error without a line: %v", err)
			}
			return
		}
		same(t, k.all)
		for _, format := range []string{"text", "html", "csv"} {
			if bad := controls.Find(direct(t, k.all, format, Options{})); bad != nil {
				t.Errorf("%s has the control character %q", format, bad)
			}
		}
	})
}
