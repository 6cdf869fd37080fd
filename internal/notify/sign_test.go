package notify_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/offshelf/offshelf/internal/notify"
)

func secret(t testing.TB, text string) notify.Secret {
	t.Helper()
	s, err := notify.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verifier is what a receiver has, made from the secret's text.
func verifier(t testing.TB, s notify.Secret) *standardwebhooks.Webhook {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(s.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The vector is the one that the documents of Standard Webhooks and the tests of
// its libraries share.
func TestSignVector(t *testing.T) {
	keys := []notify.Key{{Secret: secret(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}}
	h, err := notify.Sign(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"webhook-id":        "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestRotation(t *testing.T) {
	now := time.Now()
	old, new, other := notify.NewSecret(), notify.NewSecret(), notify.NewSecret()
	keys := []notify.Key{{Secret: new}, {Secret: old, Until: now.Add(time.Minute)}, {Secret: new, Until: now.Add(time.Hour)}}
	body := []byte(`{"a":1}`)

	h, err := notify.Sign(keys, "evt_1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(h.Get("webhook-signature"))); n != 2 {
		t.Errorf("%d signatures: a secret that is there twice signs once", n)
	}
	for name, s := range map[string]notify.Secret{"old": old, "new": new} {
		if err := verifier(t, s).Verify(body, h); err != nil {
			t.Errorf("%s secret: %v", name, err)
		}
	}
	if verifier(t, other).Verify(body, h) == nil {
		t.Error("a secret that did not sign verifies")
	}
	if verifier(t, new).Verify([]byte(`{"a":2}`), h) == nil {
		t.Error("a body that was changed verifies")
	}
	moved := h.Clone()
	moved.Set("webhook-id", "evt_2")
	if verifier(t, new).Verify(body, moved) == nil {
		t.Error("an id that was changed verifies")
	}

	// The end is excluded.
	h, err = notify.Sign(keys, "evt_1", now.Add(time.Minute), body)
	if err != nil {
		t.Fatal(err)
	}
	if verifier(t, old).Verify(body, h) == nil {
		t.Error("the old secret signs after its end")
	}
	if err := verifier(t, new).Verify(body, h); err != nil {
		t.Error(err)
	}

	if _, err = notify.Sign(keys[1:2], "evt_1", now.Add(time.Hour), body); err != notify.ErrNoKey {
		t.Errorf("without a valid key: %v", err)
	}
	if _, err = notify.Sign([]notify.Key{{}}, "evt_1", now, body); err != notify.ErrNoKey {
		t.Errorf("with an empty secret: %v", err)
	}
	if _, err := notify.Sign(keys, "evt.1", now, body); err == nil {
		t.Error("an id with a full stop is signed")
	}
	many := make([]notify.Key, 9)
	for i := range many {
		many[i].Secret = notify.NewSecret()
	}
	if _, err := notify.Sign(many, "evt_1", now, body); err == nil {
		t.Error("nine keys sign")
	}
}

func TestParseSecret(t *testing.T) {
	encode := func(n int) string {
		return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, n))
	}
	for _, ok := range []string{encode(24), encode(25), encode(32), encode(64)} {
		s, err := notify.ParseSecret(ok)
		if err != nil {
			t.Errorf("%s: %v", ok, err)
		}
		if s.Reveal() != ok {
			t.Errorf("%s is revealed as %s", ok, s.Reveal())
		}
	}
	for in, want := range map[string]string{
		"":                                       "does not begin with whsec_",
		encode(32)[6:]:                           "does not begin with whsec_",
		" " + encode(32):                         "does not begin with whsec_",
		encode(23):                               "23 bytes: Standard Webhooks ask for 24 to 64",
		encode(65):                               "65 bytes",
		encode(70):                               "longer than",
		strings.TrimRight(encode(32), "="):       "no Base64",
		encode(24)[:20] + "\n" + encode(24)[20:]: "line break",
		strings.ReplaceAll(encode(24), "+", "-"): "no Base64 at byte 7",
		"whsec_" + strings.Repeat("A", 42) + "B=": "no Base64", // bits after the last byte
	} {
		_, err := notify.ParseSecret(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", in, err, want)
		}
		if rest := strings.TrimPrefix(in, "whsec_"); err != nil && len(rest) > 8 && strings.Contains(err.Error(), rest[:8]) {
			t.Errorf("%q: the error repeats it: %v", in, err)
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	s := notify.NewSecret()
	inner := strings.TrimPrefix(s.Reveal(), "whsec_")
	key, err := base64.StdEncoding.DecodeString(inner)
	if err != nil || len(key) != 32 {
		t.Fatalf("a new secret of %d bytes, %v", len(key), err)
	}
	k := notify.Key{Secret: s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n"+verb+"\n"+verb+"\n", s, k, []*notify.Key{&k}[0])
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "key", k, "secret", s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", k, "secret", s)
	if err := json.NewEncoder(&out).Encode(k); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{inner, inner[:12], fmt.Sprintf("%x", key), fmt.Sprint(key)[1:12]} {
		if strings.Contains(out.String(), form) {
			t.Errorf("printed as %s in:\n%s", form, out.String())
		}
	}
	if !strings.Contains(out.String(), "whsec_…") {
		t.Errorf("nothing shows that there is a secret:\n%s", out.String())
	}
	if s.Equal(notify.NewSecret()) || !s.Equal(secret(t, s.Reveal())) || (notify.Secret{}).Reveal() != "" {
		t.Error("secrets are not compared or revealed well")
	}
}

func FuzzParseSecret(f *testing.F) {
	for _, s := range []string{"", "whsec_", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_====", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := notify.ParseSecret(text)
		if err != nil {
			if !s.IsZero() {
				t.Fatalf("a secret in spite of %v", err)
			}
			return
		}
		if s.Reveal() != text {
			t.Fatalf("%q is revealed as %q: two texts for one secret", text, s.Reveal())
		}
		body := []byte(text)
		h, err := notify.Sign([]notify.Key{{Secret: s}}, "evt_1", time.Now(), body)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier(t, s).Verify(body, h); err != nil {
			t.Fatal(err)
		}
	})
}
