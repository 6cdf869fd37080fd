package notify_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf/internal/notify"
)

// opened is an event that is in order.
func opened() notify.Event {
	return notify.Event{
		ID: "evt_01", Source: "https://offshelf.example/", Type: notify.FindingOpened, Subject: "SKU 4711/é",
		Time: time.Date(2026, 11, 24, 14, 26, 43, 120_000_000, time.FixedZone("", 3600)),
		Data: jsontext.Value(` { "regime": "us-fcc-covered", "action": "pull", "row": 12345678901234567890 } `),
	}
}

func TestEncode(t *testing.T) {
	b, err := opened().Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"specversion":"1.0","id":"evt_01","source":"https://offshelf.example/","type":"finding.opened","subject":"SKU 4711/é",` +
		`"time":"2026-11-24T13:26:43.12Z","datacontenttype":"application/json","data":{"action":"pull","regime":"us-fcc-covered","row":12345678901234567890}}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
	other := opened()
	other.Time = other.Time.UTC()
	other.Data = jsontext.Value("{\"action\":\"p\\u0075ll\",\n\t\"row\":12345678901234567890,\"regime\":\"us-fcc-covered\"}")
	before := other.Data.Clone()
	if c, err := other.Encode(); err != nil || !bytes.Equal(b, c) {
		t.Errorf("data laid out in another way: %s, %v", c, err)
	}
	if !bytes.Equal(before, other.Data) {
		t.Errorf("Encode changed the data of its event: %s", other.Data)
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name string
		with func(*notify.Event)
		want string // empty: in order
	}{
		{"in order", func(e *notify.Event) {}, ""},
		{"no subject", func(e *notify.Event) { e.Subject = "" }, ""},
		{"relative source", func(e *notify.Event) { e.Source = "/offshelf" }, ""},
		{"no id", func(e *notify.Event) { e.ID = "" }, "id: missing"},
		{"full stop", func(e *notify.Event) { e.ID = "a.1" }, `id: "a.1": only letters`},
		{"line break", func(e *notify.Event) { e.ID = "a\r\nX: y" }, "id: "},
		{"long id", func(e *notify.Event) { e.ID = strings.Repeat("a", 129) }, "id: 129 bytes: at most 128"},
		{"no source", func(e *notify.Event) { e.Source = "" }, "source: missing"},
		{"space in source", func(e *notify.Event) { e.Source = "my shop" }, `source: "my shop" has a ' ' at byte 3, which a URI may not have: write it as %20`},
		{"other script in source", func(e *notify.Event) { e.Source = "urn:é" }, "source: "},
		{"percent in source", func(e *notify.Event) { e.Source = "/100%" }, "source: no URI: a % without"},
		{"unknown type", func(e *notify.Event) { e.Type = "finding.closed" }, `type: "finding.closed": none of finding.opened, finding.changed, finding.ended`},
		{"control character", func(e *notify.Event) { e.Subject = "a\x1b[31m" }, "subject: character U+001B at byte 2"},
		{"noncharacter", func(e *notify.Event) { e.Subject = "a\U0001fffe" }, "subject: character U+1FFFE"},
		{"no UTF-8", func(e *notify.Event) { e.Subject = "a\xff" }, "subject: no valid UTF-8"},
		{"long subject", func(e *notify.Event) { e.Subject = strings.Repeat("a", 1025) }, "subject: 1025 bytes"},
		{"no time", func(e *notify.Event) { e.Time = time.Time{} }, "time: missing"},
		{"far year", func(e *notify.Event) { e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "time: year 10000"},
		{"no data", func(e *notify.Event) { e.Data = nil }, "data: missing"},
		{"data is a list", func(e *notify.Event) { e.Data = jsontext.Value(`[1]`) }, "data: no JSON object"},
		{"broken data", func(e *notify.Event) { e.Data = jsontext.Value(`{"a":}`) }, "data: no valid JSON"},
		{"two values", func(e *notify.Event) { e.Data = jsontext.Value(`{} {}`) }, "data: no valid JSON"},
		{"a name twice", func(e *notify.Event) { e.Data = jsontext.Value(`{"a":1,"a":2}`) }, "data: no valid JSON"},
		{"deep data", func(e *notify.Event) {
			e.Data = jsontext.Value(`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`)
		}, "data: no valid JSON"},
		{"large data", func(e *notify.Event) { e.Data = jsontext.Value(`{"a":"` + strings.Repeat("x", notify.MaxEvent) + `"}`) }, "data: 65544 bytes: an event has at most 65536"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := opened()
			test.with(&e)
			b, err := e.Encode()
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %s", err, test.want)
			case err != nil && b != nil:
				t.Error("bytes in spite of an error")
			}
		})
	}
	err := notify.Event{}.Validate()
	for _, field := range []string{"id", "source", "type", "time", "data"} {
		if err == nil || !strings.Contains(err.Error(), "event: "+field+": ") {
			t.Errorf("an empty event: nothing on its %s: %v", field, err)
		}
	}
}

// Large as a whole though its data are not.
func TestEncodeBound(t *testing.T) {
	e := opened()
	e.Data = jsontext.Value(`{"a":"` + strings.Repeat("x", notify.MaxEvent-100) + `"}`)
	if _, err := e.Encode(); err == nil || !strings.Contains(err.Error(), "at most 65536") {
		t.Errorf("error %v", err)
	}
}

func TestEncodeParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z<>&\x{e9}\x{1f600}"\\]{0,8}`)
		member := func(s string) string { q, _ := jsontext.AppendQuote(nil, s); return string(q) }
		var data []string
		for n := range rapid.MapOf(name, name).Draw(t, "data") {
			data = append(data, member(n)+": "+member(name.Draw(t, "value")))
		}
		e := notify.Event{
			ID:      rapid.StringMatching(`[A-Za-z0-9_:-]{1,128}`).Draw(t, "id"),
			Source:  rapid.StringMatching(`(https://[a-z]{1,9})?/[a-z0-9]{0,9}`).Draw(t, "source"),
			Type:    rapid.SampledFrom(notify.Types()).Draw(t, "type"),
			Subject: name.Draw(t, "subject"),
			Time:    time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC(),
			Data:    jsontext.Value("{" + strings.Join(data, ",") + "}"),
		}
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := notify.ParseEvent(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		again, err := back.Encode()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s\nread and written again is\n%s, %v", b, again, err)
		}
		e.Data, back.Data = nil, nil
		if d := cmp.Diff(e, back); d != "" {
			t.Fatal(d)
		}
	})
}

func TestParseEventRefuses(t *testing.T) {
	b, err := opened().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ old, new, want string }{
		{`"1.0"`, `"0.3"`, `specversion: "0.3": only "1.0"`},
		{`application/json`, `text/plain`, `datacontenttype: "text/plain"`},
		{`"subject"`, `"extension"`, "extension"},
		{`"id":"evt_01"`, `"id":"evt_01","id":"evt_02"`, "duplicate"},
		{`"id":"evt_01"`, `"id":1`, "JSON number"},
		{`13:26:43.12Z`, `25:26:43Z`, "time: "},
		{`finding.opened`, `finding.OPENED`, "type: "},
		{`}}`, `}}{`, "invalid"},
	} {
		_, err := notify.ParseEvent([]byte(strings.Replace(string(b), change.old, change.new, 1)))
		if err == nil || !strings.Contains(err.Error(), change.want) {
			t.Errorf("%s for %s: error %v, want %s", change.new, change.old, err, change.want)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	b, err := opened().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := notify.ParseEvent(b)
		if err != nil {
			return
		}
		once, err := e.Encode()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		e, err = notify.ParseEvent(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, err := e.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\nthen\n%s, %v", once, twice, err)
		}
	})
}
