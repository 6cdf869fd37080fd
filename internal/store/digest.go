package store

import "github.com/offshelf/offshelf/internal/ledger"

// ProductDigest seals a version of a product in products_sum of the run that
// published it: all columns but to_upload, which a later upload sets. The texts
// must be as the database holds them: UTF-8 without NUL.
func ProductDigest(p *ProductRow) ledger.Digest {
	r := ledger.RowOf("products")
	r.Int("id", p.ID)
	r.Int("catalog_id", p.CatalogID)
	r.Int("key_hash", p.KeyHash)
	r.Int("content_hash", p.ContentHash)
	r.Text("key", p.Key)
	r.Text("doc", p.Doc)
	r.Text("kept", p.Kept)
	r.Int("from_upload", UploadOf(p.ID))
	return r.Digest()
}

// EndedDigest seals in ended_sum that an upload took a version of a product off
// the shelf.
func EndedDigest(product, upload int64) ledger.Digest {
	r := ledger.RowOf("products.to_upload")
	r.Int("id", product)
	r.Int("to_upload", upload)
	return r.Digest()
}

// AttributionDigest seals an attribution in attributions_sum of the run that
// wrote it: all columns.
func AttributionDigest(a *AttributionRow) ledger.Digest {
	r := ledger.RowOf("attributions")
	r.Int("id", a.ID)
	r.Int("product_id", a.ProductID)
	r.Int("catalog_id", a.CatalogID)
	r.Text("brand", a.Brand)
	r.Text("maker", a.Maker)
	r.Text("relation", a.Relation)
	r.Int("probability", a.Probability)
	r.Text("goods", a.Goods)
	return r.Digest()
}
