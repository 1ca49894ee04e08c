-- venues.sql: where meetings take place.

-- name: list_venues many
select id, name, address, city, country, room, capacity, directions, accessibility, website, version, created_at, updated_at,
       jsonb_build_array(name, id) as _cursor
  from venue
 where platform_id = platform_id()
   and (:q::text is null or search like all (search_words(:q)))
   and (:after::jsonb is null or (name collate "pl-x-icu", id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by name collate "pl-x-icu", id
 limit :limit::int + 1;

-- name: create_venue one
insert into venue (name, address, city, country, room, capacity, directions, accessibility, website)
values (:name, :address, :city, :country, :room, :capacity::int, :directions, :accessibility, :website)
returning id, name, address, city, country, room, capacity, directions, accessibility, website, version, created_at, updated_at;

-- name: read_venue one
select id, name, address, city, country, room, capacity, directions, accessibility, website, version, created_at, updated_at
  from venue where platform_id = platform_id() and id = :venue::uuid;

-- name: read_venue.meetings many when html
select slug, title, theme, starts_at, time_zone, status from meeting
 where platform_id = platform_id() and venue_id = :venue::uuid order by starts_at desc, id limit 200;

-- name: update_venue one
update venue
   set name = case when :has_name::bool then :name else name end,
       address = case when :has_address::bool then :address else address end,
       city = case when :has_city::bool then :city else city end,
       country = case when :has_country::bool then :country else country end,
       room = case when :has_room::bool then :room else room end,
       capacity = case when :has_capacity::bool then :capacity::int else capacity end,
       directions = case when :has_directions::bool then :directions else directions end,
       accessibility = case when :has_accessibility::bool then :accessibility else accessibility end,
       website = case when :has_website::bool then :website else website end
 where platform_id = platform_id() and id = :venue::uuid and check_version(version, :if_match::bigint)
returning id, name, address, city, country, room, capacity, directions, accessibility, website, version, created_at, updated_at;

-- The lock waits for those who are just referring to it, so that the next statement sees them.
-- name: delete_venue.locked one
select check_version(version, :if_match::bigint) from venue where platform_id = platform_id() and id = :venue::uuid for update;

-- name: delete_venue.used exec
select refuse(409, 'Meetings take place here. Give them another venue first.', 'venue_in_use')
 where exists (select from meeting where platform_id = platform_id() and venue_id = :venue::uuid);

-- name: delete_venue one
delete from venue where platform_id = platform_id() and id = :venue::uuid returning id;
