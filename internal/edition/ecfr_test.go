package edition

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/fetch"
	"github.com/offshelf/offshelf/internal/list/register"
)

// TestNewestDay asks for the day up to which a text goes before it asks for the
// text.
func TestNewestDay(t *testing.T) {
	titles := `{"titles":[{"number":14,"up_to_date_as_of":"2026-01-01"},{"number":15,"name":"Commerce","up_to_date_as_of":"2026-01-02"}],"meta":{}}`
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if strings.HasSuffix(r.URL.Path, "titles.json") {
			io.WriteString(w, titles)
			return
		}
		io.WriteString(w, `<DIV9 N="Supplement No. 4 to Part 744"><TABLE><TR><TD>FICTOWN</TD><TD>Alder Works<br/>1 Road</TD><TD>All</TD><TD>Denial</TD><TD>84 FR 1, 1/2/19</TD></TR></TABLE></DIV9>`)
	}))
	defer s.Close()
	client := func(func(string)) *fetch.Client {
		return &fetch.Client{Attempts: 1, Sleep: func(ctx context.Context, d time.Duration) error { return nil }}
	}
	src, err := register.Find("us-bis-el")
	if err != nil {
		t.Fatal(err)
	}
	real := src.Files
	defer func() { src.Files = real }()
	src.Files = []register.Remote{{Name: real[0].Name, URL: strings.Replace(real[0].URL, "https://www.ecfr.gov", s.URL, 1), Day: strings.Replace(real[0].Day, "https://www.ecfr.gov", s.URL, 1)}}
	u := &Updater{Store: Open(t.TempDir()), Client: client, Now: time.Now, Tell: func(string, string) {}}
	r := u.Update(t.Context(), []string{"us-bis-el"})[0]
	if r.Err != nil || r.Record.Entries != 1 {
		t.Fatalf("%+v", r)
	}
	want := "/api/versioner/v1/titles.json /api/versioner/v1/full/2026-01-02/title-15.xml?part=744&appendix=Supplement+No.+4+to+Part+744"
	if got := strings.Join(asked, " "); got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	for bad, want := range map[string]string{`{"titles":[]}`: "no title 15", `{"titles":[{"number":15,"up_to_date_as_of":"../../x"}]}`: "which is no day", "<html>": "no table of titles"} {
		titles = bad
		if r := u.Update(t.Context(), []string{"us-bis-el"})[0]; r.Err == nil || !strings.Contains(r.Err.Error(), want) {
			t.Errorf("%s: %v, want %q", bad, r.Err, want)
		}
	}
}
