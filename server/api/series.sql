-- series.sql: meetings that follow one another under one title.

-- name: list_series many
select s.id, s.title, s.numbering, s.description, s.host_organisation_id, host.name as host_organisation,
       (select count(*)::int from meeting m where m.platform_id = s.platform_id and m.series_id = s.id) as meeting_count,
       s.version, s.created_at, s.updated_at, jsonb_build_array(s.title, s.id) as _cursor
  from series s
  left join organisation host on host.platform_id = s.platform_id and host.id = s.host_organisation_id
 where s.platform_id = platform_id()
   and (:q::text is null or s.search like all (search_words(:q)))
   and (:after::jsonb is null or (s.title collate "pl-x-icu", s.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by s.title collate "pl-x-icu", s.id
 limit :limit::int + 1;

-- name: list_series.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: create_series one
insert into series (title, numbering, description, host_organisation_id)
values (:title, :numbering, :description, :host_organisation_id::uuid)
returning id, title, numbering, description, host_organisation_id,
          (select o.name from organisation o where o.platform_id = platform_id() and o.id = host_organisation_id) as host_organisation,
          0 as meeting_count, version, created_at, updated_at;

-- name: read_series one
select s.id, s.title, s.numbering, s.description, s.host_organisation_id, host.name as host_organisation,
       (select count(*)::int from meeting m where m.platform_id = s.platform_id and m.series_id = s.id) as meeting_count,
       s.version, s.created_at, s.updated_at
  from series s
  left join organisation host on host.platform_id = s.platform_id and host.id = s.host_organisation_id
 where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: read_series.meetings many when html
select slug, title, theme, series_number, starts_at, time_zone, status from meeting
 where platform_id = platform_id() and series_id = :series::uuid order by starts_at, id limit 500;

-- name: read_series.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: update_series one
update series s
   set title = case when :has_title::bool then :title else title end,
       numbering = case when :has_numbering::bool then :numbering else numbering end,
       description = case when :has_description::bool then :description else description end,
       host_organisation_id = case when :has_host_organisation_id::bool then :host_organisation_id::uuid else host_organisation_id end
 where platform_id = platform_id() and id = :series::uuid and check_version(version, :if_match::bigint)
returning id, title, numbering, description, host_organisation_id,
          (select o.name from organisation o where o.platform_id = platform_id() and o.id = s.host_organisation_id) as host_organisation,
          (select count(*)::int from meeting m where m.platform_id = platform_id() and m.series_id = s.id) as meeting_count,
          version, created_at, updated_at;

-- The lock waits for those who are just referring to it, so that the next statement sees them.
-- name: delete_series.locked one
select check_version(version, :if_match::bigint) from series where platform_id = platform_id() and id = :series::uuid for update;

-- name: delete_series.used exec
select refuse(409, 'Meetings belong to this series. Take them out of it first.', 'series_in_use')
 where exists (select from meeting where platform_id = platform_id() and series_id = :series::uuid);

-- name: delete_series one
delete from series where platform_id = platform_id() and id = :series::uuid returning id;
