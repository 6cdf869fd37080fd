-- name: CreateCatalog :one
INSERT INTO catalogs (workspace_id, name, policy, options, current_upload, created_by, created_at)
VALUES ($1, $2, $3, $4, 0, $5, $6) RETURNING *;

-- name: Catalog :one
SELECT * FROM catalogs WHERE id = $1;

-- name: CatalogByName :one
SELECT * FROM catalogs WHERE workspace_id = $1 AND name = $2;

-- name: CatalogsOfWorkspace :many
SELECT * FROM catalogs WHERE workspace_id = $1 ORDER BY name;

-- name: SetCatalogOptions :exec
UPDATE catalogs SET policy = $2, options = $3 WHERE id = $1;

-- name: SetCurrentUpload :exec
UPDATE catalogs SET current_upload = $2 WHERE id = $1;

-- name: LockCatalog :execrows
UPDATE catalogs SET current_upload = current_upload WHERE id = $1;

-- name: CreateBlob :one
INSERT INTO blobs (workspace_id, sha256, size, chunks, kept_at) VALUES ($1, '', 0, 0, $2) RETURNING id;

-- name: AddChunk :exec
INSERT INTO blob_chunks (blob_id, n, data) VALUES ($1, $2, $3);

-- name: EndBlob :exec
UPDATE blobs SET sha256 = $2, size = $3, chunks = $4 WHERE id = $1;

-- name: Blob :one
SELECT * FROM blobs WHERE id = $1;

-- name: BlobBySum :one
SELECT * FROM blobs WHERE workspace_id = $1 AND sha256 = $2 ORDER BY id LIMIT 1;

-- name: Chunk :one
SELECT data FROM blob_chunks WHERE blob_id = $1 AND n = $2;

-- name: DeleteChunks :exec
DELETE FROM blob_chunks WHERE blob_id = $1;

-- name: DeleteBlob :exec
DELETE FROM blobs WHERE id = $1;

-- name: AbandonedBlobs :many
SELECT id FROM blobs WHERE sha256 = '' AND kept_at < $1 ORDER BY id;

-- name: CreateSnapshot :one
INSERT INTO snapshots (sha256, version, facts_blob, lists_blob, editions, kept_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *;

-- name: Snapshot :one
SELECT * FROM snapshots WHERE sha256 = $1;

-- name: Snapshots :many
SELECT * FROM snapshots ORDER BY id;

-- name: CreateUpload :one
INSERT INTO uploads (workspace_id, catalog_id, filename, blob_id, sha256, size, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *;

-- name: Upload :one
SELECT * FROM uploads WHERE id = $1;

-- name: UploadsOfCatalog :many
SELECT * FROM uploads WHERE catalog_id = $1 AND id < CAST(sqlc.arg(before) AS bigint) ORDER BY id DESC LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: CreateRun :one
INSERT INTO runs (workspace_id, catalog_id, upload_id, state, error, as_of, tool, snapshot, policy_name, policy_sha256, policy, options,
  stream_sha256, summary, products_sum, ended_sum, attributions_sum, created_by, created_at, finished_at)
VALUES ($1, $2, $3, 'queued', '', $4, '', '', $5, $6, $7, $8, '', '', '', '', '', $9, $10, 0) RETURNING *;

-- name: Run :one
SELECT * FROM runs WHERE id = $1;

-- name: RunsOfCatalog :many
SELECT * FROM runs WHERE catalog_id = $1 AND id < CAST(sqlc.arg(before) AS bigint) ORDER BY id DESC LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: FirstQueuedRun :one
SELECT * FROM runs WHERE catalog_id = $1 AND state = 'queued' ORDER BY id LIMIT 1;

-- name: QueuedRuns :many
SELECT r.id, p.lease_until FROM runs r JOIN run_progress p ON p.run_id = r.id WHERE r.state = 'queued' ORDER BY r.id;

-- name: EndRun :exec
UPDATE runs SET state = $2, error = $3, tool = $4, snapshot = $5, stream_sha256 = $6, summary = $7,
  products_sum = $8, ended_sum = $9, attributions_sum = $10, finished_at = $11, policy_sha256 = $12 WHERE id = $1;

-- name: CreateProgress :exec
INSERT INTO run_progress (run_id, phase, epoch, owner, lease_until, cancel, rows_read, bytes_read, bytes_total, started_at, updated_at)
VALUES ($1, 'waiting', 0, '', 0, 0, 0, 0, $2, 0, $3);

-- name: Progress :one
SELECT * FROM run_progress WHERE run_id = $1;

-- name: TakeLease :one
UPDATE run_progress SET phase = 'screening', epoch = epoch + 1, owner = $2, lease_until = $3, rows_read = 0, bytes_read = 0, started_at = $4, updated_at = $4
WHERE run_id = $1 AND (lease_until < $4 OR lease_until > CAST(sqlc.arg(beyond) AS bigint)) RETURNING epoch;

-- name: HoldLease :execrows
UPDATE run_progress SET lease_until = $3, phase = $4, rows_read = $5, bytes_read = $6, updated_at = $7
WHERE run_id = $1 AND epoch = $2 AND phase <> 'done';

-- name: HasLease :one
SELECT count(*) FROM run_progress WHERE run_id = $1 AND epoch = $2;

-- name: CancelRun :exec
UPDATE run_progress SET cancel = 1 WHERE run_id = $1;

-- name: ReleaseLease :exec
UPDATE run_progress SET lease_until = 0, phase = $3, updated_at = $4 WHERE run_id = $1 AND epoch = $2;

-- name: DropStagedProducts :exec
DELETE FROM products WHERE id >= sqlc.arg(first) AND id < sqlc.arg(past);

-- name: RestoreEndedProducts :exec
UPDATE products SET to_upload = 0 WHERE catalog_id = $1 AND to_upload = $2 AND to_upload <> 0;

-- name: DropStagedAttributions :exec
DELETE FROM attributions WHERE id >= sqlc.arg(first) AND id < sqlc.arg(past);

-- name: Product :one
SELECT * FROM products WHERE id = $1;

-- name: ProductVersions :many
SELECT * FROM products WHERE catalog_id = $1 AND key_hash = $2 ORDER BY id;

-- name: AddExplanation :execrows
INSERT INTO explanations (sha256, doc) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING;

-- name: Explanation :one
SELECT doc FROM explanations WHERE sha256 = $1;

-- name: ProductsOfBrandOnShelf :many
SELECT DISTINCT p.id, p.catalog_id, p.key_hash, p.key FROM attributions a
JOIN catalogs c ON c.id = a.catalog_id JOIN products p ON p.id = a.product_id
WHERE a.brand = $1 AND c.workspace_id = $2 AND a.relation = 'made' AND a.probability >= 500000
  AND p.from_upload <= c.current_upload AND (p.to_upload = 0 OR p.to_upload > c.current_upload)
ORDER BY p.id;

-- name: ProductsOfMakerOnShelf :many
SELECT DISTINCT p.id, p.catalog_id, p.key_hash, p.key FROM attributions a
JOIN catalogs c ON c.id = a.catalog_id JOIN products p ON p.id = a.product_id
WHERE a.maker = $1 AND a.maker <> '' AND c.workspace_id = $2 AND a.relation = 'made' AND a.probability >= 500000
  AND p.from_upload <= c.current_upload AND (p.to_upload = 0 OR p.to_upload > c.current_upload)
ORDER BY p.id;

-- name: ProductsOfCaseOnShelf :many
SELECT DISTINCT p.id, p.catalog_id, p.key_hash, p.key, p.doc FROM findings f
JOIN catalogs c ON c.id = f.catalog_id JOIN products p ON p.id = f.product_id
WHERE f.case_id = $1 AND f.state = 'open' AND f.action > 1
  AND p.from_upload <= c.current_upload AND (p.to_upload = 0 OR p.to_upload > c.current_upload)
ORDER BY p.id;

-- name: NewestUpload :one
SELECT CAST(coalesce(max(id), 0) AS bigint) FROM uploads WHERE catalog_id = $1;

-- name: OrphanedRuns :many
SELECT r.id FROM runs r JOIN run_progress p ON p.run_id = r.id
WHERE r.state = 'queued' AND (p.lease_until < $1 OR p.lease_until > CAST(sqlc.arg(beyond) AS bigint)) AND NOT EXISTS (SELECT 1 FROM runs o WHERE o.catalog_id = r.catalog_id AND o.state = 'queued' AND o.id < r.id)
ORDER BY r.id;

-- name: CountRuns :many
SELECT state, count(*) AS n FROM runs GROUP BY state;

-- name: DropLeases :exec
UPDATE run_progress SET lease_until = 0 WHERE lease_until <> 0;
