-- tokens.sql: API tokens of a platform. An owner sees all of them, others their own. Only hashes are stored; a token is shown once.

-- name: list_tokens many
select t.id, t.name, t.role, maker.name as created_by, t.created_at, t.expires_at, t.revoked_at,
       t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) as works,
       jsonb_build_array(t.id) as _cursor
  from credential t left join account maker on maker.id = t.created_by
 where t.platform_id = platform_id() and (caller_is('owner') or t.created_by = account_id())
   and (:q::text is null or fold(t.name) like all (search_words(:q)))
   and (:after::jsonb is null or t.id < (:after::jsonb->>0)::uuid)
 order by t.id desc
 limit :limit::int + 1;

-- name: create_token.made exec
select token_create(:token_hash, :name, :role, :expires_at::timestamptz);

-- name: create_token one
select t.id, t.name, t.role, maker.name as created_by, t.created_at, t.expires_at, t.revoked_at, true as works
  from credential t left join account maker on maker.id = t.created_by
 where t.platform_id = platform_id() and t.id = current_setting('narada.made', true)::uuid;

-- name: read_token one
select t.id, t.name, t.role, maker.name as created_by, t.created_at, t.expires_at, t.revoked_at,
       t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) as works
  from credential t left join account maker on maker.id = t.created_by
 where t.platform_id = platform_id() and t.id = :token::uuid and (caller_is('owner') or t.created_by = account_id());

-- Revoking twice is no mistake.
-- name: revoke_token one
update credential set revoked_at = coalesce(revoked_at, now())
 where platform_id = platform_id() and id = :token::uuid and (caller_is('owner') or created_by = account_id())
returning id;
