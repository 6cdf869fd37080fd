package knowledge_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// TestCompiled holds what the binary embeds to what the facts say.
func TestCompiled(t *testing.T) {
	k, problems := knowledge.Parse(os.DirFS("."))
	for _, p := range problems {
		t.Error(p)
	}
	if k == nil {
		t.FailNow()
	}
	want, err := knowledge.Compile(k)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("compiled.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatal("compiled.json is not what the facts say: run go generate ./knowledge")
	}
	back, _, err := knowledge.Decode(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := knowledge.Compile(back)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, want) {
		t.Error("compiled.json decodes to other facts than it was compiled from")
	}
}

func TestCompileIsDeterministic(t *testing.T) {
	var first []byte
	for range 3 {
		k, _ := knowledge.Parse(os.DirFS("."))
		data, err := knowledge.Compile(k)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if d := cmp.Diff(string(first), string(data)); d != "" {
			t.Fatal(d)
		}
	}
}

func TestDecodeRefusesWhatIsBroken(t *testing.T) {
	for _, data := range []string{"", "{", `{"parties": 1}`, `{"parties": [{"grade": "sure"}]}`} {
		if k, _, err := knowledge.Decode([]byte(data)); err == nil {
			t.Errorf("Decode(%q) = %v, want an error", data, k)
		}
	}
}

// embedded is the knowledge that the binary holds.
func embedded(t *testing.T) *offshelf.Knowledge {
	t.Helper()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if len(sum) != 64 {
		t.Fatalf("SHA-256 of the knowledge: %q", sum)
	}
	return k
}
