-- meetings.sql: the meetings of a platform, their pages and calendars. What is shown to whom is in the view meeting_shown.

-- Upcoming ones soonest first, otherwise the latest first: the sign of the time makes both one order.
-- name: list_meetings many
select m.*, jsonb_build_array(o.place, m.id) as _cursor
  from meeting_shown m
 cross join lateral (select extract(epoch from m.starts_at) * case when :when::text = 'upcoming' then 1 else -1 end as place) o
 where (:q::text is null or m._search like all (search_words(:q)))
   and (:status::text is null or m.status = :status)
   and (:when::text is null or (:when = 'past') = m._past)
   and (:from::date is null or m.starts_at at time zone m.time_zone >= :from::date)
   and (:to::date is null or m.starts_at at time zone m.time_zone < :to::date + 1)
   and (:series_id::uuid is null or m.series_id = :series_id::uuid)
   and (:after::jsonb is null or (o.place, m.id) > ((:after::jsonb->>0)::numeric, (:after::jsonb->>1)::uuid))
 order by o.place, m.id
 limit :limit::int + 1;

-- name: list_meetings.statuses many when html
select status as value, status = :status as selected from unnest(array['draft', 'published', 'held', 'cancelled']) status
 where status <> 'draft' or caller_role() is not null;

-- name: list_meetings.periods many when html
select period as value, period is not distinct from :when::text as selected from unnest(array[null, 'upcoming', 'past']) period;

-- name: list_meetings.all_series many when html
select id, title, id = :series_id::uuid as selected from series where platform_id = platform_id() order by title collate "pl-x-icu", id limit 500;

-- name: create_meeting.checked exec
select meeting_check(:slug, :starts_at::timestamptz, :ends_at::timestamptz, :venue_id::uuid, :host_organisation_id::uuid, :series_id::uuid),
       meeting_answers_check(coalesce(:format, 'in_person'), :online_capacity::int, coalesce(:visibility, 'public'), coalesce(:registration, 'closed'));

-- name: create_meeting.made exec
insert into meeting (slug, status, title, theme, purpose, information, starts_at, ends_at, time_zone, language, visibility, format, venue_id, online_url, capacity,
                     waitlist, substitutes, companions_allowed, online_capacity, organisation_quota, registration, quorum, rsvp_closes_at,
                     host_organisation_id, series_id, series_number, contact_name, contact_email, contact_phone, external_id)
select coalesce(:slug, meeting_slug(:title, :starts_at::timestamptz, coalesce(:time_zone, p.time_zone))), coalesce(:status, 'draft'), :title, :theme, :purpose, :information,
       :starts_at::timestamptz, :ends_at::timestamptz, coalesce(:time_zone, p.time_zone), coalesce(:language::text, p.language), coalesce(:visibility, 'public'),
       coalesce(:format, 'in_person'), :venue_id::uuid, :online_url, :capacity::int, coalesce(:waitlist::bool, false), coalesce(:substitutes::bool, true),
       coalesce(:companions_allowed::int, 0), :online_capacity::int, :organisation_quota::int, coalesce(:registration, 'closed'), :quorum::int, :rsvp_closes_at::timestamptz,
       coalesce(:host_organisation_id::uuid, s.host_organisation_id), s.id,
       case when s.id is not null then coalesce(:series_number::int, (select coalesce(max(m.series_number), 0) + 1 from meeting m where m.platform_id = p.id and m.series_id = s.id)) end,
       :contact_name, :contact_email, :contact_phone, :external_id
  from platform p
  left join series s on s.platform_id = p.id and s.id = :series_id::uuid
 where p.id = platform_id()
returning keep_made(id);

-- name: create_meeting one
select * from meeting_shown where id = made_id();

-- name: new_meeting one
select time_zone, language, true as substitutes, 0 as companions_allowed, 'closed' as registration from platform where id = platform_id();

-- name: new_meeting.zones many
select id, name from time_zones(null);

-- name: new_meeting.venues many
select id, name || coalesce(', ' || city, '') as name from venue where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: new_meeting.organisations many
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: new_meeting.all_series many
select id, title as name from series where platform_id = platform_id() order by title collate "pl-x-icu", id limit 500;

-- name: read_meeting one
select * from meeting_shown where id = meeting_ref(:meeting);

-- name: read_meeting.event maybe when ics
select uid, sequence, dtstamp, created, starts_at, ends_at, time_zone, case status when 'CANCELLED' then cancelled_word(language) else '' end || summary as summary,
       description, location, :base_url || '/platforms/' || (select p.slug from platform p where p.id = platform_id()) || '/meetings/' || slug as url, status,
       organiser_name, organiser_email
  from meeting_event where id = meeting_ref(:meeting);

-- name: read_meeting.special_guests many when html
select id, role, name, position, organisation from speaker_shown
 where meeting_id = meeting_ref(:meeting) and agenda_item_id is null and role = 'special_guest' order by rank, created_at, id;

-- name: read_meeting.others many when html
select id, role, name, position, organisation from speaker_shown
 where meeting_id = meeting_ref(:meeting) and agenda_item_id is null and role <> 'special_guest'
 order by array_position(array['host', 'moderator', 'speaker', 'panellist'], role), rank, created_at, id;

-- name: read_meeting.agenda many when html
select a.* from agenda_shown a where meeting_id = meeting_ref(:meeting) order by position, id;

-- The same time elsewhere: in the platform's zone, when clocks there show something else.
-- name: read_meeting.elsewhere maybe when html
select m.starts_at, m.ends_at, p.time_zone
  from meeting m join platform p on p.id = m.platform_id
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) and m.starts_at at time zone m.time_zone <> m.starts_at at time zone p.time_zone;

-- name: read_meeting.counts maybe when html
select count(*) as invited, count(*) filter (where response = 'accepted') as accepted, count(*) filter (where response = 'tentative') as tentative,
       count(*) filter (where response = 'declined') as declined, count(*) filter (where response = 'needs_action') as needs_action,
       count(*) filter (where response = 'waitlisted') as waitlisted, count(*) filter (where response = 'delegated') as delegated,
       (select count(*) from attendance a where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.state in ('present', 'remote')) as came,
       (select m.quorum from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting)) as quorum,
       (select c.quorum_reached from invitation_counts(meeting_ref(:meeting)) c) as quorum_reached
  from invitation i
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.withdrawn_at is null
having caller_is('viewer');

-- Whether one can register without an invitation, or why not: 0014_registrations.sql.
-- name: read_meeting.documents many when html
select d.id, d.title, size_said(d.size, :language) as size_said, d.item_title from documents_of(meeting_ref(:meeting)) d;

-- name: read_meeting.registering one when html
select * from meeting_registering(meeting_ref(:meeting));

-- No stronger lock than the change needs: a row that refers to the meeting, an event of an invitation, can be written meanwhile.
-- name: update_meeting.locked one
select check_version(m.version, :if_match::bigint), meeting_move(m.status, coalesce(:status, m.status)),
       meeting_check(:slug, case when :has_starts_at::bool then :starts_at::timestamptz else m.starts_at end,
                     case when :has_ends_at::bool then :ends_at::timestamptz else m.ends_at end, :venue_id::uuid, :host_organisation_id::uuid, :series_id::uuid),
       meeting_answers_check(coalesce(:format, m.format), :online_capacity::int, coalesce(:visibility, m.visibility), coalesce(:registration, m.registration))
  from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) for no key update;

-- name: update_meeting.changed exec
update meeting m
   set slug = case when :has_slug::bool then :slug else slug end,
       status = case when :has_status::bool then :status else status end,
       title = case when :has_title::bool then :title else title end,
       theme = case when :has_theme::bool then :theme else theme end,
       purpose = case when :has_purpose::bool then :purpose else purpose end,
       information = case when :has_information::bool then :information else information end,
       starts_at = case when :has_starts_at::bool then :starts_at::timestamptz else starts_at end,
       ends_at = case when :has_ends_at::bool then :ends_at::timestamptz else ends_at end,
       time_zone = case when :has_time_zone::bool then :time_zone else time_zone end,
       language = case when :has_language::bool then :language::text else language end,
       visibility = case when :has_visibility::bool then :visibility else visibility end,
       format = case when :has_format::bool then :format else format end,
       venue_id = case when :has_venue_id::bool then :venue_id::uuid else venue_id end,
       online_url = case when :has_online_url::bool then :online_url else online_url end,
       capacity = case when :has_capacity::bool then :capacity::int else capacity end,
       waitlist = case when :has_waitlist::bool then :waitlist::bool else waitlist end,
       substitutes = case when :has_substitutes::bool then :substitutes::bool else substitutes end,
       companions_allowed = case when :has_companions_allowed::bool then :companions_allowed::int else companions_allowed end,
       online_capacity = case when :has_online_capacity::bool then :online_capacity::int when coalesce(:format, format) = 'hybrid' then online_capacity end,
       organisation_quota = case when :has_organisation_quota::bool then :organisation_quota::int else organisation_quota end,
       registration = case when :has_registration::bool then :registration else registration end,
       quorum = case when :has_quorum::bool then :quorum::int else quorum end,
       rsvp_closes_at = case when :has_rsvp_closes_at::bool then :rsvp_closes_at::timestamptz else rsvp_closes_at end,
       host_organisation_id = case when :has_host_organisation_id::bool then :host_organisation_id::uuid else host_organisation_id end,
       series_id = case when :has_series_id::bool then :series_id::uuid else series_id end,
       series_number = case when :has_series_number::bool then :series_number::int
                            when :has_series_id::bool and :series_id::uuid is distinct from series_id then null else series_number end,
       contact_name = case when :has_contact_name::bool then :contact_name else contact_name end,
       contact_email = case when :has_contact_email::bool then :contact_email else contact_email end,
       contact_phone = case when :has_contact_phone::bool then :contact_phone else contact_phone end,
       cancelled_reason = case when :has_cancelled_reason::bool then :cancelled_reason else cancelled_reason end,
       external_id = case when :has_external_id::bool then :external_id else external_id end
 where platform_id = platform_id() and id = meeting_ref(:meeting)
returning keep_made(id);

-- By the id, since the slug may be another one now.
-- name: update_meeting one
select * from meeting_shown where id = made_id();

-- name: delete_meeting.locked one
select check_version(m.version, :if_match::bigint), case when m.status = 'held' then refuse(409, 'A meeting that was held stays.', 'meeting_status_not_from_here') end
  from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) for update;

-- Kept, since after the next statement the reference may lead nowhere.
-- name: delete_meeting.kept exec
select keep_made(meeting_ref(:meeting));

-- name: delete_meeting.draft exec
delete from meeting m
 where m.platform_id = platform_id() and m.id = made_id() and m.status = 'draft'
   and not exists (select from invitation i where i.platform_id = m.platform_id and i.meeting_id = m.id);

-- name: delete_meeting exec
update meeting set status = 'cancelled' where platform_id = platform_id() and id = made_id() and status <> 'cancelled';

-- name: edit_meeting one
select * from meeting_shown where id = meeting_ref(:meeting);

-- name: edit_meeting.zones many
select id, name from time_zones((select m.time_zone from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting)));

-- name: edit_meeting.venues many
select id, name || coalesce(', ' || city, '') as name from venue where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: edit_meeting.organisations many
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: edit_meeting.all_series many
select id, title as name from series where platform_id = platform_id() order by title collate "pl-x-icu", id limit 500;

-- name: read_calendar one
select name as title from platform where id = platform_id();

-- name: read_calendar.event many when ics
select e.uid, e.sequence, e.dtstamp, e.created, e.starts_at, e.ends_at, e.time_zone, case e.status when 'CANCELLED' then cancelled_word(e.language) else '' end || e.summary as summary,
       e.description, e.location, :base_url || '/platforms/' || (select p.slug from platform p where p.id = platform_id()) || '/meetings/' || e.slug as url, e.status,
       e.organiser_name, e.organiser_email
  from meeting_event e
 where e.status <> 'TENTATIVE' and e.visibility = 'public'
   and e.ends_at > now() - case e.status when 'CANCELLED' then interval '1 month' else interval '12 months' end and e.starts_at < now() + interval '24 months'
 order by e.starts_at, e.id;
