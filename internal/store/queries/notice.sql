-- name: CreateEndpoint :one
INSERT INTO endpoints (workspace_id, url, secret, old_secret, old_until, types, disabled, created_by, created_at)
VALUES ($1, $2, $3, '', 0, $4, 0, $5, $6) RETURNING *;

-- name: Endpoint :one
SELECT * FROM endpoints WHERE id = $1;

-- name: EndpointsOfWorkspace :many
SELECT * FROM endpoints WHERE workspace_id = $1 ORDER BY id;

-- name: DisableEndpoint :exec
UPDATE endpoints SET disabled = $2 WHERE id = $1;

-- name: RotateSecret :exec
UPDATE endpoints SET old_secret = secret, old_until = $2, secret = $3 WHERE id = $1;

-- name: DeleteDeliveriesOfEndpoint :exec
DELETE FROM deliveries WHERE endpoint_id = $1;

-- name: DeleteEndpoint :exec
DELETE FROM endpoints WHERE id = $1;

-- name: CreateDelivery :one
INSERT INTO deliveries (workspace_id, endpoint_id, event_id, type, body, state, attempts, next_at, status, note, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, 0, '', $6, $6) ON CONFLICT (endpoint_id, event_id) DO NOTHING RETURNING *;

-- name: Delivery :one
SELECT * FROM deliveries WHERE id = $1;

-- name: DueDeliveries :many
SELECT * FROM deliveries WHERE state = 'pending' AND next_at <= $1 ORDER BY next_at, id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: DeliveriesOfWorkspace :many
SELECT * FROM deliveries WHERE workspace_id = $1 AND state = $2 AND id < CAST(sqlc.arg(before) AS bigint) ORDER BY id DESC LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: SetDelivery :exec
UPDATE deliveries SET state = $2, attempts = $3, next_at = $4, status = $5, note = $6, updated_at = $7 WHERE id = $1;

-- name: ClaimDelivery :execrows
UPDATE deliveries SET attempts = attempts + 1, next_at = $3, updated_at = $2 WHERE id = $1 AND state = 'pending' AND next_at <= $2;

-- name: DueEndpoints :many
SELECT DISTINCT endpoint_id FROM deliveries WHERE state = 'pending' AND next_at <= $1;

-- name: DueDeliveriesOfEndpoint :many
SELECT * FROM deliveries WHERE state = 'pending' AND next_at <= $1 AND endpoint_id = $2 ORDER BY id LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: KillDeliveriesOfEndpoint :exec
UPDATE deliveries SET state = 'dead', note = $2, updated_at = $3 WHERE endpoint_id = $1 AND state = 'pending';

-- name: ReplayDelivery :execrows
UPDATE deliveries SET state = 'pending', attempts = 0, next_at = $2, updated_at = $2 WHERE id = $1 AND state <> 'pending';

-- name: CountDeliveries :many
SELECT state, count(*) AS n FROM deliveries GROUP BY state;
