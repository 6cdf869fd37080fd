package offshelf_test

import (
	"encoding"
	"encoding/json"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

func TestActions(t *testing.T) {
	names := []string{"", "note", "review", "hold", "pull"}
	for i, want := range names {
		a := offshelf.Action(i)
		if text, err := a.MarshalText(); err != nil || string(text) != want || a.String() != want {
			t.Errorf("action %d prints as %q, %v; want %q", i, text, err, want)
		}
		var again offshelf.Action
		err := again.UnmarshalText([]byte(want))
		if i == 0 {
			// A policy has to say what it does.
			if err == nil {
				t.Error("no action is read as an action")
			}
			continue
		}
		if err != nil || again != a {
			t.Errorf("%q is read as %v, %v", want, again, err)
		}
	}
	if offshelf.Pull <= offshelf.Hold || offshelf.Hold <= offshelf.Review || offshelf.Review <= offshelf.Note {
		t.Error("the actions are not ordered, mildest first")
	}
	refuses(t, new(offshelf.Action), "Pull", "remove", " pull")
}

func TestGrades(t *testing.T) {
	names := []string{"", "official", "filing", "press", "trade", "hobby", "claim"}
	for i, want := range names {
		g := offshelf.Grade(i)
		if text, err := g.MarshalText(); err != nil || string(text) != want || g.String() != want {
			t.Errorf("grade %d prints as %q, %v; want %q", i, text, err, want)
		}
		var again offshelf.Grade
		if err := again.UnmarshalText([]byte(want)); err != nil || again != g {
			t.Errorf("%q is read as %v, %v", want, again, err)
		}
		if weak := want == "" || want == "hobby" || want == "claim"; g.Weak() != weak {
			t.Errorf("%q weak: %v", want, g.Weak())
		}
	}
	refuses(t, new(offshelf.Grade), "Official", "rumour")
}

func TestVerdicts(t *testing.T) {
	for _, want := range []offshelf.Verdict{offshelf.Reached, offshelf.Possible, ""} {
		var v offshelf.Verdict
		if err := v.UnmarshalText([]byte(want)); err != nil || v != want {
			t.Errorf("%q is read as %q, %v", want, v, err)
		}
	}
	refuses(t, new(offshelf.Verdict), "clean", "not reached", "REACHED")
}

func TestMakeRelations(t *testing.T) {
	for text, want := range map[string]offshelf.MakeRelation{
		"": offshelf.Made, "made": offshelf.Made, "supplied": offshelf.Supplied, "licensed": offshelf.Licensed,
		"firmware": offshelf.Firmware, "looks-like": offshelf.LooksLike,
	} {
		var r offshelf.MakeRelation
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%q is read as %q, %v", text, r, err)
		}
	}
	refuses(t, new(offshelf.MakeRelation), "sells", "Made")
}

func refuses(t *testing.T, into encoding.TextUnmarshaler, texts ...string) {
	t.Helper()
	for _, s := range texts {
		switch err := into.UnmarshalText([]byte(s)); {
		case err == nil:
			t.Errorf("%q is accepted", s)
		case !strings.Contains(err.Error(), "use "):
			t.Errorf("%q: the error does not say what to use: %v", s, err)
		}
	}
}

// What is not known is left out of the stream, and comes back as not known.
func TestUnknownIsLeftOut(t *testing.T) {
	hop := offshelf.Hop{Kind: "listed", From: "Dahua", To: "Dahua Technology", Since: date(t, "2019-10-09"), Grade: offshelf.GradeOfficial}
	b, err := json.Marshal(hop)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"kind":"listed","from":"Dahua","to":"Dahua Technology","since":"2019-10-09","grade":"official"}`; string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	var again offshelf.Hop
	if err := json.Unmarshal(b, &again); err != nil || again.Interval() != hop.Interval() || !again.Until.IsZero() {
		t.Errorf("comes back as %+v, %v", again, err)
	}
	stake, err := json.Marshal(offshelf.Stake{Holder: "x", Held: "a"})
	if err != nil || string(stake) != `{"holder":"x","held":"a"}` {
		t.Errorf("%s, %v", stake, err)
	}
}
