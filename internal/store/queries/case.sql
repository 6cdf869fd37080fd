-- name: Finding :one
SELECT * FROM findings WHERE id = $1;

-- name: OpenFindingsOfCase :many
SELECT * FROM findings WHERE case_id = $1 AND state = 'open' AND id > CAST(sqlc.arg(after) AS bigint) ORDER BY id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: FindingsOfCase :many
SELECT * FROM findings WHERE case_id = $1 AND id > CAST(sqlc.arg(after) AS bigint) ORDER BY id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: FindingsOfProduct :many
SELECT f.* FROM findings f WHERE f.catalog_id = $1 AND f.key_hash = $2 ORDER BY f.id;

-- name: SetSuppression :exec
UPDATE findings SET suppression_id = $2 WHERE id = $1;

-- name: CreateCase :one
INSERT INTO cases (workspace_id, subject, title, state, action, basis, assignee, findings, products, opened_run, opened_at, updated_at, closed_at, version)
VALUES ($1, $2, $3, 'open', $4, $5, 0, 0, 0, $6, $7, $7, 0, 1) RETURNING *;

-- name: CaseByID :one
SELECT * FROM cases WHERE id = $1;

-- name: CaseBySubject :one
SELECT * FROM cases WHERE workspace_id = $1 AND subject = $2;

-- name: CountCase :one
SELECT count(*) AS findings, count(DISTINCT product_id) AS products, CAST(coalesce(max(action), 0) AS bigint) AS action,
  CAST(coalesce(max(CASE WHEN basis = 'law' THEN 1 ELSE 0 END), 0) AS bigint) AS law
FROM findings WHERE case_id = $1 AND state = 'open' AND suppression_id = 0;

-- name: UpdateCase :execrows
UPDATE cases SET state = $3, action = $4, basis = $5, assignee = $6, findings = $7, products = $8, updated_at = $9, closed_at = $10, version = version + 1
WHERE id = $1 AND version = $2;

-- name: CreateDecision :one
INSERT INTO decisions (workspace_id, case_id, kind, state, reason_code, reason, scope, products, supplier, channels, evidence, expires_on, basis_digest, decided_by, decided_at, agreed_by, agreed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING *;

-- name: Decision :one
SELECT * FROM decisions WHERE id = $1;

-- name: DecisionsOfCase :many
SELECT * FROM decisions WHERE case_id = $1 ORDER BY id;

-- name: DecisionsOfPeriod :many
SELECT * FROM decisions WHERE workspace_id = $1 AND decided_at >= CAST(sqlc.arg(since) AS bigint) AND decided_at < CAST(sqlc.arg(until) AS bigint) ORDER BY decided_at, id;

-- name: EffectiveDecisions :many
SELECT * FROM decisions WHERE case_id = $1 AND state = 'effective' ORDER BY id;

-- name: ExpiredDecisions :many
SELECT * FROM decisions WHERE state = 'effective' AND expires_on <> 0 AND expires_on < CAST(sqlc.arg(today) AS bigint) ORDER BY id;

-- name: SetDecisionState :execrows
UPDATE decisions SET state = $3, agreed_by = $4, agreed_at = $5 WHERE id = $1 AND state = $2;

-- name: CreateSuppression :one
INSERT INTO suppressions (workspace_id, decision_id, finding_id, product_digest, listing_digest, chain_digest, state, why, created_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, 'active', '', $7, 0) RETURNING id;

-- name: Suppression :one
SELECT * FROM suppressions WHERE id = $1;

-- name: ActiveSuppressionsOfDecision :many
SELECT * FROM suppressions WHERE decision_id = $1 AND state = 'active' ORDER BY id;

-- name: SuppressionsOfFinding :many
SELECT * FROM suppressions WHERE finding_id = $1 ORDER BY id;

-- name: EndSuppression :execrows
UPDATE suppressions SET state = $2, why = $3, ended_at = $4 WHERE id = $1 AND state = 'active';

-- name: CreatePull :one
INSERT INTO pulls (workspace_id, case_id, decision_id, catalog_id, key_hash, key, product_id, state, ordered_upload, seen_upload, gone_at, back_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'ordered', $8, $8, 0, 0) ON CONFLICT (catalog_id, key_hash, decision_id) DO NOTHING RETURNING *;

-- name: PullsOfCase :many
SELECT * FROM pulls WHERE case_id = $1 ORDER BY id;

-- name: PullsOfDecision :many
SELECT * FROM pulls WHERE decision_id = $1 ORDER BY id;

-- name: LivePullsOfCatalog :many
SELECT * FROM pulls WHERE catalog_id = $1 AND state <> 'withdrawn' ORDER BY id;

-- name: SetPull :exec
UPDATE pulls SET state = $2, seen_upload = $3, gone_at = $4, back_at = $5 WHERE id = $1;

-- name: CreateAttachment :one
INSERT INTO attachments (workspace_id, case_id, name, media_type, blob_id, sha256, size, added_by, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *;

-- name: Attachment :one
SELECT * FROM attachments WHERE id = $1;

-- name: AttachmentsOfCase :many
SELECT * FROM attachments WHERE case_id = $1 ORDER BY id;

-- name: CreateSupplierRequest :one
INSERT INTO supplier_requests (workspace_id, case_id, supplier, template, letter, documents, due_on, state, asked_by, asked_at, answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, 0) RETURNING *;

-- name: SupplierRequest :one
SELECT * FROM supplier_requests WHERE id = $1;

-- name: SupplierRequestsOfCase :many
SELECT * FROM supplier_requests WHERE case_id = $1 ORDER BY id;

-- name: OverdueSupplierRequests :many
SELECT * FROM supplier_requests WHERE workspace_id = $1 AND state = 'open' AND due_on < CAST(sqlc.arg(today) AS bigint) ORDER BY due_on, id;

-- name: SetSupplierRequest :execrows
UPDATE supplier_requests SET state = $2, answered_at = $3 WHERE id = $1 AND state = 'open';

-- name: UpdateFinding :exec
UPDATE findings SET product_id = $2, brand = $3, subject = $4, verdict = $5, basis = $6, action = $7, since = $8, probability = $9, reasons = $10,
  explanation = $11, chain_digest = $12, listing_digest = $13, state = $14, ended_why = $15, opened_run = $16, opened_at = $17,
  changed_run = $18, changed_at = $19, ended_run = $20, ended_at = $21, case_id = $22, suppression_id = $23 WHERE id = $1;
