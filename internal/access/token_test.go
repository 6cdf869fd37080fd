package access

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestToken(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b || a.Digest().Equal(b.Digest()) || len(a.Secret()) != 43 {
		t.Fatalf("%q and %q", a.Secret(), b.Secret())
	}
	back, err := ParseToken(a.Secret())
	if err != nil || back != a || !back.Digest().Equal(a.Digest()) {
		t.Errorf("%v, %v", back, err)
	}
	if got := NewToken().Digest().String(); len(got) != 64 {
		t.Errorf("digest %q", got)
	}
	for _, s := range []string{"", a.Secret()[1:], a.Secret() + "A", strings.Repeat("/", 43), strings.Repeat("A", 42) + "B", strings.Repeat("A", 42) + "\n", "\r" + strings.Repeat("A", 42), strings.Repeat("é", 21) + "A"} {
		if got, err := ParseToken(s); err == nil {
			t.Errorf("%q: %q", s, got.Secret())
		}
	}
}

// TestSecretsStayHidden prints tokens and keys in every way that a log might.
func TestSecretsStayHidden(t *testing.T) {
	token, key := NewToken(), NewAPIKey()
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "token", token, "key", key)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "token", token, "key", key)
	fmt.Fprintf(&b, "%v %+v %#v %s %q %v", token, token, token, token, token, []Token{token})
	fmt.Fprintf(&b, "%v %+v %#v %s %q %v", key, key, key, key, key, []APIKey{key})
	for _, v := range []any{token, key} {
		out, err := json.Marshal(v)
		if err == nil {
			t.Errorf("%T is written as %s", v, out)
		}
		fmt.Fprint(&b, err)
	}
	for _, secret := range []string{token.Secret(), key.Secret(), key.secret} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the secret shows in %s", b.String())
		}
	}
	if !strings.Contains(b.String(), key.Prefix()) {
		t.Error("the prefix of the key does not show")
	}
}

var keyPattern = regexp.MustCompile(`^osk_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`)

func TestAPIKey(t *testing.T) {
	seen := map[rune]bool{}
	for range 200 {
		k := NewAPIKey()
		s := k.Secret()
		if !keyPattern.MatchString(s) {
			t.Fatalf("%q", s)
		}
		for _, r := range k.id + k.secret {
			seen[r] = true
		}
		back, err := ParseAPIKey(s)
		if err != nil || back != k || !back.Digest().Equal(k.Digest()) || k.Prefix() != "osk_"+k.ID() || k.Digest().Equal(NewAPIKey().Digest()) {
			t.Fatalf("%q: %v, %v", s, back, err)
		}
	}
	if len(seen) != 62 {
		t.Errorf("200 keys have %d different characters, of 62", len(seen))
	}
	// A key made by hand, so that the form never changes unseen.
	fixed := APIKey{id: "0123456789AB", secret: strings.Repeat("x", 43)}
	if want := "osk_0123456789AB_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_" + checksum62(fixed.body()); fixed.Secret() != want {
		t.Errorf("%q", fixed.Secret())
	}
	for in, want := range map[string]string{
		"": "begins with osk_", "ghp_x": "begins with osk_", "osk_": "4 characters instead of 67", fixed.Secret() + "\n": "68 characters",
		" " + fixed.Secret(): "begins with", strings.ReplaceAll(fixed.Secret(), "x", "é")[:keyLength]: "form",
		strings.Replace(fixed.Secret(), "_x", "xx", 1): "form", strings.Replace(fixed.Secret(), "x", "_", 1): "form",
		strings.Replace(fixed.Secret(), "x", "y", 1): "checksum", "osk_" + strings.Repeat("a", 1<<20): "instead of 67",
	} {
		if k, err := ParseAPIKey(in); err == nil || k != (APIKey{}) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "xxxx") {
			t.Errorf("%.80q: %v, %v, want %q", in, k, err, want)
		}
	}
}

// TestAPIKeyTypos holds that one wrong character, or two that changed places,
// never gives another key.
func TestAPIKeyTypos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewAPIKey().Secret()
		b := []byte(s)
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") {
			if i > 0 {
				b[i-1], b[i] = b[i], b[i-1]
			}
		} else {
			b[i] = rapid.Byte().Draw(t, "as")
		}
		if k, err := ParseAPIKey(string(b)); (err == nil) != (string(b) == s) {
			t.Fatalf("%q for %q: %v, %v", b, s, k, err)
		}
	})
}

func TestBearerKey(t *testing.T) {
	k := NewAPIKey()
	for _, c := range []struct {
		values []string
		given  bool
		err    string
	}{
		{nil, false, ""},
		{[]string{"Bearer " + k.Secret()}, true, ""},
		{[]string{"bearer   " + k.Secret() + " "}, true, ""},
		{[]string{"Basic cm9zYTp4"}, true, "must read: Bearer"},
		{[]string{""}, true, "must read: Bearer"},
		{[]string{"Bearer"}, true, "begins with osk_"},
		{[]string{"Bearer " + k.Secret() + "x"}, true, "68 characters"},
		{[]string{"Bearer " + k.Secret(), "Bearer " + k.Secret()}, true, "more than one"},
	} {
		got, given, err := BearerKey(http.Header{"Authorization": c.values})
		if given != c.given || (err == nil) != (c.err == "") || err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), k.secret)) {
			t.Errorf("%q: %v, %v", c.values, given, err)
		}
		if err == nil && given && got != k {
			t.Errorf("%q: %v", c.values, got)
		}
	}
}
