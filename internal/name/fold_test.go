package name

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Hikvision":        "hikvision",
		"Ηikvision":        "hikvision", // Greek Eta
		"НIКVISIОN":        "hikvision", // Cyrillic En, Ka, O
		"ＤＡＨＵＡ":            "dahua",     // full width
		"Hik\u200bvision":  "hikvision", // zero-width space
		"Überwachung":      "uberwachung",
		"Großhandel Øre Ł": "grosshandel ore l",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"TP-Link", "TP LINK", "tplink", "T.P. Link"} {
		if got := Key(in); got != "tplink" {
			t.Errorf("Key(%q) = %q", in, got)
		}
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Fold(rapid.String().Draw(t, "s"))
		if twice := Fold(once); twice != once {
			t.Fatalf("%q folds to %q", once, twice)
		}
	})
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"hikvision", "hikvison", true}, {"hikvision", "hikvsiion", true}, {"lorex", "lorex", true},
		{"lorex", "lorax", true}, {"hikvision", "hkvison", false}, {"lexmark", "lexar", false}, {"", "a", true}, {"ab", "ba", true},
	} {
		if got := Within(c.a, c.b); got != c.want || Within(c.b, c.a) != c.want {
			t.Errorf("Within(%q, %q) = %v", c.a, c.b, got)
		}
	}
}
