package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf"
)

// workbook writes an XLSX file of the sheets, each with its rows.
func workbook(t testing.TB, names []string, sheets ...[][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	f.SetSheetName("Sheet1", names[0])
	for i, name := range names {
		if i > 0 {
			f.NewSheet(name)
		}
		for r, cells := range sheets[i] {
			at, _ := excelize.CoordinatesToCellName(1, r+1)
			if err := f.SetSheetRow(name, at, &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestXLSX(t *testing.T) {
	in := workbook(t, []string{"Cover", "Products"}, nil, [][]any{
		{"SKU", "Title", "Brand", "EAN", "Price"},
		{"A1", "Cam", "Lorex", 4006381333931, 9.5},
		{},
		{"A2", "Kit"},
		{"A3", "Bulb", "x", "", 1, "more"},
		{"", "", "", "", 5},
	})
	products, problems, use := read(t, in, Options{})
	want := []offshelf.Product{
		{File: "x", Row: 1, ID: "A1", Title: "Cam", Brand: "Lorex", GTIN: "4006381333931", Price: "9.5"},
		{File: "x", Row: 2, ID: "A2", Title: "Kit"},
		{File: "x", Row: 3, ID: "A3", Title: "Bulb", Brand: "x", Price: "1"},
	}
	if d := cmp.Diff(want, products); d != "" {
		t.Error(d)
	}
	if len(problems) != 2 || !strings.HasPrefix(problems[0], "warning 3:5  row has 6 cells") || !strings.HasPrefix(problems[1], "skipped 4:6  row has no title") {
		t.Errorf("%q", problems)
	}
	if use.Format != "xlsx" || !slices.Contains(use.Notes, "XLSX is read into memory") || !slices.Contains(use.Notes, `sheet "Products" is read, the first of 2 with rows`) {
		t.Errorf("%+v", use)
	}
}

func TestXLSXEmpty(t *testing.T) {
	_, err := Open("x", strings.NewReader(workbook(t, []string{"A"}, nil)), Options{})
	if err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Error(err)
	}
	_, _, use := read(t, workbook(t, []string{"A"}, [][]any{{"id", "title"}}), Options{})
	if !slices.Contains(use.Notes, "no rows under the header") {
		t.Errorf("%+v", use)
	}
}

func TestXLSXMany(t *testing.T) {
	rows := [][]any{{"id", "title"}}
	for i := range 2500 {
		rows = append(rows, []any{i, "a"})
	}
	products, problems, _ := read(t, workbook(t, []string{"A"}, rows), Options{})
	if len(products) != 2500 || len(problems) > 0 || products[2499].ID != "2499" {
		t.Errorf("%d products, %v", len(products), problems)
	}
}

func TestWholeNumber(t *testing.T) {
	for in, want := range map[string]string{
		"8.720602828605E12": "8720602828605", "1E5": "1E5", "A.1E5678": "A.1E5678", "8.72E+12": "8720000000000", "1.25E-07x": "1.25E-07x", "1.25E-071": "1.25E-071",
	} {
		if got := wholeNumber(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
