package catalog

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestWorkbookThatUnpacksToTooMuch(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/media/x.bin")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 80 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open("bomb.xlsx", &b, Options{})
	if err == nil || !strings.Contains(err.Error(), "unpacks to") {
		t.Errorf("Open says %v", err)
	}
}

func TestShopifyVariantWithoutItsProduct(t *testing.T) {
	const file = "Handle,Title,Vendor,Option1 Value,Variant SKU,Variant Price\n" +
		"lorex-nvr,,,Red,SKU2,10\nlorex-nvr,Lorex NVR,Lorex,Blue,SKU1,10\nother,Thing,Acme,,S3,1\nlorex-nvr,,,Green,SKU4,10\n"
	c, err := Open("shop.csv", strings.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	products, skipped := 0, 0
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ps, problems := b.Decode(nil)
		products += len(ps)
		for _, p := range problems {
			if p.Kind == "skipped" && strings.Contains(p.Text, "sort the export by handle") {
				skipped++
			}
		}
	}
	if products != 2 || skipped != 2 {
		t.Errorf("%d products and %d orphans, want 2 and 2", products, skipped)
	}
}
