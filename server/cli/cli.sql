-- cli.sql: what the subcommands ask the database, as its owner, on a blocking session (db/session.h).

-- name: cli_become_owner
-- The login of a database URL is often a member of the role that owns the schema, not the role itself.
set role narada_owner;

-- name: cli_platform
-- Goes into the platform for the rest of the session: row-level security binds the owner too.
select set_config('narada.platform_id', id::text, false) as id, slug, name from platform where slug = :platform;

-- name: cli_account
select id, name from account where email_key(email) = email_key(:email);

-- name: cli_token_create
insert into credential (kind, name, hash, account_id, platform_id, role, expires_at)
select 'api', :name, :hash, :account::uuid, platform_id(), :role, now() + make_interval(days => :days::int)
returning expires_at;

-- name: cli_token_works
select id from credential where hash = :hash and platform_id = platform_id() and revoked_at is null and (expires_at is null or expires_at > now());

-- name: cli_sign_in
select sign_in_create(:email, :link_hash, :session_hash, :minutes::int, :days::int) as account_id;

-- name: cli_meeting
select id, slug, title from meeting where platform_id = platform_id() and slug = :meeting;

-- name: cli_open_invitations
select id, link_version from invitation
 where platform_id = platform_id() and meeting_id = :meeting::uuid and response = 'needs_action' and group_id is not null
 order by created_at, id;

-- name: cli_doctor
select current_setting('server_version') as version, current_setting('server_encoding') as encoding, now() as now,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
       (select count(*) from pg_timezone_names where name in ('Europe/Warsaw', 'Europe/Helsinki')) as zones,
       (select count(*) from pg_collation where collname in ('pl-x-icu', 'und-x-icu')) as collations,
       (select count(*) from pg_roles where rolname in ('narada_owner', 'narada_service')) as roles;

-- name: mail_in_receive
-- Asked as the service, not as the owner. No row: the mail is for no platform.
select kind, outcome, reason from receive_mail_anywhere(:facts::jsonb, :content::bytea, :platform::text);
