package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf/internal/store/query"
)

// ProductID names a version of a product: the upload that brought it and its
// row there.
func ProductID(upload int64, row int) int64 { return upload<<32 | int64(row) }

// UploadOf is the upload that brought a version of a product.
func UploadOf(product int64) int64 { return product >> 32 }

// UploadProducts are the ids of the versions that an upload brought: from
// first, before past.
func UploadProducts(upload int64) (first, past int64) { return upload << 32, (upload + 1) << 32 }

// KeyHash is the start of the SHA-256 of a product's key in its catalog. Rows
// that have the same id are told apart by their number among them, from 0.
func KeyHash(key string, nth int) int64 {
	h := sha256.Sum256(binary.BigEndian.AppendUint32([]byte(key), uint32(nth)))
	return int64(binary.BigEndian.Uint64(h[:]))
}

// ContentHash is the start of the SHA-256 of what a catalog says of a product.
func ContentHash(doc, kept string) int64 {
	b := make([]byte, 0, len(doc)+len(kept)+1)
	h := sha256.Sum256(append(append(append(b, doc...), 0), kept...))
	return int64(binary.BigEndian.Uint64(h[:]))
}

// ProductRow is a version of a product with what seals it.
type ProductRow struct {
	ID, CatalogID, KeyHash, ContentHash int64
	Key, Doc, Kept                      string
}

var productColumns = []string{"id", "catalog_id", "key_hash", "content_hash", "key", "doc", "kept", "from_upload", "to_upload"}

// AddProducts writes versions that are on the shelf from their upload on.
func (tx *Tx) AddProducts(ctx context.Context, rows []ProductRow) error {
	values := make([][]any, len(rows))
	flat := make([]any, 0, len(rows)*len(productColumns))
	for i := range rows {
		r := &rows[i]
		flat = append(flat, r.ID, r.CatalogID, r.KeyHash, r.ContentHash, r.Key, r.Doc, r.Kept, UploadOf(r.ID), int64(0))
		values[i] = flat[len(flat)-len(productColumns):]
	}
	return tx.Bulk(ctx, "products", productColumns, values)
}

// AttributionRow is what a version of a product has to do with a brand or
// maker.
type AttributionRow struct {
	ID, ProductID, CatalogID int64
	Brand, Maker, Relation   string
	Probability              int64 // millionths
	Goods                    string
}

// MaxAttributions is how many attributions of a product are kept.
const MaxAttributions = 8

// AttributionID names the nth attribution of a product, from 0.
func AttributionID(product int64, nth int) int64 { return product<<3 | int64(nth) }

// UploadAttributions are the ids of the attributions of an upload's products:
// from first, before past.
func UploadAttributions(upload int64) (first, past int64) {
	first, past = UploadProducts(upload)
	return first << 3, past << 3
}

var attributionColumns = []string{"id", "product_id", "catalog_id", "brand", "maker", "relation", "probability", "goods"}

// AddAttributions writes attributions.
func (tx *Tx) AddAttributions(ctx context.Context, rows []AttributionRow) error {
	values := make([][]any, len(rows))
	for i := range rows {
		r := &rows[i]
		values[i] = []any{r.ID, r.ProductID, r.CatalogID, r.Brand, r.Maker, r.Relation, r.Probability, r.Goods}
	}
	return tx.Bulk(ctx, "attributions", attributionColumns, values)
}

// EndProducts takes versions off the shelf with an upload.
func (tx *Tx) EndProducts(ctx context.Context, upload int64, ids []int64) error {
	for len(ids) > 0 {
		n := min(len(ids), 2000)
		if _, err := tx.sql.ExecContext(ctx, fmt.Sprintf("UPDATE products SET to_upload = $1 WHERE id IN (%s)", IDs(ids[:n])), upload); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// IDs spells numbers out for an IN list, which no text of anybody gets into.
func IDs(ids []int64) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	return b.String()
}

// RosterEntry is a version of a product as an upload sees it.
type RosterEntry struct {
	ID, KeyHash, ContentHash int64
	Key                      string
	Ended                    bool // by this upload already
}

// Roster tells each version that is on the shelf of a catalog or that an
// upload under way has already brought or ended, in no order.
func (s *Store) Roster(ctx context.Context, catalog, upload int64, each func(RosterEntry)) error {
	rows, err := s.read.QueryContext(ctx, "SELECT id, key_hash, content_hash, key, to_upload FROM products WHERE catalog_id = $1 AND (to_upload = 0 OR to_upload = $2)", catalog, upload)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e RosterEntry
		var to int64
		if err := rows.Scan(&e.ID, &e.KeyHash, &e.ContentHash, &e.Key, &to); err != nil {
			return err
		}
		e.Ended = to != 0
		each(e)
	}
	return rows.Err()
}

// DropStaged removes what an upload that is not published has written.
func (tx *Tx) DropStaged(ctx context.Context, catalog, upload int64) error {
	first, past := UploadProducts(upload)
	if err := tx.DropStagedProducts(ctx, query.DropStagedProductsParams{First: first, Past: past}); err != nil {
		return err
	}
	if err := tx.RestoreEndedProducts(ctx, query.RestoreEndedProductsParams{CatalogID: catalog, ToUpload: upload}); err != nil {
		return err
	}
	first, past = UploadAttributions(upload)
	return tx.DropStagedAttributions(ctx, query.DropStagedAttributionsParams{First: first, Past: past})
}
