-- groups.sql: people, and organisations standing for the people who come from them, to be invited at once.

-- name: list_groups many
select g.id, g.name, g.description, g.external_id,
       (select count(*)::int from group_member m where m.platform_id = g.platform_id and m.group_id = g.id) as member_count,
       g.version, g.created_at, g.updated_at, jsonb_build_array(g.name, g.id) as _cursor
  from contact_group g
 where g.platform_id = platform_id()
   and (:q::text is null or g.search like all (search_words(:q)))
   and (:after::jsonb is null or (g.name collate "pl-x-icu", g.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by g.name collate "pl-x-icu", g.id
 limit :limit::int + 1;

-- name: list_groups.sheet many when csv,xlsx
select g.name as "group", g.description, g.external_id, p.name, p.email, coalesce(works.name, o.name) as organisation
  from contact_group g
  left join group_member m on m.platform_id = g.platform_id and m.group_id = g.id
  left join person p on p.platform_id = m.platform_id and p.id = m.person_id
  left join organisation works on works.platform_id = p.platform_id and works.id = p.organisation_id
  left join organisation o on o.platform_id = m.platform_id and o.id = m.organisation_id
 where g.platform_id = platform_id() and (:q::text is null or g.search like all (search_words(:q)))
 order by g.name collate "pl-x-icu", g.id, p.id is null, coalesce(p.sort_name, p.name, o.name) collate "pl-x-icu", m.id;

-- name: list_groups.offered many when html
select c.name, true as usual from unnest(array['group', 'description', 'external_id', 'name', 'email', 'organisation']) with ordinality c (name, rank) order by c.rank;

-- name: create_group one
insert into contact_group (name, description, external_id) values (:name, :description, :external_id)
returning id, name, description, external_id, 0 as member_count, version, created_at, updated_at;

-- name: read_group one
select g.id, g.name, g.description, g.external_id,
       (select count(*)::int from group_member m where m.platform_id = g.platform_id and m.group_id = g.id) as member_count,
       g.version, g.created_at, g.updated_at
  from contact_group g
 where g.platform_id = platform_id() and g.id = :group::uuid;

-- name: read_group.members many when html
select m.id, p.id as person_id, o.id as organisation_id, coalesce(p.name, o.name) as name, p.position, p.email, works.name as organisation
  from group_member m
  left join person p on p.platform_id = m.platform_id and p.id = m.person_id
  left join organisation o on o.platform_id = m.platform_id and o.id = m.organisation_id
  left join organisation works on works.platform_id = p.platform_id and works.id = p.organisation_id
 where m.platform_id = platform_id() and m.group_id = :group::uuid
 order by coalesce(p.sort_name, p.name, o.name) collate "pl-x-icu", m.id limit 2000;

-- Coming meetings that follow it: see 0016_inviting.sql.
-- name: read_group.followers many when html
select m.slug, m.title, m.starts_at, m.time_zone from meeting m
 where m.platform_id = platform_id() and m.status in ('draft', 'published') and m.starts_at > now()
   and exists (select from meeting_group g where g.platform_id = m.platform_id and g.meeting_id = m.id and g.group_id = :group::uuid and g.live)
 order by m.starts_at, m.id limit 50;

-- Whom to add: people and organisations that match, said so if they are in already.
-- name: read_group.found many when html
select f.person_id, f.organisation_id, f.name, f.position, f.organisation,
       exists (select from group_member m where m.platform_id = platform_id() and m.group_id = :group::uuid
                  and (m.person_id = f.person_id or m.organisation_id = f.organisation_id)) as already
  from (select p.id as person_id, null::uuid as organisation_id, p.name, p.position, o.name as organisation, coalesce(p.sort_name, p.name) as sort_name
          from person p left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
         where p.platform_id = platform_id() and p.search || ' ' || coalesce(o.search, '') like all (search_words(:find))
        union all
        select null, o.id, o.name, null, null, o.name from organisation o
         where o.platform_id = platform_id() and o.search like all (search_words(:find))) f
 where :find::text is not null and caller_is('organiser')
 order by f.person_id is not null, f.sort_name collate "pl-x-icu", f.person_id, f.organisation_id limit 30;

-- name: update_group one
update contact_group g
   set name = case when :has_name::bool then :name else name end,
       description = case when :has_description::bool then :description else description end,
       external_id = case when :has_external_id::bool then :external_id else external_id end
 where platform_id = platform_id() and id = :group::uuid and check_version(version, :if_match::bigint)
returning id, name, description, external_id,
          (select count(*)::int from group_member m where m.platform_id = platform_id() and m.group_id = g.id) as member_count,
          version, created_at, updated_at;

-- The lock waits for those who are just referring to it, so that the next statement sees them.
-- name: delete_group.locked one
select check_version(version, :if_match::bigint) from contact_group
 where platform_id = platform_id() and id = :group::uuid for update;

-- name: delete_group.used exec
select refuse(409, 'This group was invited to a meeting, whose page says so.', 'group_in_use')
 where exists (select from meeting_group where platform_id = platform_id() and group_id = :group::uuid);

-- name: delete_group one
delete from contact_group where platform_id = platform_id() and id = :group::uuid returning id;

-- name: list_group_members.there one
select id from contact_group where platform_id = platform_id() and id = :group::uuid;

-- name: list_group_members many
select m.id, p.id as person_id, o.id as organisation_id, coalesce(p.name, o.name) as name, p.position, p.email, works.name as organisation, m.created_at,
       jsonb_build_array(coalesce(p.sort_name, p.name, o.name), m.id) as _cursor
  from group_member m
  left join person p on p.platform_id = m.platform_id and p.id = m.person_id
  left join organisation o on o.platform_id = m.platform_id and o.id = m.organisation_id
  left join organisation works on works.platform_id = p.platform_id and works.id = p.organisation_id
 where m.platform_id = platform_id() and m.group_id = :group::uuid
   and (:q::text is null or coalesce(p.search, o.search) like all (search_words(:q)))
   and (:after::jsonb is null or (coalesce(p.sort_name, p.name, o.name) collate "pl-x-icu", m.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by coalesce(p.sort_name, p.name, o.name) collate "pl-x-icu", m.id
 limit :limit::int + 1;

-- Finds or makes the person too; in a statement of its own, so that the next one sees what it made.
-- name: add_group_member.added exec
select group_add(:group::uuid, :person_id::uuid, :organisation_id::uuid, :person::jsonb);

-- name: add_group_member one
select m.id, p.id as person_id, o.id as organisation_id, coalesce(p.name, o.name) as name, p.position, p.email, works.name as organisation, m.created_at
  from group_member m
  left join person p on p.platform_id = m.platform_id and p.id = m.person_id
  left join organisation o on o.platform_id = m.platform_id and o.id = m.organisation_id
  left join organisation works on works.platform_id = p.platform_id and works.id = p.organisation_id
 where m.platform_id = platform_id() and m.id = current_setting('narada.made', true)::uuid;

-- name: read_group_member one
select m.id, p.id as person_id, o.id as organisation_id, coalesce(p.name, o.name) as name, p.position, p.email, works.name as organisation, m.created_at
  from group_member m
  left join person p on p.platform_id = m.platform_id and p.id = m.person_id
  left join organisation o on o.platform_id = m.platform_id and o.id = m.organisation_id
  left join organisation works on works.platform_id = p.platform_id and works.id = p.organisation_id
 where m.platform_id = platform_id() and m.group_id = :group::uuid and m.id = :member::uuid;

-- name: remove_group_member one
delete from group_member where platform_id = platform_id() and group_id = :group::uuid and id = :member::uuid returning id;
