-- organisations.sql: companies, municipalities, agencies, universities, clusters: whom people come from.

-- name: list_organisations many
select o.id, o.name, o.short_name, o.kind, o.affiliation, o.parent_id, above.name as parent, o.city, o.website,
       case when caller_is('organiser') then o.note end as note, o.external_id, o.version, o.created_at, o.updated_at,
       jsonb_build_array(o.name, o.id) as _cursor
  from organisation o
  left join organisation above on above.platform_id = o.platform_id and above.id = o.parent_id
 where o.platform_id = platform_id()
   and (:q::text is null or o.search like all (search_words(:q)))
   and (:kind::text is null or o.kind = :kind)
   and (:affiliation::text is null or o.affiliation = :affiliation)
   and (:parent::uuid is null or o.parent_id = :parent::uuid)
   and (:after::jsonb is null or (o.name collate "pl-x-icu", o.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by o.name collate "pl-x-icu", o.id
 limit :limit::int + 1;

-- What a file may have as columns, and whether it usually has it.
-- name: list_organisations.print one when pdf
select * from paper(null);

-- name: list_organisations.offered many when html
select c.name, c.name <> all (array['id', 'parent_id', 'external_id', 'version', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'name', 'short_name', 'kind', 'affiliation', 'parent_id', 'parent', 'city', 'website', 'note', 'external_id', 'version', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- name: list_organisations.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: create_organisation one
insert into organisation (name, short_name, kind, affiliation, parent_id, city, website, note, external_id)
values (:name, :short_name, coalesce(:kind, 'other'), coalesce(:affiliation, 'none'), :parent_id::uuid, :city, :website, :note, :external_id)
returning id, name, short_name, kind, affiliation, parent_id,
          (select above.name from organisation above where above.platform_id = platform_id() and above.id = organisation.parent_id) as parent,
          city, website, note, external_id, version, created_at, updated_at;

-- name: read_organisation one
select o.id, o.name, o.short_name, o.kind, o.affiliation, o.parent_id, above.name as parent, o.city, o.website,
       case when caller_is('organiser') then o.note end as note, o.external_id, o.version, o.created_at, o.updated_at
  from organisation o
  left join organisation above on above.platform_id = o.platform_id and above.id = o.parent_id
 where o.platform_id = platform_id() and o.id = :organisation::uuid;

-- name: read_organisation.people many when html
select id, name, position, email, phone from person
 where platform_id = platform_id() and organisation_id = :organisation::uuid
 order by coalesce(sort_name, name) collate "pl-x-icu", id limit 500;

-- name: read_organisation.children many when html
select id, name, kind, city from organisation
 where platform_id = platform_id() and parent_id = :organisation::uuid
 order by name collate "pl-x-icu", id limit 500;

-- name: read_organisation.organisations many when html
select id, name from organisation where platform_id = platform_id() and id <> :organisation::uuid order by name collate "pl-x-icu", id limit 2000;

-- name: update_organisation one
update organisation o
   set name = case when :has_name::bool then :name else name end,
       short_name = case when :has_short_name::bool then :short_name else short_name end,
       kind = case when :has_kind::bool then :kind else kind end,
       affiliation = case when :has_affiliation::bool then :affiliation else affiliation end,
       parent_id = case when :has_parent_id::bool then :parent_id::uuid else parent_id end,
       city = case when :has_city::bool then :city else city end,
       website = case when :has_website::bool then :website else website end,
       note = case when :has_note::bool then :note else note end,
       external_id = case when :has_external_id::bool then :external_id else external_id end
 where platform_id = platform_id() and id = :organisation::uuid and check_version(version, :if_match::bigint)
returning id, name, short_name, kind, affiliation, parent_id,
          (select above.name from organisation above where above.platform_id = platform_id() and above.id = o.parent_id) as parent,
          city, website, note, external_id, version, created_at, updated_at;

-- The lock waits for those who are just referring to it, so that the next statement sees them.
-- name: delete_organisation.locked one
select check_version(version, :if_match::bigint) from organisation
 where platform_id = platform_id() and id = :organisation::uuid for update;

-- name: delete_organisation.used exec
select refuse(409, 'People, meetings, series, initiatives or other organisations still refer to this organisation.', 'organisation_in_use')
 where exists (select from person where platform_id = platform_id() and organisation_id = :organisation::uuid)
    or exists (select from organisation where platform_id = platform_id() and parent_id = :organisation::uuid)
    or exists (select from meeting where platform_id = platform_id() and host_organisation_id = :organisation::uuid)
    or exists (select from series where platform_id = platform_id() and host_organisation_id = :organisation::uuid)
    or exists (select from speaker where platform_id = platform_id() and organisation_id = :organisation::uuid)
    or exists (select from initiative where platform_id = platform_id() and lead_organisation_id = :organisation::uuid)
    or exists (select from initiative_partner where platform_id = platform_id() and organisation_id = :organisation::uuid)
    or exists (select from platform where id = platform_id() and host_organisation_id = :organisation::uuid);

-- name: delete_organisation one
delete from organisation where platform_id = platform_id() and id = :organisation::uuid returning id;
