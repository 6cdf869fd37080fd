-- name: Finding :one
SELECT * FROM findings WHERE id = $1;

-- name: OpenFindingsOfCase :many
SELECT * FROM findings WHERE case_id = $1 AND state = 'open' AND id > CAST(sqlc.arg(after) AS bigint) ORDER BY id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: FindingsOfCase :many
SELECT * FROM findings WHERE case_id = $1 AND id > CAST(sqlc.arg(after) AS bigint) ORDER BY id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: FindingsToDecide :many
SELECT sqlc.embed(f), p.key, p.doc FROM findings f JOIN products p ON p.id = f.product_id
WHERE f.case_id = $1 AND f.state = 'open' AND f.action > 1 ORDER BY f.id;

-- name: FindingsOfProduct :many
SELECT f.* FROM findings f WHERE f.catalog_id = $1 AND f.key_hash = $2 ORDER BY f.id;

-- name: BindSuppressions :execrows
UPDATE findings SET suppression_id = s.id FROM suppressions s
WHERE s.decision_id = $1 AND s.state = 'active' AND s.finding_id = findings.id AND findings.state = 'open'
  AND s.chain_digest = findings.chain_digest AND s.listing_digest = findings.listing_digest;

-- name: ReleaseFindings :exec
UPDATE findings SET suppression_id = 0
WHERE id IN (SELECT s.finding_id FROM suppressions s WHERE s.decision_id = $1 AND s.state = 'active')
  AND suppression_id IN (SELECT s.id FROM suppressions s WHERE s.decision_id = $1 AND s.state = 'active');

-- name: CreateCase :one
INSERT INTO cases (workspace_id, subject, title, state, action, basis, assignee, findings, products, opened_run, opened_at, updated_at, closed_at, version)
VALUES ($1, $2, $3, 'open', $4, $5, 0, 0, 0, $6, $7, $7, 0, 1) ON CONFLICT (workspace_id, subject) DO NOTHING RETURNING *;

-- name: CaseByID :one
SELECT * FROM cases WHERE id = $1;

-- name: CaseBySubject :one
SELECT * FROM cases WHERE workspace_id = $1 AND subject = $2;

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

-- name: ProposedDecision :one
SELECT * FROM decisions WHERE case_id = $1 AND state = 'proposed' ORDER BY id LIMIT 1;

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

-- name: EndSuppressionsOfDecision :execrows
UPDATE suppressions SET state = $2, why = $3, ended_at = $4 WHERE decision_id = $1 AND state = 'active';

-- name: EndSuppression :execrows
UPDATE suppressions SET state = $2, why = $3, ended_at = $4 WHERE id = $1 AND state = 'active';

-- name: PullsOfCase :many
SELECT * FROM pulls WHERE case_id = $1 ORDER BY id;

-- name: PullsOfDecision :many
SELECT * FROM pulls WHERE decision_id = $1 ORDER BY id;

-- name: LivePullsOfCatalog :many
SELECT * FROM pulls WHERE catalog_id = $1 AND state <> 'withdrawn' ORDER BY id;

-- name: WithdrawPulls :execrows
UPDATE pulls SET state = 'withdrawn' WHERE decision_id = $1 AND state <> 'withdrawn';

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

-- name: FirstReached :one
SELECT CAST(coalesce(min(CASE WHEN state = 'open' THEN opened_at END), min(opened_at), 0) AS bigint) AS opened_at, CAST(coalesce(max(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0) AS bigint) AS open
FROM findings WHERE case_id = $1 AND regime = $2 AND verdict = 'reached';

-- name: NextSince :one
SELECT since FROM findings WHERE case_id = $1 AND state = 'open' AND since > $2 ORDER BY since LIMIT 1;

-- name: UpdateFinding :exec
UPDATE findings SET product_id = $2, brand = $3, subject = $4, verdict = $5, basis = $6, action = $7, since = $8, probability = $9, reasons = $10,
  explanation = $11, chain_digest = $12, listing_digest = $13, state = $14, ended_why = $15, opened_run = $16, opened_at = $17,
  changed_run = $18, changed_at = $19, ended_run = $20, ended_at = $21, case_id = $22, suppression_id = $23 WHERE id = $1;

-- name: CreatePull :one
INSERT INTO pulls (workspace_id, case_id, decision_id, catalog_id, key_hash, key, product_id, state, ordered_upload, seen_upload, gone_at, back_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'ordered', $8, $8, 0, 0) ON CONFLICT (catalog_id, key_hash, decision_id) DO NOTHING RETURNING *;
