package api_test

import (
	"strings"
	"testing"

	"github.com/offshelf/offshelf/client"
)

// The generated client against a running service.
func TestClient(t *testing.T) {
	x := sqlite(t)
	x.work()
	key := x.analyst()
	c, err := client.New(x.url, key)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	title, brand := "Lorex 4K NVR 8-channel", "Lorex"
	screened, err := c.ScreenWithResponse(ctx, client.ScreenRequest{Products: &[]client.Product{{Id: "sku-1", Title: &title, Brand: &brand}}})
	if err != nil || screened.JSON200 == nil {
		t.Fatalf("%v %s", err, screened.Body)
	}
	if a := screened.JSON200; a.ProductsWithFindings != 1 || len(a.Products) != 1 || a.Products[0].Findings == nil {
		t.Errorf("%+v", a)
	}
	made, err := c.CreateCatalogWithResponse(ctx, nil, client.CreateCatalogRequest{Name: "shop"})
	if err != nil || made.JSON201 == nil {
		t.Fatalf("%v %s", err, made.Body)
	}
	name := "shelf.csv"
	up, err := c.UploadWithBodyWithResponse(ctx, made.JSON201.Id, &client.UploadParams{Filename: &name}, "text/csv", strings.NewReader(shelf))
	if err != nil || up.JSON202 == nil {
		t.Fatalf("%v %s", err, up.Body)
	}
	if up.JSON202.Upload.Filename != name || up.JSON202.Run.State != "queued" {
		t.Errorf("%+v", up.JSON202)
	}
	// A problem is one here too.
	none, err := c.CaseWithResponse(ctx, 99)
	if err != nil || none.ApplicationproblemJSONDefault == nil || none.ApplicationproblemJSONDefault.Status != 404 {
		t.Errorf("%v %s", err, none.Body)
	}
}
