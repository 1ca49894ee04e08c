-- access.sql: the first and the last statement of every request: access.c sends them. What they do is in server/db/migrations/0001_access.sql.

-- name: enter
select * from narada.enter(:credential_hash, :platform, :role, :request_id);

-- name: enter_invitation
select * from narada.enter_invitation(:platform, :invitation, :link_version, :request_id);

-- name: enter_registration
select * from narada.enter_registration(:platform, :registration, :request_id);

-- name: audit
select narada.audit(:operation, :path, :detail);
