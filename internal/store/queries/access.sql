-- name: CreateWorkspace :one
INSERT INTO workspaces (name, settings, created_at) VALUES ($1, $2, $3) RETURNING *;

-- name: Workspace :one
SELECT * FROM workspaces WHERE id = $1;

-- name: LockWorkspace :execrows
UPDATE workspaces SET settings = settings WHERE id = $1;

-- name: Workspaces :many
SELECT * FROM workspaces ORDER BY id;

-- name: SetWorkspaceSettings :exec
UPDATE workspaces SET settings = $2 WHERE id = $1;

-- name: CreateUser :one
INSERT INTO users (login, name, email, password, oidc_issuer, oidc_subject, disabled, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7) RETURNING *;

-- name: User :one
SELECT * FROM users WHERE id = $1;

-- name: UserByLogin :one
SELECT * FROM users WHERE login = $1;

-- name: UserByOIDC :one
SELECT * FROM users WHERE oidc_issuer = $1 AND oidc_subject = $2 AND oidc_subject <> '';

-- name: CountUsers :one
SELECT count(*) FROM users;

-- name: SetPassword :exec
UPDATE users SET password = $2 WHERE id = $1;

-- name: SetIdentity :exec
UPDATE users SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1;

-- name: SetDisabled :exec
UPDATE users SET disabled = $2 WHERE id = $1;

-- name: CreateMember :one
INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3) RETURNING *;

-- name: Member :one
SELECT * FROM members WHERE workspace_id = $1 AND user_id = $2;

-- name: MembersOfUser :many
SELECT * FROM members WHERE user_id = $1 ORDER BY workspace_id;

-- name: MembersOfWorkspace :many
SELECT m.id, m.user_id, m.role, u.login, u.name, u.email, u.disabled, u.created_at
FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 ORDER BY u.login;

-- name: SetRole :exec
UPDATE members SET role = $2 WHERE id = $1;

-- name: DeleteMember :exec
DELETE FROM members WHERE id = $1;

-- name: Login :one
SELECT * FROM logins WHERE user_id = $1;

-- name: LockLogin :exec
INSERT INTO logins (user_id, failures, locked_until, last_at) VALUES ($1, 0, 0, 0)
ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id;

-- name: SetLogin :exec
INSERT INTO logins (user_id, failures, locked_until, last_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until, last_at = excluded.last_at;

-- name: CreateSession :exec
INSERT INTO sessions (hash, user_id, workspace_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5);

-- name: Session :one
SELECT * FROM sessions WHERE hash = $1;

-- name: SeeSession :exec
UPDATE sessions SET seen_at = $2 WHERE hash = $1;

-- name: SetSessionWorkspace :exec
UPDATE sessions SET workspace_id = $2 WHERE hash = $1;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE hash = $1;

-- name: DeleteSessionsOfUser :exec
DELETE FROM sessions WHERE user_id = $1;

-- name: DeleteExpiredSessions :exec
DELETE FROM sessions WHERE expires_at < $1;

-- name: CreateInvitation :exec
INSERT INTO invitations (hash, workspace_id, role, login, created_by, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, 0);

-- name: Invitation :one
SELECT * FROM invitations WHERE hash = $1;

-- name: OpenInvitations :many
SELECT * FROM invitations WHERE workspace_id = $1 AND used_at = 0 AND expires_at > CAST(sqlc.arg(now) AS bigint) ORDER BY expires_at, login;

-- name: DropInvitation :execrows
DELETE FROM invitations WHERE workspace_id = $1 AND login = $2 AND used_at = 0;

-- name: UseInvitation :execrows
UPDATE invitations SET used_at = $2 WHERE hash = $1 AND used_at = 0;

-- name: CreateKey :one
INSERT INTO api_keys (workspace_id, name, prefix, hash, scopes, created_by, created_at, expires_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) RETURNING *;

-- name: KeyByHash :one
SELECT * FROM api_keys WHERE hash = $1;

-- name: Key :one
SELECT * FROM api_keys WHERE id = $1;

-- name: KeysOfWorkspace :many
SELECT * FROM api_keys WHERE workspace_id = $1 ORDER BY id;

-- name: RevokeKey :execrows
UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0;

-- name: CreatePolicy :one
INSERT INTO policies (workspace_id, name, sha256, body, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *;

-- name: LatestPolicy :one
SELECT * FROM policies WHERE workspace_id = $1 AND name = $2 ORDER BY id DESC LIMIT 1;

-- name: Policy :one
SELECT * FROM policies WHERE id = $1;

-- name: PoliciesOfWorkspace :many
SELECT * FROM policies WHERE workspace_id = $1 ORDER BY name, id DESC;

-- name: Idempotent :one
SELECT * FROM idempotency WHERE workspace_id = $1 AND principal = $2 AND key = $3;

-- name: BeginIdempotent :execrows
INSERT INTO idempotency (workspace_id, principal, key, request_sha256, status, header, body, created_at)
VALUES ($1, $2, $3, $4, 0, '', '', $5) ON CONFLICT (workspace_id, principal, key) DO NOTHING;

-- name: EndIdempotent :exec
UPDATE idempotency SET status = $4, header = $5, body = $6 WHERE workspace_id = $1 AND principal = $2 AND key = $3;

-- name: DeleteIdempotent :exec
DELETE FROM idempotency WHERE workspace_id = $1 AND principal = $2 AND key = $3 AND status = 0;

-- name: DeleteOldIdempotent :exec
DELETE FROM idempotency WHERE created_at < $1;
