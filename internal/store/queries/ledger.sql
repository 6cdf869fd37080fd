-- name: LedgerState :one
SELECT size, frontier FROM ledger_state WHERE id = 1;

-- name: SetLedgerState :exec
UPDATE ledger_state SET size = $1, frontier = $2 WHERE id = 1;

-- name: AddHead :exec
INSERT INTO tree_heads (size, note) VALUES ($1, $2);

-- name: LatestHead :one
SELECT * FROM tree_heads ORDER BY size DESC LIMIT 1;

-- name: Leaf :one
SELECT * FROM leaves WHERE n = $1;

-- name: LeavesOfCase :many
SELECT * FROM leaves WHERE case_id = $1 AND n > CAST(sqlc.arg(after) AS bigint) ORDER BY n LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: LeavesOfWorkspace :many
SELECT * FROM leaves WHERE workspace_id = $1 AND n > CAST(sqlc.arg(after) AS bigint) ORDER BY n LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: EventsOfCase :many
SELECT n, at, actor, kind, data FROM leaves WHERE case_id = $1 AND n > CAST(sqlc.arg(after) AS bigint) ORDER BY n LIMIT CAST(sqlc.arg(most) AS bigint);
