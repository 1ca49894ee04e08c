-- platforms.sql: the front page, the platforms somebody belongs to, and a platform's own page.

-- name: read_front many
select p.slug, p.name, p.description, p.language, next.slug as next_meeting_slug, next.title as next_meeting_title,
       next.starts_at as next_meeting_starts_at, coalesce(next.time_zone, p.time_zone) as time_zone
  from platform p left join lateral next_public_meeting(p.id) next on true
 where p.listed
 order by p.name collate "pl-x-icu", p.id
 limit 500;

-- name: list_platforms many
select p.id, p.slug, p.name, p.description, p.language, p.time_zone, own_role(p.id) as role,
       next.slug as _next_slug, next.title as _next_title, next.starts_at as _next_starts_at, p.version, p.created_at, p.updated_at,
       jsonb_build_array(p.name, p.id) as _cursor
  from platform p left join lateral next_public_meeting(p.id) next on true
 where own_role(p.id) is not null
   and (:q::text is null or fold(p.name || ' ' || p.slug) like all (search_words(:q)))
   and (:after::jsonb is null or (p.name collate "pl-x-icu", p.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by p.name collate "pl-x-icu", p.id
 limit :limit::int + 1;

-- name: create_platform.named exec
select refuse(422, 'No address can be made of this name. Give a slug.', 'slug_empty', 'slug') where :slug::text is null and length(slug_of(:name)) < 2;

-- name: create_platform.made exec
select platform_create(coalesce(:slug, slug_of(:name)), :name, :description, coalesce(:language, 'pl'), coalesce(:time_zone, 'Europe/Warsaw'));

-- The tenant is now the new platform.
-- name: create_platform one
update platform set contact_email = :contact_email, website = :website, listed = coalesce(:listed::bool, true)
 where id = platform_id()
returning id, slug, name, description, language, time_zone, contact_email, website, listed, host_organisation_id, null::text as host_organisation,
          version, created_at, updated_at;

-- name: read_platform one
select p.id, p.slug, p.name, p.description, p.language, p.time_zone, p.contact_email, p.website, p.listed, p.host_organisation_id,
       host.name as host_organisation, p.version, p.created_at, p.updated_at
  from platform p left join organisation host on host.platform_id = p.id and host.id = p.host_organisation_id
 where p.id = platform_id();

-- name: read_platform.upcoming many when html
select m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.format, v.name as venue, v.city
  from meeting m left join venue v on v.platform_id = m.platform_id and v.id = m.venue_id
 where m.platform_id = platform_id() and m.status in ('published', 'cancelled') and m.ends_at > now()
   and (m.visibility = 'public' or caller_is('viewer'))
 order by m.starts_at, m.id limit 50;

-- name: read_platform.past many when html
select m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.format, v.name as venue, v.city
  from meeting m left join venue v on v.platform_id = m.platform_id and v.id = m.venue_id
 where m.platform_id = platform_id() and (m.status = 'held' or (m.status in ('published', 'cancelled') and m.ends_at <= now()))
   and (m.visibility = 'public' or caller_is('viewer'))
 order by m.starts_at desc, m.id limit 50;

-- name: read_platform.drafts many when html
select slug, title, theme, starts_at, ends_at, time_zone, status from meeting
 where platform_id = platform_id() and status = 'draft' and caller_is('viewer')
 order by starts_at, id limit 50;

-- The member's own calendar address, if they made one.
-- name: read_platform.subscription maybe when html
select feed_link(null, account_id()) as calendar_url, feed_link(null, account_id()) as webcal_url where caller_is('viewer') and account_id() is not null;

-- name: read_platform.organisations many when html
select id, name from organisation where platform_id = platform_id() and caller_is('owner') order by name collate "pl-x-icu", id limit 2000;

-- name: update_platform one
update platform p
   set name = case when :has_name::bool then :name else name end,
       description = case when :has_description::bool then :description else description end,
       language = case when :has_language::bool then :language else language end,
       time_zone = case when :has_time_zone::bool then :time_zone else time_zone end,
       contact_email = case when :has_contact_email::bool then :contact_email else contact_email end,
       website = case when :has_website::bool then :website else website end,
       listed = case when :has_listed::bool then :listed::bool else listed end,
       host_organisation_id = case when :has_host_organisation_id::bool then :host_organisation_id::uuid else host_organisation_id end
 where id = platform_id() and check_version(version, :if_match::bigint)
returning id, slug, name, description, language, time_zone, contact_email, website, listed, host_organisation_id,
          (select o.name from organisation o where o.platform_id = p.id and o.id = p.host_organisation_id) as host_organisation,
          version, created_at, updated_at;

-- name: delete_platform.locked one
select check_version(version, :if_match::bigint) from platform where id = platform_id() for update;

-- Its people and lists go with it, but what was published is history and is not thrown away by one click.
-- name: delete_platform.used exec
select refuse(409, 'This platform has meetings. Delete their drafts first; a platform with published meetings stays.', 'platform_in_use')
 where exists (select from meeting where platform_id = platform_id());

-- name: delete_platform one
delete from platform where id = platform_id() returning id;
