package catalog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

// shared is where real catalogs are, seen from this package.
const shared = "../../../shared/data/catalogs"

// TestReal holds how real catalogs are read. They are not in the repository.
func TestReal(t *testing.T) {
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		t.Skip("shared/data is absent")
	}
	for _, tt := range []struct {
		file, format, columns string
		products              int
	}{
		{"walmart_2014.csv", "csv", "id:id title:title category:category brand:brand modelno:model price:price", 2554},
		{"amazon_2014_third.csv", "csv", "id:id title:title category:category brand:brand modelno:model price:price", 7436},
		{"amazon-software_2008.csv", "csv", "id:id title:title manufacturer:manufacturer price:price", 1363},
		{"bestbuy_2017.csv", "csv", "row_id:id name:title brand:brand description:description categories:category price:price", 3291},
		{"bestbuy_2017.json", "json", "name:title description:description brand:brand categories:category price:price", 3291},
		{"camera-offers_2014.csv", "csv", "row_id:id title:title brand:brand model:model specs:description", 557},
		{"camera-specs_2014.jsonl.gz", "ndjson", "_id:id <page title>:title url:url brand name:brand product model:model product type:category", 14926},
		{"security-shop_2025.csv", "csv", "row_id:id title:title brand:brand description:description category:category price:price", 126},
		{"shopee_2024.csv", "csv", "row_id:id url:url title:title final_price:price seller_name:vendor breadcrumb:category Product Specifications:description Product Description:description brand:brand", 1000},
		{"shopify-export_2025.csv", "shopify", "Handle:id Title:title Vendor:vendor Vendor:brand Variant SKU:id Variant Barcode:gtin", 814},
	} {
		t.Run(tt.file, func(t *testing.T) {
			f, err := os.Open(filepath.Join(shared, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c, err := Open(tt.file, f, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			products, problems, _, err := readAll(c)
			if err != nil {
				t.Fatal(err)
			}
			var columns []string
			for _, u := range c.Use().Columns {
				columns = append(columns, u.Column+":"+u.Field)
			}
			if got := strings.Join(columns, " "); tt.columns != "" && got != tt.columns {
				t.Errorf("columns\n got %s\nwant %s", got, tt.columns)
			}
			if got := c.Use().Format; got != tt.format {
				t.Errorf("format %s, want %s", got, tt.format)
			}
			if len(products) != tt.products || len(problems) > 0 {
				t.Errorf("%d products, want %d; problems %v", len(products), tt.products, problems)
			}
		})
	}
}

// readAll reads a catalog to its end and checks that the counts add up.
func readAll(c *Catalog) (products []offshelf.Product, problems []offshelf.Problem, rows int, err error) {
	for {
		b, err := c.Next()
		if err == io.EOF {
			return products, problems, rows, nil
		}
		if err != nil {
			return products, problems, rows, err
		}
		had := len(products)
		var more []offshelf.Problem
		products, more = b.Decode(products)
		problems = append(problems, more...)
		rows += b.Rows()
		if lost := lostIn(more); b.Rows() != len(products)-had+lost {
			return products, problems, rows, fmt.Errorf("%d rows became %d products and %d problems", b.Rows(), len(products)-had, lost)
		}
	}
}

func lostIn(problems []offshelf.Problem) int {
	n := 0
	for _, p := range problems {
		if p.Kind != "warning" {
			n++
		}
	}
	return n
}
