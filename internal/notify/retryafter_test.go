package notify

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, " 7\t": 7 * time.Second, "86401": 24 * time.Hour,
		"18446744073709551616": 24 * time.Hour, strings.Repeat("9", 5000): 24 * time.Hour,
		"-5": 0, "+5": 0, "1.5": 0, "5s": 0, "soon": 0, "0x10": 0, "１２": 0,
		"Tue, 24 Nov 2026 13:05:00 GMT":         5 * time.Minute,
		"Tuesday, 24-Nov-26 13:05:00 GMT":       5 * time.Minute,
		"Tue Nov 24 13:05:00 2026":              5 * time.Minute,
		"Tue, 24 Nov 2026 12:00:00 GMT":         0,
		"Fri, 31 Dec 9999 23:59:59 GMT":         24 * time.Hour,
		now.Add(time.Hour).Format(time.RFC3339): 0, // no form of HTTP
	} {
		if got := retryAfter(in, now); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "99999999999999999999", "-1", "Tue, 24 Nov 2026 13:05:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(s, int64(1795525200))
	}
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		now := time.Unix(unix%(1<<37), 0)
		d := retryAfter(s, now)
		if d < 0 || d > maxAfter {
			t.Fatalf("%q: %s", s, d)
		}
		if at, err := http.ParseTime(s); err == nil && d > 0 && d < maxAfter && !now.Add(d).Equal(at) {
			t.Fatalf("%q at %s: %s", s, now, d)
		}
	})
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		" a\r\n\tb\u00a0c ":          "a b c",
		"\x1b[31mred\x07\x00":        "[31mred",
		"a\u202egnp.exe\u200b\ufeff": "agnp.exe",
		"\xff\xfea\xc3":              "a",
		"line\u2028next":             "line next",
		"日本 é":                       "日本 é",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := []rune(shown(strings.Repeat("é", 5000))); len(got) != maxShown || got[maxShown-1] != '…' {
		t.Errorf("%d characters are shown", len(got))
	}
}
