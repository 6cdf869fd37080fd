package dossier_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
)

// evil is markup, a formula, an escape sequence, a bidi override and a very long
// word.
var evil = `=cmd|' /C calc'!A1;=1+1</td></style><script>alert(1)</script><img src=x onerror=alert(2)>{{.}} ]]> ` + "\x1b[2J\u202egnp.exe\u202c\u200b\ufeff\r\n@SUM(1)" + strings.Repeat("Donaudampfschiff", 200)

// poison sets every text of v to evil.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			v.SetString(evil)
		}
	}
}

// poisoned is a world whose rows say evil things wherever text of others may
// stand, as if everyone who fills it in were hostile.
func poisoned(w *world) *dossier.Reader {
	w.Helper()
	w.story()
	var f offshelf.Finding
	var doc string
	w.must(w.Reader().QueryRowContext(w.ctx, "SELECT doc FROM explanations ORDER BY doc LIMIT 1").Scan(&doc))
	w.must(json.Unmarshal([]byte(doc), &f))
	poison(reflect.ValueOf(&f).Elem())
	p := anvil("A1", "", "").Product
	poison(reflect.ValueOf(&p).Elem())
	text := strings.ReplaceAll(evil, "\x00", "")
	list := marshal([]string{evil, evil})
	object := marshal(map[string]any{evil: evil, "text": evil, "list": []any{evil, map[string]any{evil: evil}}})
	kept := marshal(map[string]string{evil: evil, "store": evil, "title": "x"})
	reasons := marshal([]offshelf.Reason{{Text: evil, Weight: 1}})
	for _, u := range []struct {
		statement string
		args      []any
	}{
		{"UPDATE workspaces SET name = $1", []any{text}},
		{"UPDATE users SET name = $1", []any{text}},
		{"UPDATE catalogs SET name = $1", []any{text}},
		{"UPDATE cases SET title = $1, subject = $1", []any{text}},
		{"UPDATE explanations SET doc = $1", []any{marshal(f)}},
		{"UPDATE products SET doc = $1, kept = $2, key = $3", []any{marshal(p), kept, text}},
		{"UPDATE pulls SET key = $1", []any{text}},
		{"UPDATE findings SET reasons = $1, regime = $2, listing = $2, ended_why = $2", []any{reasons, text}},
		{"UPDATE decisions SET reason_code = $1, reason = $1, scope = $1, supplier = $1, products = $2, channels = '[]', basis_digest = $1", []any{text, list}},
		{"UPDATE suppressions SET why = $1", []any{text}},
		{"UPDATE attachments SET name = $1, media_type = $1, sha256 = $1", []any{text}},
		{"UPDATE supplier_requests SET supplier = $1, template = $1, letter = $1, documents = $2", []any{text, list}},
		{"UPDATE snapshots SET version = $1, editions = $2", []any{text, "[" + object + "]"}},
		{"UPDATE uploads SET filename = $1", []any{text}},
		{"UPDATE runs SET tool = $1, policy_name = $1, policy = ''", []any{text}},
		{"UPDATE leaves SET data = $1, kind = CASE WHEN kind = 'case.commented' THEN kind ELSE $2 END", []any{object, text}},
	} {
		if _, err := w.Writer().ExecContext(w.ctx, u.statement, u.args...); err != nil {
			w.Fatalf("%s: %v", u.statement, err)
		}
	}
	kept2 := dossier.KeptFacts(w.Store)
	return &dossier.Reader{Facts: func(ctx context.Context, s *query.Snapshot) (*offshelf.Knowledge, error) {
		k, err := kept2(ctx, s)
		if err != nil {
			return nil, err
		}
		data, err := knowledge.Compile(k)
		if err != nil {
			return nil, err
		}
		k, _, err = knowledge.Decode(data) // a copy
		poison(reflect.ValueOf(k).Elem())
		return k, err
	}}
}

// seen fails where a reader would not see what is there.
func seen(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r == '\n' || r == '\t' {
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
			t.Fatalf("%s: %U at %d: …%q", what, r, i, text[max(0, i-60):i])
		}
	}
}

func TestHostileText(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		r := poisoned(w)
		page, err := r.Read(w.ctx, w.Store, user(w.ada), w.workspace, w.caseID, dossier.HTML)
		w.must(err)
		var register bytes.Buffer
		_, err = dossier.Register(w.ctx, w.Store, &register, dossier.HTML, w.workspace, 0, 30000)
		w.must(err)
		for name, html := range map[string]string{"dossier": string(page), "register": register.String()} {
			seen(t, name, html)
			for _, bad := range []string{"<script", "<img", "onerror=alert(2)>", "</style><"} {
				if strings.Contains(html, bad) && strings.Count(html, bad) > strings.Count(html, "</style>\n</head>") {
					t.Errorf("%s: %q became markup", name, bad)
				}
			}
			if strings.Count(html, "</style>") != 1 || !strings.Contains(html, "&lt;script&gt;") {
				t.Errorf("%s: text is not escaped", name)
			}
		}
		data, err := r.Read(w.ctx, w.Store, user(w.ada), w.workspace, w.caseID, dossier.JSON)
		w.must(err)
		var any map[string]any
		w.must(json.Unmarshal(data, &any))
	})
}

// No cell of any sheet is a formula.
func TestFormulas(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		poisoned(w)
		for name, write := range map[string]func(form string) []byte{
			"pulls": func(form string) []byte {
				var b bytes.Buffer
				n, err := dossier.PullSheet(w.ctx, w.Store, &b, form, w.workspace, dossier.PullFilter{})
				w.must(err)
				if n.Rows != 3 {
					t.Errorf("%+v", n)
				}
				return b.Bytes()
			},
			"register": func(form string) []byte {
				var b bytes.Buffer
				n, err := dossier.Register(w.ctx, w.Store, &b, form, w.workspace, 0, 30000)
				w.must(err)
				if n.Decisions != 2 {
					t.Errorf("%+v", n)
				}
				return b.Bytes()
			},
		} {
			rows, err := csv.NewReader(bytes.NewReader(write(dossier.CSV))).ReadAll()
			w.must(err)
			for _, row := range rows {
				for _, c := range row {
					for i, part := range strings.Split(c, ";") {
						if strings.ContainsAny(string([]rune(strings.TrimLeft(part, " \"") + " ")[0]), "=+-@\t\r") {
							t.Errorf("%s.csv: part %d of a cell is a formula: %.40q", name, i, part)
						}
					}
					seen(t, name, c)
				}
			}
			f, err := excelize.OpenReader(bytes.NewReader(write(dossier.XLSX)))
			w.must(err)
			for _, sheet := range f.GetSheetList() {
				grid, err := f.GetRows(sheet)
				w.must(err)
				for y, row := range grid {
					for x, c := range row {
						at, _ := excelize.CoordinatesToCellName(x+1, y+1)
						kind, err := f.GetCellType(sheet, at)
						w.must(err)
						formula, err := f.GetCellFormula(sheet, at)
						w.must(err)
						if formula != "" || strings.HasPrefix(c, "=") && kind != excelize.CellTypeInlineString {
							t.Errorf("%s.xlsx %s: formula %q, type %v, %.40q", name, at, formula, kind, c)
						}
						seen(t, fmt.Sprint(name, at), c)
					}
				}
			}
			f.Close()
		}
	})
}
