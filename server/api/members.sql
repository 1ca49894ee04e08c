-- members.sql: who may act in a platform. A member's id is the account's.

-- name: list_members many
select m.account_id as id, a.name, a.email, m.role, m.account_id = account_id() as _self, m.version, m.created_at, m.updated_at,
       jsonb_build_array(a.name, m.account_id) as _cursor
  from membership m join account a on a.id = m.account_id
 where m.platform_id = platform_id()
   and (:q::text is null or fold(a.name || ' ' || a.email) like all (search_words(:q)))
   and (:role::text is null or m.role = :role)
   and (:after::jsonb is null or (a.name collate "pl-x-icu", m.account_id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by a.name collate "pl-x-icu", m.account_id
 limit :limit::int + 1;

-- name: add_member.added exec
select member_add(:email, :name, :role);

-- name: add_member one
select m.account_id as id, a.name, a.email, m.role, m.version, m.created_at, m.updated_at
  from membership m join account a on a.id = m.account_id
 where m.platform_id = platform_id() and email_key(a.email) = email_key(:email);

-- name: read_member one
select m.account_id as id, a.name, a.email, m.role, m.account_id = account_id() as _self, m.version, m.created_at, m.updated_at
  from membership m join account a on a.id = m.account_id
 where m.platform_id = platform_id() and m.account_id = :member::uuid;

-- name: update_member one
update membership m set role = case when :has_role::bool then :role else m.role end
  from account a
 where a.id = m.account_id and m.platform_id = platform_id() and m.account_id = :member::uuid and check_version(m.version, :if_match::bigint)
returning m.account_id as id, a.name, a.email, m.role, m.version, m.created_at, m.updated_at;

-- name: remove_member one
delete from membership where platform_id = platform_id() and account_id = :member::uuid and check_version(version, :if_match::bigint)
returning account_id as id;
