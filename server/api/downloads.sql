-- downloads.sql: files that were made and wait to be fetched, and the workbook of a meeting.

-- name: read_download one
select :download::text as id;

-- The meeting itself, as its workbook's first sheet; the lists follow by their own statements.
-- name: read_workbook one
select m.title, m.theme, m.purpose, m.starts_at, m.ends_at, m.time_zone, m.status, m.visibility, m.format, m.language,
       (select concat_ws(', ', v.name, v.room, v.address, v.city) from venue v where v.platform_id = m.platform_id and v.id = m.venue_id) as venue,
       (select o.name from organisation o where o.platform_id = m.platform_id and o.id = m.host_organisation_id) as host, m.contact_name, m.contact_email, m.contact_phone,
       m.capacity, m.online_capacity, m.waitlist, m.rsvp_closes_at, c.invited, c.accepted, c.tentative, c.declined, c.needs_action, c.delegated, c.waitlisted,
       (select count(*)::int from attendance a where a.platform_id = m.platform_id and a.meeting_id = m.id and a.state in ('present', 'remote')) as came
  from meeting m cross join lateral invitation_counts(m.id) c
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: read_workbook.meeting one
select m.id, m.slug, m.title, m.starts_at, m.time_zone from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);
