-- people.sql: who is invited, speaks and comes. A person's organisation may be given by its id or by its name, which is found or made.

-- name: list_people many
select p.id, p.name, p.sort_name, p.email, p.phone, p.position, p.organisation_id, o.name as organisation, p.language,
       case when caller_is('organiser') then p.note end as note, p.external_id, p.version, p.created_at, p.updated_at,
       jsonb_build_array(coalesce(p.sort_name, p.name), p.id) as _cursor
  from person p
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where p.platform_id = platform_id()
   and (:q::text is null or p.search || ' ' || coalesce(o.search, '') like all (search_words(:q)))
   and (:organisation_id::uuid is null or p.organisation_id = :organisation_id::uuid)
   and (:group_id::uuid is null or exists (
        select from group_member g where g.platform_id = p.platform_id and g.group_id = :group_id::uuid and g.person_id = p.id))
   and (:after::jsonb is null or (coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id
 limit :limit::int + 1;

-- What a file may have as columns, and whether it usually has it.
-- name: list_people.print one when pdf
select * from paper(null);

-- name: list_people.offered many when html
select c.name, c.name <> all (array['id', 'sort_name', 'organisation_id', 'external_id', 'version', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'name', 'sort_name', 'email', 'phone', 'position', 'organisation_id', 'organisation', 'language', 'note', 'external_id', 'version', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- name: list_people.card many when vcf
select p.id, p.name, p.sort_name, p.position, o.name as organisation, p.email, p.phone, p.updated_at
  from person p
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where p.platform_id = platform_id()
   and (:q::text is null or p.search || ' ' || coalesce(o.search, '') like all (search_words(:q)))
   and (:organisation_id::uuid is null or p.organisation_id = :organisation_id::uuid)
   and (:group_id::uuid is null or exists (
        select from group_member g where g.platform_id = p.platform_id and g.group_id = :group_id::uuid and g.person_id = p.id))
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id;

-- name: list_people.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: list_people.groups many when html
select id, name, id = :group_id::uuid as selected from contact_group where platform_id = platform_id() order by name collate "pl-x-icu", id limit 500;

-- name: create_person.employer exec
select organisation_named(:organisation) where :organisation::text is not null;

-- name: create_person one
insert into person (name, sort_name, email, phone, position, organisation_id, language, note, external_id)
values (:name, :sort_name, :email, :phone, :position, coalesce(:organisation_id::uuid, organisation_found(:organisation)), :language, :note, :external_id)
returning id, name, sort_name, email, phone, position, organisation_id,
          (select o.name from organisation o where o.platform_id = platform_id() and o.id = person.organisation_id) as organisation,
          language, note, external_id, version, created_at, updated_at;

-- name: read_person one
select p.id, p.name, p.sort_name, p.email, p.phone, p.position, p.organisation_id, o.name as organisation, p.language,
       case when caller_is('organiser') then p.note end as note, p.external_id, p.version, p.created_at, p.updated_at
  from person p
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where p.platform_id = platform_id() and p.id = :person::uuid;

-- name: read_person.groups many when html
select g.id, g.name from group_member m
  join contact_group g on g.platform_id = m.platform_id and g.id = m.group_id
 where m.platform_id = platform_id() and m.person_id = :person::uuid
 order by g.name collate "pl-x-icu", g.id;

-- name: read_person.meetings many when html
select m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status, i.response, a.state as attendance
  from meeting m
  left join invitation i on i.platform_id = m.platform_id and i.meeting_id = m.id and i.person_id = :person::uuid and i.withdrawn_at is null
  left join attendance a on a.platform_id = m.platform_id and a.meeting_id = m.id and a.person_id = :person::uuid
 where m.platform_id = platform_id() and (i.id is not null or a.id is not null)
 order by m.starts_at desc, m.id limit 200;

-- name: read_person.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: update_person.employer exec
select organisation_named(:organisation) where :organisation::text is not null;

-- name: update_person one
update person p
   set name = case when :has_name::bool then :name else name end,
       sort_name = case when :has_sort_name::bool then :sort_name else sort_name end,
       email = case when :has_email::bool then :email else email end,
       phone = case when :has_phone::bool then :phone else phone end,
       position = case when :has_position::bool then :position else position end,
       organisation_id = case when :has_organisation_id::bool then :organisation_id::uuid
                              when :has_organisation::bool then organisation_found(:organisation) else organisation_id end,
       language = case when :has_language::bool then :language else language end,
       note = case when :has_note::bool then :note else note end,
       external_id = case when :has_external_id::bool then :external_id else external_id end
 where platform_id = platform_id() and id = :person::uuid and check_version(version, :if_match::bigint)
returning id, name, sort_name, email, phone, position, organisation_id,
          (select o.name from organisation o where o.platform_id = platform_id() and o.id = p.organisation_id) as organisation,
          language, note, external_id, version, created_at, updated_at;

-- The lock waits for those who are just referring to it, so that the next statement sees them.
-- name: delete_person.locked one
select check_version(version, :if_match::bigint) from person
 where platform_id = platform_id() and id = :person::uuid for update;

-- name: delete_person.used exec
select refuse(409, 'This person is in the history of meetings: invited, speaking or present.', 'person_in_use')
 where exists (select from invitation where platform_id = platform_id() and person_id = :person::uuid)
    or exists (select from attendance where platform_id = platform_id() and person_id = :person::uuid)
    or exists (select from speaker where platform_id = platform_id() and person_id = :person::uuid);

-- name: delete_person one
delete from person where platform_id = platform_id() and id = :person::uuid returning id;
